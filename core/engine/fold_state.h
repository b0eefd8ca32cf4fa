// All that follows from facts: the fold. Knows no time, no configuration beyond the dedupe window, and sends nothing.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/engine/carried.h"
#include "core/engine/controls.h"
#include "core/engine/dedupe.h"
#include "core/engine/delivery.h"
#include "core/engine/key_chain.h"
#include "core/engine/lane.h"
#include "core/engine/messages.h"
#include "core/engine/watch.h"

namespace lt::engine {

class FoldState {
 public:
  explicit FoldState(const CellPolicy& policy);

  // What a fact changed, for the cell to act on.
  struct Change {
    std::vector<Slot> added;
    Slot touched = kNoSlot;   // a delivery that goes on
    Slot chain = kNoSlot;     // a chain whose head may be another one now
    uint32_t lane = kNoSlot;  // that lost a delivery
  };
  // `change` is cleared first; its memory is used again and again.
  template <class F>
  void fold(Position position, const F& fact, Change& change) {
    change.added.clear();
    change.touched = change.chain = change.lane = kNoSlot;
    if (position > last) last = position;
    take(position, fact, change);
  }

  // The record of `message`, of so many deliveries, stands at `position` from now on.
  void carry(Position position, Position message, uint16_t deliveries_of_it);

  void save(std::string& out) const;
  Result<void> load(std::string_view bytes);

  uint32_t lane_of(std::string_view destination);

  std::deque<Lane> lanes;
  std::map<std::string, uint32_t, std::less<>> lane_by_name;
  Deliveries deliveries;
  Chains chains;
  Messages messages;
  DedupeIndex dedupe;
  Watches watches;
  Carried carried;
  Controls controls;
  RouteNames routes;
  Position last;

 private:
  void take(Position position, const AcceptedFact& fact, Change& change);
  void take(Position position, const AttemptFact& fact, Change& change);
  void take(Position position, const OutcomeFact& fact, Change& change);
  void take(Position position, const ActionFact& fact, Change& change);
  void take(Position position, const WatchFact& fact, Change& change);

  Slot add_delivery(DeliveryId id, uint32_t lane, uint32_t message, uint64_t key, DeliveryState state);
  void end(Slot slot, bool delivered, Change& change);
  void move_to(Slot slot, DeliveryState state);  // keeps chain and message counts right
  void join_chain(Slot slot, bool dead);
  void leave_chain(Slot slot, bool dead);
  void save_lane(const Lane& lane, WireWriter& out) const;
  bool load_lane(WireReader& in, std::unordered_map<Position, uint32_t>& seen);
  bool load_delivery(WireReader& in, uint32_t lane, std::unordered_map<Position, uint32_t>& seen);

  const CellPolicy& policy_;
};

}  // namespace lt::engine
