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

// The same, left where it is written: no allocation. `digits` are those of a Decimal, a '.' may stand among them.
struct WrittenNumber {
  bool negative = false;
  std::string_view digits;
  int64_t count = 0;  // of digits, without the '.'
  int64_t exponent = 0;

  static std::optional<WrittenNumber> parse(std::string_view text);
  bool integral() const { return count <= exponent || count == 0; }
  // As XSD counts them: 0.010 has two of each, 1200 has four and none.
  int64_t total_digits() const;
  int64_t fraction_digits() const { return count > exponent && count > 0 ? count - exponent : 0; }
};
int compare(const WrittenNumber& a, const WrittenNumber& b);

// True for "12", "12.0", "1.2e1".
bool is_integral(std::string_view number);
// The value when it is a plain integer of at most 18 digits: the fast path.
std::optional<int64_t> plain_integer(std::string_view number);
// Is `value` a whole multiple of `divisor` (> 0, at most 18 significant digits)?
bool is_multiple(const Decimal& value, const Decimal& divisor);
bool is_multiple(const WrittenNumber& value, const Decimal& divisor);

}  // namespace lt::schema
