#include "core/engine/lane.h"

#include <algorithm>

namespace lt::engine {
namespace {

// Answers come in batches of some dozens when a machine is busy: fewer would take the time between two for the pace.
constexpr double kSmooth = 64;

}  // namespace

bool ReadyQueue::after(const Entry& a, const Entry& b) {
  return a.urgency != b.urgency ? a.urgency < b.urgency : a.offset > b.offset;
}

void ReadyQueue::push(Urgency urgency, uint64_t offset, Slot slot) {
  heap_.push_back({offset, slot, urgency});
  std::push_heap(heap_.begin(), heap_.end(), after);
}

ReadyQueue::Entry ReadyQueue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), after);
  const Entry top = heap_.back();
  heap_.pop_back();
  return top;
}

bool Lane::empties_within(milliseconds wait, Mono now) const {
  if (!flows(now) || breaker_state() != Breaker::State::closed || now - last_answer_ > wait) return false;
  // With what is spilled: while a long backlog is sent, something is always ready, and who waited would wait in vain.
  return gap_us_ * static_cast<double>(ready_count + window.spilled() + out) <=
         static_cast<double>(std::chrono::microseconds(wait).count());
}

bool Lane::flows(Mono now) const {
  if (!policy || paused || !breaker.allows(now) || now < hold_until) return false;
  return !group || (group->breaker.allows(now) && now >= group->hold_until);
}

bool Lane::may_send(Mono now) const {
  return ready_count > 0 && flows(now) && out < policy->in_flight && (!group || group->has_permit());
}

Breaker::State Lane::breaker_state() const {
  if (!group || group->breaker.state() == Breaker::State::closed) return breaker.state();
  return breaker.state() == Breaker::State::open ? Breaker::State::open : group->breaker.state();
}

bool Lane::stopped(Mono now) const {
  return !policy || paused || breaker_state() == Breaker::State::open || now < hold_until ||
         (group && now < group->hold_until);
}

void Lane::note_sent(Mono now) {
  if (out++ == 0) last_answer_ = now;
  breaker.sent();
  tokens.take(now);
  if (!group) return;
  ++group->out;
  group->breaker.sent();
  group->tokens.take(now);
}

void Lane::free_permit() {
  if (out > 0) --out;
  if (group && group->out > 0) --group->out;
}

void Lane::note_unsent() {
  free_permit();
  breaker.told_nothing();
  if (group) group->breaker.told_nothing();
}

void Lane::note_answer(Mono now) {
  free_permit();
  const auto gap = static_cast<double>((now - last_answer_).count());
  gap_us_ = gap_us_ >= 1e9 ? gap : gap_us_ + (gap - gap_us_) / kSmooth;
  last_answer_ = now;
}

void Suspension::set(bool on, Mono now) {
  if (on == since_.has_value()) return;
  if (on) {
    since_ = now;
  } else {
    over_ = total(now);
    since_.reset();
  }
}

milliseconds Suspension::total(Mono now) const {
  if (!since_) return over_;
  return over_ + std::chrono::duration_cast<milliseconds>(now - *since_);
}

}  // namespace lt::engine
