// Exact arithmetic on numbers as they were written: "1.10", "2e3", 2^53 + 1. No doubles, so no rounding.
//
// All functions take the text of a JSON number or an XSD decimal (a leading '+' and leading zeros are fine).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lt::schema {

// 0.d1d2d3... x 10^exponent; digits without leading or trailing zeros, "" for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;

  static std::optional<Decimal> parse(std::string_view text);
  bool integral() const { return static_cast<int64_t>(digits.size()) <= exponent || digits.empty(); }
};
// The sign of a - b.
int compare(const Decimal& a, const Decimal& b);

// True for "12", "12.0", "1.2e1".
bool is_integral(std::string_view number);
// The value when it is a plain integer of at most 18 digits: the fast path.
std::optional<int64_t> plain_integer(std::string_view number);
// Is `value` a whole multiple of `divisor` (> 0, at most 18 significant digits)?
bool is_multiple(const Decimal& value, const Decimal& divisor);

}  // namespace lt::schema
