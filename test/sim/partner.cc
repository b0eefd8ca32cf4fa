#include "test/sim/partner.h"

namespace lt::sim {

std::chrono::milliseconds Partner::delay(const Effect& request) const {
  const uint64_t most = slow_ ? 20'000 : 20;
  return std::chrono::milliseconds((slow_ ? 1'000 : 1) + fate_->time(most, Kind::delay, request.number, number_, nth_));
}

uint64_t Partner::mischief(const Effect& request) {
  const uint64_t name = number_ << 32 | nth_;
  if (!mischief_ || !fate_->strikes(0.28, Kind::partner_fault, request.number, name)) return 100;
  return fate_->roll(28, Kind::partner_fault, request.number, name);
}

Reply Partner::send(const Effect& request, const std::string& operation) {
  nth_ = ++asked_[{request.number, request.part}] | uint64_t{request.part} << 16;
  Reply reply;
  Outcome& o = reply.outcome;
  reply.after = delay(request);
  const uint64_t what = mischief(request);
  const bool known = class_ == SinkClass::partner_idempotent && count(request.identity, request.part) > 0;
  // Even one that recognises repeats may refuse for good what it took. But no attempt is on record for such a partner:
  // to the next life that refusal is the only answer there ever was.
  const bool stranger = known && have_.at({request.identity, request.part}).life != request.life;
  const uint64_t how = fate_->bits(Kind::partner_fault, request.number, number_, nth_);
  if (what < 2) {
    o.kind = OutcomeKind::held;
    o.detail = "a table row is missing";
  } else if (down_) {
    o.kind = OutcomeKind::retry;
    o.scope = how % 4 == 0 ? RetryScope::session : RetryScope::lane;
    o.detail = "connection refused";
  } else if (what < 10) {
    o.kind = OutcomeKind::retry;
    if (how % 3 == 0) o.after = std::chrono::milliseconds(how / 3 % 5'000);
    o.detail = "later, please";
  } else if (what < 13 && !stranger) {
    o.kind = OutcomeKind::permanent;
    o.detail = "refused";
  } else if (what < 17 && operation.empty()) {
    o.kind = OutcomeKind::redo_as;
    o.operation = "update";
  } else if (what >= 17 && what < 22) {
    o.kind = OutcomeKind::ambiguous;
    o.scope = how % 2 ? RetryScope::lane : RetryScope::delivery;
    o.detail = "the request got lost";
  } else {
    if (!known) {
      effects_.push_back(request);
      Had& had = have_[{request.identity, request.part}];
      if (had.times++ == 0) had.life = request.life;
      reply.took_effect = true;
    }
    o.kind = known ? OutcomeKind::duplicate : OutcomeKind::delivered;
    if (what >= 22 && what < 28) {
      o.kind = OutcomeKind::ambiguous;
      o.detail = "the answer got lost";
    }
  }
  return reply;
}

Reply Partner::probe(const Effect& request) {
  nth_ = ++asked_[{request.number, request.part}] | uint64_t{request.part} << 16;
  Reply reply;
  Outcome& o = reply.outcome;
  reply.after = delay(request);
  const uint64_t what = mischief(request);
  if (down_) {
    o.kind = OutcomeKind::retry;
    o.scope = RetryScope::lane;
    o.detail = "connection refused";
  } else if (what < 10) {
    o.kind = what % 2 ? OutcomeKind::ambiguous : OutcomeKind::retry;
    o.detail = "the question got lost";
  } else if (count(request.identity, request.part) == 0) {
    o.kind = OutcomeKind::absent;
  } else {
    o.kind = nth_ % 2 ? OutcomeKind::delivered : OutcomeKind::duplicate;
  }
  return reply;
}

}  // namespace lt::sim
