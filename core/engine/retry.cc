#include "core/engine/retry.h"

#include <algorithm>

namespace lt::engine {
namespace {

constexpr uint8_t kRedoMost = 3;

void say(Outcome& outcome, Code code, const std::string& why) {
  outcome.detail = outcome.detail.empty() ? why : why + ": " + outcome.detail;
  outcome.code = code;
}

// Not now. Later, unless its time or its attempts are used up.
void decide_later(OutcomeFact& fact, const Delivery& delivery, const DestinationPolicy& policy, bool probe, Wall now,
                  milliseconds age, Chance& chance) {
  Outcome& outcome = fact.outcome;
  const bool own = outcome.scope == RetryScope::delivery && !probe;
  const bool too_old = age >= policy.retry.max_age;
  const bool too_often = own && policy.retry.attempts != 0 && delivery.tries + 1u >= policy.retry.attempts;
  if (too_old || too_often) {
    say(outcome, too_old ? Code::too_old : Code::attempts_exhausted,
        too_old ? "older than " + std::to_string(policy.retry.max_age.count()) + " ms"
                : "failed " + std::to_string(delivery.tries + 1) + " times");
    // What may have taken effect must not be called dead: somebody has to look.
    const bool doubt = outcome.kind == OutcomeKind::ambiguous && policy.sink_class != SinkClass::partner_idempotent;
    fact.state = doubt ? DeliveryState::unknown : DeliveryState::dead;
    return;
  }
  fact.state = DeliveryState::retry;
  const auto wait =
      outcome.after.count() > 0 ? outcome.after : back_off(policy.retry, fact.attempt + delivery.probes, chance);
  fact.next_at = now + wait;
}

}  // namespace

uint64_t Chance::next() {
  uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

milliseconds back_off(const RetryPolicy& policy, uint32_t failures, Chance& chance) {
  const uint32_t doublings = std::min(failures == 0 ? 0 : failures - 1, 30u);
  const double wait = std::min(static_cast<double>(policy.first.count()) * static_cast<double>(1u << doublings),
                               static_cast<double>(policy.most.count()));
  const double jittered = wait * (1.0 + policy.jitter * (2.0 * chance.share() - 1.0));
  return milliseconds(std::max<int64_t>(1, static_cast<int64_t>(jittered)));
}

OutcomeFact decide(const Delivery& delivery, const DestinationPolicy& policy, uint32_t attempt, bool probe,
                   Outcome outcome, Wall now, milliseconds age, Chance& chance) {
  OutcomeFact fact;
  fact.delivery = delivery.id;
  fact.attempt = attempt;
  fact.at = now;
  // A question without an answer settles nothing; an `absent` nobody asked for neither.
  if ((probe && outcome.kind == OutcomeKind::retry) || outcome.kind == OutcomeKind::absent) {
    outcome.kind = OutcomeKind::ambiguous;
  }
  fact.outcome = std::move(outcome);
  switch (fact.outcome.kind) {
    case OutcomeKind::delivered:
    case OutcomeKind::duplicate:
      fact.state = DeliveryState::delivered;
      break;
    case OutcomeKind::permanent:
      fact.state = DeliveryState::dead;
      break;
    case OutcomeKind::held:
      fact.state = DeliveryState::held;
      break;
    case OutcomeKind::redo_as:
      fact.state = DeliveryState::queued;
      if (delivery.redone >= kRedoMost) {
        fact.state = DeliveryState::dead;
        say(fact.outcome, Code::attempts_exhausted,
            "the partner asked for another operation more than " + std::to_string(kRedoMost) + " times");
      }
      break;
    case OutcomeKind::ambiguous:
      if (policy.sink_class == SinkClass::none && policy.on_ambiguous == OnAmbiguous::unknown) {
        fact.state = DeliveryState::unknown;
        if (fact.outcome.code == Code::none) fact.outcome.code = Code::outcome_unknown;
        break;
      }
      [[fallthrough]];
    case OutcomeKind::retry:
    case OutcomeKind::absent:
      decide_later(fact, delivery, policy, probe, now, age, chance);
      break;
  }
  return fact;
}

}  // namespace lt::engine
