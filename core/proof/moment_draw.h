// Days and times as they come, and those that break translations: 29/02, the ends of years, midnight.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/mapping/date_pattern.h"
#include "core/proof/draw.h"
#include "core/schema/type.h"

namespace lt::proof {

// 1900 to 2100; now and then one of the named days. Without offset; seconds are whole.
mapping::Moment draw_moment(Draw& draw);
std::string draw_date(Draw& draw, const mapping::DatePattern& pattern);

// What a date, time or period of a schema may be, as its text is written.
struct MomentBounds {
  std::string_view least, most;  // "" = none
  bool least_excluded = false, most_excluded = false;
};
// A text of date, time, date_time, duration, year or year_month as XSD writes it. With `offset` times have one: RFC
// 3339, which `format` of JSON Schema asks for. Bounds of durations are not looked at.
std::string draw_moment_text(Draw& draw, schema::Scalar scalar, const MomentBounds& bounds, bool offset);
// A number by which texts of one scalar can be compared, their offset left out; none for durations and what is no such
// text.
std::optional<int64_t> moment_number(schema::Scalar scalar, std::string_view text);

}  // namespace lt::proof
