// Wall time and monotonic time, kept apart by type, read only through an injected Clock.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt {

// Milliseconds since 1970-01-01T00:00:00Z. For people, records and ids; may jump.
using Wall = std::chrono::sys_time<std::chrono::milliseconds>;
// Microseconds since an arbitrary start. For waits, deadlines and latencies; never jumps.
struct MonoEpoch {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoEpoch>;
  static constexpr bool is_steady = true;
};
using Mono = MonoEpoch::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Wall wall() const = 0;
  virtual Mono mono() const = 0;
};

// The machine's clocks.
Clock& system_clock();

// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Wall start = Wall(std::chrono::seconds(1'790'000'000))) : start_(start) {}
  Wall wall() const override {
    return start_ + std::chrono::duration_cast<std::chrono::milliseconds>(mono().time_since_epoch());
  }
  Mono mono() const override { return Mono(std::chrono::microseconds(passed_us_.load())); }
  void advance(std::chrono::microseconds by) { passed_us_ += by.count(); }

 private:
  Wall start_;
  std::atomic<int64_t> passed_us_{0};
};

// Vietnam has one zone, +07:00, and no daylight saving.
inline constexpr std::chrono::hours kVietnamOffset{7};
// RFC 3339 in Vietnam time: "2026-11-20T08:30:00.123+07:00".
std::string format_rfc3339(Wall time);
// RFC 3339 with any offset, seconds or finer. Error bad_date.
Result<Wall> parse_rfc3339(std::string_view text);

}  // namespace lt
