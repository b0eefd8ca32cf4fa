#include "core/adapter/sink.h"

namespace lt::adapter {

net::Task<Outcome> Sink::probe(Outgoing) {
  Outcome outcome;
  outcome.kind = OutcomeKind::retry;
  outcome.code = Code::bug;
  outcome.detail = "this sink cannot be asked; it must not declare class probe";
  co_return outcome;
}

}  // namespace lt::adapter
