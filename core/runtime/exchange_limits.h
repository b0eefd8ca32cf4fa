// What asking may cost: so many questions of each principal, so many at once to one partner, and none while it fails.
// All thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/result.h"
#include "core/engine/breaker.h"
#include "core/engine/rate.h"

namespace lt::runtime {

class PrincipalRates {
 public:
  PrincipalRates(engine::Rate rate, uint32_t burst) : rate_(rate), burst_(burst) {}
  // Counts a question, or error rate_exceeded with the time after which the next may come.
  Result<void> take(const std::string& principal, Mono now);

 private:
  const engine::Rate rate_;
  const uint32_t burst_;
  std::mutex mutex_;
  std::map<std::string, engine::TokenBucket> buckets_;
};

// Of one destination, for all exchanges that ask it.
class PartnerGate : public std::enable_shared_from_this<PartnerGate> {
 public:
  PartnerGate(uint32_t permits, engine::BreakerPolicy breaker) : permits_(permits), rules_(breaker) {}

  // A permit to ask, given back when it goes.
  class Pass {
   public:
    explicit Pass(std::shared_ptr<PartnerGate> gate) : gate_(std::move(gate)) {}
    Pass(Pass&&) noexcept = default;
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_) gate_->leave(learned_);
    }
    // What a call said of the partner. True: it may be called again.
    bool learn(const Outcome& outcome, Mono now);

   private:
    std::shared_ptr<PartnerGate> gate_;
    bool learned_ = false;
  };
  // Error busy: too many are asking; partner_resting: it failed too often.
  Result<Pass> enter(Mono now);

 private:
  void leave(bool learned);

  const uint32_t permits_;
  const engine::BreakerPolicy rules_;
  std::mutex mutex_;
  uint32_t inside_ = 0;      // guarded
  engine::Breaker breaker_;  // guarded
};

}  // namespace lt::runtime
