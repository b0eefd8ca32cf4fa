#include "core/mapping/join_pattern.h"

#include <fmt/format.h>

#include "core/mapping/pattern_groups.h"

namespace lt::mapping {
Result<std::vector<JoinPiece>> split_join_pattern(std::string_view pattern) {
  std::vector<JoinPiece> out;
  if (pattern.substr(0, 1) == "^") pattern.remove_prefix(1);
  if (!pattern.empty() && pattern.back() == '$') pattern.remove_suffix(1);
  const auto groups = pattern_groups(pattern);
  auto group = groups.begin();
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) out.push_back({std::move(literal), {}});
    literal.clear();
  };
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '(') {
      if (group == groups.end() || group->begin != i)
        return fail(Code::pattern_error, pattern.substr(i, 2) == "(?" && pattern.find('>', i) != std::string_view::npos
                                             ? "a group is never closed"
                                             : "every group of a join pattern has a name: (?<Name>...)");
      if (group->inside.find('(') != std::string_view::npos)
        return fail(Code::pattern_error, "groups of a join pattern do not nest");
      flush();
      out.push_back({{}, std::string(group->name)});
      i = (group++)->end;
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
