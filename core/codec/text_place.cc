#include "core/codec/text_place.h"

#include <algorithm>

#include "core/codec/byte_runs.h"

namespace lt::codec {

uint64_t code_points(std::string_view text) {
  uint64_t count = 0;
  size_t i = 0;
  const __m128i last_of_tail = _mm_set1_epi8(-65);  // 10xxxxxx is -128 ... -65
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    count += static_cast<uint64_t>(
        __builtin_popcount(static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpgt_epi8(bytes, last_of_tail)))));
  }
  for (; i < text.size(); ++i) count += static_cast<signed char>(text[i]) >= -64;
  return count;
}

void TextPlace::advance(std::string_view text) {
  const size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) {
    line += static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
    column = 1;
    text.remove_prefix(newline + 1);
  }
  column += code_points(text);
}

Place TextPlace::place() const {
  Place out;
  out.line = static_cast<int>(line);
  out.column = static_cast<int>(column);
  return out;
}

size_t Utf8Check::feed(std::string_view piece) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(piece.data());
  const size_t size = piece.size();
  size_t lead = std::string_view::npos;
  for (size_t i = 0; i < size;) {
    if (need_ == 0) {
      i += ascii_blocks(bytes + i, size - i);
      if (i == size) break;
    }
    const uint8_t b = bytes[i];
    if (need_ > 0) {
      if (b < low_ || b > high_) return std::min(lead, i);
      --need_;
      low_ = 0x80;
      high_ = 0xBF;
    } else if (b >= 0x80) {
      if (b < 0xC2 || b > 0xF4) return i;
      lead = i;
      need_ = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
      low_ = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
      high_ = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
    }
    ++i;
  }
  return std::string_view::npos;
}

}  // namespace lt::codec
