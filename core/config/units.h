// How numbers, durations and sizes are written in a configuration. Nothing else is accepted: no `0x10`, `1e3`, `yes`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lt::config {

// "true", "false"
std::optional<bool> parse_bool(std::string_view text);
// Decimal, no sign but '-', no leading zeros, within int64.
std::optional<int64_t> parse_integer(std::string_view text);
// A whole number and its unit: ms, s, m, h, d. "250ms", "5s", "90d". "0" needs no unit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
// Bytes, or a whole number and its unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (powers of 1024).
std::optional<int64_t> parse_size(std::string_view text);

// In the largest unit that is exact: "5s", "90m", "64KiB".
std::string format_duration(std::chrono::milliseconds value);
std::string format_size(int64_t bytes);

}  // namespace lt::config
