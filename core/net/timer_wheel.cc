#include "core/net/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace lt::net {

void TimerWheel::link(Link& head, Link& node) {
  node.previous = head.previous;
  node.next = &head;
  head.previous->next = &node;
  head.previous = &node;
}

void TimerWheel::unlink(Link& node) {
  node.previous->next = node.next;
  node.next->previous = node.previous;
  node.next = node.previous = &node;
}

void TimerWheel::Timer::cancel() {
  if (!wheel_) return;
  unlink(*this);
  if (level_ >= 0) {
    Link& head = wheel_->slots_[level_][slot_];
    if (head.next == &head) wheel_->used_[level_] &= ~(uint64_t{1} << slot_);
  }
  wheel_ = nullptr;
}

TimerWheel::~TimerWheel() {
  for (auto& level : slots_) {
    for (Link& head : level) {
      while (head.next != &head) static_cast<Timer*>(head.next)->cancel();
    }
  }
}

void TimerWheel::set(Timer& timer, uint64_t tick) {
  timer.cancel();
  timer.wheel_ = this;
  timer.tick_ = std::clamp(tick, now_ + 1, kLast);
  insert(timer);
}

void TimerWheel::insert(Timer& timer) {
  const int digit = (63 - std::countl_zero(timer.tick_ ^ now_)) / kBits;
  timer.level_ = digit;
  timer.slot_ = static_cast<int>(timer.tick_ >> (digit * kBits)) & (kSlots - 1);
  used_[digit] |= uint64_t{1} << timer.slot_;
  link(slots_[digit][timer.slot_], timer);
}

std::optional<uint64_t> TimerWheel::next() const {
  for (int level = 0; level < kLevels; ++level) {
    if (!used_[level]) continue;
    // Every used slot lies after now's own digit, and lower levels come before higher ones.
    const uint64_t slot = std::countr_zero(used_[level]);
    const int shift = level * kBits;
    const uint64_t above = now_ >> (shift + kBits) << (shift + kBits);
    return above | slot << shift;
  }
  return std::nullopt;
}

void TimerWheel::advance(uint64_t tick) {
  tick = std::min(tick, kLast);
  while (auto start = next()) {
    if (*start > tick) break;
    int level = 0;
    while (!used_[level]) ++level;
    now_ = *start;
    empty_slot(level, std::countr_zero(used_[level]));
  }
  now_ = std::max(now_, tick);
}

void TimerWheel::empty_slot(int level, int slot) {
  Link& head = slots_[level][slot];
  Link taken;
  while (head.next != &head) {
    auto* timer = static_cast<Timer*>(head.next);
    unlink(*timer);
    timer->level_ = -1;
    link(taken, *timer);
  }
  used_[level] &= ~(uint64_t{1} << slot);
  while (taken.next != &taken) {
    auto* timer = static_cast<Timer*>(taken.next);
    unlink(*timer);
    if (timer->tick_ > now_) {
      insert(*timer);
      continue;
    }
    timer->wheel_ = nullptr;
    timer->due();
  }
}

}  // namespace lt::net
