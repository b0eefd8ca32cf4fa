// Partners that are asked while somebody waits: here only to be durable, and to be refused while an operator says so.
#include "core/engine/cell_state.h"

namespace lt::engine {

void Cell::State::on(AskNow&& event) {
  const Message& message = *event.fact.message;
  // Who is answered from the cache asks nobody.
  const bool calls = event.fact.cached == Position{};
  if (auto error = calls ? asking_refusal(message.envelope.deliveries.front().destination) : std::nullopt) {
    AdmitAnswer refused;
    refused.ticket = event.ticket;
    refused.kind = AdmitAnswer::Kind::refused;
    refused.error = std::move(error);
    return emit(std::move(refused));
  }
  const uint64_t bytes = Messages::weight(message);
  if (!admission.credit_for(bytes, policy)) return answer(event.ticket, AdmitAnswer::Kind::busy);
  admission.hold(bytes);
  append(std::move(event.fact), event.ticket);
}

// Whatever becomes of it is worth a record, so nothing can refuse it.
void Cell::State::on(AskEnded&& event) { append(std::move(event.fact)); }

std::optional<Error> Cell::State::asking_refusal(const std::string& destination) {
  const auto refusal = [this](ActionScope scope, const std::string& name) -> std::optional<Error> {
    const Control* control = name.empty() ? nullptr : f().controls.find(scope, name);
    if (!control || (!control->paused && !control->draining)) return std::nullopt;
    return Error(control->paused ? Code::asking_paused : Code::draining,
                 std::string(scope_name(scope)) + " \"" + name + "\": " + control->why);
  };
  if (auto error = refusal(ActionScope::destination, destination)) return error;
  const auto found = policy.destinations.find(destination);
  return found == policy.destinations.end() ? std::nullopt : refusal(ActionScope::partner, found->second.partner);
}

void Cell::State::committed(Position position, const AskedFact& fact, Ticket ticket) {
  f().fold(position, fact, change);
  admission.give_back(Messages::weight(*fact.message));
  answer(ticket, AdmitAnswer::Kind::accepted, position);
}

void Cell::State::failed(AskedFact&& fact, Ticket ticket, Error error) {
  admission.give_back(Messages::weight(*fact.message));
  AdmitAnswer failed;
  failed.ticket = ticket;
  failed.kind = AdmitAnswer::Kind::failed;
  failed.error = std::move(error);
  emit(std::move(failed));
}

void Cell::State::committed(Position position, const AnsweredFact& fact, Ticket) { f().fold(position, fact, change); }

// A life before this one ended between the question and its answer, and nobody waits any more.
void Cell::State::end_unanswered() {
  for (const Position& position : f().unanswered) {
    AnsweredFact fact;
    fact.outcome.delivery.message = position;
    fact.outcome.at = now.wall;
    fact.outcome.outcome.kind = OutcomeKind::ambiguous;
    fact.outcome.outcome.code = Code::exchange_interrupted;
    fact.outcome.state = DeliveryState::unknown;
    append(std::move(fact));
  }
}

}  // namespace lt::engine
