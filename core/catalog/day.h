// Days of Vietnam as numbers (20261120): the partitions of the catalog. This is the one place that says which day a
// message belongs to and what its file is called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace lt::catalog {

using Day = int32_t;

Day day_of(Wall time);
Wall start_of(Day day);                          // midnight at +07:00
std::string day_file_name(Day day);              // "catalog-20261120.db"
Day parse_day_file_name(std::string_view name);  // 0: not such a name
inline constexpr std::string_view kIndexFileName = "catalog.db";

inline int64_t to_ms(Wall time) { return time.time_since_epoch().count(); }
inline Wall from_ms(int64_t ms) { return Wall(std::chrono::milliseconds(ms)); }

}  // namespace lt::catalog
