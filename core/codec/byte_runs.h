// How far bytes need no look: 16 at a time. Inside core/codec only.
#pragma once

#include <emmintrin.h>

#include <cstdint>
#include <string_view>

namespace lt::codec {

// Bytes from the first one that may stand in a JSON string as they are: no quote, backslash or control character.
inline size_t plain_json(std::string_view text) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(' ');
  size_t i = 0;
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(bytes, blank), bytes);  // all ones: not a control character
    const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const int stop = (_mm_movemask_epi8(low) ^ 0xFFFF) | _mm_movemask_epi8(special);
    if (stop != 0) return i + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(stop)));
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x20 && text[i] != '"' && text[i] != '\\') ++i;
  return i;
}

// Bytes from the first one that are neither blank nor control characters nor '&', in blocks of 16.
inline size_t plain_xml(std::string_view text) {
  const __m128i first = _mm_set1_epi8(0x21), ampersand = _mm_set1_epi8('&');
  size_t i = 0;
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i above = _mm_cmpeq_epi8(_mm_max_epu8(bytes, first), bytes);
    if (_mm_movemask_epi8(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, ampersand), above)) != 0xFFFF) break;
  }
  return i;
}

// Leading ASCII, in blocks of 16.
inline size_t ascii_blocks(const uint8_t* bytes, size_t size) {
  size_t i = 0;
  for (; i + 16 <= size; i += 16)
    if (_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i))) != 0) break;
  return i;
}

}  // namespace lt::codec
