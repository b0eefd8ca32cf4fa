#include "core/engine/lane.h"

#include <algorithm>

namespace lt::engine {

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

bool Lane::answers_within(milliseconds wait, Mono now) const {
  if (!flows(now) || breaker.state() != Breaker::State::closed) return false;
  // Little's law: time in the partner's hands = number there x time between answers.
  const double gap = std::max(gap_us_, static_cast<double>((now - last_answer_).count()) / 8);
  return gap * std::max(1u, out) <= static_cast<double>(std::chrono::microseconds(wait).count());
}

void Lane::note_sent(Mono now) {
  if (out++ == 0) last_answer_ = now;
}

void Lane::note_answer(Mono now) {
  if (out > 0) --out;
  const auto gap = static_cast<double>((now - last_answer_).count());
  gap_us_ = gap_us_ >= 1e9 ? gap : gap_us_ + (gap - gap_us_) / 16;
  last_answer_ = now;
}

void Lane::suspend(bool on, Mono now) {
  if (on == suspended_since_.has_value()) return;
  if (on) {
    suspended_since_ = now;
  } else {
    suspended_ += std::chrono::duration_cast<milliseconds>(now - *suspended_since_);
    suspended_since_.reset();
  }
}

milliseconds Lane::suspended(Mono now) const {
  if (!suspended_since_) return suspended_;
  return suspended_ + std::chrono::duration_cast<milliseconds>(now - *suspended_since_);
}

}  // namespace lt::engine
