// Accepting: duplicates, credit, pressure, and what follows when an accepted message is durable.
#include <algorithm>

#include "core/base/canary.h"
#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

constexpr milliseconds kBusyAfter{1'000};
constexpr size_t kUnsealedRuns = 3;

uint64_t key_of(const AcceptedFact& fact) {
  const std::string& key = fact.message->envelope.dedupe_key;
  return key.empty() ? 0 : std::max<uint64_t>(1, dedupe_key_of(key).high);
}

}  // namespace

void Cell::State::on(Admit&& event) { consider(std::move(event), true); }

void Cell::State::answer(Ticket ticket, AdmitAnswer::Kind kind, Position position) {
  AdmitAnswer a;
  a.ticket = ticket;
  a.kind = kind;
  a.position = position;
  if (kind == AdmitAnswer::Kind::busy) {
    a.after = kBusyAfter;
    a.error = Error(Code::busy, std::to_string(admission.holders()) + " messages on their way to the journal");
  } else if (kind == AdmitAnswer::Kind::conflict) {
    a.error =
        Error(Code::duplicate_key_conflict, "accepted earlier with another body", Place{{}, 0, 0, position.text()});
  }
  emit(std::move(a));
}

// `may_park` is false for those who waited already; they hold credit.
void Cell::State::consider(Admit admit, bool may_park) {
  const AcceptedFact& fact = admit.fact;
  const uint64_t key = key_of(fact), bytes = Messages::weight(*fact.message);
  if (key != 0) {
    const auto told = repeat(admit);
    if (told) {
      if (!may_park) admission.give_back(bytes);
      return answer(admit.ticket, told->first, told->second);
    }
  }
  if (auto error = drained(fact)) {
    if (!may_park) admission.give_back(bytes);
    AdmitAnswer a;
    a.ticket = admit.ticket;
    a.kind = AdmitAnswer::Kind::refused;
    a.error = std::move(error);
    return emit(std::move(a));
  }
  if (may_park) {
    if (!admission.credit_for(bytes, policy)) return answer(admit.ticket, AdmitAnswer::Kind::busy);
    admission.hold(bytes);
  }
  if (key != 0 && admission.in_append(key)) return admission.wait_for(key, std::move(admit));
  if (admit.refuse) {
    admission.give_back(bytes);
    AdmitAnswer refused;
    refused.ticket = admit.ticket;
    refused.kind = AdmitAnswer::Kind::failed;
    refused.error = std::move(admit.refuse);
    return emit(std::move(refused));
  }
  if (may_park && pressed(fact)) {
    if (admission.parked() < policy.parked_most)
      return admission.park(std::move(admit), now.mono + policy.pressure_wait);
    admission.give_back(bytes);
    return answer(admit.ticket, AdmitAnswer::Kind::busy);
  }
  if (key != 0) admission.mark(key);
  append(std::move(admit.fact), admit.ticket);
}

// One message is accepted for all its destinations, or for none.
std::optional<Error> Cell::State::drained(const AcceptedFact& fact) {
  const Controls& controls = f().controls;
  if (!controls.any_draining() || fact.dead != Code::none) return std::nullopt;
  const auto check = [&](ActionScope scope, const std::string& name) -> std::optional<Error> {
    const Control* control = name.empty() ? nullptr : controls.find(scope, name);
    if (!control || !control->draining) return std::nullopt;
    return Error(Code::draining, std::string(scope_name(scope)) + " \"" + name + "\": " + control->why);
  };
  for (const DeliverySpec& spec : fact.message->envelope.deliveries) {
    if (auto error = check(ActionScope::destination, spec.destination)) return error;
    if (auto error = check(ActionScope::route, spec.route)) return error;
    const auto destination = policy.destinations.find(spec.destination);
    if (destination == policy.destinations.end()) continue;
    if (auto error = check(ActionScope::partner, destination->second.partner)) return error;
  }
  return std::nullopt;
}

