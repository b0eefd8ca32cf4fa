#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <random>

#include "core/net/timer_wheel.h"
#include "test/core/net/fixture.h"

using namespace lt;
using namespace lt::net;
using namespace std::chrono_literals;

namespace {

struct Probe final : TimerWheel::Timer {
  std::function<void(Probe&)> fired;
  void due() override { fired(*this); }
};

Task<int> wait_for(Future<int> future) { co_return co_await future.wait(); }
Task<std::optional<int>> wait_at_most(Future<int> future, std::chrono::microseconds time) {
  co_return co_await future.wait_for(time);
}
Task<bool> sleep_on(Shard* shard, std::chrono::microseconds time) { co_return co_await shard->sleep(time); }
Task<bool> breaks(Future<int> future) {
  bool broken = false;
  try {
    const int value = co_await future.wait();
    static_cast<void>(value);
  } catch (const BrokenPromise&) {
    broken = true;
  }
  co_return broken;
}
Task<void> throws() {
  throw std::runtime_error("boom");
  co_return;
}
Task<int> offloaded(ShardPool* pool, bool fail_it) {
  int value = 0;
  std::thread::id there;
  std::function<void()> work = [&] {
    there = std::this_thread::get_id();
    if (fail_it) throw std::runtime_error("boom");
    value = 5;
  };
  try {
    co_await pool->offload(std::move(work));
  } catch (const std::runtime_error&) {
    value = -1;
  }
  co_return there != std::this_thread::get_id() && Shard::current() ? value : 0;
}
Task<void> hold(std::shared_ptr<int> token, Future<int> never) {
  const int value = co_await never.wait();
  *token = value;
}

}  // namespace

