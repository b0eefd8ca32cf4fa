// Retry: how long to wait, and what an outcome makes of a delivery. Pure.
#pragma once

#include <cstdint>

#include "core/engine/delivery.h"
#include "core/engine/policy.h"

namespace lt::engine {

// Reproducible chance (SplitMix64).
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}
  uint64_t next();
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)

 private:
  uint64_t state_;
};

// `first` doubled `failures - 1` times, at most `most`, then +- jitter.
milliseconds back_off(const RetryPolicy& policy, uint32_t failures, Chance& chance);

// The fact that `outcome` of attempt `attempt` leaves. `age` is that of the delivery, suspended times taken off;
// `probe`: the outcome answers a question, not a send.
OutcomeFact decide(const Delivery& delivery, const DestinationPolicy& policy, uint32_t attempt, bool probe,
                   Outcome outcome, Wall now, milliseconds age, Chance& chance);

}  // namespace lt::engine
