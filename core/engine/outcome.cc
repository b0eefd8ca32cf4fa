// What partners answer, what it makes of deliveries and lanes, and what to do when the journal cannot take it.
#include "core/base/canary.h"
#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

constexpr milliseconds kJournalRetry{1'000};

// What an outcome says about the partner as a whole.
enum class Verdict : uint8_t { answered, failed, silent };

Verdict verdict(const Outcome& outcome, bool trying) {
  if (outcome.unasked) return Verdict::silent;
  switch (outcome.kind) {
    case OutcomeKind::retry:
      return outcome.scope == RetryScope::delivery ? Verdict::answered : Verdict::failed;
    case OutcomeKind::ambiguous:
      if (outcome.scope != RetryScope::delivery || trying) return Verdict::failed;
      return Verdict::silent;
    default:
      return Verdict::answered;
  }
}

}  // namespace

void Cell::State::on(Attempted&& event) {
  const Slot slot = f().deliveries.find(event.delivery);
  if (slot == kNoSlot) return;
  Delivery& d = at(slot);
  const bool expected = d.phase == (event.probe ? Phase::probing : Phase::sending) && event.attempt == attempt_out(d);
  if (!expected) return;  // an answer to an attempt that is over
  const uint32_t index = d.lane;
  Lane& lane = lane_at(index);
  lane.note_answer(now.mono);
  learn(lane, index, event.outcome);
  if (event.probe && event.outcome.kind == OutcomeKind::absent) {
    const Slot chain = d.chain;
    d.absent = true;
    let_go(slot);
    settle(slot, true);
    reshow(slot);
    chain_moved(chain);
  } else {
    journal_outcome(slot, event.probe, std::move(event.outcome));
  }
  pump(index);
}

void Cell::State::learn(Lane& lane, uint32_t index, const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::delivered && outcome.kind != OutcomeKind::duplicate &&
      outcome.kind != OutcomeKind::absent) {
    lane.last_error = outcome.code == Code::none ? outcome.detail : code_text(outcome.code) + " " + outcome.detail;
  }
  switch (verdict(outcome, lane.breaker_state() == Breaker::State::trying)) {
    case Verdict::answered:
      lane.breaker.answered();
      if (lane.group) lane.group->breaker.answered();
      break;
    case Verdict::failed:
      blame(lane, index, outcome);
      break;
    case Verdict::silent:
      lane.breaker.told_nothing();
      if (lane.group) lane.group->breaker.told_nothing();
      break;
  }
  note_standing(lane);
}

// A failure is the lane's or the session's; of the other one it tells nothing. A doubt about one delivery is held
// against whichever is on trial.
void Cell::State::blame(Lane& lane, uint32_t index, const Outcome& outcome) {
  static const BreakerPolicy kAny;
  const auto on = [&](Breaker& breaker, const BreakerPolicy& rules, bool guilty) {
    if (outcome.scope == RetryScope::delivery) guilty = breaker.state() == Breaker::State::trying;
    if (!guilty) return breaker.told_nothing();
    if (breaker.failed(now.mono, rules)) timers.add({breaker.trial_at(), Timer::Kind::lane, index, {}});
  };
  const bool of_session = lane.group && outcome.scope == RetryScope::session;
  on(lane.breaker, lane.policy ? lane.policy->breaker : kAny, !of_session);
  if (lane.group) on(lane.group->breaker, lane.group->policy->breaker, of_session);
}

void Cell::State::journal_outcome(Slot slot, bool probe, Outcome outcome) {
  Delivery& d = at(slot);
  const milliseconds age = now.wall - d.since - (stood(d) - std::chrono::seconds(d.suspended_s));
  auto fact = decide(d, policy_of(d), attempt_out(d), probe, std::move(outcome), now.wall, age, chance);
  hold_lane(d.lane, fact);
  d.phase = Phase::deciding;
  append(std::move(fact));
  reshow(slot);
}

// A failure of the lane, or of the session, holds back the others too, for as long as the one that met it waits. An
// open breaker has its own time.
void Cell::State::hold_lane(uint32_t index, const OutcomeFact& fact) {
  Lane& lane = lane_at(index);
  const Outcome& outcome = fact.outcome;
  if (outcome.scope == RetryScope::delivery || fact.state != DeliveryState::retry) return;
  const bool of_session = lane.group && outcome.scope == RetryScope::session;
  const Breaker& breaker = of_session ? lane.group->breaker : lane.breaker;
  if (breaker.state() != Breaker::State::closed && outcome.after.count() == 0) return;
  Mono& hold_until = of_session ? lane.group->hold_until : lane.hold_until;
  const Mono until = now.mono + (fact.next_at - now.wall);
  if (until <= hold_until) return;
  hold_until = until;
  timers.add({until, Timer::Kind::lane, index, {}});
}

// After a restart: it was about to be sent, and nobody can say whether it was.
void Cell::State::resolve_doubt(Slot slot) {
  Outcome doubt;
  doubt.kind = OutcomeKind::ambiguous;
  doubt.code = Code::outcome_unknown;
  doubt.detail = "the program stopped between the recorded attempt and its outcome";
  Delivery& d = at(slot);
  if (d.chain != kNoSlot && policy_of(d).order == Order::key) f().chains[d.chain].out = slot;
  journal_outcome(slot, false, std::move(doubt));
}

void Cell::State::committed(Position position, const OutcomeFact& fact, Ticket) {
  journal_works();
  const Slot slot = f().deliveries.find(fact.delivery);
  if (slot == kNoSlot) {
    f().fold(position, fact, change);
    return welcome();
  }
  const uint32_t index = at(slot).lane;
  if (fact.state == DeliveryState::delivered) ++lane_at(index).delivered;
  let_go(slot);
  hide(slot);
  f().fold(position, fact, change);
  if (change.touched != kNoSlot) {
    show(slot);
    settle(slot);
    reshow(slot);
  }
  welcome();
  chain_moved(change.chain);
  pump(index);
}

void Cell::State::failed(OutcomeFact&& fact, Ticket, Error) {
  if (!LT_BUG(lost_outcome)) owed.push_back(std::move(fact));
  journal_failed();
}

void Cell::State::journal_failed() {
  journal_ails = true;
  if (!journal_retry_at) journal_retry_at = now.mono + kJournalRetry;
}

void Cell::State::retry_journal() {
  journal_retry_at.reset();
  if (owed.empty()) return journal_works();
  while (!owed.empty()) {
    append(std::move(owed.front()));
    owed.pop_front();
  }
}

void Cell::State::journal_works() {
  if (!journal_ails || !owed.empty()) return;
  journal_ails = false;
  journal_retry_at.reset();
  pump_all();
}

}  // namespace lt::engine
