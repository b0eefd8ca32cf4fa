#include "core/mapping/number_text.h"

#include <algorithm>
#include <cstring>

namespace lt::mapping {
namespace {

struct Parts {
  bool negative = false;
  std::string_view whole, fraction;  // whole without leading zeros, fraction without trailing ones
};

Parts split(std::string_view text) {
  Parts out;
  if (text[0] == '+' || text[0] == '-') {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const size_t point = std::min(text.find('.'), text.size());
  out.whole = text.substr(0, point);
  out.whole.remove_prefix(std::min(out.whole.find_first_not_of('0'), out.whole.size()));
  if (point < text.size()) out.fraction = text.substr(point + 1);
  const size_t last = out.fraction.find_last_not_of('0');
  out.fraction = out.fraction.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (out.whole.empty() && out.fraction.empty()) out.negative = false;
  return out;
}

size_t digits(std::string_view text) { return std::min(text.find_first_not_of("0123456789"), text.size()); }

}  // namespace

bool reads_as_integer(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return !text.empty() && digits(text) == text.size();
}

bool reads_as_number(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  const size_t whole = digits(text);
  if (whole == 0) return false;
  if (whole == text.size()) return true;
  const auto fraction = text.substr(whole + 1);
  return text[whole] == '.' && !fraction.empty() && digits(fraction) == fraction.size();
}

int compare_numbers(std::string_view a, std::string_view b) {
  const Parts x = split(a), y = split(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order = 0;
  if (x.whole.size() != y.whole.size())
    order = x.whole.size() < y.whole.size() ? -1 : 1;
  else if (order = x.whole.compare(y.whole); order == 0)
    order = x.fraction.compare(y.fraction);
  return x.negative ? -order : order;
}

std::string_view plain_number(std::string_view text, char* out) {
  const bool negative = text[0] == '-';
  std::string_view rest = text;
  if (negative || text[0] == '+') rest.remove_prefix(1);
  const std::string_view digits_only = rest;
  while (rest.size() > 1 && rest[0] == '0' && rest[1] != '.') rest.remove_prefix(1);
  if (!negative) return rest;
  if (rest.size() == digits_only.size()) return text;
  out[0] = '-';
  std::memcpy(out + 1, rest.data(), rest.size());
  return {out, rest.size() + 1};
}

}  // namespace lt::mapping
