#include "core/runtime/exchange_limits.h"

#include <algorithm>

namespace lt::runtime {
namespace {

constexpr int kBusyAfter = 1;

int seconds_until(Mono then, Mono now) {
  return std::max<int>(1, static_cast<int>(std::chrono::ceil<std::chrono::seconds>(then - now).count()));
}

Error after(Error error, int seconds) {
  error.after_s = seconds;
  return error;
}

}  // namespace

Result<void> PrincipalRates::take(const std::string& principal, Mono now) {
  if (rate_.count == 0) return {};
  const std::lock_guard lock(mutex_);
  const auto [bucket, fresh] = buckets_.try_emplace(principal);
  if (fresh) bucket->second.set(rate_, burst_);
  const Mono free = bucket->second.free_at();
  if (free > now) return fail(after(Error(Code::rate_exceeded, "principal " + principal), seconds_until(free, now)));
  bucket->second.take(now);
  return {};
}

Result<PartnerGate::Pass> PartnerGate::enter(Mono now) {
  const std::lock_guard lock(mutex_);
  if (!breaker_.allows(now)) {
    const bool open = breaker_.state() == engine::Breaker::State::open;
    return fail(after(Error(Code::partner_resting), open ? seconds_until(breaker_.trial_at(), now) : kBusyAfter));
  }
  if (inside_ >= permits_)
    return fail(after(Error(Code::busy, std::to_string(inside_) + " questions to this partner at once"), kBusyAfter));
  ++inside_;
  breaker_.sent();
  return Pass(shared_from_this());
}

void PartnerGate::leave(bool learned) {
  const std::lock_guard lock(mutex_);
  --inside_;
  if (!learned) breaker_.told_nothing();
}

bool PartnerGate::Pass::learn(const Outcome& outcome, Mono now) {
  learned_ = true;
  const bool failed = outcome.kind == OutcomeKind::retry || outcome.kind == OutcomeKind::ambiguous;
  const std::lock_guard lock(gate_->mutex_);
  if (failed && outcome.scope != RetryScope::delivery)
    gate_->breaker_.failed(now, gate_->rules_);
  else
    gate_->breaker_.answered();
  return gate_->breaker_.state() == engine::Breaker::State::closed;
}

}  // namespace lt::runtime
