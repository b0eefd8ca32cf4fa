// A rate limit: so many sends in a time, evenly, with a burst after a rest. A token bucket kept as the time at which it
// will be full again (GCRA), so that nothing has to be refilled.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/base/clock.h"

namespace lt::engine {

struct Rate {
  uint32_t count = 0;  // 0: no limit
  std::chrono::milliseconds per{1'000};
};

class TokenBucket {
 public:
  // `most`: sends at once after a rest; 0: what a second allows, at least 1. What was taken before stays taken.
  void set(const Rate& rate, uint32_t most) {
    if (rate.count == 0) {
      gap_ = slack_ = std::chrono::nanoseconds(0);
      return;
    }
    gap_ = std::chrono::nanoseconds(rate.per) / rate.count;
    const int64_t burst = most > 0 ? most : std::chrono::seconds(1) / std::max(gap_, kLeastGap);
    slack_ = gap_ * (std::max<int64_t>(burst, 1) - 1);
  }
  // When the next may go.
  Mono free_at() const { return Mono(std::chrono::ceil<std::chrono::microseconds>(full_at_ - slack_)); }
  void take(Mono now) { full_at_ = std::max(full_at_, std::chrono::nanoseconds(now.time_since_epoch())) + gap_; }

 private:
  static constexpr std::chrono::nanoseconds kLeastGap{1};
  std::chrono::nanoseconds gap_{0}, slack_{0};
  std::chrono::nanoseconds full_at_{0};
};

}  // namespace lt::engine
