// Counts lines and columns, and checks UTF-8, over a text that arrives in pieces. Inside core/codec only.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/error.h"

namespace lt::codec {

// Number of code points of valid UTF-8.
uint64_t code_points(std::string_view text);

// Line and column of the next byte.
struct TextPlace {
  uint64_t line = 1;
  uint64_t column = 1;
  void advance(std::string_view text);
  Place place() const;
};

// RFC 3629, over pieces that may cut a character anywhere.
class Utf8Check {
 public:
  // Offset in `piece` where the bad character begins (or goes on, if it began in an earlier piece), or npos.
  size_t feed(std::string_view piece);
  // False when the text ended inside a character.
  bool complete() const { return need_ == 0; }

 private:
  uint8_t need_ = 0;                  // continuation bytes still to come
  uint8_t low_ = 0x80, high_ = 0xBF;  // bounds of the next one
};

}  // namespace lt::codec
