// Numbers as text, compared and reshaped without ever becoming doubles and without the heap.
#pragma once

#include <cstddef>
#include <string_view>

namespace lt::mapping {

// [+-]digits[.digits], at least one digit before the point: what XML and JSON share. No exponent.
bool reads_as_number(std::string_view text);
bool reads_as_integer(std::string_view text);
// The sign of a - b. Both must read as numbers.
int compare_numbers(std::string_view a, std::string_view b);
// The same number as JSON writes it: no '+', no leading zeros; all other digits kept. A view into `text`, except that
// the sign of a negative number may have to move: then the text is written to `out` (at least text.size() bytes).
std::string_view plain_number(std::string_view text, char* out);

}  // namespace lt::mapping