TEST_CASE("timer wheel against a sorted map: random sets, cancels and jumps") {
  std::mt19937_64 random(11);
  TimerWheel wheel;
  wheel.advance(123'456);
  std::vector<std::unique_ptr<Probe>> timers;
  std::map<Probe*, uint64_t> expected;
  uint64_t last = 0;
  for (int i = 0; i < 300; ++i) {
    timers.push_back(std::make_unique<Probe>());
    timers.back()->fired = [&](Probe& timer) {
      REQUIRE(expected.contains(&timer));
      CHECK(expected[&timer] == wheel.now());
      CHECK(wheel.now() >= last);
      last = wheel.now();
      expected.erase(&timer);
      if (random() % 4 == 0) {
        const uint64_t tick = wheel.now() + 1 + random() % 100'000;
        wheel.set(timer, tick);
        expected[&timer] = tick;
      }
    };
  }
  for (int round = 0; round < 20'000; ++round) {
    Probe& timer = *timers[random() % timers.size()];
    switch (random() % 4) {
      case 0:
        timer.cancel();
        expected.erase(&timer);
        break;
      case 1: {
        const uint64_t to = wheel.now() + (random() % 10 == 0 ? random() % 10'000'000 : random() % 200);
        wheel.advance(to);
        CHECK(wheel.now() == to);
        for (const auto& [late, tick] : expected) CHECK(tick > to);
        break;
      }
      default: {
        const uint64_t tick = wheel.now() + 1 + random() % (uint64_t{1} << (random() % 36));
        wheel.set(timer, tick);
        expected[&timer] = tick;
      }
    }
    const auto next = wheel.next();
    CHECK(next.has_value() == !expected.empty());
    for (const auto& [armed, tick] : expected) CHECK(*next <= tick);
  }
}

TEST_CASE("sleep follows the injected clock and ends with the shard") {
  World world;
  auto slept = world.begin(sleep_on(&world.shard(), 10ms));
  auto forever = world.begin(sleep_on(&world.shard(), 24h));
  world.barrier();
  world.advance(9'999us);
  CHECK(slept.wait_for(0s) != std::future_status::ready);
  world.advance(1us);
  CHECK(slept.get());
  CHECK(forever.wait_for(0s) != std::future_status::ready);
  world.pool->stop();
  CHECK(!forever.get());
}

TEST_CASE("the machine's clock arms a real timer") {
  Metrics metrics;
  auto pool = make_shard_pool(system_clock(), metrics, {});
  auto to = std::make_shared<std::promise<bool>>();
  auto slept = to->get_future();
  const Mono from = system_clock().mono();
  pool->shard(0).spawn("test", hand_over(sleep_on(&pool->shard(0), 3ms), to));
  CHECK(slept.get());
  CHECK(system_clock().mono() - from >= 3ms);
}

TEST_CASE("post runs in order on the shard's thread, and after stop not at all") {
  World world(2);
  std::vector<int> seen;
  for (int i = 0; i < 1000; ++i)
    world.shard(1).post([&, i] { seen.push_back(Shard::current() == &world.shard(1) ? i : -1); });
  world.shard(1).post([] { throw std::runtime_error("boom"); });
  world.barrier();
  REQUIRE(seen.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(seen[static_cast<size_t>(i)] == i);
  CHECK(Shard::current() == nullptr);
  world.pool->stop();
  world.shard(1).post([&] { seen.clear(); });
  CHECK(seen.size() == 1000);
  CHECK(world.metrics.expose().find("lienthong_coroutine_bugs_total 1") != std::string::npos);
}

TEST_CASE("promise: set before and after the wait, from other threads, many in a row") {
  World world(2);
  constexpr size_t kMany = 5000;
  std::vector<Promise<int>> promises(kMany);
  std::vector<std::future<int>> results;
  for (size_t i = 0; i < kMany; ++i) results.push_back(world.begin(wait_for(promises[i].future()), i % 2));
  std::thread low([&] {
    for (size_t i = 0; i < kMany; i += 2) promises[i].set(static_cast<int>(i));
  });
  std::thread high([&] {
    for (size_t i = 1; i < kMany; i += 2) promises[i].set(static_cast<int>(i));
  });
  for (size_t i = 0; i < kMany; ++i) CHECK(results[i].get() == static_cast<int>(i));
  low.join();
  high.join();
  Promise<int> early;
  CHECK(early.set(7));
  CHECK(!early.set(8));
  CHECK(world.run(wait_for(early.future())) == 7);
}

TEST_CASE("promise with a time limit: value, time-out, value after the time-out") {
  World world;
  Promise<int> in_time;
  auto first = world.begin(wait_at_most(in_time.future(), 1s));
  world.barrier();
  in_time.set(1);
  CHECK(first.get() == 1);
  Promise<int> late;
  auto second = world.begin(wait_at_most(late.future(), 1s));
  world.barrier();
  world.advance(1s);
  CHECK(second.get() == std::nullopt);
  CHECK(late.set(2));
  world.barrier();
  Promise<int> never;
  auto third = world.begin(wait_at_most(never.future(), 1h));
  world.barrier();
  world.pool->stop();
  CHECK(third.get() == std::nullopt);
  never.set(3);
}

TEST_CASE("a dropped promise throws at the one who waits; one live copy keeps it whole") {
  World world;
  auto promise = std::make_unique<Promise<int>>();
  auto copy = std::make_unique<Promise<int>>(*promise);
  auto broken = world.begin(breaks(promise->future()));
  world.barrier();
  promise.reset();
  world.barrier();
  CHECK(broken.wait_for(0s) != std::future_status::ready);
  copy.reset();
  CHECK(broken.get());
}

TEST_CASE("an exception that leaves a coroutine is counted, a waiting coroutine is destroyed with its shard") {
  auto token = std::make_shared<int>(0);
  Promise<int> never;
  {
    World world;
    world.shard().spawn("bad", throws());
    world.shard().spawn("holder", hold(token, never.future()));
    CHECK(world.advance_until(
        0us, [&] { return world.metrics.expose().find("coroutine_bugs_total 1") != std::string::npos; }));
    CHECK(token.use_count() == 2);
  }
  CHECK(token.use_count() == 1);
  never.set(1);
  CHECK(*token == 0);
}

TEST_CASE("offload runs elsewhere and comes back, with what was thrown") {
  World world(2);
  CHECK(world.run(offloaded(world.pool.get(), false), 1) == 5);
  CHECK(world.run(offloaded(world.pool.get(), true), 0) == -1);
}
