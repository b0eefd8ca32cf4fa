// Dates as partners write them: a pattern reads a text into a moment of the calendar and writes one back.
//
//   yyyy MM M dd d HH mm ss        digits; M and d take one or two, so no digit may follow     SSS   milliseconds
//   XXX  +07:00 or Z               XX  +0700 or Z                        'T'   literal; other marks are themselves
//   [..]  may be left out, the inner ones first: [[dd/]MM/]yyyy reads 02/09/1945, 09/1945 and 1945
//   iso-date = yyyy-MM-dd          iso-datetime = yyyy-MM-dd'T'HH:mm:ss, any fraction, offset optional when read
//   partial-date = [[dd/]MM/]yyyy  iso-partial-date = yyyy[-MM[-dd]]
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
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;  // month, day 0: not said
  uint32_t nanos = 0;
  int fraction_digits = 0;  // as written
  int offset = 0;           // minutes east
  bool has_offset = false;
  uint8_t said = 127;  // which of year ... fraction the text named, a bit each
};

class DatePattern {
 public:
  // Error pattern_error: unknown letters, no year, a part twice, a digit after M or d.
  static Result<DatePattern> parse(std::string_view pattern);

  bool read(std::string_view text, Moment& out) const;
  // At most kLongest bytes. `out` gets them; returns how many, 0 when the moment does not say enough.
  size_t write(const Moment& moment, char* out) const;
  bool has_offset() const { return has_offset_; }
  // Whatever this pattern reads, `other` can say too.
  bool within(const DatePattern& other) const;
  // One moment has one text.
  bool fixed() const;
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
    uint8_t depth = 0;  // of brackets around it
  };
  bool take(const Item& item, std::string_view& text, Moment& out) const;
  static char* put(const Item& item, const Moment& at, char* out);
  bool read_level(std::string_view text, uint8_t level, Moment& out) const;
  uint32_t says(uint8_t level) const;  // bits of year ... offset
  bool ambiguous() const;

  std::string text_;
  std::vector<Item> items_;
  uint8_t levels_ = 0;  // deepest brackets
  bool has_offset_ = false;
  bool offset_optional_ = false;
};

// "+07:00" in minutes. Error pattern_error.
Result<int> parse_zone(std::string_view text);
// Moves `moment` to what `to` can say: local time in `zone` when it has no offset, an offset when it needs one. False
// when that is before year 1 or after year 9999; `moment` is then as it was.
bool adapt(Moment& moment, const DatePattern& to, int zone);

}  // namespace lt::mapping
