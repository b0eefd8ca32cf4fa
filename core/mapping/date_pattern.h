// Dates as partners write them: a pattern reads a text into a moment of the calendar and writes one back.
//
//   yyyy MM M dd d HH mm ss        digits (M and d take one or two)      SSS   milliseconds
//   XXX  +07:00 or Z               XX  +0700 or Z                        'T'   literal; other marks stand for
//   themselves iso-date = yyyy-MM-dd          iso-datetime = yyyy-MM-dd'T'HH:mm:ss, any fraction, offset optional when
//   read
// Days that the calendar does not have (31/02) are refused both ways. A moment without an offset is local time of the
// zone given (Viet Nam: +07:00, no daylight saving).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lt::mapping {

struct Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  uint32_t nanos = 0;
  int fraction_digits = 0;  // as written
  int offset = 0;           // minutes east
  bool has_offset = false;
};

class DatePattern {
 public:
  // Error pattern_error: unknown letters, no year, a part twice.
  static Result<DatePattern> parse(std::string_view pattern);

  bool read(std::string_view text, Moment& out) const;
  // At most kLongest bytes. `out` gets them; returns how many.
  size_t write(const Moment& moment, char* out) const;
  bool has_offset() const { return has_offset_; }
  const std::string& text() const { return text_; }

  static constexpr size_t kLongest = 96;

 private:
  enum class Part : uint8_t {
    year,
    month,
    month_short,
    day,
    day_short,
    hour,
    minute,
    second,
    millis,
    fraction,
    offset,
    offset_basic,
    literal
  };
  struct Item {
    Part part = Part::literal;
    char literal = 0;
  };
  void add(Part part, char literal = 0) { items_.push_back({part, literal}); }

  std::string text_;
  std::vector<Item> items_;
  bool has_offset_ = false;
  bool offset_optional_ = false;
};

// "+07:00" in minutes. Error pattern_error.
Result<int> parse_zone(std::string_view text);
// Moves `moment` to what `to` can say: local time in `zone` when it has no offset, an offset when it needs one.
void adapt(Moment& moment, const DatePattern& to, int zone);

}  // namespace lt::mapping
