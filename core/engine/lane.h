// A lane: all that goes to one destination. Permits, the ready queue, the breaker, and the figures people see. Lanes of
// one partner form a group that shares permits, a rate and a breaker for the session.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/breaker.h"
#include "core/engine/delivery.h"
#include "core/engine/window.h"

namespace lt::engine {

// Ready deliveries, high urgency first, then by acceptance. An entry that left (discarded, behind again) stays until it
// comes up: `take` asks whether it is still ready.
class ReadyQueue {
 public:
  void push(Urgency urgency, uint64_t offset, Slot slot);
  // kNoSlot: nothing is ready that is at least that urgent.
  template <class StillReady>
  Slot take(Urgency least, StillReady still_ready) {
    while (!heap_.empty() && heap_.front().urgency >= least) {
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

// How long something stood still altogether.
class Suspension {
 public:
  void set(bool on, Mono now);
  milliseconds total(Mono now) const;
  uint32_t seconds(Mono now) const {
    return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(total(now)).count());
  }

 private:
  std::optional<Mono> since_;
  milliseconds over_{0};
};

// The destinations of one partner. Live.
struct Group {
  std::string name;
  const PartnerPolicy* policy = nullptr;
  std::vector<uint32_t> lanes;
  size_t turn = 0;   // whose turn it is, of `lanes`
  uint32_t out = 0;  // permits in use
  Breaker breaker;
  Mono hold_until{};  // after a failure of the session
  TokenBucket tokens;

  bool has_permit() const { return policy->in_flight == 0 || out < policy->in_flight; }
};

struct Lane {
  std::string name;
  const DestinationPolicy* policy = nullptr;  // null: not in the configuration any more
  Slot first = kNoSlot, last = kNoSlot;       // its deliveries in the window, in order of acceptance
  Window window;                              // folded, but for its suspended_s
  // Live.
  Group* group = nullptr;
  bool paused = false;  // it, or its partner
  ReadyQueue ready;
  size_t ready_count = 0;
  uint32_t out = 0;  // permits in use
  Breaker breaker;
  Mono hold_until{};  // after a failure of the lane
  TokenBucket tokens;
  Mono alarm{};         // of the last timer set for a rate or for office hours
  Suspension standing;  // paused, or a breaker open: the age of deliveries stands still
  std::array<size_t, 10> shown{};
  uint64_t delivered = 0;
  std::string last_error;

  bool flows(Mono now) const;
  bool may_send(Mono now) const;
  // When rates let the next one go.
  Mono token_at() const { return group ? std::max(tokens.free_at(), group->tokens.free_at()) : tokens.free_at(); }
  bool open(Wall now) const { return !policy->office_hours || policy->office_hours->open(now); }
  // Neither breaker is closed, or somebody stopped it.
  bool stands() const { return paused || breaker_state() != Breaker::State::closed; }
  // Of the lane; of the session when that is worse.
  Breaker::State breaker_state() const;
  // Between the record of an attempt and the attempt it stopped.
  bool stopped(Mono now) const;
  // Waiting for this lane makes sense: it is well, and at its pace what is ready now is through in `wait`.
  bool empties_within(milliseconds wait, Mono now) const;
  void note_sent(Mono now);
  void note_answer(Mono now);
  // Gives the permit back: nothing was sent.
  void note_unsent();

 private:
  void free_permit();
  Mono last_answer_{};
  double gap_us_ = 1e9;  // smoothed time between answers
};

}  // namespace lt::engine
