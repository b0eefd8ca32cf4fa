#include "core/proof/moment_draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace lt::proof {
namespace {

using schema::Scalar;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int64_t kDaySeconds = 86'400;
// The plainest first, then leap days, the ends of years, the day districts ended, the edges.
constexpr year_month_day kNamedDays[] = {
    std::chrono::year(2026) / 1 / 1,   std::chrono::year(2024) / 2 / 29,  std::chrono::year(2000) / 2 / 29,
    std::chrono::year(1999) / 12 / 31, std::chrono::year(2025) / 6 / 30,  std::chrono::year(2025) / 7 / 1,
    std::chrono::year(1900) / 1 / 1,   std::chrono::year(2100) / 12 / 31, std::chrono::year(2023) / 10 / 9};
constexpr int64_t kNamedTimes[] = {0, 8 * 3600 + 30 * 60, kDaySeconds - 1, 12 * 3600};

int64_t number_of(year_month_day day) { return sys_days(day).time_since_epoch().count(); }
year_month_day day_of(int64_t number) { return sys_days(std::chrono::days(number)); }

int64_t draw_day(Draw& draw) {
  const int64_t first = number_of(std::chrono::year(1900) / 1 / 1), last = number_of(std::chrono::year(2100) / 12 / 31);
  if (draw.weighted({30, 70}) == 0) return number_of(kNamedDays[draw.below(std::size(kNamedDays))]);
  return first + static_cast<int64_t>(draw.below(static_cast<uint64_t>(last - first + 1)));
}
int64_t draw_second(Draw& draw) {
  if (draw.weighted({30, 70}) == 0) return kNamedTimes[draw.below(std::size(kNamedTimes))];
  return static_cast<int64_t>(draw.below(kDaySeconds));
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::string text_of(Scalar scalar, int64_t number) {
  const auto date = [](int64_t day) {
    const year_month_day at = day_of(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(at.year()), static_cast<unsigned>(at.month()),
                       static_cast<unsigned>(at.day()));
  };
  const auto time = [](int64_t s) { return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60); };
  if (scalar == Scalar::date) return date(number);
  if (scalar == Scalar::time) return time(number);
  if (scalar == Scalar::year) return fmt::format("{:04}", number);
  if (scalar == Scalar::year_month) return fmt::format("{:04}-{:02}", floor_div(number, 12), number % 12 + 1);
  const int64_t day = floor_div(number, kDaySeconds);
  return date(day) + "T" + time(number - day * kDaySeconds);
}

int64_t draw_number(Draw& draw, Scalar scalar) {
  if (scalar == Scalar::time) return draw_second(draw);
  const int64_t day = draw_day(draw);
  if (scalar == Scalar::date) return day;
  const year_month_day at = day_of(day);
  if (scalar == Scalar::year) return static_cast<int>(at.year());
  if (scalar == Scalar::year_month)
    return static_cast<int>(at.year()) * 12 + static_cast<int>(static_cast<unsigned>(at.month())) - 1;
  return day * kDaySeconds + draw_second(draw);
}

std::string draw_duration(Draw& draw) {
  static constexpr std::string_view kDurations[] = {"PT0S", "P1D", "P15D", "PT8H30M", "P1Y2M", "P1Y2M3DT4H5M6.7S",
                                                    "-P1D"};
  return std::string(kDurations[draw.below(std::size(kDurations))]);
}

// The offset a text ends in, "" for none.
std::string_view offset_of(std::string_view text) {
  if (!text.empty() && text.back() == 'Z') return text.substr(text.size() - 1);
  if (text.size() < 10 || text[text.size() - 3] != ':') return {};
  const char sign = text[text.size() - 6];
  return sign == '+' || sign == '-' ? text.substr(text.size() - 6) : std::string_view();
}

}  // namespace

mapping::Moment draw_moment(Draw& draw) {
  const year_month_day day = day_of(draw_day(draw));
  const int64_t second = draw_second(draw);
  mapping::Moment out;
  out.year = static_cast<int>(day.year());
  out.month = static_cast<int>(static_cast<unsigned>(day.month()));
  out.day = static_cast<int>(static_cast<unsigned>(day.day()));
  out.hour = static_cast<int>(second / 3600);
  out.minute = static_cast<int>(second / 60 % 60);
  out.second = static_cast<int>(second % 60);
  return out;
}

std::string draw_date(Draw& draw, const mapping::DatePattern& pattern) {
  mapping::Moment at = draw_moment(draw);
  at.offset = 7 * 60;
  at.has_offset = true;
  char text[mapping::DatePattern::kLongest];
  return std::string(text, pattern.write(at, text));
}

std::optional<int64_t> moment_number(Scalar scalar, std::string_view text) {
  if (scalar == Scalar::duration) return std::nullopt;
  text.remove_suffix(offset_of(text).size());
  const auto number_at = [&](size_t at, size_t size) -> int64_t {
    int64_t value = -1;
    if (text.size() < at + size) return -1;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + size, value);
    return error == std::errc() && end == text.data() + at + size ? value : -1;
  };
  if (scalar == Scalar::time) {
    const int64_t hour = number_at(0, 2), minute = number_at(3, 2), second = number_at(6, 2);
    return hour < 0 || minute < 0 || second < 0 ? std::nullopt : std::optional(hour * 3600 + minute * 60 + second);
  }
  const int64_t year = number_at(0, 4);
  if (year < 0) return std::nullopt;
  if (scalar == Scalar::year) return year;
  const int64_t month = number_at(5, 2);
  if (month < 1) return std::nullopt;
  if (scalar == Scalar::year_month) return year * 12 + month - 1;
  const int64_t day = number_at(8, 2);
  if (day < 1) return std::nullopt;
  const int64_t days =
      number_of(std::chrono::year(static_cast<int>(year)) / static_cast<int>(month) / static_cast<int>(day));
  if (scalar == Scalar::date) return days;
  const auto second = text.size() > 11 ? moment_number(Scalar::time, text.substr(11)) : std::nullopt;
  return second ? std::optional(days * kDaySeconds + *second) : std::nullopt;
}

std::string draw_moment_text(Draw& draw, Scalar scalar, const MomentBounds& bounds, bool offset) {
  if (scalar == Scalar::duration) return draw_duration(draw);
  int64_t number = draw_number(draw, scalar);
  auto least = moment_number(scalar, bounds.least), most = moment_number(scalar, bounds.most);
  if (least && bounds.least_excluded) ++*least;
  if (most && bounds.most_excluded) --*most;
  if ((least && number < *least) || (most && number > *most)) {
    const uint64_t away = draw.below(least && most && *most > *least ? static_cast<uint64_t>(*most - *least) + 1 : 400);
    number = least ? *least + static_cast<int64_t>(away) : *most - static_cast<int64_t>(away);
  }
  std::string out = text_of(scalar, number);
  // Between texts with and without offset there is no order: what the bound has, the text has.
  if (least || most) return out + std::string(offset_of(least ? bounds.least : bounds.most));
  if (scalar != Scalar::time && scalar != Scalar::date_time) return out;
  static constexpr std::string_view kOffsets[] = {"+07:00", "Z", ""};
  return out + std::string(kOffsets[draw.below(offset ? 2 : 3)]);
}

}  // namespace lt::proof