// What to answer when its key was seen before, or cannot be judged now. Memory is younger than the disk.
std::optional<std::pair<AdmitAnswer::Kind, Position>> Cell::State::repeat(const Admit& admit) {
  using Kind = AdmitAnswer::Kind;
  if (!LT_BUG(forgotten_key) && admit.looked_to < f().dedupe.sealed_to())
    return std::pair(Kind::look_again, Position());
  const Message& message = *admit.fact.message;
  auto seen = f().dedupe.find(message.envelope.dedupe_key, message.body.sha256, now.wall - policy.dedupe_window);
  if (!seen) seen = admit.seen;
  if (seen) return std::pair(seen->same_body ? Kind::duplicate : Kind::conflict, seen->position);
  // What cannot be written to disk must not fill the memory.
  if (policy.seal_dedupe && f().dedupe.closed().size() > kUnsealedRuns) return std::pair(Kind::busy, Position());
  return std::nullopt;
}

// Waiting helps only where a lane empties within the wait. A slow, dead, paused or failing partner delays nobody:
// what is for it goes into the backlog at once. What presses is a lane that goes as fast as we can send: there to
// accept more than is sent would only take the processor from sending.
bool Cell::State::pressed(const AcceptedFact& fact) {
  if (fact.dead != Code::none) return false;
  for (const DeliverySpec& spec : fact.message->envelope.deliveries) {
    const auto found = f().lane_by_name.find(spec.destination);
    if (found == f().lane_by_name.end()) continue;
    const Lane& lane = lane_at(found->second);
    // What is being written counts: else all who wait would be let in by the first free place.
    if (lane.ready_count + admission.in_journal() < policy.lane_pressure) continue;
    if (lane.empties_within(policy.pressure_wait, now.mono)) return true;
  }
  return false;
}

void Cell::State::unpark() {
  while (const auto until = admission.parked_until()) {
    if (*until > now.mono && pressed(admission.first_parked().fact)) return;
    consider(admission.unpark(), false);
  }
}

void Cell::State::committed(Position position, const AcceptedFact& fact, Ticket ticket) {
  for (const DeliverySpec& spec : fact.message->envelope.deliveries) {
    Lane& lane = lane_at(f().lane_of(spec.destination));
    lane.window.suspended_s = lane.standing.seconds(now.mono);
  }
  f().fold(position, fact, change);
  if (change.closed_run && policy.seal_dedupe) emit(SealRun{f().dedupe.closed().back()});
  admission.give_back(Messages::weight(*fact.message));
  answer(ticket, AdmitAnswer::Kind::accepted, position);
  for (const Slot slot : change.added) start_age(at(slot));
  welcome();
  keep_hot(fact.message);
  for (const Slot slot : change.added) pump(at(slot).lane);
  const uint64_t key = key_of(fact);
  if (key == 0) return;
  for (Admit& waiting : admission.release(key)) consider(std::move(waiting), false);
}

void Cell::State::failed(AcceptedFact&& fact, Ticket ticket, Error error) {
  admission.give_back(Messages::weight(*fact.message));
  AdmitAnswer a;
  a.ticket = ticket;
  a.kind = AdmitAnswer::Kind::failed;
  a.error = std::move(error);
  emit(std::move(a));
  const uint64_t key = key_of(fact);
  if (key == 0) return;
  for (Admit& waiting : admission.release(key)) consider(std::move(waiting), false);
}

// Only what can go out soon is worth memory; the rest is read again when its time comes.
void Cell::State::keep_hot(const std::shared_ptr<const Message>& message) {
  uint32_t sends = 0, lane = 0;
  for (const Slot slot : change.added) {
    const Delivery& d = at(slot);
    if (d.phase != Phase::ready || !lane_of(d).flows(now.mono) || !lane_of(d).open(now.wall)) continue;
    ++sends;
    lane = d.lane;
  }
  if (sends == 0) return;
  f().messages.keep(at(change.added.front()).message, message, sends, lane, policy.hot_bytes_most, [this](uint32_t l) {
    const Lane& other = lane_at(l);
    return !other.policy || other.stands() || !other.open(now.wall);
  });
}

}  // namespace lt::engine
