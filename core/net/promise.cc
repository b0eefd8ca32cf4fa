#include "core/net/promise.h"

#include <boost/asio/async_result.hpp>

#include "core/net/shard_impl.h"

namespace lt::net::detail {

// Keeps the handler of the suspended coroutine in its own frame.
struct Waiter::Start {
  template <class H>
  void operator()(H&& handler, Waiter* waiter, int64_t time_us) const {
    ShardImpl& shard = waiter->shard_;
    waiter->handler_.emplace(std::forward<H>(handler));
    waiter->next_ = shard.waiters_;
    if (waiter->next_) waiter->next_->previous_ = waiter;
    shard.waiters_ = waiter;
    waiter->timed_ = time_us >= 0;
    if (waiter->timed_) shard.arm(*waiter, std::chrono::microseconds(time_us));
    Latch* latch = waiter->latch_.get();
    if (!latch) return;
    latch->waiter_ = waiter;
    latch->shard_ = &shard;
    uint8_t expected = Latch::kIdle;
    // Opened meanwhile by another thread: come back through the inbox, as it would have done.
    if (!latch->state_.compare_exchange_strong(expected, Latch::kWaiting, std::memory_order_acq_rel))
      shard.wake(waiter->latch_);
  }
};

Waiter::~Waiter() {
  if (latch_ && latch_->waiter_ == this) latch_->waiter_ = nullptr;
  if (previous_) previous_->next_ = next_;
  if (next_) next_->previous_ = previous_;
  if (shard_.waiters_ == this) shard_.waiters_ = next_;
}

Task<bool> Waiter::suspend(std::optional<std::chrono::microseconds> time) {
  const int64_t time_us = time ? std::max<int64_t>(time->count(), 0) : -1;
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(bool)>(
      Start{}, boost::asio::use_awaitable, this, time_us);
}

void Waiter::resume(bool result) {
  cancel();
  if (previous_) previous_->next_ = next_;
  if (next_) next_->previous_ = previous_;
  if (shard_.waiters_ == this) shard_.waiters_ = next_;
  previous_ = next_ = nullptr;
  if (latch_) latch_->waiter_ = nullptr;
  Handler handler = std::move(*handler_);
  handler_.reset();
  // The frame, this waiter in it, may be gone when this returns.
  std::move(handler)(result);
}

void Waiter::due() {
  if (!latch_) return resume(true);
  uint8_t expected = Latch::kWaiting;
  if (latch_->state_.compare_exchange_strong(expected, Latch::kGone, std::memory_order_acq_rel)) resume(false);
}

void Waiter::end() {
  if (latch_) {
    uint8_t expected = Latch::kWaiting;
    latch_->state_.compare_exchange_strong(expected, Latch::kGone, std::memory_order_acq_rel);
  }
  if (!latch_ || timed_) return resume(false);
  // Without a time limit there is no answer for "the shard stopped": the coroutine is destroyed instead.
  cancel();
  if (previous_) previous_->next_ = next_;
  if (next_) next_->previous_ = previous_;
  if (shard_.waiters_ == this) shard_.waiters_ = next_;
  previous_ = next_ = nullptr;
  latch_->waiter_ = nullptr;
  const Handler dropped = std::move(*handler_);
  handler_.reset();
}

void Latch::open(std::shared_ptr<Latch> latch) {
  if (latch->state_.exchange(kOpen, std::memory_order_acq_rel) != kWaiting) return;
  ShardImpl* shard = latch->shard_;
  shard->wake(std::move(latch));
}

void Latch::woken() {
  if (waiter_) waiter_->resume(true);
}

Task<bool> Latch::wait(std::shared_ptr<Latch> latch, std::optional<std::chrono::microseconds> time) {
  if (latch->is_open()) co_return true;
  ShardImpl* shard = ShardImpl::here();
  if (time && shard->stopping()) co_return false;
  Waiter waiter(*shard, std::move(latch));
  co_return co_await waiter.suspend(time);
}

}  // namespace lt::net::detail
