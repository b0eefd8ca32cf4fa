#include "core/base/json_text.h"

#include <emmintrin.h>

#include <array>

namespace lt {
namespace {

// What follows the backslash; 'u' for the long form; 0 for characters written as they are.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (int c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes[0x7f] = 'u';  // JSON does not ask for it; terminals that show a log do
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr auto kEscapes = make_escapes();

// Bit i is set when byte i of the block is not written as it is.
unsigned escapes_in(const char* block) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
  const auto same = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i other = _mm_or_si128(_mm_or_si128(same('"'), same('\\')), same('\x7f'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, other)));
}

// The first byte from `i` on that is not written as it is, or the size.
size_t next_escape(std::string_view text, size_t i) {
  for (; i + 16 <= text.size(); i += 16)
    if (const unsigned found = escapes_in(text.data() + i)) return i + static_cast<size_t>(__builtin_ctz(found));
  if (text.size() >= 16 && i < text.size()) {  // the last 16, of which the first were looked at
    const size_t last = text.size() - 16;
    const unsigned found = escapes_in(text.data() + last) >> (i - last);
    return found ? i + static_cast<size_t>(__builtin_ctz(found)) : text.size();
  }
  while (i < text.size() && !kEscapes[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

}  // namespace

void escape_json(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  size_t from = 0;
  for (size_t i = next_escape(text, 0); i < text.size(); i = next_escape(text, i + 1)) {
    const auto c = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[c];
    out.append(text, from, i - from);
    from = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') out.append("00").append(1, kHex[c >> 4]).append(1, kHex[c & 15]);
  }
  out.append(text, from, text.size() - from);
}

void quote_json(std::string_view text, std::string& out) {
  out.push_back('"');
  escape_json(text, out);
  out.push_back('"');
}

std::string quote_json(std::string_view text) {
  std::string out;
  quote_json(text, out);
  return out;
}

}  // namespace lt
