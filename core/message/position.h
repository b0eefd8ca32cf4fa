// Where a record stands in the journal.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lt {

// `offset` rises with every record of its partition; it is not an index. {0, 0} is before the first record.
struct Position {
  uint32_t partition = 0;
  uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
  std::string text() const;  // "0:4711"
  static std::optional<Position> parse(std::string_view text);
};

// One delivery of one message: the ordinal counts the destinations fixed at accept, from 0.
struct DeliveryId {
  Position message;
  uint16_t ordinal = 0;
  auto operator<=>(const DeliveryId&) const = default;
  std::string text() const;  // "0:4711/2"
  static std::optional<DeliveryId> parse(std::string_view text);
};

}  // namespace lt

template <>
struct std::hash<lt::Position> {
  size_t operator()(const lt::Position& p) const noexcept { return p.offset * 0x9E3779B97F4A7C15ull ^ p.partition; }
};
template <>
struct std::hash<lt::DeliveryId> {
  size_t operator()(const lt::DeliveryId& d) const noexcept {
    return std::hash<lt::Position>()(d.message) + d.ordinal * 0xC2B2AE3D27D4EB4Full;
  }
};
