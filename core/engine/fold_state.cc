#include "core/engine/fold_state.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/text.h"

namespace lt::engine {
namespace {

std::unique_ptr<std::string> boxed(std::string_view text) {
  return text.empty() ? nullptr : std::make_unique<std::string>(text);
}

void pass(Chain& chain, const Delivery& d) { chain.last_passed = std::max(chain.last_passed, rank_of(d.id)); }

}  // namespace

FoldState::FoldState(const CellPolicy& policy) : policy_(policy) {
  for (const auto& [name, destination] : policy.destinations) lanes[lane_of(name)].policy = &destination;
}

uint32_t FoldState::lane_of(std::string_view destination) {
  const auto at = lane_by_name.find(destination);
  if (at != lane_by_name.end()) return at->second;
  const auto index = static_cast<uint32_t>(lanes.size());
  lanes.emplace_back().name = destination;
  lane_by_name.emplace(destination, index);
  return index;
}

void FoldState::take(Position position, const AcceptedFact& fact, Change& change) {
  const Envelope& envelope = fact.message->envelope;
  if (!envelope.dedupe_key.empty()) {
    const size_t closed = dedupe.closed().size();
    dedupe.add(envelope.dedupe_key, position, fact.message->body.sha256, envelope.accepted,
               {policy_.dedupe_window, policy_.dedupe_run});
    if (dedupe.closed().size() > closed) change.closed_run = true;
  }
  watches.fold(fact.watches);
  if (fact.cursor) watches.fold(*fact.cursor);
  const bool dead = fact.dead != Code::none;
  if (!dead && envelope.deliveries.empty()) return;
  const size_t count = dead ? 1 : std::min<size_t>(envelope.deliveries.size(), UINT16_MAX);
  const bool spread_out = count > 1 && crowded(envelope, count);
  if (spread_out) {
    spread.add(position, static_cast<uint16_t>(count));
    messages.pending_elsewhere(true);
  }
  std::optional<uint32_t> message;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view destination = dead ? std::string_view() : envelope.deliveries[i].destination;
    const uint32_t lane = lane_of(destination);
    Spilled entry;
    entry.id = {position, static_cast<uint16_t>(i)};
    entry.accepted = envelope.accepted;
    entry.key = dead ? 0 : chain_key(destination, order_key_of(envelope, envelope.deliveries[i]));
    entry.urgency = std::min<Urgency>(envelope.urgency, kUrgencies - 1);
    entry.spread = spread_out;
    if (!dead) entry.route = routes.number_of(envelope.deliveries[i].route);
    entry.suspended_s = lanes[lane].window.suspended_s;
    if (!dead && spill(lane, entry, place_of(lanes[lane], entry, true))) {
      if (!spread_out) messages.pending_elsewhere(true);
      continue;
    }
    if (!message) message = messages.add();
    const Slot slot = enter(lane, entry, *message, dead ? DeliveryState::dead : DeliveryState::queued);
    Delivery& d = deliveries[slot];
    d.code = fact.dead;
    d.detail = boxed(cut_text(fact.dead_detail, limits::kCauseText));
    change.added.push_back(slot);
  }
}

void FoldState::take(Position, const AttemptFact& fact, Change& change) {
  const Slot slot = bring(fact.delivery, change);
  if (slot == kNoSlot) return;
  Delivery& d = deliveries[slot];
  d.attempt = fact.attempt;
  d.maybe_there = d.maybe_there || d.open_attempt;  // the one before it ended with the process
  d.open_attempt = true;
  d.probes = 0;
  change.touched = slot;
}

void FoldState::take(Position, const OutcomeFact& fact, Change& change) {
  watches.fold(fact.outcome.watches);
  const Slot slot = bring(fact.delivery, change);
  if (slot == kNoSlot) return;
  Delivery& d = deliveries[slot];
  const OutcomeKind kind = fact.outcome.kind;
  if (is_final(fact.state) && fact.state != DeliveryState::dead) {
    return end(slot, fact.state == DeliveryState::delivered, change);
  }
  const bool asked = fact.attempt == d.attempt && !d.open_attempt;  // the answer of a probe, not of a send
  if (asked) {
    if (d.probes < UINT8_MAX) ++d.probes;
  } else if ((kind == OutcomeKind::retry || kind == OutcomeKind::ambiguous) &&
             fact.outcome.scope == RetryScope::delivery && d.tries < UINT16_MAX) {
    ++d.tries;
  }
  d.attempt = std::max(d.attempt, fact.attempt);
  // A send that our side held back leaves an older doubt as it was.
  if (kind != OutcomeKind::held) d.in_doubt = kind == OutcomeKind::ambiguous;
  d.maybe_there = d.maybe_there || d.in_doubt;
  if (!d.in_doubt) {
    d.doubt.reset();
  } else if (kind == OutcomeKind::ambiguous && (!asked || !d.doubt)) {
    d.doubt = std::make_unique<Doubt>(Doubt{fact.at, fact.outcome.sent_bytes, fact.outcome.mapping_version});
  }
  d.open_attempt = false;
  d.next_at = fact.state == DeliveryState::retry ? fact.next_at : Wall{};
  d.code = fact.outcome.code;
  d.detail = boxed(cut_text(fact.outcome.detail, limits::kCauseText));
  if (kind == OutcomeKind::redo_as) {
    d.operation = boxed(fact.outcome.operation);
    if (d.redone < UINT8_MAX) ++d.redone;
  }
  move_to(slot, fact.state);
  if (fact.state == DeliveryState::dead && d.maybe_there && d.chain != kNoSlot) pass(chains[d.chain], d);
  change.touched = slot;
  change.chain = d.chain;
  refill(d.lane, d.chain, change);
}

