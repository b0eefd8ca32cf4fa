#include "core/mapping/join_pattern.h"

#include <fmt/format.h>

namespace lt::mapping {
namespace {

// The index after the bracket that closes the one at `open`, or npos.
size_t after_group(std::string_view pattern, size_t open) {
  int depth = 0;
  bool in_class = false;
  for (size_t i = open; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\')
      ++i;
    else if (in_class)
      in_class = c != ']';
    else if (c == '[')
      in_class = true;
    else if (c == '(')
      ++depth;
    else if (c == ')' && --depth == 0)
      return i + 1;
  }
  return std::string_view::npos;
}

}  // namespace

Result<std::vector<JoinPiece>> split_join_pattern(std::string_view pattern) {
  std::vector<JoinPiece> out;
  if (pattern.substr(0, 1) == "^") pattern.remove_prefix(1);
  if (!pattern.empty() && pattern.back() == '$') pattern.remove_suffix(1);
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) out.push_back({std::move(literal), {}});
    literal.clear();
  };
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '(') {
      size_t name = i + 1;
      for (const char want : std::string_view("?P<")) {
        if (pattern.substr(name, 1) == std::string_view(&want, 1))
          ++name;
        else if (want != 'P')
          return fail(Code::pattern_error, "every group of a join pattern has a name: (?<Name>...)");
      }
      const size_t end = pattern.find('>', name), next = after_group(pattern, i);
      if (end == std::string_view::npos || next == std::string_view::npos)
        return fail(Code::pattern_error, "a group is never closed");
      const auto inside = pattern.substr(end + 1, next - end - 2);
      if (inside.find('(') != std::string_view::npos)
        return fail(Code::pattern_error, "groups of a join pattern do not nest");
      flush();
      out.push_back({{}, std::string(pattern.substr(name, end - name))});
      i = next;
      continue;
    }
    const bool escaped = c == '\\' && i + 1 < pattern.size();
    const char meant = escaped ? pattern[i + 1] : c;
    const bool word =
        (meant >= '0' && meant <= '9') || (meant >= 'a' && meant <= 'z') || (meant >= 'A' && meant <= 'Z');
    if (escaped ? word : std::string_view("[]*+?{}|.^$)").find(c) != std::string_view::npos)
      return fail(Code::pattern_error,
                  fmt::format("between its groups a join pattern holds literal text only, not \"{}\"",
                              pattern.substr(i, escaped ? 2 : 1)));
    literal.push_back(meant);
    i += escaped ? 2 : 1;
  }
  flush();
  return out;
}

}  // namespace lt::mapping
