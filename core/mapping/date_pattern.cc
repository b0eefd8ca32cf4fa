#include "core/mapping/date_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace lt::mapping {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// Between `least` and `most` digits from the front of `text`.
bool take_number(std::string_view& text, size_t least, size_t most, int& out) {
  size_t n = 0;
  int value = 0;
  while (n < most && n < text.size() && digit(text[n])) value = value * 10 + (text[n++] - '0');
  if (n < least) return false;
  text.remove_prefix(n);
  out = value;
  return true;
}

bool take_offset(std::string_view& text, bool colon, Moment& out) {
  if (text.empty()) return false;
  out.has_offset = true;
  if (text[0] == 'Z') {
    out.offset = 0;
    text.remove_prefix(1);
    return true;
  }
  const char sign = text[0];
  if (sign != '+' && sign != '-') return false;
  text.remove_prefix(1);
  int hours = 0, minutes = 0;
  if (!take_number(text, 2, 2, hours)) return false;
  if (colon) {
    if (text.substr(0, 1) != ":") return false;
    text.remove_prefix(1);
  }
  if (!take_number(text, 2, 2, minutes) || hours > 14 || minutes > 59) return false;
  out.offset = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

bool take_fraction(std::string_view& text, Moment& out) {
  if (text.substr(0, 1) != ".") return true;
  text.remove_prefix(1);
  uint32_t value = 0;
  int digits = 0;
  for (; !text.empty() && digit(text[0]); text.remove_prefix(1)) {
    if (digits == 9) return false;
    value = value * 10 + static_cast<uint32_t>(text[0] - '0');
    ++digits;
  }
  out.fraction_digits = digits;
  for (int i = digits; i < 9; ++i) value *= 10;
  out.nanos = value;
  return digits > 0;
}

bool in_calendar(const Moment& at) {
  using namespace std::chrono;
  const year_month_day day{year(at.year), month(static_cast<unsigned>(at.month)),
                           std::chrono::day(static_cast<unsigned>(at.day))};
  const bool known = at.day > 0 ? day.ok() : at.month <= 12;
  return at.year >= 1 && known && at.hour < 24 && at.minute < 60 && at.second < 60;
}

char* put_digits(char* out, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}
char* put_short(char* out, int value) { return put_digits(out, value, value < 10 ? 1 : 2); }

char* put_offset(char* out, int offset, bool colon) {
  *out++ = offset < 0 ? '-' : '+';
  const int minutes = offset < 0 ? -offset : offset;
  out = put_digits(out, minutes / 60, 2);
  if (colon) *out++ = ':';
  return put_digits(out, minutes % 60, 2);
}

}  // namespace

