// A one-shot value from any thread to a coroutine of a shard.
//
//   Promise<Receipt> promise;                       // copyable, so that it fits into a std::function
//   auto future = promise.future();
//   engine.submit([promise](Receipt r) mutable { promise.set(std::move(r)); });
//   Receipt receipt = co_await future.wait();
//
// set() never resumes the coroutine itself: it puts it into the inbox of its shard. Values set in a row for one shard
// cost one wake-up together. A coroutine that waits when the shard stops is destroyed, its locals with it.
#pragma once

#include <atomic>
#include <cassert>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/net/task.h"

namespace lt::net {

class ShardImpl;

namespace detail {

class Waiter;

// Opens once, from any thread; one coroutine waits for it.
class Latch {
 public:
  Latch() = default;
  Latch(const Latch&) = delete;
  Latch& operator=(const Latch&) = delete;
  virtual ~Latch() = default;

  bool is_open() const { return state_.load(std::memory_order_acquire) == kOpen; }
  static void open(std::shared_ptr<Latch> latch);
  // True when it opened; false when `time` passed or the shard stopped first. No time: waits as long as the shard
  // lives.
  static Task<bool> wait(std::shared_ptr<Latch> latch, std::optional<std::chrono::microseconds> time = std::nullopt);

 private:
  friend class Waiter;
  friend class ::lt::net::ShardImpl;
  enum State : uint8_t { kIdle, kWaiting, kOpen, kGone };
  void woken();  // on the shard

  std::atomic<uint8_t> state_{kIdle};
  Waiter* waiter_ = nullptr;
  ShardImpl* shard_ = nullptr;
};

template <class T>
struct Slot final : Latch {
  std::atomic<bool> claimed{false};
  std::atomic<int> promises{1};
  std::optional<T> value;  // empty when open: every promise was dropped unset
};

}  // namespace detail

// The promises of this future were all destroyed without a value: a bug of the one who promised.
struct BrokenPromise : std::logic_error {
  BrokenPromise() : std::logic_error("a promise was dropped without a value") {}
};

template <class T>
class Future {
 public:
  Future() = default;
  bool valid() const { return slot_ != nullptr; }
  // Once, on the shard whose coroutine asks. Throws BrokenPromise.
  Task<T> wait() { return wait_on(std::move(slot_)); }
  // Empty when `time` passed or the shard stopped first; a value set later is dropped. Throws BrokenPromise.
  Task<std::optional<T>> wait_for(std::chrono::microseconds time) { return wait_on(std::move(slot_), time); }

 private:
  template <class U>
  friend class Promise;
  explicit Future(std::shared_ptr<detail::Slot<T>> slot) : slot_(std::move(slot)) {}

  static Task<T> wait_on(std::shared_ptr<detail::Slot<T>> slot) {
    co_await detail::Latch::wait(slot);
    if (!slot->value) throw BrokenPromise();
    co_return std::move(*slot->value);
  }
  static Task<std::optional<T>> wait_on(std::shared_ptr<detail::Slot<T>> slot, std::chrono::microseconds time) {
    const bool open = co_await detail::Latch::wait(slot, time);
    if (!open) co_return std::nullopt;
    if (!slot->value) throw BrokenPromise();
    co_return std::move(slot->value);
  }

  std::shared_ptr<detail::Slot<T>> slot_;
};

template <class T>
class Promise {
 public:
  Promise() : slot_(std::make_shared<detail::Slot<T>>()) {}
  Promise(const Promise& other) : slot_(other.slot_) {
    if (slot_) slot_->promises.fetch_add(1, std::memory_order_relaxed);
  }
  Promise(Promise&& other) noexcept : slot_(std::move(other.slot_)) {}
  Promise& operator=(Promise other) noexcept {
    slot_.swap(other.slot_);
    return *this;
  }
  ~Promise() {
    if (!slot_ || slot_->promises.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (!slot_->claimed.exchange(true)) detail::Latch::open(std::move(slot_));
  }

  Future<T> future() const { return Future<T>(slot_); }  // await one of them
  // Thread-safe. False when a copy of this promise was set before; the value is then dropped.
  bool set(T value) {
    assert(slot_);
    if (slot_->claimed.exchange(true)) return false;
    slot_->value.emplace(std::move(value));
    detail::Latch::open(slot_);
    return true;
  }

 private:
  std::shared_ptr<detail::Slot<T>> slot_;
};

}  // namespace lt::net
