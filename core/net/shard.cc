#include "core/net/shard.h"

#include <pthread.h>

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "core/base/log.h"
#include "core/net/client_impl.h"
#include "core/net/shard_impl.h"
#include "core/net/worker_pool.h"

namespace lt::net {
namespace {

thread_local Shard* current_shard = nullptr;

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "not a std::exception";
  }
}

}  // namespace

Shard* Shard::current() { return current_shard; }

ShardImpl::ShardImpl(int index, const Clock& clock, Metrics& metrics, WorkerPool& resolvers)
    : index_(index),
      clock_(clock),
      real_time_(&clock == &system_clock()),
      metrics_(metrics),
      bugs_(metrics.counter("lienthong_coroutine_bugs_total", "Exceptions that left a coroutine or a posted task")),
      resolvers_(resolvers),
      client_(make_http_client(*this)) {
  wheel_.advance(tick());
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), ("lt-io-" + std::to_string(index)).c_str());
}

ShardImpl::~ShardImpl() { stop(); }

void ShardImpl::run() {
  current_shard = this;
  io_.run();
  // Everything was closed by now: let the coroutines see it and end on their own thread.
  io_.restart();
  for (int round = 0; round < 1000 && io_.poll() > 0; ++round) end_waits();
  current_shard = nullptr;
}

void ShardImpl::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] {
    stopping_ = true;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    empty_inbox();
    for (Closable* closable : std::vector<Closable*>(closables_)) closable->close_all();
    timer_.cancel();
    end_waits();
    guard_.reset();
    io_.stop();
  });
  thread_.join();
}

void ShardImpl::end_waits() {
  // A wait that begins from here on ends at once, so this loop ends too.
  while (waiters_) waiters_->end();
}

void ShardImpl::push(Item item) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    inbox_.push_back(std::move(item));
    if (awake_) return;
    awake_ = true;
  }
  boost::asio::post(io_, [this] { empty_inbox(); });
}

void ShardImpl::post(std::function<void()> work) { push({std::move(work), nullptr}); }

void ShardImpl::wake(std::shared_ptr<detail::Latch> latch) { push({{}, std::move(latch)}); }

void ShardImpl::empty_inbox() {
  std::vector<Item> batch = std::move(batch_);
  {
    const std::lock_guard lock(mutex_);
    batch.swap(inbox_);
    awake_ = false;
  }
  for (Item& item : batch) {
    if (item.latch) {
      item.latch->woken();
      continue;
    }
    try {
      item.work();
    } catch (...) {
      bugs_.add();
      log::error("net", "a posted task threw", {{"detail", text_of(std::current_exception())}});
    }
  }
  batch.clear();
  batch_ = std::move(batch);
}

void ShardImpl::spawn(std::string name, Task<void> task) {
  auto done = [this, name = std::move(name)](std::exception_ptr thrown) {
    if (!thrown) return;
    bugs_.add();
    log::error("net", "an exception left a coroutine", {{"task", name}, {"detail", text_of(thrown)}});
  };
  boost::asio::co_spawn(io_, std::move(task), std::move(done));
}

Task<bool> ShardImpl::sleep(std::chrono::microseconds time) {
  if (stopping_) co_return false;
  if (time.count() <= 0) co_return true;
  detail::Waiter waiter(*this, nullptr);
  co_return co_await waiter.suspend(time);
}

void ShardImpl::clock_moved() {
  post([this] { fire_due(); });
}

void ShardImpl::arm(TimerWheel::Timer& timer, std::chrono::microseconds time) {
  const auto now = clock_.mono().time_since_epoch();
  constexpr std::chrono::microseconds most = std::chrono::hours(24 * 3650);
  wheel_.set(timer, static_cast<uint64_t>((now + std::min(time, most)).count() + 999) / 1000);
  if (real_time_ && timer.tick() < timer_tick_) arm_real_timer();
}

void ShardImpl::fire_due() {
  timer_tick_ = UINT64_MAX;
  wheel_.advance(tick());
  if (real_time_ && !stopping_) arm_real_timer();
}

void ShardImpl::arm_real_timer() {
  const auto next = wheel_.next();
  if (!next || *next >= timer_tick_) return;
  timer_tick_ = *next;
  const auto now = static_cast<uint64_t>(clock_.mono().time_since_epoch().count());
  const uint64_t due = *next * 1000;
  timer_.expires_after(std::chrono::microseconds(due > now ? due - now : 0));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopping_) fire_due();
  });
}

namespace {

class Pool final : public ShardPool {
 public:
  Pool(const Clock& clock, Metrics& metrics, PoolOptions options)
      : offload_("lt-work", options.offload_threads), resolvers_("lt-names", options.resolver_threads) {
    for (int i = 0; i < std::max(options.shards, 1); ++i) {
      shards_.push_back(std::make_unique<ShardImpl>(i, clock, metrics, resolvers_));
    }
  }
  ~Pool() override { Pool::stop(); }

  size_t size() const override { return shards_.size(); }
  Shard& shard(size_t i) override { return *shards_[i]; }

  Task<void> offload(std::function<void()> work) override {
    struct Job : detail::Latch {
      std::function<void()> work;
      std::exception_ptr thrown;
    };
    auto job = std::make_shared<Job>();
    job->work = std::move(work);
    offload_.submit([job] {
      try {
        job->work();
      } catch (...) {
        job->thrown = std::current_exception();
      }
      detail::Latch::open(job);
    });
    co_await detail::Latch::wait(job);
    if (job->thrown) std::rethrow_exception(job->thrown);
  }

  void submit(std::function<void()> work) override { offload_.submit(std::move(work)); }

  void stop() override {
    offload_.stop();
    resolvers_.stop();
    for (auto& shard : shards_) shard->stop();
  }

 private:
  WorkerPool offload_, resolvers_;
  std::vector<std::unique_ptr<ShardImpl>> shards_;
};

}  // namespace

std::unique_ptr<ShardPool> make_shard_pool(const Clock& clock, Metrics& metrics, PoolOptions options) {
  return std::make_unique<Pool>(clock, metrics, options);
}

}  // namespace lt::net
