#include "core/catalog/day.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::catalog {
namespace {
constexpr std::string_view kPrefix = "catalog-", kSuffix = ".db";
}

Day day_of(Wall time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time + kVietnamOffset));
  return static_cast<int>(date.year()) * 10'000 + static_cast<Day>(static_cast<unsigned>(date.month())) * 100 +
         static_cast<Day>(static_cast<unsigned>(date.day()));
}

Wall start_of(Day day) {
  const std::chrono::year_month_day date(std::chrono::year(day / 10'000),
                                         std::chrono::month(static_cast<unsigned>(day / 100 % 100)),
                                         std::chrono::day(static_cast<unsigned>(day % 100)));
  return Wall(std::chrono::sys_days(date)) - kVietnamOffset;
}

std::string day_file_name(Day day) { return fmt::format("{}{:08}{}", kPrefix, day, kSuffix); }

Day parse_day_file_name(std::string_view name) {
  if (name.size() != kPrefix.size() + 8 + kSuffix.size() || !name.starts_with(kPrefix) || !name.ends_with(kSuffix))
    return 0;
  const auto digits = name.substr(kPrefix.size(), 8);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return 0;
  return std::stoi(std::string(digits));
}

}  // namespace lt::catalog
