#include "core/config/units.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace lt::config {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};
// Smallest first.
constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kSizes[] = {{"B", 1},
                           {"KB", 1000},
                           {"KiB", 1 << 10},
                           {"MB", 1'000'000},
                           {"MiB", 1 << 20},
                           {"GB", 1'000'000'000},
                           {"GiB", 1 << 30},
                           {"TB", 1'000'000'000'000},
                           {"TiB", int64_t{1} << 40}};

template <size_t N>
std::optional<int64_t> parse_united(std::string_view text, const Unit (&units)[N], bool bare) {
  const size_t digits = text.find_first_not_of("0123456789");
  const auto number = parse_integer(text.substr(0, digits));
  if (!number || *number < 0) return std::nullopt;
  if (digits == std::string_view::npos) return bare || *number == 0 ? number : std::nullopt;
  for (const auto& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (*number > std::numeric_limits<int64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

template <size_t N>
std::string format_united(int64_t value, const Unit (&units)[N], bool bare) {
  if (value == 0) return "0";
  for (size_t index = N; index-- > 0;) {
    const auto& unit = units[index];
    if (unit.factor == 1 && bare) break;
    if (value % unit.factor == 0) return fmt::format("{}{}", value / unit.factor, unit.name);
  }
  return std::to_string(value);
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const auto digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto value = parse_united(text, kDurations, false);
  return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

std::optional<int64_t> parse_size(std::string_view text) { return parse_united(text, kSizes, true); }

std::string format_duration(std::chrono::milliseconds value) { return format_united(value.count(), kDurations, false); }

std::string format_size(int64_t bytes) { return format_united(bytes, kSizes, true); }

}  // namespace lt::config
