#include "core/schema/xsd_value.h"

#include <algorithm>
#include <utility>

#include "core/schema/decimal.h"
#include "core/schema/xsd_time.h"

namespace lt::schema {
namespace {

struct Named {
  std::string_view built_in;
  Form form;
};
constexpr Named kForms[] = {{"language", Form::language},
                            {"Name", Form::name},
                            {"NCName", Form::nc_name},
                            {"ID", Form::nc_name},
                            {"IDREF", Form::nc_name},
                            {"NMTOKEN", Form::nm_token},
                            {"QName", Form::q_name},
                            {"boolean", Form::boolean},
                            {"decimal", Form::decimal},
                            {"float", Form::real},
                            {"double", Form::real},
                            {"integer", Form::integer},
                            {"nonNegativeInteger", Form::integer},
                            {"positiveInteger", Form::integer},
                            {"nonPositiveInteger", Form::integer},
                            {"negativeInteger", Form::integer},
                            {"long", Form::integer},
                            {"int", Form::integer},
                            {"short", Form::integer},
                            {"byte", Form::integer},
                            {"unsignedLong", Form::natural},
                            {"unsignedInt", Form::natural},
                            {"unsignedShort", Form::natural},
                            {"unsignedByte", Form::natural},
                            {"date", Form::date},
                            {"time", Form::time},
                            {"dateTime", Form::date_time},
                            {"duration", Form::duration},
                            {"gYear", Form::year},
                            {"gYearMonth", Form::year_month},
                            {"gMonth", Form::month},
                            {"gDay", Form::day},
                            {"gMonthDay", Form::month_day},
                            {"base64Binary", Form::base64},
                            {"hexBinary", Form::hex},
                            {"anyURI", Form::uri}};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Takes one code point off valid UTF-8.
uint32_t take(std::string_view& rest) {
  const auto byte = [&](size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U; };
  const uint32_t lead = byte(0);
  const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  uint32_t code = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3f);
  rest.remove_prefix(std::min(size, rest.size()));
  return code;
}

bool name_start(uint32_t c) {
  if (c < 0x80) return alpha(static_cast<char>(c)) || c == '_';
  constexpr std::pair<uint32_t, uint32_t> kRanges[] = {
      {0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},   {0x37f, 0x1fff},  {0x200c, 0x200d},
      {0x2070, 0x218f}, {0x2c00, 0x2fef}, {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [&](const auto& range) { return c >= range.first && c <= range.second; });
}

bool name_char(uint32_t c) {
  return name_start(c) || (c < 0x80 && digit(static_cast<char>(c))) || c == '-' || c == '.' || c == 0xb7 ||
         (c >= 0x300 && c <= 0x36f) || c == 0x203f || c == 0x2040;
}

bool is_name(std::string_view text, bool start, bool colons) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const uint32_t c = take(text);
    const bool colon = c == ':' && colons;
    if (!colon && !(start ? name_start(c) : name_char(c))) return false;
    start = false;
  }
  return true;
}

bool is_q_name(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == text.npos) return is_name(text, true, false);
  return is_name(text.substr(0, colon), true, false) && is_name(text.substr(colon + 1), true, false);
}

bool is_language(std::string_view text) {
  for (bool first = true; first || !text.empty(); first = false) {
    const size_t end = std::min(text.find('-'), text.size());
    const std::string_view part = text.substr(0, end);
    if (part.empty() || part.size() > 8) return false;
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return alpha(c) || (!first && digit(c)); })) return false;
    text.remove_prefix(end);
    if (text == "-") return false;
    if (!text.empty()) text.remove_prefix(1);
  }
  return true;
}

// [sign] digits [. digits], at least one digit; `rest` is what comes after.
bool take_decimal(std::string_view& rest, bool point_allowed) {
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  bool any = false, point = false;
  while (!rest.empty() && (digit(rest[0]) || (rest[0] == '.' && point_allowed && !point))) {
    (rest[0] == '.' ? point : any) = true;
    rest.remove_prefix(1);
  }
  return any;
}

bool is_real(std::string_view text) {
  if (text == "INF" || text == "-INF" || text == "NaN") return true;
  if (!take_decimal(text, true)) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  return take_decimal(text, false) && text.empty();
}

bool is_base64(std::string_view text) {
  uint64_t count = 0, padding = 0;
  char last = 'A';
  for (char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    ++count;
    if (c == '=') {
      ++padding;
    } else if (padding > 0 || !(alpha(c) || digit(c) || c == '+' || c == '/')) {
      return false;
    } else {
      last = c;
    }
  }
  if (count % 4 != 0 || padding > 2) return false;
  // The bits that no byte takes must be zero.
  if (padding == 1) return std::string_view("AEIMQUYcgkosw048").find(last) != std::string_view::npos;
  return padding == 0 || std::string_view("AQgw").find(last) != std::string_view::npos;
}

