#include "core/engine/fold_state.h"

#include <algorithm>

#include "core/base/limits.h"

namespace lt::engine {
namespace {

std::unique_ptr<std::string> boxed(std::string_view text) {
  return text.empty() ? nullptr : std::make_unique<std::string>(text);
}

void pass(Chain& chain, const Delivery& d) { chain.last_passed = std::max(chain.last_passed, d.id.message.offset); }

// Cut at a border of UTF-8.
std::string_view cut(std::string_view text) {
  if (text.size() <= limits::kCauseText) return text;
  size_t n = limits::kCauseText;
  while (n > 0 && (static_cast<uint8_t>(text[n]) & 0xC0) == 0x80) --n;
  return text.substr(0, n);
}

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
    dedupe.add(DedupeIndex::hash(envelope.dedupe_key), position, fact.message->body.sha256, envelope.accepted,
               policy_.dedupe_window);
  }
  watches.fold(fact.watches);
  if (fact.cursor) watches.fold(*fact.cursor);
  const bool dead = fact.dead != Code::none;
  if (!dead && envelope.deliveries.empty()) return;
  const uint32_t message = messages.add();
  const size_t count = dead ? 1 : std::min<size_t>(envelope.deliveries.size(), UINT16_MAX);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view destination = dead ? std::string_view() : envelope.deliveries[i].destination;
    const Slot slot = add_delivery({position, static_cast<uint16_t>(i)}, lane_of(destination), message,
                                   dead ? 0 : chain_key(destination, envelope.order_key),
                                   dead ? DeliveryState::dead : DeliveryState::queued);
    Delivery& d = deliveries[slot];
    d.accepted = d.since = envelope.accepted;
    d.urgency = envelope.urgency;
    if (!dead) d.route = routes.number_of(envelope.deliveries[i].route);
    d.code = fact.dead;
    d.detail = boxed(cut(fact.dead_detail));
    change.added.push_back(slot);
  }
}

void FoldState::take(Position, const AttemptFact& fact, Change& change) {
  const Slot slot = deliveries.find(fact.delivery);
  if (slot == kNoSlot) return;
  Delivery& d = deliveries[slot];
  d.attempt = fact.attempt;
  d.open_attempt = true;
  d.probes = 0;
  change.touched = slot;
}

void FoldState::take(Position, const OutcomeFact& fact, Change& change) {
  watches.fold(fact.outcome.watches);
  const Slot slot = deliveries.find(fact.delivery);
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
  d.open_attempt = false;
  d.next_at = fact.state == DeliveryState::retry ? fact.next_at : Wall{};
  d.code = fact.outcome.code;
  d.detail = boxed(cut(fact.outcome.detail));
  if (kind == OutcomeKind::redo_as) {
    d.operation = boxed(fact.outcome.operation);
    if (d.redone < UINT8_MAX) ++d.redone;
  }
  move_to(slot, fact.state);
  if (fact.state == DeliveryState::dead && d.in_doubt && d.chain != kNoSlot) pass(chains[d.chain], d);
  change.touched = slot;
  change.chain = d.chain;
}

void FoldState::take(Position, const ActionFact& fact, Change& change) {
  if (!is_of_delivery(fact.kind)) return controls.fold(fact);
  const Slot slot = deliveries.find(fact.delivery);
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

void FoldState::take(Position, const WatchFact& fact, Change&) {
  watches.fold(fact.watches);
  if (fact.cursor) watches.fold(*fact.cursor);
}

void FoldState::carry(Position position, Position message, uint16_t deliveries_of_it) {
  if (position > last) last = position;
  // It may have been finished while it was being carried: then nobody needs it any more.
  for (uint16_t ordinal = 0; ordinal < deliveries_of_it; ++ordinal)
    if (deliveries.find({message, ordinal}) != kNoSlot) return carried.note(message, position);
}

Slot FoldState::add_delivery(DeliveryId id, uint32_t lane, uint32_t message, uint64_t key, DeliveryState state) {
  const Slot slot = deliveries.add(id);
  Delivery& d = deliveries[slot];
  d.state = d.shown = state;
  d.lane = lane;
  d.message = message;
  d.chain_key = key;
  Lane& l = lanes[lane];
  d.previous = l.last;
  (l.last == kNoSlot ? l.first : deliveries[l.last].next) = slot;
  l.last = slot;
  messages.join(message);
  if (state != DeliveryState::dead) messages.pending(message, true);
  if (key != 0) {
    d.chain = chains.find_or_add(key);
    join_chain(slot, state == DeliveryState::dead);
  }
  return slot;
}

void FoldState::end(Slot slot, bool delivered, Change& change) {
  Delivery& d = deliveries[slot];
  const bool dead = d.state == DeliveryState::dead;
  change.lane = d.lane;
  if (d.chain != kNoSlot) {
    leave_chain(slot, dead);
    Chain& chain = chains[d.chain];
    if (delivered || d.in_doubt || d.open_attempt) pass(chain, d);
    if (chain.out == slot) chain.out = kNoSlot;
    chains.remove_if_over(d.chain);
    // An emptied chain is forgotten; its slot then names no chain and the cell sees an empty one.
    change.chain = d.chain;
  }
  if (!dead) messages.pending(d.message, false);
  if (messages.leave(d.message)) carried.forget(d.id.message);
  Lane& l = lanes[d.lane];
  (d.previous == kNoSlot ? l.first : deliveries[d.previous].next) = d.next;
  (d.next == kNoSlot ? l.last : deliveries[d.next].previous) = d.previous;
  deliveries.remove(slot);
}

void FoldState::move_to(Slot slot, DeliveryState state) {
  Delivery& d = deliveries[slot];
  const bool was_dead = d.state == DeliveryState::dead, is_dead = state == DeliveryState::dead;
  d.state = state;
  if (was_dead == is_dead) return;
  messages.pending(d.message, was_dead);
  if (d.chain == kNoSlot) return;
  leave_chain(slot, was_dead);
  join_chain(slot, is_dead);
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
