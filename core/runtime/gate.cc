#include "core/runtime/gate.h"

namespace lt::runtime {

net::Task<Gate::Pass> Gate::enter() {
  for (;;) {
    net::Future<bool> opened;
    {
      const std::lock_guard lock(mutex_);
      if (!closed_) {
        ++inside_;
        co_return Pass(this);
      }
      waiting_.emplace_back();
      opened = waiting_.back().future();
    }
    co_await opened.wait();
  }
}

bool Gate::close(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  return empty_.wait_for(lock, time, [this] { return inside_ == 0; });
}

void Gate::open() {
  std::vector<net::Promise<bool>> waiting;
  {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    waiting.swap(waiting_);
  }
  for (auto& promise : waiting) promise.set(true);
}

void Gate::leave() {
  const std::lock_guard lock(mutex_);
  if (--inside_ == 0) empty_.notify_all();
}

}  // namespace lt::runtime
