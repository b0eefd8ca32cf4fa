#include "core/adapter/sink.h"

namespace lt::adapter {

net::Task<Outcome> Sink::probe(Outgoing) {
  Outcome outcome;
  outcome.kind = OutcomeKind::retry;
  outcome.code = Code::bug;
  outcome.detail = "this sink cannot be asked; it must not declare class probe";
  co_return outcome;
}

net::Task<Replied> Sink::request(Outgoing, std::chrono::milliseconds) {
  Replied replied;
  replied.outcome.kind = OutcomeKind::permanent;
  replied.outcome.code = Code::bug;
  replied.outcome.detail = "this sink cannot be asked; its blueprint must not say answers_within";
  co_return replied;
}

}  // namespace lt::adapter
