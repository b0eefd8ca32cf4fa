// The rules a cell goes by. From configuration; a cell reads them only when it decides, never when it folds.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/engine/office_hours.h"
#include "core/engine/rate.h"
#include "core/message/outcome.h"

namespace lt::engine {

using std::chrono::milliseconds;

struct RetryPolicy {
  milliseconds first{500};  // wait after the first failure; doubles
  milliseconds most{300'000};
  double jitter = 0.2;    // +- share of the wait
  uint32_t attempts = 0;  // then dead; 0 = until max_age
  milliseconds max_age{7 * 24 *
                       3'600'000LL};  // since accept; then dead. Stands still while paused or the breaker is open
};

struct BreakerPolicy {
  uint32_t failures = 5;     // in a row, of scope lane or session, open it
  milliseconds wait{2'000};  // until the first trial; doubles up to `most`
  milliseconds most{60'000};
};

enum class Order : uint8_t { key, none };
enum class AfterDead : uint8_t { park, go_on };  // what a dead delivery does to its key
enum class OnAmbiguous : uint8_t { unknown, resend };

struct DestinationPolicy {
  SinkClass sink_class = SinkClass::none;
  Order order = Order::key;
  AfterDead after_dead = AfterDead::park;
  OnAmbiguous on_ambiguous = OnAmbiguous::unknown;
  uint32_t in_flight = 64;
  Rate rate;           // of sends and probes
  uint32_t burst = 0;  // see TokenBucket::set
  RetryPolicy retry;
  BreakerPolicy breaker;
  std::optional<OfficeHours> office_hours;
  std::string partner;  // whose destination it is: one of CellPolicy::partners, or ""
};

// What the destinations of one partner share.
struct PartnerPolicy {
  uint32_t in_flight = 0;  // 0: no limit beyond each destination's own
  Rate rate;
  uint32_t burst = 0;
  BreakerPolicy breaker;  // of failures of scope session
};

struct RoutePolicy {
  std::optional<AfterDead> after_dead;  // none: as the destination says
};

struct CellPolicy {
  std::map<std::string, DestinationPolicy> destinations;
  std::map<std::string, PartnerPolicy> partners;
  std::map<std::string, RoutePolicy> routes;
  size_t appending_most = 8'192;  // records handed to the journal and not yet durable; then busy
  uint64_t appending_bytes_most = 64 << 20;
  uint64_t hot_bytes_most = 32 << 20;  // bodies kept in memory for queued deliveries; others are re-read
  size_t lane_pressure = 512;          // ready deliveries of a healthy lane above which admits are delayed ...
  milliseconds pressure_wait{500};     // ... by at most this, and only where the lane empties within it
  size_t parked_most = 4'096;          // so many wait for that at once; then busy. What some thousand a second work off
  milliseconds dedupe_window{7 * 24 * 3'600'000LL};
  size_t dedupe_run = 524'288;  // keys of one run of the dedupe index
  bool seal_dedupe = false;     // somebody carries out SealRun; else all runs stay in memory
  size_t window = 4'096;        // queued deliveries of a lane that are kept whole; the rest is spilled (see window.h)
};

}  // namespace lt::engine