Result<DatePattern> DatePattern::parse(std::string_view pattern) {
  DatePattern out;
  out.text_ = pattern;
  const bool iso_moment = pattern == "iso-datetime";
  std::string_view rest = iso_moment                      ? "yyyy-MM-dd'T'HH:mm:ssFXXX"
                          : pattern == "iso-date"         ? "yyyy-MM-dd"
                          : pattern == "partial-date"     ? "[[dd/]MM/]yyyy"
                          : pattern == "iso-partial-date" ? "yyyy[-MM[-dd]]"
                                                          : pattern;
  const auto refuse = [&](std::string why) {
    return fail(Code::pattern_error, fmt::format("date pattern \"{}\": {}", pattern, why));
  };
  if (rest.size() > kLongest / 2) return refuse("too long");
  uint32_t seen = 0;
  uint8_t depth = 0;
  const auto add = [&](Part part, char literal = 0) { out.items_.push_back({part, literal, depth}); };
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"yyyy", Part::year},   {"MM", Part::month},   {"M", Part::month_short},  {"dd", Part::day},
      {"d", Part::day_short}, {"HH", Part::hour},    {"mm", Part::minute},      {"ss", Part::second},
      {"SSS", Part::millis},  {"XXX", Part::offset}, {"XX", Part::offset_basic}};
  while (!rest.empty()) {
    const char c = rest[0];
    if (c == '\'') {
      const size_t end = rest.find('\'', 1);
      if (end == std::string_view::npos) return refuse("a quote is never closed");
      for (char literal : rest.substr(1, end - 1)) add(Part::literal, literal);
      rest.remove_prefix(end + 1);
      continue;
    }
    if (iso_moment && c == 'F') {
      add(Part::fraction);
      rest.remove_prefix(1);
      continue;
    }
    if (c == '[' || c == ']') {
      if (c == '[' ? depth == 3 : depth == 0) return refuse("brackets do not close, or nest more than three deep");
      depth = static_cast<uint8_t>(c == '[' ? depth + 1 : depth - 1);
      out.levels_ = std::max(out.levels_, depth);
      rest.remove_prefix(1);
      continue;
    }
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
      add(Part::literal, c);
      rest.remove_prefix(1);
      continue;
    }
    const std::string_view letters = rest.substr(0, std::min(rest.find_first_not_of(c), rest.size()));
    const auto* known =
        std::find_if(std::begin(kParts), std::end(kParts), [&](const auto& part) { return part.first == letters; });
    if (known == std::end(kParts))
      return refuse(fmt::format("unknown letters \"{}\"; known: yyyy MM M dd d HH mm ss SSS XXX XX", letters));
    const uint32_t bit = 1u << (c == 'X' ? 20 : c == 'M' ? 1 : c == 'd' ? 2 : static_cast<int>(known->second));
    if (seen & bit) return refuse(fmt::format("\"{}\" twice", letters));
    seen |= bit;
    out.has_offset_ |= c == 'X';
    add(known->second);
    rest.remove_prefix(letters.size());
  }
  if (depth > 0) return refuse("a bracket is never closed");
  for (uint8_t level = 0; level <= out.levels_; ++level) {
    const uint32_t said = out.says(level);
    if (!(said & 1) || ((said & 4) && !(said & 2)) || ((said & ~7u) && !(said & 4)))
      return refuse("needs a year, with a day its month, with a time its day");
  }
  if (out.ambiguous()) return refuse("M and d take one or two digits: no digit may follow them");
  out.offset_optional_ = iso_moment;
  return out;
}

// "yyyyMd" would read 2026111 as it likes.
bool DatePattern::ambiguous() const {
  const auto begins_with_digit = [](const Item& item) {
    if (item.part == Part::literal) return digit(item.literal);
    return item.part != Part::fraction && item.part != Part::offset && item.part != Part::offset_basic;
  };
  for (uint8_t level = 0; level <= levels_; ++level) {
    const Item* before = nullptr;
    for (const Item& item : items_) {
      if (item.depth > level) continue;
      const bool open = before && (before->part == Part::month_short || before->part == Part::day_short);
      if (open && begins_with_digit(item)) return true;
      before = &item;
    }
  }
  return false;
}

uint32_t DatePattern::says(uint8_t level) const {
  uint32_t bits = 0;
  for (const Item& item : items_) {
    if (item.depth > level) continue;
    switch (item.part) {
      case Part::year:
        bits |= 1;
        break;
      case Part::month:
      case Part::month_short:
        bits |= 2;
        break;
      case Part::day:
      case Part::day_short:
        bits |= 4;
        break;
      case Part::hour:
        bits |= 8;
        break;
      case Part::minute:
        bits |= 16;
        break;
      case Part::second:
        bits |= 32;
        break;
      case Part::millis:
      case Part::fraction:
        bits |= 64;
        break;
      default:
        break;
    }
  }
  return bits;
}

bool DatePattern::within(const DatePattern& other) const {
  for (uint8_t level = 0; level <= levels_; ++level) {
    bool there = false;
    for (uint8_t at = 0; at <= other.levels_; ++at) there = there || (says(level) & ~other.says(at)) == 0;
    if (!there) return false;
  }
  return true;
}

bool DatePattern::fixed() const {
  return std::none_of(items_.begin(), items_.end(), [](const Item& item) {
    return item.part == Part::month_short || item.part == Part::day_short || item.part == Part::fraction;
  });
}

bool DatePattern::read(std::string_view text, Moment& out) const {
  for (int level = levels_; level >= 0; --level)
    if (read_level(text, static_cast<uint8_t>(level), out)) return true;
  return false;
}

bool DatePattern::read_level(std::string_view text, uint8_t level, Moment& out) const {
  out = {};
  out.said = static_cast<uint8_t>(says(level));
  for (const Item& item : items_)
    if (item.depth <= level && !take(item, text, out)) return false;
  return text.empty() && in_calendar(out) && (out.month > 0 || (says(level) & 2) == 0) &&
         (out.day > 0 || (says(level) & 4) == 0);
}

