// The pattern of `join`: literal text and named groups, so that it can be written as well as matched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lt::mapping {

struct JoinPiece {
  std::string literal;
  std::string group;  // instead of the literal
};
// Error pattern_error when there is anything but literal text between the groups.
Result<std::vector<JoinPiece>> split_join_pattern(std::string_view pattern);

}  // namespace lt::mapping
