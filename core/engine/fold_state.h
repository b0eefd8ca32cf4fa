// All that follows from facts: the fold. Knows no time, no configuration beyond the dedupe window and the size of lane
// windows, and sends nothing.
//
// fold_state.cc: what each fact does. fold_window.cc: which deliveries are kept whole (see window.h). fold_save.cc.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
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
#include "core/engine/spread.h"
#include "core/engine/watch.h"

namespace lt::engine {

class FoldState {
 public:
  explicit FoldState(const CellPolicy& policy);

  // What a fact changed, for the cell to act on.
  struct Change {
    std::vector<Slot> added;  // to a window: accepted now, or out of the spill
    bool closed_run = false;  // of dedupe keys; it can be sealed
    Slot touched = kNoSlot;   // a delivery that goes on
    Slot chain = kNoSlot;     // a chain whose head may be another one now
    uint32_t lane = kNoSlot;  // that lost a delivery
  };
  // `change` is cleared first; its memory is used again and again.
  template <class F>
  void fold(Position position, const F& fact, Change& change) {
    change.added.clear();
    change.closed_run = false;
    change.touched = change.chain = change.lane = kNoSlot;
    if (position > last) last = position;
    take(position, fact, change);
  }

  // The record of `message`, of so many deliveries, stands at `position` from now on.
  void carry(Position position, Position message, uint16_t deliveries_of_it);

  void save(std::string& out) const;
  Result<void> load(std::string_view bytes);

  uint32_t lane_of(std::string_view destination);

  // Somebody paused that route.
  bool route_paused(uint16_t route) const;

  // The lane in whose spill it waits.
  std::optional<uint32_t> spilled_in(const DeliveryId& id) const;
  // All lists of spilled deliveries that are not empty; `chain` is kNoSlot for those not behind a key of the window.
  struct SpilledRun {
    uint32_t lane;
    Slot chain;
    const SpillList* list;
  };
  std::vector<SpilledRun> spilled_runs() const;

  std::deque<Lane> lanes;
  std::map<std::string, uint32_t, std::less<>> lane_by_name;
  Deliveries deliveries;
  Chains chains;
  Messages messages;
  Spread spread;
  DedupeIndex dedupe;
  Watches watches;
  Carried carried;
  Controls controls;
  RouteNames routes;
  std::set<Position> unanswered;  // of asked ones; few, since their callers wait
  Position last;

 private:
  void take(Position position, const AcceptedFact& fact, Change& change);
  void take(Position position, const AttemptFact& fact, Change& change);
  void take(Position position, const OutcomeFact& fact, Change& change);
  void take(Position position, const ActionFact& fact, Change& change);
  void take(Position position, const WatchFact& fact, Change& change);
  void control(const ActionFact& fact, Change& change);
  void take(Position position, const AskedFact& fact, Change& change);
  void take(Position position, const AnsweredFact& fact, Change& change);

  void end(Slot slot, bool delivered, Change& change);
  void move_to(Slot slot, DeliveryState state);  // keeps chain, window and message counts right
  void join_chain(Slot slot, bool dead);
  void leave_chain(Slot slot, bool dead);
  void pend(const Delivery& d, bool more);
  bool unfinished(const DeliveryId& id) const { return deliveries.find(id) != kNoSlot || spilled_in(id).has_value(); }
  void forget_carried(const DeliveryId& ended);

  // fold_window.cc
  enum class Place : uint8_t { window, chain, spill };
  Place place_of(const Lane& lane, const Spilled& entry, bool arrives) const;
  bool crowded(const Envelope& envelope, size_t count);
  bool spill(uint32_t lane, const Spilled& entry, Place place);
  Slot enter(uint32_t lane, const Spilled& entry, uint32_t message, DeliveryState state);
  Slot promote(uint32_t lane, const Spilled& entry);
  void link(Slot slot);
  void unlink(Slot slot);
  void tally(const Delivery& d, bool more);
  void recount(Slot chain);
  void recount_all();
  Head head_of(const Delivery& d) const;
  void refill(uint32_t lane, Slot chain, Change& change);
  void refill_chain(Slot chain, Change& change);
  void refill_lane(uint32_t lane, Change& change);
  std::optional<std::pair<uint32_t, Spilled>> take_spilled(const DeliveryId& id);
  Slot bring(const DeliveryId& id, Change& change);
  void drop_spilled(const DeliveryId& id);

  void save_lane(const Lane& lane, WireWriter& out) const;
  bool load_lane(WireReader& in, std::unordered_map<Position, uint32_t>& seen);
  bool load_delivery(WireReader& in, uint32_t lane, std::unordered_map<Position, uint32_t>& seen);
  void save_chains(WireWriter& out) const;
  bool load_chains(WireReader& in);
  bool count_lone(const SpillList& list);

  const CellPolicy& policy_;
  mutable std::vector<char> paused_routes_;  // by number of the route, as far as it was asked; follows from `controls`
};

}  // namespace lt::engine