bool DatePattern::take(const Item& item, std::string_view& text, Moment& out) const {
  int millis = 0;
  switch (item.part) {
    case Part::year:
      return take_number(text, 4, 4, out.year);
    case Part::month:
      return take_number(text, 2, 2, out.month);
    case Part::month_short:
      return take_number(text, 1, 2, out.month);
    case Part::day:
      return take_number(text, 2, 2, out.day);
    case Part::day_short:
      return take_number(text, 1, 2, out.day);
    case Part::hour:
      return take_number(text, 2, 2, out.hour);
    case Part::minute:
      return take_number(text, 2, 2, out.minute);
    case Part::second:
      return take_number(text, 2, 2, out.second);
    case Part::millis:
      if (!take_number(text, 3, 3, millis)) return false;
      out.nanos = static_cast<uint32_t>(millis) * 1'000'000;
      out.fraction_digits = 3;
      return true;
    case Part::fraction:
      return take_fraction(text, out);
    case Part::offset:
      return (text.empty() && offset_optional_) || take_offset(text, true, out);
    case Part::offset_basic:
      return take_offset(text, false, out);
    case Part::literal:
      if (text.empty() || text[0] != item.literal) return false;
      text.remove_prefix(1);
      return true;
  }
  return false;
}

size_t DatePattern::write(const Moment& at, char* out) const {
  for (int level = levels_; level >= 0; --level) {
    // Nobody said midnight, but a pattern that must have a time writes it.
    const uint32_t wanted = says(static_cast<uint8_t>(level)) & (level == 0 ? 7u : 127u);
    if (wanted & ~uint32_t{at.said}) continue;
    char* end = out;
    for (const Item& item : items_)
      if (item.depth <= level) end = put(item, at, end);
    return static_cast<size_t>(end - out);
  }
  return 0;
}

char* DatePattern::put(const Item& item, const Moment& at, char* out) {
  switch (item.part) {
    case Part::year:
      return put_digits(out, at.year, 4);
    case Part::month:
      return put_digits(out, at.month, 2);
    case Part::month_short:
      return put_short(out, at.month);
    case Part::day:
      return put_digits(out, at.day, 2);
    case Part::day_short:
      return put_short(out, at.day);
    case Part::hour:
      return put_digits(out, at.hour, 2);
    case Part::minute:
      return put_digits(out, at.minute, 2);
    case Part::second:
      return put_digits(out, at.second, 2);
    case Part::millis:
      return put_digits(out, static_cast<int>(at.nanos / 1'000'000), 3);
    case Part::fraction:
      if (at.fraction_digits > 0) {
        int value = static_cast<int>(at.nanos);
        for (int i = at.fraction_digits; i < 9; ++i) value /= 10;
        *out++ = '.';
        out = put_digits(out, value, at.fraction_digits);
      }
      return out;
    case Part::offset:
      return put_offset(out, at.offset, true);
    case Part::offset_basic:
      return put_offset(out, at.offset, false);
    case Part::literal:
      *out++ = item.literal;
      return out;
  }
  return out;
}

Result<int> parse_zone(std::string_view text) {
  Moment moment;
  std::string_view rest = text;
  if (!take_offset(rest, true, moment) || !rest.empty())
    return fail(Code::pattern_error, fmt::format("zone \"{}\" is not like +07:00", text));
  return moment.offset;
}

bool adapt(Moment& at, const DatePattern& to, int zone) {
  if (!at.has_offset) {
    at.offset = zone;
    at.has_offset = true;
    return true;
  }
  if (to.has_offset() || at.offset == zone || at.day == 0) return true;
  using namespace std::chrono;
  const sys_days day{year(at.year) / at.month / at.day};
  const auto moved = day.time_since_epoch() + hours(at.hour) + minutes(at.minute) + minutes(zone - at.offset);
  const auto days_only = floor<days>(moved);
  const year_month_day date{sys_days(days_only)};
  if (date.year() < year(1) || date.year() > year(9999)) return false;
  const auto clock = duration_cast<minutes>(moved - days_only).count();
  at.year = static_cast<int>(date.year());
  at.month = static_cast<int>(static_cast<unsigned>(date.month()));
  at.day = static_cast<int>(static_cast<unsigned>(date.day()));
  at.hour = static_cast<int>(clock / 60);
  at.minute = static_cast<int>(clock % 60);
  at.offset = zone;
  return true;
}

}  // namespace lt::mapping
