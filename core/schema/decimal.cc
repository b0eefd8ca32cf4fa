#include "core/schema/decimal.h"

#include <algorithm>

namespace lt::schema {
namespace {
__extension__ using Wide = unsigned __int128;  // products of two 60-bit numbers
constexpr int64_t kExponentMost = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<int64_t> read_exponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  int64_t value = 0;
  for (char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = std::min(kExponentMost, value * 10 + (c - '0'));
  }
  return negative ? -value : value;
}

// value = V x 10^v, divisor = D x 10^d with V not ending in 0; `digits` are those of V.
bool divides(const Decimal& divisor, std::string_view digits, int64_t v) {
  if (divisor.digits.empty() || divisor.digits.size() > 18) return false;
  // For v < d the value has more decimal places than any multiple can have.
  const int64_t d = divisor.exponent - static_cast<int64_t>(divisor.digits.size());
  if (v < d) return false;
  uint64_t modulus = 0;
  for (char c : divisor.digits) modulus = modulus * 10 + static_cast<unsigned>(c - '0');
  Wide rest = 0;
  for (char c : digits)
    if (c != '.') rest = (rest * 10 + static_cast<unsigned>(c - '0')) % modulus;
  // 10^n mod m by squaring: exponents may be huge.
  Wide power = 1, base = 10 % modulus;
  for (int64_t n = v - d; n > 0; n >>= 1) {
    if (n & 1) power = power * base % modulus;
    base = base * base % modulus;
  }
  return rest * power % modulus == 0;
}
}  // namespace

std::optional<WrittenNumber> WrittenNumber::parse(std::string_view text) {
  WrittenNumber out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  constexpr size_t kNone = std::string_view::npos;
  size_t at = 0, first = kNone, last = 0, point = kNone, seen = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && point == kNone) {
      point = at;
      continue;
    }
    if (!is_digit(text[at])) break;
    ++seen;
    if (text[at] == '0') continue;
    if (first == kNone) first = at;
    last = at;
  }
  if (seen == 0) return std::nullopt;
  int64_t exponent = 0;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const auto read = read_exponent(text.substr(at + 1));
    if (!read) return std::nullopt;
    exponent = *read;
  }
  if (first == kNone) return WrittenNumber{};
  const size_t whole = point == kNone ? at : point;  // where the whole part ends
  out.digits = text.substr(first, last + 1 - first);
  out.count = static_cast<int64_t>(out.digits.size()) - (point != kNone && first < point && point < last ? 1 : 0);
  out.exponent = static_cast<int64_t>(whole) - static_cast<int64_t>(first) + (first > whole ? 1 : 0) + exponent;
  return out;
}

int64_t WrittenNumber::total_digits() const {
  if (count == 0) return 1;
  return std::max({count, exponent, count - exponent});
}

int compare(const WrittenNumber& a, const WrittenNumber& b) {
  const int left = a.count == 0 ? 0 : a.negative ? -1 : 1, right = b.count == 0 ? 0 : b.negative ? -1 : 1;
  if (left != right) return left < right ? -1 : 1;
  if (left == 0) return 0;
  if (a.exponent != b.exponent) return (a.exponent < b.exponent) == (left > 0) ? -1 : 1;
  size_t i = 0, j = 0;
  for (; i < a.digits.size() || j < b.digits.size(); ++i, ++j) {
    if (i < a.digits.size() && a.digits[i] == '.') ++i;
    if (j < b.digits.size() && b.digits[j] == '.') ++j;
    const char x = i < a.digits.size() ? a.digits[i] : '0', y = j < b.digits.size() ? b.digits[j] : '0';
    if (x != y) return (x < y) == (left > 0) ? -1 : 1;
  }
  return 0;
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  Decimal out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  size_t at = 0;
  bool point = false, any = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (is_digit(c)) {
      any = true;
      if (c != '0' || !out.digits.empty()) {
        out.digits += c;
        out.exponent += point ? 0 : 1;
      } else if (point) {
        --out.exponent;
      }
    } else {
      break;
    }
  }
  if (!any) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const auto exponent = read_exponent(text.substr(at + 1));
    if (!exponent) return std::nullopt;
    out.exponent += *exponent;
  }
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  if (out.digits.empty()) out = Decimal{};
  return out;
}

int compare(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) {
    const int left = a.digits.empty() ? 0 : a.negative ? -1 : 1;
    const int right = b.digits.empty() ? 0 : b.negative ? -1 : 1;
    return left < right ? -1 : left > right;
  }
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int sign = a.exponent != b.exponent ? (a.exponent < b.exponent ? -1 : 1) : a.digits.compare(b.digits);
  sign = sign < 0 ? -1 : sign > 0;
  return a.negative ? -sign : sign;
}

bool is_integral(std::string_view number) {
  const size_t start = !number.empty() && number[0] == '-' ? 1 : 0;
  if (number.size() > start && std::all_of(number.begin() + start, number.end(), is_digit)) return true;
  const auto value = Decimal::parse(number);
  return value && value->integral();
}

std::optional<int64_t> plain_integer(std::string_view number) {
  const bool negative = !number.empty() && number[0] == '-';
  if (negative) number.remove_prefix(1);
  if (number.empty() || number.size() > 18) return std::nullopt;
  int64_t value = 0;
  for (char c : number) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

bool is_multiple(const Decimal& value, const Decimal& divisor) {
  return value.digits.empty() ||
         divides(divisor, value.digits, value.exponent - static_cast<int64_t>(value.digits.size()));
}

bool is_multiple(const WrittenNumber& value, const Decimal& divisor) {
  return value.count == 0 || divides(divisor, value.digits, value.exponent - value.count);
}

}  // namespace lt::schema
