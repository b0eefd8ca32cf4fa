// From permits to attempts.
#include "core/base/canary.h"
#include "core/engine/cell_state.h"

namespace lt::engine {

const DestinationPolicy& Cell::State::policy_of(const Delivery& d) {
  // What was out when its destination left the configuration is judged as strictly as possible.
  static const DestinationPolicy kGone;
  const DestinationPolicy* found = lane_of(d).policy;
  return found ? *found : kGone;
}

void Cell::State::pump_all() {
  for (uint32_t i = 0; i < f().lanes.size(); ++i) pump(i);
}

void Cell::State::pump(uint32_t index) {
  Lane& lane = lane_at(index);
  while (!journal_ails && lane.may_send(now.mono)) {
    const Slot slot = lane.ready.take([this](Slot s, uint64_t offset) {
      const Delivery& d = at(s);
      return d.phase == Phase::ready && d.id.message.offset == offset;
    });
    if (slot == kNoSlot) return;
    begin(slot);
  }
}

void Cell::State::begin(Slot slot) {
  Delivery& d = at(slot);
  Lane& lane = lane_of(d);
  unready(d);
  lane.note_sent(now.mono);
  lane.breaker.sent();
  if (d.chain != kNoSlot && lane.policy->order == Order::key) f().chains[d.chain].out = slot;
  const SinkClass sink = lane.policy->sink_class;
  if (sink == SinkClass::probe && (d.in_doubt || d.open_attempt) && !d.absent) {
    hand_over(slot, true);
  } else if (sink == SinkClass::partner_idempotent) {
    hand_over(slot, false);
  } else {
    d.phase = Phase::attempting;
    append(AttemptFact{d.id, d.attempt + 1, now.wall});
    reshow(slot);
  }
}

// The number of the attempt that is with the sink.
uint32_t Cell::State::attempt_out(const Delivery& d) {
  return d.phase == Phase::sending && d.unrecorded ? d.attempt + 1 : d.attempt;
}

void Cell::State::hand_over(Slot slot, bool probe) {
  Delivery& d = at(slot);
  // Noted, because the policy may be another one when the answer comes.
  d.unrecorded = !probe && lane_of(d).policy->sink_class == SinkClass::partner_idempotent;
  d.phase = probe ? Phase::probing : Phase::sending;
  if (!probe && !LT_BUG(double_send)) d.absent = false;
  Deliver action;
  action.delivery = d.id;
  action.attempt = attempt_out(d);
  action.probe = probe;
  action.destination = lane_of(d).name;
  if (d.operation) action.operation = *d.operation;
  action.message = f().messages.take(d.message);
  action.stored = f().carried.of(d.id.message);
  emit(std::move(action));
  reshow(slot);
}

void Cell::State::committed(Position position, const AttemptFact& fact, Ticket) {
  f().fold(position, fact, change);
  const Slot slot = change.touched;
  if (slot == kNoSlot || at(slot).phase != Phase::attempting) return;
  Lane& lane = lane_of(at(slot));
  // The lane stopped while the record was written. Nothing was sent, and the journal is told so: an attempt left open
  // would look like a doubt after a restart.
  if (!lane.policy || lane.paused || lane.breaker.state() == Breaker::State::open || now.mono < lane.hold_until) {
    Outcome unsent;
    unsent.kind = OutcomeKind::retry;
    unsent.scope = RetryScope::lane;
    unsent.detail = "not sent: the destination stopped in between";
    unsent.after = milliseconds(1);
    --lane.out;
    lane.breaker.told_nothing();
    return journal_outcome(slot, false, std::move(unsent));
  }
  hand_over(slot, false);
}

void Cell::State::failed(AttemptFact&& fact, Ticket, Error) {
  const Slot slot = f().deliveries.find(fact.delivery);
  journal_failed();
  if (slot == kNoSlot || at(slot).phase != Phase::attempting) return;
  Lane& lane = lane_of(at(slot));
  --lane.out;
  lane.breaker.told_nothing();
  const Slot chain = at(slot).chain;
  let_go(slot);
  settle(slot);
  reshow(slot);
  chain_moved(chain);
}

}  // namespace lt::engine
