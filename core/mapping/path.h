// Paths as mapping files write them.
//
//   A.B        from the scope          $.A.B   from the root          ^.A   from the object around the scope (^.^.A:
//   twice) .          the scope itself        $  ^    alone: that node       @id   an attribute     ["a.b"]  a name
//   with dots
// Arrays and repeated elements are entered by `each` only, so a path has no index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lt::mapping {

struct SourcePath {
  bool from_root = false;
  uint32_t up = 0;                 // objects above the scope
  std::vector<std::string> steps;  // none: the start itself
};

// Error unknown_source_path with what is wrong in `detail`.
Result<SourcePath> parse_source_path(std::string_view text);
// Steps of a target path; none for ".". Error unknown_target_path.
Result<std::vector<std::string>> parse_target_path(std::string_view text);
// "$.A.B" from steps.
std::string absolute(const std::vector<std::string>& steps);

}  // namespace lt::mapping
