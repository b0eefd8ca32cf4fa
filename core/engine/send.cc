// From permits to attempts.
#include <algorithm>

#include "core/base/canary.h"
#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

// A closed lane looks at the wall clock this often, since that one may be set.
constexpr milliseconds kHoursLook = std::chrono::minutes(15);

}  // namespace

const DestinationPolicy& Cell::State::policy_of(const Delivery& d) {
  // What was out when its destination left the configuration is judged as strictly as possible.
  static const DestinationPolicy kGone;
  const DestinationPolicy* found = lane_of(d).policy;
  return found ? *found : kGone;
}

void Cell::State::pump_all() {
  for (uint32_t i = 0; i < f().lanes.size(); ++i) pump(i);
}

// Lanes of one partner take turns for what they share.
void Cell::State::pump(uint32_t index) {
  Group* group = lane_at(index).group;
  if (!group) {
    while (send_one(index)) continue;
    return;
  }
  for (size_t idle = 0; idle < group->lanes.size();) {
    const uint32_t next = group->lanes[group->turn];
    group->turn = (group->turn + 1) % group->lanes.size();
    idle = send_one(next) ? 0 : idle + 1;
  }
}

bool Cell::State::send_one(uint32_t index) {
  Lane& lane = lane_at(index);
  while (!journal_ails && lane.may_send(now.mono)) {
    if (const Mono at = lane.token_at(); at > now.mono) {
      set_alarm(index, at);
      return false;
    }
    const bool open = lane.open(now.wall);
    const Urgency least = open ? Urgency{0} : lane.policy->office_hours->urgent;
    const Slot slot = lane.ready.take(least, [this](Slot s, uint64_t offset) {
      const Delivery& d = at(s);
      return d.phase == Phase::ready && d.id.message.offset == offset;
    });
    if (slot == kNoSlot) {
      if (!open) {
        const auto wait = lane.policy->office_hours->next_opening(now.wall) - now.wall;
        set_alarm(index, now.mono + std::min<milliseconds>(wait, kHoursLook));
      }
      return false;
    }
    if (!route_of(at(slot)).paused) {
      begin(slot);
      return true;
    }
    park(slot);
  }
  return false;
}

// One timer at a time is enough: who it wakes sets the next.
void Cell::State::set_alarm(uint32_t index, Mono at) {
  Lane& lane = lane_at(index);
  if (lane.alarm > now.mono && lane.alarm <= at) return;
  lane.alarm = at;
  timers.add({at, Timer::Kind::lane, index, {}});
}

void Cell::State::begin(Slot slot) {
  Delivery& d = at(slot);
  Lane& lane = lane_of(d);
  unready(d);
  lane.note_sent(now.mono);
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
  if (lane.stopped(now.mono) || route_of(at(slot)).paused) {
    Outcome unsent;
    unsent.kind = OutcomeKind::retry;
    unsent.scope = RetryScope::lane;
    unsent.detail = "not sent: the destination stopped in between";
    unsent.after = milliseconds(1);
    lane.note_unsent();
    return journal_outcome(slot, false, std::move(unsent));
  }
  hand_over(slot, false);
}

void Cell::State::failed(AttemptFact&& fact, Ticket, Error) {
  const Slot slot = f().deliveries.find(fact.delivery);
  journal_failed();
  if (slot == kNoSlot || at(slot).phase != Phase::attempting) return;
  Lane& lane = lane_of(at(slot));
  lane.note_unsent();
  const Slot chain = at(slot).chain;
  let_go(slot);
  settle(slot);
  reshow(slot);
  chain_moved(chain);
}

}  // namespace lt::engine
