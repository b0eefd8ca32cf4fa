#include "core/codec/text_place.h"

#include <algorithm>
#include <cstring>

namespace lt::codec {

uint64_t code_points(std::string_view text) {
  uint64_t count = 0;
  for (const char c : text) count += static_cast<signed char>(c) >= -64;  // not 10xxxxxx
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
      uint64_t word;
      while (i + sizeof word <= size) {
        std::memcpy(&word, bytes + i, sizeof word);
        if (word & 0x8080808080808080u) break;
        i += sizeof word;
      }
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
