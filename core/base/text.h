// UTF-8 and Vietnamese text. utf8proc underneath.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lt {

// Offset of the first byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong forms), or npos.
size_t find_bad_utf8(std::string_view text);
inline bool is_utf8(std::string_view text) { return find_bad_utf8(text) == std::string_view::npos; }
size_t count_code_points(std::string_view utf8);
// Unicode NFC. Invalid UTF-8 is returned unchanged.
std::string nfc(std::string_view utf8);
// For comparing what people wrote: NFC, lower case, blanks collapsed to one space, trimmed. Keeps the tone marks.
// Invalid UTF-8 is returned unchanged, here and by fold.
std::string normalise(std::string_view utf8);
// For searching: NFC -> lower -> NFD -> marks dropped -> đ becomes d, blanks collapsed, trimmed.
// "Quyết định" -> "quyet dinh".
std::string fold(std::string_view utf8);
// Smallest number of edits (insert, delete, replace, swap neighbours; of bytes) between two short names, for "did you
// mean". Names longer than limits::kComparedName count as wholly different unless equal.
size_t edit_distance(std::string_view a, std::string_view b);
// Its first `most` bytes at most, never a part of a letter.
std::string_view cut_text(std::string_view utf8, size_t most);
// Everything but the unreserved characters of RFC 3986 as %XX.
std::string percent_encode(std::string_view text);
// Undoes %XX; what is none stays as it is.
std::string percent_decode(std::string_view text);

}  // namespace lt
