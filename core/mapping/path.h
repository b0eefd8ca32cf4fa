// Paths as mapping files write them.
//
//   A.B       from the scope                     $.A.B   from the root
//   .         the scope itself                   ^.A     from the object around the scope (^.^.A: twice)
//   &.A       from the item found by match_on    $ ^ &   alone: that node
//   @id       an attribute                       ["a.b"] a name with dots
//   A[Kind='X'].B    of the items of A the one whose field Kind has the text X
// Arrays and repeated elements are entered by `each` or by [..='..'] only, so a path has no index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lt::mapping {

struct PathStep {
  std::string name;
  std::string where, equals;  // of [where='equals']; where is "" without one
  bool operator==(const PathStep&) const = default;
};

struct SourcePath {
  bool from_root = false;
  bool matched = false;         // from the item found by match_on
  uint32_t up = 0;              // objects above the scope
  std::vector<PathStep> steps;  // none: the start itself
};

// Error unknown_source_path with what is wrong in `detail`.
Result<SourcePath> parse_source_path(std::string_view text);
// Steps of a target path; none for ".". Error unknown_target_path.
Result<std::vector<std::string>> parse_target_path(std::string_view text);
// As it would be written; "." without steps.
std::string path_text(const std::vector<PathStep>& steps);
std::string path_text(const std::vector<std::string>& steps);

// "$.A.B": names from the root, as findings and reports write fields.
std::string absolute_path(const std::vector<std::string>& names);
// Of such paths: "$.A.B" is or is below "$.A".
bool covers(std::string_view above, std::string_view path);

}  // namespace lt::mapping
