// The deliveries in the windows of their lanes (see window.h): one small record each, found by id, and per destination
// in order of acceptance.
//
// A record lives from there until the delivery is delivered or discarded; a dead one stays, so that it can be listed
// and replayed. "Folded" members follow from facts alone and are saved; "live" ones are rebuilt by start().
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/engine/slot_index.h"
#include "core/message/fact.h"

namespace lt::engine {

// What the cell is doing with a delivery at the moment; forgotten at a restart.
enum class Phase : uint8_t {
  still,       // nothing: waits for time, its key, a person, or its destination
  ready,       // in the ready queue of its lane
  parked,      // could be sent, but its route is paused
  attempting,  // its AttemptFact is being appended; holds a permit
  sending,     // handed to the sink; holds a permit
  probing,     // the partner is being asked; holds a permit
  deciding,    // its OutcomeFact is being appended
  acting,      // an operator's ActionFact about it is being appended
};
inline bool is_out(Phase p) { return p >= Phase::attempting && p <= Phase::deciding; }

// Of the last attempt that may or may not have taken effect: what a person needs to find out.
struct Doubt {
  Wall at{};
  uint64_t sent_bytes = 0;
  std::string mapping_version;
};

struct Delivery {
  DeliveryId id;
  // Folded.
  Wall accepted{};
  Wall since{};    // its age counts from here: accepted, or the last replay
  Wall next_at{};  // for `retry`
  uint64_t chain_key = 0;
  std::unique_ptr<std::string> detail, operation;
  std::unique_ptr<Doubt> doubt;  // while in_doubt
  uint32_t attempt = 0;          // number of the last attempt known
  uint16_t tries = 0;            // failures that were its own, not its lane's
  Code code = Code::none;
  DeliveryState state = DeliveryState::queued;  // queued, retry, held, unknown or dead
  Urgency urgency = 0;
  uint16_t route = 0;  // number of its route's name
  uint8_t redone = 0;
  uint8_t probes = 0;         // questions about the last attempt that found no answer
  bool open_attempt = false;  // an AttemptFact without its OutcomeFact
  bool in_doubt = false;      // the last attempt was ambiguous
  bool maybe_there = false;   // one of its attempts was, whatever the partner said to later ones
  bool spread = false;        // whether its message is pending is counted in Spread
  // Live.
  Phase phase = Phase::still;
  Mono due_at{};                                // of a retry, on the clock that does not jump
  bool absent = false;                          // the partner said so, and nothing was sent since
  bool unrecorded = false;                      // what is with the sink has no AttemptFact
  DeliveryState shown = DeliveryState::queued;  // as counted in its lane
  uint32_t suspended_s = 0;                     // of the pauses of its lane and route, what was over when its age began
  uint32_t lane = 0;
  uint32_t message = 0;
  Slot chain = kNoSlot;
  Slot previous = kNoSlot, next = kNoSlot;  // of its lane, in order of acceptance
};

class Deliveries {
 public:
  Slot add(DeliveryId id);
  void remove(Slot slot);
  Slot find(const DeliveryId& id) const;
  Delivery& operator[](Slot slot) { return table_[slot]; }
  const Delivery& operator[](Slot slot) const { return table_[slot]; }
  // True when `slot` still is the delivery it was when `id` was noted beside it.
  bool is(Slot slot, const DeliveryId& id) const {
    return slot < table_.size() && used_[slot] && table_[slot].id == id;
  }
  size_t size() const { return size_; }

 private:
  std::deque<Delivery> table_;
  std::vector<bool> used_;
  std::vector<Slot> free_;
  SlotIndex index_;
  size_t size_ = 0;
};

}  // namespace lt::engine
