#include "core/schema/xsd_time.h"

namespace lt::schema {
namespace {

constexpr size_t kDigits = 12, kFraction = 18;
constexpr Ticks kSecond = 1'000'000'000'000'000'000;
constexpr Ticks kDay = 86'400 * kSecond, kZoneMost = 14 * 3600 * kSecond;

bool digit(char c) { return c >= '0' && c <= '9'; }

bool take(std::string_view& rest, char c) {
  if (rest.empty() || rest[0] != c) return false;
  rest.remove_prefix(1);
  return true;
}

// All digits that stand there, `least` to `most` of them.
bool take_digits(std::string_view& rest, size_t least, size_t most, int64_t& out) {
  size_t count = 0;
  for (out = 0; count < rest.size() && digit(rest[count]); ++count)
    if (count < most) out = out * 10 + (rest[count] - '0');
  if (count < least || count > most) return false;
  rest.remove_prefix(count);
  return true;
}

bool take_two(std::string_view& rest, int64_t least, int64_t most, int64_t& out) {
  return take_digits(rest, 2, 2, out) && out >= least && out <= most;
}

// After the point: at least one digit.
bool take_fraction(std::string_view& rest, Ticks& out) {
  size_t count = 0;
  Ticks unit = kSecond;
  for (out = 0; count < rest.size() && digit(rest[count]); ++count)
    if (count < kFraction) out += (unit /= 10) * (rest[count] - '0');
  rest.remove_prefix(count);
  return count > 0;
}

bool leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t days_in(int64_t year, int64_t month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

// Days since 1970-01-01 of the proleptic Gregorian calendar.
int64_t day_number(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

// There is no year 0, and no leading zero in a year of more than four digits.
bool take_year(std::string_view& rest, int64_t& out) {
  const bool before = take(rest, '-');
  const size_t size = rest.size();
  const bool zero = !rest.empty() && rest[0] == '0';
  if (!take_digits(rest, 4, kDigits, out) || out == 0 || (zero && size - rest.size() > 4)) return false;
  if (before) out = -out;
  return true;
}

bool take_time(std::string_view& rest, Ticks& out) {
  int64_t hour = 0, minute = 0, second = 0;
  if (!take_two(rest, 0, 24, hour) || !take(rest, ':') || !take_two(rest, 0, 59, minute) || !take(rest, ':') ||
      !take_two(rest, 0, 59, second))
    return false;
  Ticks fraction = 0;
  if (take(rest, '.') && !take_fraction(rest, fraction)) return false;
  if (hour == 24 && (minute != 0 || second != 0 || fraction != 0)) return false;
  out = (hour * 3600 + minute * 60 + second) * kSecond + fraction;
  return true;
}

bool take_zone(std::string_view& rest, Moment& out) {
  if (rest.empty()) return true;
  out.zoned = true;
  if (take(rest, 'Z')) return rest.empty();
  const bool west = rest[0] == '-';
  int64_t hours = 0, minutes = 0;
  if ((!west && rest[0] != '+') || (rest.remove_prefix(1), !take_two(rest, 0, 14, hours)) || !take(rest, ':') ||
      !take_two(rest, 0, 59, minutes) || !rest.empty() || hours * 60 + minutes > 14 * 60)
    return false;
  const Ticks offset = (hours * 60 + minutes) * 60 * kSecond;
  out.at += west ? offset : -offset;
  return true;
}

// `months` after the first of a month.
int64_t first_of(int64_t year, int64_t month, int64_t months) {
  const int64_t count = year * 12 + month - 1 + months;
  const int64_t y = (count >= 0 ? count : count - 11) / 12;
  return day_number(y, count - y * 12 + 1, 1);
}

}  // namespace

std::optional<Moment> Moment::parse(Form form, std::string_view text) {
  // A leap year, so that --02-29 is a day; a month of 31 days.
  int64_t year = 1972, month = form == Form::day ? 12 : 1, day = 1;
  Ticks time = 0;
  bool good = true;
  const bool date = form == Form::date || form == Form::date_time;
  if (date || form == Form::year || form == Form::year_month) good = take_year(text, year);
  if (form == Form::month || form == Form::month_day || form == Form::day) good = take(text, '-') && take(text, '-');
  if (good && (date || form == Form::year_month)) good = take(text, '-');
  if (good && form != Form::time && form != Form::year && form != Form::day) good = take_two(text, 1, 12, month);
  if (good && (date || form == Form::month_day || form == Form::day))
    good = take(text, '-') && take_two(text, 1, days_in(year, month), day);
  if (good && form == Form::date_time) good = take(text, 'T');
  if (good && (form == Form::date_time || form == Form::time)) good = take_time(text, time);
  Moment out;
  out.at = day_number(year, month, day) * kDay + time;
  if (!good || !take_zone(text, out)) return std::nullopt;
  return out;
}

Order order(const Moment& a, const Moment& b) {
  const auto sign = [](Ticks x, Ticks y) { return x < y ? Order::less : x > y ? Order::more : Order::equal; };
  if (a.zoned == b.zoned) return sign(a.at, b.at);
  // The one without zone may be anywhere within 14 hours to either side.
  const Ticks gap = a.at - b.at;
  if (gap < -kZoneMost) return Order::less;
  return gap > kZoneMost ? Order::more : Order::none;
}

std::optional<Duration> Duration::parse(std::string_view text) {
  Duration out;
  const bool negative = take(text, '-');
  if (!take(text, 'P') || text.empty()) return std::nullopt;
  struct Part {
    char letter;
    bool time;
    int64_t months, seconds;
  };
  constexpr Part kParts[] = {{'Y', false, 12, 0},   {'M', false, 1, 0}, {'D', false, 0, 86'400},
                             {'H', true, 0, 3'600}, {'M', true, 0, 60}, {'S', true, 0, 1}};
  bool time = false;
  for (size_t next = 0; !text.empty();) {
    if (!time && take(text, 'T')) {
      time = true;
      next = 3;
      if (text.empty()) return std::nullopt;
    }
    int64_t count = 0;
    Ticks fraction = 0;
    if (!take_digits(text, 1, kDigits, count)) return std::nullopt;
    const bool point = take(text, '.');
    if (point && !take_fraction(text, fraction)) return std::nullopt;
    while (next < 6 && (kParts[next].time != time || text.empty() || kParts[next].letter != text[0])) ++next;
    if (next == 6 || (point && kParts[next].letter != 'S')) return std::nullopt;
    text.remove_prefix(1);
    out.months += count * kParts[next].months;
    out.rest += count * kParts[next].seconds * kSecond + fraction;
    ++next;
  }
  if (negative) {
    out.months = -out.months;
    out.rest = -out.rest;
  }
  return out;
}

Order order(const Duration& a, const Duration& b) {
  if (a.months == b.months) return a.rest < b.rest ? Order::less : a.rest > b.rest ? Order::more : Order::equal;
  constexpr std::pair<int, int> kMonths[] = {{1696, 9}, {1697, 2}, {1903, 3}, {1903, 7}};
  Order out = Order::none;
  for (const auto& [year, month] : kMonths) {
    const Ticks left = first_of(year, month, a.months) * kDay + a.rest;
    const Ticks right = first_of(year, month, b.months) * kDay + b.rest;
    const Order here = left < right ? Order::less : left > right ? Order::more : Order::equal;
    if (out != Order::none && here != out) return Order::none;
    out = here;
  }
  return out;
}

}  // namespace lt::schema
