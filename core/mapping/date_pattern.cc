#include "core/mapping/date_pattern.h"

#include <fmt/format.h>

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
  return at.year >= 1 && day.ok() && at.hour < 24 && at.minute < 60 && at.second < 60;
}

char* put(char* out, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}
char* put_short(char* out, int value) { return put(out, value, value < 10 ? 1 : 2); }

char* put_offset(char* out, int offset, bool colon) {
  *out++ = offset < 0 ? '-' : '+';
  const int minutes = offset < 0 ? -offset : offset;
  out = put(out, minutes / 60, 2);
  if (colon) *out++ = ':';
  return put(out, minutes % 60, 2);
}

}  // namespace

Result<DatePattern> DatePattern::parse(std::string_view pattern) {
  DatePattern out;
  out.text_ = pattern;
  const bool iso_moment = pattern == "iso-datetime";
  std::string_view rest = iso_moment ? "yyyy-MM-dd'T'HH:mm:ssFXXX" : pattern == "iso-date" ? "yyyy-MM-dd" : pattern;
  const auto refuse = [&](std::string why) {
    return fail(Code::pattern_error, fmt::format("date pattern \"{}\": {}", pattern, why));
  };
  if (rest.size() > kLongest / 2) return refuse("too long");
  uint32_t seen = 0;
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"yyyy", Part::year},   {"MM", Part::month},   {"M", Part::month_short},  {"dd", Part::day},
      {"d", Part::day_short}, {"HH", Part::hour},    {"mm", Part::minute},      {"ss", Part::second},
      {"SSS", Part::millis},  {"XXX", Part::offset}, {"XX", Part::offset_basic}};
  while (!rest.empty()) {
    const char c = rest[0];
    if (c == '\'') {
      const size_t end = rest.find('\'', 1);
      if (end == std::string_view::npos) return refuse("a quote is never closed");
      for (char literal : rest.substr(1, end - 1)) out.add(Part::literal, literal);
      rest.remove_prefix(end + 1);
      continue;
    }
    if (iso_moment && c == 'F') {
      out.add(Part::fraction);
      rest.remove_prefix(1);
      continue;
    }
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
      out.add(Part::literal, c);
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
    out.add(known->second);
    rest.remove_prefix(letters.size());
  }
  if (!(seen & (1u << static_cast<int>(Part::year))) || !(seen & 2) || !(seen & 4))
    return refuse("needs a year, a month and a day");
  out.offset_optional_ = iso_moment;
  return out;
}

bool DatePattern::read(std::string_view text, Moment& out) const {
  out = {};
  for (const Item& item : items_) {
    bool good = false;
    int millis = 0;
    switch (item.part) {
      case Part::year:
        good = take_number(text, 4, 4, out.year);
        break;
      case Part::month:
        good = take_number(text, 2, 2, out.month);
        break;
      case Part::month_short:
        good = take_number(text, 1, 2, out.month);
        break;
      case Part::day:
        good = take_number(text, 2, 2, out.day);
        break;
      case Part::day_short:
        good = take_number(text, 1, 2, out.day);
        break;
      case Part::hour:
        good = take_number(text, 2, 2, out.hour);
        break;
      case Part::minute:
        good = take_number(text, 2, 2, out.minute);
        break;
      case Part::second:
        good = take_number(text, 2, 2, out.second);
        break;
      case Part::millis:
        good = take_number(text, 3, 3, millis);
        out.nanos = static_cast<uint32_t>(millis) * 1'000'000;
        out.fraction_digits = 3;
        break;
      case Part::fraction:
        good = take_fraction(text, out);
        break;
      case Part::offset:
        good = (text.empty() && offset_optional_) || take_offset(text, true, out);
        break;
      case Part::offset_basic:
        good = take_offset(text, false, out);
        break;
      case Part::literal:
        good = !text.empty() && text[0] == item.literal;
        if (good) text.remove_prefix(1);
        break;
    }
    if (!good) return false;
  }
  return text.empty() && in_calendar(out);
}

size_t DatePattern::write(const Moment& at, char* out) const {
  char* const begin = out;
  for (const Item& item : items_) {
    switch (item.part) {
      case Part::year:
        out = put(out, at.year, 4);
        break;
      case Part::month:
        out = put(out, at.month, 2);
        break;
      case Part::month_short:
        out = put_short(out, at.month);
        break;
      case Part::day:
        out = put(out, at.day, 2);
        break;
      case Part::day_short:
        out = put_short(out, at.day);
        break;
      case Part::hour:
        out = put(out, at.hour, 2);
        break;
      case Part::minute:
        out = put(out, at.minute, 2);
        break;
      case Part::second:
        out = put(out, at.second, 2);
        break;
      case Part::millis:
        out = put(out, static_cast<int>(at.nanos / 1'000'000), 3);
        break;
      case Part::fraction:
        if (at.fraction_digits > 0) {
          int value = static_cast<int>(at.nanos);
          for (int i = at.fraction_digits; i < 9; ++i) value /= 10;
          *out++ = '.';
          out = put(out, value, at.fraction_digits);
        }
        break;
      case Part::offset:
        out = put_offset(out, at.offset, true);
        break;
      case Part::offset_basic:
        out = put_offset(out, at.offset, false);
        break;
      case Part::literal:
        *out++ = item.literal;
        break;
    }
  }
  return static_cast<size_t>(out - begin);
}

Result<int> parse_zone(std::string_view text) {
  Moment moment;
  std::string_view rest = text;
  if (!take_offset(rest, true, moment) || !rest.empty())
    return fail(Code::pattern_error, fmt::format("zone \"{}\" is not like +07:00", text));
  return moment.offset;
}

void adapt(Moment& at, const DatePattern& to, int zone) {
  if (!at.has_offset) {
    at.offset = zone;
    at.has_offset = true;
    return;
  }
  if (to.has_offset() || at.offset == zone) return;
  using namespace std::chrono;
  const sys_days day{year(at.year) / at.month / at.day};
  const auto moved = day.time_since_epoch() + hours(at.hour) + minutes(at.minute) + minutes(zone - at.offset);
  const auto days_only = floor<days>(moved);
  const year_month_day date{sys_days(days_only)};
  const auto clock = duration_cast<minutes>(moved - days_only).count();
  at.year = static_cast<int>(date.year());
  at.month = static_cast<int>(static_cast<unsigned>(date.month()));
  at.day = static_cast<int>(static_cast<unsigned>(date.day()));
  at.hour = static_cast<int>(clock / 60);
  at.minute = static_cast<int>(clock % 60);
  at.offset = zone;
}

}  // namespace lt::mapping
