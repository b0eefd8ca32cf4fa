// Office hours of a destination: when it may be sent to, in Vietnam time. Pure; asked with the wall clock of the step.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "core/base/clock.h"
#include "core/message/message.h"

namespace lt::engine {

struct OfficeHours {
  uint8_t days = 0x1F;                          // bit 0 = Monday ... bit 6 = Sunday
  std::chrono::minutes from{};                  // of the day, within [0, 24 h) ...
  std::chrono::minutes to{};                    // ... to here, exclusive; later than `from`, at most 24 h
  std::vector<std::chrono::sys_days> holidays;  // ascending; closed on these
  Urgency urgent = UINT8_MAX;                   // this urgent and more is sent at any hour

  bool open(Wall now) const;
  // The next opening after `now`; when there is none within a year, a year from now.
  Wall next_opening(Wall now) const;
};

}  // namespace lt::engine
