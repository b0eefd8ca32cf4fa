#include <algorithm>
#include <numeric>

#include "core/proof/scalar_draw.h"
#include "core/schema/decimal.h"

namespace lt::proof {
namespace {

using schema::Decimal;
using schema::Type;
__extension__ using Wide = __int128;

constexpr int64_t kScaleMost = 18;
constexpr size_t kDigitsMost = 30;
constexpr uint32_t kTotalMost = 18;                       // more digits than that are not drawn anyway
constexpr int64_t kBeyondDouble = 9'007'199'254'740'993;  // 2^53 + 1

Wide power_of_ten(int64_t exponent) {
  Wide out = 1;
  for (; exponent > 0; --exponent) out *= 10;
  return out;
}

int64_t fraction_digits(const Decimal& value) {
  return std::max<int64_t>(0, static_cast<int64_t>(value.digits.size()) - value.exponent);
}

std::optional<Wide> scaled(const Decimal& value, int64_t scale) {
  const int64_t zeros = value.exponent - static_cast<int64_t>(value.digits.size()) + scale;
  if (zeros < 0 || value.digits.size() + static_cast<size_t>(zeros) > kDigitsMost) return std::nullopt;
  Wide out = 0;
  for (char c : value.digits) out = out * 10 + (c - '0');
  out *= power_of_ten(zeros);
  return value.negative ? -out : out;
}

Wide gcd(Wide a, Wide b) {
  while (b != 0) std::swap(a %= b, b);
  return a;
}

Wide floor_div(Wide a, Wide b) { return a / b - (a % b != 0 && a < 0 ? 1 : 0); }
Wide ceil_div(Wide a, Wide b) { return -floor_div(-a, b); }

// The allowed values: the multiples of `step` from `least` to `most`, all times 10^scale.
struct Grid {
  int64_t scale = 0;
  std::optional<Wide> least, most;
  Wide step = 1;
};

Grid grid_of(const Types& types, bool integer, int64_t fraction) {
  Grid out;
  for (const Type* type : types)
    for (const std::string* text :
         {type->minimum ? &type->minimum->text : nullptr, type->maximum ? &type->maximum->text : nullptr,
          type->multiple_of.empty() ? nullptr : &type->multiple_of})
      if (const auto value = text == nullptr ? std::nullopt : Decimal::parse(*text))
        out.scale = std::max(out.scale, fraction_digits(*value));
  out.scale = std::min(kScaleMost, std::max(out.scale, fraction));
  out.step = power_of_ten(out.scale - fraction);
  if (integer) out.step = power_of_ten(out.scale);
  const auto tighten = [](std::optional<Wide>& held, Wide value, bool lower) {
    if (!held || (lower ? value > *held : value < *held)) held = value;
  };
  bool multiples = false;
  for (const Type* type : types) {
    const auto bound = [&](const std::optional<schema::Bound>& said, bool lower) {
      const auto value = said ? Decimal::parse(said->text) : std::nullopt;
      const auto at = value ? scaled(*value, out.scale) : std::nullopt;
      if (at) tighten(lower ? out.least : out.most, *at + (said->exclusive ? (lower ? 1 : -1) : 0), lower);
    };
    bound(type->minimum, true);
    bound(type->maximum, false);
    if (type->total_digits && *type->total_digits <= kTotalMost) {
      const Wide most = (power_of_ten(*type->total_digits) - 1) * power_of_ten(out.scale - fraction);
      tighten(out.most, most, false);
      tighten(out.least, -most, true);
    }
    const auto multiple = type->multiple_of.empty() ? std::nullopt : Decimal::parse(type->multiple_of);
    const auto step = multiple ? scaled(*multiple, out.scale) : std::nullopt;
    if (step && *step > 0) {
      // Any multiple will do, however many digits it has.
      if (!multiples && !integer) out.step = *step;
      const Wide common = out.step / gcd(out.step, *step);
      if (common < power_of_ten(18) && *step < power_of_ten(18)) out.step = common * *step;
      multiples = true;
    }
  }
  return out;
}

std::string write(Wide value, int64_t scale) {
  const bool negative = value < 0;
  if (negative) value = -value;
  std::string digits;
  for (; value > 0; value /= 10) digits += static_cast<char>('0' + static_cast<int>(value % 10));
  while (digits.size() <= static_cast<size_t>(scale)) digits += '0';
  std::reverse(digits.begin(), digits.end());
  std::string fraction = digits.substr(digits.size() - static_cast<size_t>(scale));
  digits.resize(digits.size() - static_cast<size_t>(scale));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return (negative ? "-" : "") + digits + (fraction.empty() ? "" : "." + fraction);
}

// What share of numbers is near zero, of middling size, anywhere, at an end, or negative.
enum class Size : uint8_t { small, middling, anywhere, highest, lowest, negative };

Wide draw_on(Draw& draw, Wide low, Wide high, bool high_is_bound, bool low_is_bound) {
  const Wide origin = std::clamp<Wide>(0, low, high);
  const auto size = static_cast<Size>(draw.weighted({40, 25, 10, 9, 7, 9}));
  const auto up_to = [&](uint64_t n) { return static_cast<Wide>(draw.below(n)); };
  switch (size) {
    case Size::small:
      return std::min(high, origin + up_to(100));
    case Size::middling:
      return std::min(high, origin + up_to(1'000'000));
    case Size::anywhere:
      return low + up_to(static_cast<uint64_t>(std::min<Wide>(high - low, Wide{1} << 62)) + 1);
    case Size::highest:
      return high_is_bound ? high : std::clamp<Wide>(kBeyondDouble + up_to(1'000), low, high);
    case Size::lowest:
      return low_is_bound ? low : std::clamp<Wide>(-kBeyondDouble - up_to(1'000), low, high);
    case Size::negative:
      return std::max(low, origin - up_to(1'000));
  }
  return origin;
}

}  // namespace

std::optional<std::string> ScalarDraw::number(const Types& types, bool integer) {
  int64_t fraction_most = 3;
  for (const Type* type : types)
    if (type->fraction_digits) fraction_most = std::min<int64_t>(fraction_most, *type->fraction_digits);
  const int64_t fraction = integer ? 0 : static_cast<int64_t>(draw_.below(static_cast<uint64_t>(fraction_most) + 1));
  const Grid grid = grid_of(types, integer, fraction);
  const Wide far = Wide{1'000'000'000'000'000'000} * power_of_ten(grid.scale);
  const Wide low = ceil_div(grid.least.value_or(std::min(-far, grid.most.value_or(0) - far)), grid.step);
  const Wide high = floor_div(grid.most.value_or(std::max(far, grid.least.value_or(0) + far)), grid.step);
  if (low > high) return std::nullopt;
  std::string out =
      write(draw_on(draw_, low, high, grid.most.has_value(), grid.least.has_value()) * grid.step, grid.scale);
  // A number keeps its text on the way: 1.10 is not 1.1.
  if (!integer && draw_.chance(8)) {
    const std::string longer = out + (out.find('.') == out.npos ? ".0" : "0");
    if (fits_number(types, longer)) out = longer;
  }
  if (taste_.other_spellings && draw_.chance(15)) {
    // Unsigned types of XSD take no sign at all.
    const bool sign = format_ == schema::Format::xml && !(grid.least && *grid.least >= 0);
    std::string other = format_ == schema::Format::json ? (out.find('.') == out.npos ? out + ".0" : out + "0")
                        : out[0] == '-'                 ? out
                        : sign && draw_.chance(50)      ? "+" + out
                                                        : "00" + out;
    if (fits_number(types, other)) out = std::move(other);
  }
  return out;
}

bool ScalarDraw::fits_number(const Types& types, std::string_view text) const {
  const auto value = Decimal::parse(text);
  if (!value) return false;
  for (const Type* type : types) {
    const auto beyond = [&](const std::optional<schema::Bound>& bound, int sign) {
      const auto limit = bound ? Decimal::parse(bound->text) : std::nullopt;
      if (!limit) return false;
      const int order = compare(*value, *limit) * sign;
      return order > 0 || (order == 0 && bound->exclusive);
    };
    if (beyond(type->minimum, -1) || beyond(type->maximum, 1)) return false;
    if (type->total_digits &&
        std::max<int64_t>(static_cast<int64_t>(value->digits.size()), value->exponent) > *type->total_digits)
      return false;
    const size_t point = text.find('.');
    if (type->fraction_digits && point != text.npos && text.size() - point - 1 > *type->fraction_digits) return false;
    const auto multiple = type->multiple_of.empty() ? std::nullopt : Decimal::parse(type->multiple_of);
    if (multiple && !is_multiple(*value, *multiple)) return false;
  }
  return true;
}

}  // namespace lt::proof
