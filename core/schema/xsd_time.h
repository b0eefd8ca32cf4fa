// Dates, times and durations of XSD 1.0 on one line of time. Bounds: see xsd_value.h.
#pragma once

#include <optional>
#include <string_view>

#include "core/schema/xsd_value.h"

namespace lt::schema {

__extension__ using Ticks = __int128;  // 10^-18 s

// What a date, time, dateTime, gYear, gYearMonth, gMonth, gDay or gMonthDay says, parts left out filled in.
struct Moment {
  Ticks at = 0;  // in UTC when zoned
  bool zoned = false;
  static std::optional<Moment> parse(Form form, std::string_view text);
};
Order order(const Moment& a, const Moment& b);

struct Duration {
  int64_t months = 0;
  Ticks rest = 0;  // days, hours, minutes and seconds
  static std::optional<Duration> parse(std::string_view text);
};
// As XSD says: what four certain moments plus the one and the other come to.
Order order(const Duration& a, const Duration& b);

}  // namespace lt::schema
