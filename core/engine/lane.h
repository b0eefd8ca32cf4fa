// A lane: all that goes to one destination. Permits, the ready queue, the breaker, and the figures people see.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/breaker.h"
#include "core/engine/delivery.h"

namespace lt::engine {

// Ready deliveries, high urgency first, then by acceptance. An entry that left (discarded, behind again) stays until it
// comes up: `take` asks whether it is still ready.
class ReadyQueue {
 public:
  void push(Urgency urgency, uint64_t offset, Slot slot);
  template <class StillReady>
  Slot take(StillReady still_ready) {
    while (!heap_.empty()) {
      const Entry top = pop();
      if (still_ready(top.slot, top.offset)) return top.slot;
    }
    return kNoSlot;
  }

 private:
  struct Entry {
    uint64_t offset;
    Slot slot;
    Urgency urgency;
  };
  static bool after(const Entry& a, const Entry& b);
  Entry pop();
  std::vector<Entry> heap_;
};

struct Lane {
  std::string name;
  const DestinationPolicy* policy = nullptr;  // null: not in the configuration any more
  bool paused = false;                        // folded
  Slot first = kNoSlot, last = kNoSlot;       // its deliveries, in order of acceptance
  // Live.
  ReadyQueue ready;
  size_t ready_count = 0;
  uint32_t out = 0;  // permits in use
  Breaker breaker;
  Mono hold_until{};  // after a failure of the lane
  std::array<size_t, 10> shown{};
  uint64_t delivered = 0;
  std::string last_error;

  bool flows(Mono now) const { return policy && !paused && breaker.allows(now) && now >= hold_until; }
  bool may_send(Mono now) const { return flows(now) && ready_count > 0 && out < policy->in_flight; }
  // Waiting for this lane makes sense: it is well, and it answers within `wait`.
  bool answers_within(milliseconds wait, Mono now) const;
  void note_sent(Mono now);
  void note_answer(Mono now);

  // Time spent open or paused; the age of deliveries stands still meanwhile.
  void suspend(bool on, Mono now);
  milliseconds suspended(Mono now) const;

 private:
  std::optional<Mono> suspended_since_;
  milliseconds suspended_{0};
  Mono last_answer_{};
  double gap_us_ = 1e9;  // smoothed time between answers
};

}  // namespace lt::engine
