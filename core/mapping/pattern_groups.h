// The named groups of an RE2 pattern, by where they stand in its text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lt::mapping {

struct PatternGroup {
  std::string_view name;      // of (?<name>...) and (?P<name>...)
  std::string_view inside;    // its own pattern
  size_t begin = 0, end = 0;  // of the whole group in the text
  bool nested = false;        // in another group, named or not
};

// In the order in which they open; up to the first bracket that never closes. Brackets that are escaped, quoted by
// \Q...\E or in a character class are none. The views are of `pattern`.
std::vector<PatternGroup> pattern_groups(std::string_view pattern);
std::vector<std::string> group_names(std::string_view pattern);
// "^(?:...)$" of that group; "" when there is none.
std::string group_pattern(std::string_view pattern, std::string_view name);

}  // namespace lt::mapping
