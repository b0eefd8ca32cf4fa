// A code of a table or a case, as an error shows it. Private to this room.
#pragma once

#include <string_view>

#include "core/base/limits.h"

namespace lt::mapping {

// At most limits::kShownCode bytes, whole characters.
inline std::string_view shown_code(std::string_view text) {
  if (text.size() <= limits::kShownCode) return text;
  size_t end = limits::kShownCode;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace lt::mapping
