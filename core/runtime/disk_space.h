// The disk under the data: is there room for new messages, how fast does it fill, in how many days is it full.
//
// A reserve is kept for outcomes: below it nothing new is taken (507), while what is pending is still delivered and its
// outcomes written. Room that comes back is seen at once.
//
// Growth is the slope of the free space over the last week, from a sample an hour kept in `<data>/disk.history` ("<unix
// seconds> <free bytes>" a line), so that it survives a restart. It counts all that grows on that volume.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/base/metrics.h"

namespace lt::runtime {

struct DiskFigures {
  uint64_t free = 0;
  uint64_t reserve = 0;
  bool accepting = true;                  // free space is not below the reserve
  std::optional<int64_t> growth_per_day;  // bytes; none: measured for less than an hour
  std::optional<int64_t> full_in_days;    // until only the reserve is left; none: not in sight, or not known yet
};

// Thread-safe. `env`, `clock`, `metrics` outlive it.
class DiskSpace {
 public:
  DiskSpace(Env& env, const Clock& clock, Metrics& metrics, std::string directory, uint64_t reserve);

  // Error disk_full while less than the reserve would be free after `wanted` more bytes; says how much and what to do.
  Result<void> room(uint64_t wanted = 0) const;
  // Looks, and keeps a sample when it is time. Blocks on the disk.
  void measure();
  DiskFigures figures() const;

 private:
  struct Sample {
    int64_t at;  // unix seconds
    uint64_t free;
  };
  void load();
  void keep(Sample now);
  std::optional<int64_t> growth(Sample now) const;

  Env& env_;
  const Clock& clock_;
  const std::string directory_;
  const uint64_t reserve_;
  mutable std::mutex mutex_;
  std::vector<Sample> samples_;  // oldest first
  DiskFigures figures_;
  Gauge &free_, &growth_, &days_, &accepting_;
};

}  // namespace lt::runtime
