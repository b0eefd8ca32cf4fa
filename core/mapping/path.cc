#include "core/mapping/path.h"

#include <fmt/format.h>

#include "core/base/limits.h"

namespace lt::mapping {
namespace {

Result<std::vector<std::string>> split(std::string_view whole, std::string_view rest, Code code) {
  std::vector<std::string> steps;
  const auto refuse = [&](const char* why) { return fail(code, fmt::format("\"{}\": {}", whole, why)); };
  while (true) {
    if (rest.substr(0, 2) == "[\"") {
      const size_t end = rest.find("\"]", 2);
      if (end == std::string_view::npos) return refuse("[\" without \"]");
      steps.emplace_back(rest.substr(2, end - 2));
      rest.remove_prefix(end + 2);
    } else {
      const size_t end = std::min(rest.find_first_of(".["), rest.size());
      steps.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end);
      if (rest.substr(0, 1) == "[" && rest.substr(0, 2) != "[\"")
        return refuse("items are reached with each, not by an index");
    }
    const std::string& step = steps.back();
    if (step.empty()) return refuse("a step has no name");
    if (step == "$" || step == "^") return refuse("$ and ^ stand at the start only");
    if (step.find_first_of(" \t") != std::string::npos && whole.find("[\"") == std::string_view::npos)
      return refuse("a name with a blank is written [\"like this\"]");
    if (steps.size() > limits::kDocumentDepth) return refuse("too long");
    if (rest.empty()) return steps;
    if (rest[0] == '.')
      rest.remove_prefix(1);
    else if (rest[0] != '[')
      return refuse("steps are joined by dots");
  }
}

}  // namespace

Result<SourcePath> parse_source_path(std::string_view text) {
  SourcePath out;
  std::string_view rest = text;
  if (rest == ".") return out;
  const auto step_over = [&] {
    rest.remove_prefix(1);
    if (rest.substr(0, 1) == ".") rest.remove_prefix(1);
  };
  if (rest.substr(0, 1) == "$") {
    out.from_root = true;
    if (rest.size() == 1) return out;
    if (rest[1] != '.' && rest[1] != '[')
      return fail(Code::unknown_source_path, fmt::format("\"{}\": after $ comes a dot", text));
    step_over();
  } else {
    while (rest.substr(0, 1) == "^") {
      ++out.up;
      if (rest.size() == 1) return out;
      if (rest[1] != '.' && rest[1] != '[')
        return fail(Code::unknown_source_path, fmt::format("\"{}\": after ^ comes a dot", text));
      step_over();
    }
  }
  LT_ASSIGN(out.steps, split(text, rest, Code::unknown_source_path));
  return out;
}

Result<std::vector<std::string>> parse_target_path(std::string_view text) {
  if (text == ".") return std::vector<std::string>{};
  if (text.substr(0, 1) == "$" || text.substr(0, 1) == "^")
    return fail(Code::unknown_target_path, fmt::format("\"{}\": a target path begins at its group", text));
  return split(text, text, Code::unknown_target_path);
}

std::string absolute(const std::vector<std::string>& steps) {
  std::string out = "$";
  for (const auto& step : steps) out.append(".").append(step);
  return out;
}

}  // namespace lt::mapping
