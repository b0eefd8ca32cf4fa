// What expressions do with texts, without the heap. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lt::mapping {

// Where the bracket at `open` ends, that of a step ["a.b"] or of a predicate [field='text'], or npos.
size_t closing_bracket(std::string_view text, size_t open);
// To the nearest whole number, halves upwards, as XPath rounds; `text` reads as a number. Beyond a thousand million,
// farther than any text is long, it stays there.
int64_t rounded(std::string_view text);
// The code points of [from, to), counted from 1; of what there is.
std::string_view slice(std::string_view text, int64_t from, int64_t to);
// Each code point in upper or lower case, to `out` or, when that is null, nowhere; the bytes it takes. Bytes that are
// no UTF-8 stay.
size_t change_case(std::string_view text, bool up, char* out);
// "2026-08-15": ten bytes to `out`; the year has at most four digits.
void write_day(int year, int month, int day, char* out);

}  // namespace lt::mapping