// RFC 3986 in outline: nearly every text is a reference, which is why XSD calls this type a string of its own.
bool is_uri(std::string_view text) {
  size_t hashes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#') ++hashes;
    if (text[i] == '%' && (i + 2 >= text.size() || !hex(text[i + 1]) || !hex(text[i + 2]))) return false;
  }
  const size_t colon = text.find(':');
  if (colon >= text.find_first_of("/?#")) return hashes <= 1;
  const std::string_view scheme = text.substr(0, colon);
  return hashes <= 1 && !scheme.empty() && alpha(scheme[0]) && std::all_of(scheme.begin(), scheme.end(), [](char c) {
           return alpha(c) || digit(c) || c == '+' || c == '-' || c == '.';
         });
}

Order order_of(int sign) { return sign < 0 ? Order::less : sign > 0 ? Order::more : Order::equal; }

Order order_reals(std::string_view a, std::string_view b) {
  if (a == "NaN" || b == "NaN") return a == b ? Order::equal : Order::none;
  const auto infinity = [](std::string_view text) { return text == "INF" ? 1 : text == "-INF" ? -1 : 0; };
  if (infinity(a) != 0 || infinity(b) != 0) return order_of(infinity(a) - infinity(b));
  const auto left = WrittenNumber::parse(a), right = WrittenNumber::parse(b);
  return left && right ? order_of(compare(*left, *right)) : Order::none;
}

template <class Fold>
Order order_texts(std::string_view a, std::string_view b, const Fold& fold) {
  size_t i = 0, j = 0;
  const auto next = [&](std::string_view text, size_t& at) {
    while (at < text.size() && fold(text[at]) == '\0') ++at;
    return at < text.size() ? fold(text[at++]) : '\0';
  };
  for (;;) {
    const char x = next(a, i), y = next(b, j);
    if (x != y) return Order::none;
    if (x == '\0') return Order::equal;
  }
}

}  // namespace

Form form_of(std::string_view built_in) {
  for (const Named& named : kForms)
    if (named.built_in == built_in) return named.form;
  return Form::any;
}

const char* describe(Form form) {
  constexpr const char* kWords[] = {"text",
                                    "a language like vi or en-GB",
                                    "a name",
                                    "a name without colons",
                                    "a word of letters, digits and . - _ :",
                                    "a name, with or without a prefix",
                                    "true, false, 1 or 0",
                                    "digits only",
                                    "a whole number",
                                    "a number without exponent",
                                    "a number",
                                    "a date like 2026-07-01",
                                    "a time like 08:30:00",
                                    "a date and time like 2026-07-01T08:30:00+07:00",
                                    "a duration like P1DT12H",
                                    "a year like 2026",
                                    "a month like 2026-07",
                                    "a month of the year like --07",
                                    "a day of the month like ---01",
                                    "a day of the year like --07-01",
                                    "base64",
                                    "pairs of hexadecimal digits",
                                    "an address (URI)"};
  return kWords[static_cast<size_t>(form)];
}

bool is_written(Form form, std::string_view text) {
  switch (form) {
    case Form::any:
      return true;
    case Form::language:
      return is_language(text);
    case Form::name:
      return is_name(text, true, true);
    case Form::nc_name:
      return is_name(text, true, false);
    case Form::nm_token:
      return is_name(text, false, true);
    case Form::q_name:
      return is_q_name(text);
    case Form::boolean:
      return text == "true" || text == "false" || text == "1" || text == "0";
    case Form::natural:
      return !text.empty() && std::all_of(text.begin(), text.end(), digit);
    case Form::integer:
    case Form::decimal:
      return take_decimal(text, form == Form::decimal) && text.empty();
    case Form::real:
      return is_real(text);
    case Form::duration:
      return Duration::parse(text).has_value();
    case Form::base64:
      return is_base64(text);
    case Form::hex:
      return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), hex);
    case Form::uri:
      return is_uri(text);
    default:
      return Moment::parse(form, text).has_value();
  }
}

Order order(Form form, std::string_view a, std::string_view b) {
  switch (form) {
    case Form::boolean: {
      const bool left = a == "true" || a == "1", right = b == "true" || b == "1";
      return left == right ? Order::equal : Order::none;
    }
    case Form::natural:
    case Form::integer:
    case Form::decimal: {
      const auto left = WrittenNumber::parse(a), right = WrittenNumber::parse(b);
      return left && right ? order_of(compare(*left, *right)) : Order::none;
    }
    case Form::real:
      return order_reals(a, b);
    case Form::duration: {
      const auto left = Duration::parse(a), right = Duration::parse(b);
      return left && right ? order(*left, *right) : Order::none;
    }
    case Form::hex:
      return order_texts(a, b, [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    case Form::base64:
      return order_texts(a, b, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' ? '\0' : c; });
    case Form::date:
    case Form::time:
    case Form::date_time:
    case Form::year:
    case Form::year_month:
    case Form::month:
    case Form::day:
    case Form::month_day: {
      const auto left = Moment::parse(form, a), right = Moment::parse(form, b);
      return left && right ? order(*left, *right) : Order::none;
    }
    default:
      return a == b ? Order::equal : Order::none;
  }
}

uint64_t bytes_of(Form form, std::string_view text) {
  if (form == Form::hex) return text.size() / 2;
  uint64_t count = 0, padding = 0;
  for (char c : text) {
    if (c == '=') ++padding;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') ++count;
  }
  return count / 4 * 3 - std::min(padding, count / 4 * 3);
}

}  // namespace lt::schema
