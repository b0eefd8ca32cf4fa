#include "test/sim/partner.h"

namespace lt::sim {

std::chrono::milliseconds Partner::delay() {
  const auto roll = chance_.next();
  return std::chrono::milliseconds(slow_ ? 1'000 + roll % 20'000 : 1 + roll % 20);
}

Reply Partner::send(const Effect& request, const std::string& operation) {
  Reply reply;
  Outcome& o = reply.outcome;
  reply.after = delay();
  if (happens(0.02)) {
    o.kind = OutcomeKind::held;
    o.detail = "a table row is missing";
  } else if (down_) {
    o.kind = OutcomeKind::retry;
    o.scope = chance_.next() % 4 == 0 ? RetryScope::session : RetryScope::lane;
    o.detail = "connection refused";
  } else if (happens(0.08)) {
    o.kind = OutcomeKind::retry;
    if (chance_.next() % 3 == 0) o.after = std::chrono::milliseconds(chance_.next() % 5'000);
    o.detail = "later, please";
  } else if (happens(0.03)) {
    o.kind = OutcomeKind::permanent;
    o.detail = "refused";
  } else if (operation.empty() && happens(0.04)) {
    o.kind = OutcomeKind::redo_as;
    o.operation = "update";
  } else if (happens(0.05)) {
    o.kind = OutcomeKind::ambiguous;  // the request was lost
    o.scope = chance_.next() % 2 ? RetryScope::lane : RetryScope::delivery;
    o.detail = "no answer";
  } else {
    const bool has = count(request.identity) > 0;
    if (!has || class_ != SinkClass::partner_idempotent) {
      effects_.push_back(request);
      ++have_[request.identity];
    }
    o.kind = has && class_ == SinkClass::partner_idempotent ? OutcomeKind::duplicate : OutcomeKind::delivered;
    if (happens(0.06)) {
      o.kind = OutcomeKind::ambiguous;  // the reply was lost
      o.detail = "no answer";
    }
  }
  return reply;
}

Reply Partner::probe(const std::string& identity) {
  Reply reply;
  Outcome& o = reply.outcome;
  reply.after = delay();
  if (down_) {
    o.kind = OutcomeKind::retry;
    o.scope = RetryScope::lane;
  } else if (happens(0.1)) {
    o.kind = chance_.next() % 2 ? OutcomeKind::ambiguous : OutcomeKind::retry;
  } else if (count(identity) == 0) {
    o.kind = OutcomeKind::absent;
  } else {
    o.kind = chance_.next() % 2 ? OutcomeKind::delivered : OutcomeKind::duplicate;
  }
  return reply;
}

}  // namespace lt::sim
