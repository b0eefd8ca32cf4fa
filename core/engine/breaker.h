// The breaker of a lane: closed until the partner fails `failures` times in a row, then open for `wait`, then one
// trial. A trial that fails opens it again for twice as long.
#pragma once

#include <algorithm>

#include "core/base/clock.h"
#include "core/engine/cell.h"
#include "core/engine/policy.h"

namespace lt::engine {

class Breaker {
 public:
  using State = LaneStatus::Breaker;
  State state() const { return state_; }
  Mono trial_at() const { return trial_at_; }

  // May something be sent now?
  bool allows(Mono now) const {
    return state_ == State::closed || (state_ == State::open && now >= trial_at_) ||
           (state_ == State::trying && !trial_out_);
  }
  void sent() {
    if (state_ == State::closed) return;
    state_ = State::trying;
    trial_out_ = true;
  }
  // The partner, not this one delivery, failed. True when the breaker opened.
  bool failed(Mono now, const BreakerPolicy& policy) {
    if (state_ == State::open) return false;  // latecomers of the time before
    if (state_ == State::closed && ++failures_ < std::max(1u, policy.failures)) return false;
    wait_ = state_ == State::trying ? std::min(wait_ * 2, policy.most) : policy.wait;
    state_ = State::open;
    trial_out_ = false;
    trial_at_ = now + wait_;
    return true;
  }
  // The partner answered. True when the breaker closed.
  bool answered() {
    const bool was_shut = state_ != State::closed;
    *this = Breaker();
    return was_shut;
  }
  // What was sent told nothing about the partner: another trial may go.
  void told_nothing() { trial_out_ = false; }

 private:
  State state_ = State::closed;
  bool trial_out_ = false;
  uint32_t failures_ = 0;
  milliseconds wait_{0};
  Mono trial_at_{};
};

}  // namespace lt::engine