void FoldState::take(Position, const ActionFact& fact, Change& change) {
  if (!is_of_delivery(fact.kind)) return control(fact, change);
  const bool discarded = fact.kind == ActionKind::discard;
  if (discarded && deliveries.find(fact.delivery) == kNoSlot) return drop_spilled(fact.delivery);
  const Slot slot = bring(fact.delivery, change);
  if (slot == kNoSlot) return;
  Delivery& d = deliveries[slot];
  if (fact.kind != ActionKind::replay) return end(slot, fact.kind == ActionKind::confirm, change);
  d.since = fact.at;
  d.next_at = Wall{};
  d.tries = 0;
  d.redone = 0;
  d.code = Code::none;
  d.detail.reset();
  move_to(slot, DeliveryState::queued);
  change.touched = slot;
  change.chain = d.chain;
}

// A paused route's deliveries make room for those of others.
void FoldState::control(const ActionFact& fact, Change& change) {
  controls.fold(fact);
  if (fact.scope != ActionScope::route) return;
  paused_routes_.clear();
  recount_all();
  for (uint32_t lane = 0; lane < lanes.size(); ++lane) refill(lane, kNoSlot, change);
}

bool FoldState::route_paused(uint16_t route) const {
  for (auto n = static_cast<uint16_t>(paused_routes_.size()); n <= route; ++n) {
    paused_routes_.push_back(n != RouteNames::kNone && controls.paused(ActionScope::route, routes[n]));
  }
  return paused_routes_[route];
}

void FoldState::take(Position, const WatchFact& fact, Change&) {
  watches.fold(fact.watches);
  if (fact.cursor) watches.fold(*fact.cursor);
}

void FoldState::take(Position position, const AskedFact& fact, Change&) {
  if (fact.cached == Position{}) unanswered.insert(position);
}

void FoldState::take(Position, const AnsweredFact& fact, Change&) { unanswered.erase(fact.outcome.delivery.message); }

void FoldState::carry(Position position, Position message, uint16_t deliveries_of_it) {
  if (position > last) last = position;
  // It may have been finished while it was being carried: then nobody needs it any more.
  for (uint16_t ordinal = 0; ordinal < deliveries_of_it; ++ordinal)
    if (unfinished({message, ordinal})) return carried.note(message, position, deliveries_of_it);
}

void FoldState::end(Slot slot, bool delivered, Change& change) {
  Delivery& d = deliveries[slot];
  const bool dead = d.state == DeliveryState::dead;
  const Slot at = d.chain;
  change.lane = d.lane;
  // An emptied chain is forgotten; its slot then names no chain, or another one, and the cell settles what is there.
  change.chain = at;
  tally(d, false);
  if (at != kNoSlot) {
    leave_chain(slot, dead);
    Chain& chain = chains[at];
    if (delivered || d.maybe_there || d.open_attempt) pass(chain, d);
    if (chain.out == slot) chain.out = kNoSlot;
    recount(at);
  }
  if (!dead) pend(d, false);
  const DeliveryId id = d.id;
  const bool was_last = messages.leave(d.message);
  unlink(slot);
  deliveries.remove(slot);
  if (was_last) forget_carried(id);
  std::erase(change.added, slot);
  refill(change.lane, at, change);
}

void FoldState::move_to(Slot slot, DeliveryState state) {
  Delivery& d = deliveries[slot];
  const bool was_dead = d.state == DeliveryState::dead, is_dead = state == DeliveryState::dead;
  tally(d, false);
  d.state = state;
  tally(d, true);
  if (was_dead != is_dead) pend(d, was_dead);
  if (d.chain == kNoSlot) return;
  if (was_dead != is_dead) {
    leave_chain(slot, was_dead);
    join_chain(slot, is_dead);
  }
  recount(d.chain);
}

// Where its message was carried to is of interest as long as any of its deliveries is not over. Only for carried ones
// is it worth asking.
void FoldState::forget_carried(const DeliveryId& ended) {
  const uint16_t most = carried.deliveries(ended.message);
  for (uint16_t ordinal = 0; ordinal < most; ++ordinal) {
    if (unfinished({ended.message, ordinal})) return;
  }
  carried.forget(ended.message);
}

// One more of its message's deliveries is pending, one less.
void FoldState::pend(const Delivery& d, bool more) {
  if (!d.spread) return messages.pending(d.message, more);
  const bool first_or_last = more ? spread.add(d.id.message, 1) == 0 : spread.leave(d.id.message) == 0;
  if (first_or_last) messages.pending_elsewhere(more);
}

void FoldState::join_chain(Slot slot, bool dead) {
  Chain& chain = chains[deliveries[slot].chain];
  if (dead && !chain.dead) chain.dead = std::make_unique<SlotQueue>();
  (dead ? *chain.dead : chain.live).insert(slot, [this](Slot s) -> const DeliveryId& { return deliveries[s].id; });
}

void FoldState::leave_chain(Slot slot, bool dead) {
  Chain& chain = chains[deliveries[slot].chain];
  const auto rank = [this](Slot s) -> const DeliveryId& { return deliveries[s].id; };
  if (!dead) return chain.live.erase(slot, rank);
  chain.dead->erase(slot, rank);
  if (chain.dead->empty()) chain.dead.reset();
}

}  // namespace lt::engine
