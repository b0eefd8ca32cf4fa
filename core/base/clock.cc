#include "core/base/clock.h"

#include <fmt/format.h>

namespace lt {
namespace {
using std::chrono::milliseconds;

class SystemClock final : public Clock {
 public:
  Wall wall() const override { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }
  Mono mono() const override {
    const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
    return Mono(std::chrono::duration_cast<MonoEpoch::duration>(since_boot));
  }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads the text from the left; after a mismatch `ok` stays false.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  int number(size_t digits) {
    int value = 0;
    ok = ok && rest.size() >= digits;
    for (size_t i = 0; ok && i < digits; ++i) {
      ok = is_digit(rest[i]);
      value = value * 10 + (rest[i] - '0');
    }
    if (ok) rest.remove_prefix(digits);
    return value;
  }
  bool next_is(char c) const { return ok && !rest.empty() && rest.front() == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok = take(c); }
  // ".123456" as milliseconds, finer digits dropped.
  int fraction_ms() {
    if (!take('.')) return 0;
    int value = 0, scale = 100;
    ok = !rest.empty() && is_digit(rest.front());
    for (; ok && !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), scale /= 10)
      value += (rest.front() - '0') * scale;
    return value;
  }
};

struct Reading {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  std::chrono::minutes offset{0};
};

Result<Reading> scan(std::string_view text) {
  Reading r;
  Scanner in{text};
  r.year = in.number(4);
  in.expect('-');
  r.month = in.number(2);
  in.expect('-');
  r.day = in.number(2);
  if (!in.ok) return fail(Code::bad_date, "the date is not YYYY-MM-DD");
  if (!in.take('T') && !in.take('t')) return fail(Code::bad_date, "no T after the date");
  r.hour = in.number(2);
  in.expect(':');
  r.minute = in.number(2);
  in.expect(':');
  r.second = in.number(2);
  r.ms = in.fraction_ms();
  if (!in.ok) return fail(Code::bad_date, "the time is not hh:mm:ss or hh:mm:ss.fraction");
  if (in.rest.empty()) return fail(Code::bad_date, "no offset from UTC after the time");
  if (!in.take('Z') && !in.take('z')) {
    const bool west = in.next_is('-');
    if (!in.take('-')) in.expect('+');
    const int hours = in.number(2);
    in.expect(':');
    const int minutes = in.number(2);
    if (!in.ok || hours > 23 || minutes > 59) return fail(Code::bad_date, "the offset is not Z, +hh:mm or -hh:mm");
    r.offset = std::chrono::minutes((west ? -1 : 1) * (hours * 60 + minutes));
  }
  if (!in.rest.empty()) return fail(Code::bad_date, "characters after the offset");
  return r;
}
}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string format_rfc3339(Wall time) {
  using namespace std::chrono;
  const auto local = time + kVietnamOffset;
  const auto midnight = floor<days>(local);
  const year_month_day date(midnight);
  const hh_mm_ss clock(local - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+07:00", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<Wall> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  LT_ASSIGN(const Reading r, scan(text));
  const year_month_day date{year(r.year), month(unsigned(r.month)), day(unsigned(r.day))};
  if (!date.ok()) return fail(Code::bad_date, "the calendar has no such day");
  if (r.hour > 23 || r.minute > 59 || r.second > 60) return fail(Code::bad_date, "the day has no such time");
  const Wall minute_start = sys_days(date) + hours(r.hour) + minutes(r.minute) - r.offset;
  if (r.second == 60) {
    // RFC 3339 section 5.7: leap seconds end a month in UTC. POSIX time folds them into the next second.
    const Wall next = minute_start + minutes(1);
    const auto next_day = floor<days>(next);
    if (next != next_day || year_month_day(next_day).day() != day(1))
      return fail(Code::bad_date, "second 60 where no leap second can be");
  }
  const Wall time = minute_start + seconds(r.second) + milliseconds(r.ms);
  const int vietnam_year = int(year_month_day(floor<days>(time + kVietnamOffset)).year());
  if (vietnam_year < 0 || vietnam_year > 9999) return fail(Code::bad_date, "the year is outside 0000 to 9999");
  return time;
}

}  // namespace lt
