// The values of the XSD built-in types: how they are written, and which of two is more.
//
// Text comes with its blanks treated already (Type::blanks). Nothing here allocates. Numbers are compared exactly, also
// float and double. Dates with and without a time zone are ordered when every zone from -14:00 to +14:00 gives the same
// order, as XSD 1.0 says; NaN equals itself and is neither less nor more than anything. Bounds: years and parts of a
// duration of more than 12 digits are refused, fractions of a second are compared to 18 digits. A QName's prefix is not
// looked up, and ID and IDREF are names only: the tree keeps no prefixes, and nothing is compared across a document.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lt::schema {

enum class Form : uint8_t {
  any,
  language,
  name,
  nc_name,
  nm_token,
  q_name,
  boolean,
  natural,
  integer,
  decimal,
  real,
  date,
  time,
  date_time,
  duration,
  year,
  year_month,
  month,
  day,
  month_day,
  base64,
  hex,
  uri
};

// Of a Type::built_in.
Form form_of(std::string_view built_in);
// "a date like 2026-07-01"
const char* describe(Form form);

bool is_written(Form form, std::string_view text);

enum class Order : uint8_t { less, equal, more, none };
// Both must be written in that form.
Order order(Form form, std::string_view a, std::string_view b);
// How many bytes a base64 or hex text stands for.
uint64_t bytes_of(Form form, std::string_view text);

}  // namespace lt::schema
