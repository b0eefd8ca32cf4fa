#include "core/engine/office_hours.h"

#include <algorithm>

namespace lt::engine {
namespace {

using Days = std::chrono::days;
using std::chrono::sys_days;

constexpr int kLookAhead = 366;

bool is_working_day(const OfficeHours& hours, sys_days day) {
  const unsigned since_monday = std::chrono::weekday(day).iso_encoding() - 1;
  return (hours.days >> since_monday & 1) != 0 &&
         !std::binary_search(hours.holidays.begin(), hours.holidays.end(), day);
}

}  // namespace

bool OfficeHours::open(Wall now) const {
  const Wall there = now + kVietnamOffset;
  const sys_days day = std::chrono::floor<Days>(there);
  const auto time = there - day;
  return time >= from && time < to && is_working_day(*this, day);
}

Wall OfficeHours::next_opening(Wall now) const {
  const sys_days today = std::chrono::floor<Days>(now + kVietnamOffset);
  for (int i = 0; i <= kLookAhead; ++i) {
    const sys_days day = today + Days(i);
    const Wall opening = Wall(day) + from - kVietnamOffset;
    if (opening > now && is_working_day(*this, day)) return opening;
  }
  return now + Days(kLookAhead);
}

}  // namespace lt::engine
