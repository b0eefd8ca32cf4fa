#include "core/runtime/gate.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "core/net/shard.h"

using namespace lt;
using namespace lt::runtime;
using namespace std::chrono_literals;

namespace {

struct World {
  ManualClock clock;
  Metrics metrics;
  std::unique_ptr<net::ShardPool> pool = net::make_shard_pool(clock, metrics, {});
  Gate gate;
  std::atomic<int> passed{0};

  net::Task<void> go_in(net::Promise<bool> inside, net::Future<bool> leave) {
    const Gate::Pass pass = co_await gate.enter();
    ++passed;
    inside.set(true);
    co_await leave.wait();
  }
  // One who is inside until the promise is set. `inside` becomes ready when he got in.
  std::pair<std::future<void>, net::Promise<bool>> one() {
    net::Promise<bool> leave, inside;
    auto entered = std::make_shared<std::promise<void>>();
    auto future = entered->get_future();
    pool->shard(0).spawn("in", go_in(inside, leave.future()));
    pool->shard(0).spawn("watch", watch(inside.future(), entered));
    return {std::move(future), leave};
  }
  static net::Task<void> watch(net::Future<bool> inside, std::shared_ptr<std::promise<void>> entered) {
    co_await inside.wait();
    entered->set_value();
  }
};

}  // namespace

TEST_CASE("a gate closes when the last one has left, and holds back who comes meanwhile") {
  World world;
  auto [first_in, first_leave] = world.one();
  first_in.get();
  CHECK_FALSE(world.gate.close(0ms));  // he is still inside
  auto [second_in, second_leave] = world.one();
  std::thread leaver([&leave = first_leave] { leave.set(true); });
  CHECK(world.gate.close(20s));
  leaver.join();
  CHECK(world.passed == 1);
  world.gate.open();
  second_in.get();
  CHECK(world.passed == 2);
  second_leave.set(true);
  CHECK(world.gate.close(20s));
  world.gate.open();
  world.pool->stop();
}
