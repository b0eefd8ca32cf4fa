// UUIDv7 identifiers (RFC 9562 section 5.7): 48 bits of wall-clock milliseconds, then random bits, so ids sort by time.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace lt {

struct Id {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Id&) const = default;
  bool empty() const { return *this == Id{}; }
  std::string text() const;  // "0190a6c2-….": 36 characters, lower case
  static std::optional<Id> parse(std::string_view text);
};

// Makes ids that rise strictly, also within one millisecond and when the wall clock steps back. Thread-safe.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual Id next() = 0;
};

// Random bits from the operating system.
IdSource& system_ids();
// Reproducible: time from `clock`, the rest from `seed`. For tests and simulation.
class SeededIds final : public IdSource {
 public:
  SeededIds(const Clock& clock, uint64_t seed) : clock_(clock), state_(seed) {}
  Id next() override;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  uint64_t state_;
  uint64_t last_ms_ = 0;
  uint16_t sequence_ = 0;
};

}  // namespace lt

template <>
struct std::hash<lt::Id> {
  size_t operator()(const lt::Id& id) const noexcept {
    uint64_t low = 0;
    for (int i = 8; i < 16; ++i) low = low << 8 | id.bytes[i];
    return low;
  }
};
