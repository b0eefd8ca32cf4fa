// Inside of net: the shard over an io_context, and what suspends coroutines on it. Includes Asio.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/net/promise.h"
#include "core/net/shard.h"
#include "core/net/timer_wheel.h"

namespace lt::net {

class WorkerPool;

namespace detail {

// One suspended coroutine of a shard; lives in its frame.
class Waiter final : public TimerWheel::Timer {
 public:
  using Handler = boost::asio::async_result<boost::asio::use_awaitable_t<>, void(bool)>::handler_type;

  Waiter(ShardImpl& shard, std::shared_ptr<Latch> latch) : shard_(shard), latch_(std::move(latch)) {}
  ~Waiter() override;
  // A sleep (no latch): true when the time passed, false when the shard stopped. A latch: true when it opened.
  Task<bool> suspend(std::optional<std::chrono::microseconds> time);

 private:
  friend class Latch;
  friend class ::lt::net::ShardImpl;
  struct Start;
  void due() override;
  void resume(bool result);
  void end();  // the shard stops

  ShardImpl& shard_;
  std::shared_ptr<Latch> latch_;
  std::optional<Handler> handler_;
  bool timed_ = false;
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
};

}  // namespace detail

// Told when the shard stops: closes what it holds open.
class Closable {
 public:
  virtual void close_all() = 0;

 protected:
  ~Closable() = default;
};

class ShardImpl final : public Shard {
 public:
  ShardImpl(int index, const Clock& clock, Metrics& metrics, WorkerPool& resolvers);
  ~ShardImpl() override;

  int index() const override { return index_; }
  const Clock& clock() const override { return clock_; }
  void post(std::function<void()> work) override;
  void spawn(std::string name, Task<void> task) override;
  Task<bool> sleep(std::chrono::microseconds time) override;
  HttpClient& client() override { return *client_; }
  void clock_moved() override;

  static ShardImpl* here() { return static_cast<ShardImpl*>(Shard::current()); }
  boost::asio::io_context& io() { return io_; }
  Metrics& metrics() { return metrics_; }
  WorkerPool& resolvers() { return resolvers_; }
  bool stopping() const { return stopping_; }
  void wake(std::shared_ptr<detail::Latch> latch);  // thread-safe
  // Milliseconds of the clock, rounded down.
  uint64_t tick() const { return static_cast<uint64_t>(clock_.mono().time_since_epoch().count()) / 1000; }
  // Arms `timer` for `time` from now, rounded up to a tick.
  void arm(TimerWheel::Timer& timer, std::chrono::microseconds time);
  void add(Closable* closable) { closables_.push_back(closable); }
  void remove(Closable* closable) { std::erase(closables_, closable); }
  void stop();  // thread-safe; returns when the thread has ended

 private:
  friend class detail::Waiter;
  struct Item {
    std::function<void()> work;
    std::shared_ptr<detail::Latch> latch;
  };
  void run();
  void push(Item item);
  void empty_inbox();
  void fire_due();
  void arm_real_timer();
  void end_waits();

  const int index_;
  const Clock& clock_;
  const bool real_time_;
  Metrics& metrics_;
  Counter& bugs_;
  WorkerPool& resolvers_;
  bool stopping_ = false;  // on the shard

  TimerWheel wheel_;  // outlives io_: frames destroyed with io_ cancel their timers
  detail::Waiter* waiters_ = nullptr;
  std::vector<Closable*> closables_;
  std::mutex mutex_;
  std::vector<Item> inbox_;
  bool awake_ = false, closed_ = false;
  std::vector<Item> batch_;

  std::unique_ptr<HttpClient> client_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
  boost::asio::steady_timer timer_{io_};
  uint64_t timer_tick_ = UINT64_MAX;
  std::thread thread_;
};

}  // namespace lt::net
