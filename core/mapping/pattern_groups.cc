#include "core/mapping/pattern_groups.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::mapping {
namespace {

constexpr size_t kNone = std::string_view::npos;

// Past a character class that opens at `at`: the first ] in it is a character, and [:alpha:] is one too.
size_t after_class(std::string_view pattern, size_t at) {
  ++at;
  if (pattern.substr(at, 1) == "^") ++at;
  if (pattern.substr(at, 1) == "]") ++at;
  for (; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
    } else if (pattern.substr(at, 2) == "[:") {
      const size_t close = pattern.find(":]", at + 2);
      if (close != kNone) at = close + 1;
    } else if (pattern[at] == ']') {
      return at + 1;
    }
  }
  return pattern.size();
}

// Where the name of the group that opens at `at` begins; kNone when it has none.
size_t name_of_group(std::string_view pattern, size_t at) {
  for (const std::string_view opening : {"(?<", "(?P<"})
    if (pattern.substr(at, opening.size()) == opening) return at + opening.size();
  return kNone;
}

}  // namespace

std::vector<PatternGroup> pattern_groups(std::string_view pattern) {
  struct Open {
    size_t begin, inside;
    size_t found;  // index of a named one
  };
  std::vector<PatternGroup> out;
  std::vector<Open> open;
  for (size_t at = 0; at < pattern.size();) {
    if (pattern.substr(at, 2) == "\\Q") {
      at = std::min(pattern.find("\\E", at + 2), pattern.size() - 2) + 2;
    } else if (pattern[at] == '\\') {
      at += 2;
    } else if (pattern[at] == '[') {
      at = after_class(pattern, at);
    } else if (pattern[at] == '(') {
      const size_t name = name_of_group(pattern, at);
      const size_t end = name == kNone ? kNone : pattern.find('>', name);
      if (end != kNone) {
        PatternGroup& group = out.emplace_back();
        group.name = pattern.substr(name, end - name);
        group.begin = at;
        group.nested = !open.empty();
      }
      open.push_back({at, end == kNone ? at + 1 : end + 1, end == kNone ? kNone : out.size() - 1});
      at = open.back().inside;
    } else {
      if (pattern[at] == ')' && !open.empty()) {
        const Open closed = open.back();
        open.pop_back();
        if (closed.found != kNone) {
          out[closed.found].inside = pattern.substr(closed.inside, at - closed.inside);
          out[closed.found].end = at + 1;
        }
      }
      ++at;
    }
  }
  std::erase_if(out, [](const PatternGroup& group) { return group.end == 0; });
  return out;
}

std::vector<std::string> group_names(std::string_view pattern) {
  std::vector<std::string> out;
  for (const PatternGroup& group : pattern_groups(pattern)) out.emplace_back(group.name);
  return out;
}

std::string group_pattern(std::string_view pattern, std::string_view name) {
  for (const PatternGroup& group : pattern_groups(pattern))
    if (group.name == name) return fmt::format("^(?:{})$", group.inside);
  return {};
}

}  // namespace lt::mapping
