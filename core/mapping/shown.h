// A code of a table or a case, as an error shows it. Private to this room.
#pragma once

#include <string_view>

#include "core/base/limits.h"
#include "core/base/text.h"

namespace lt::mapping {

inline std::string_view shown_code(std::string_view text) { return cut_text(text, limits::kShownCode); }

}  // namespace lt::mapping
