#include "core/mapping/path.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"

namespace lt::mapping {
namespace {

class Splitter {
 public:
  Splitter(std::string_view whole, std::string_view rest, Code code) : whole_(whole), rest_(rest), code_(code) {}

  Result<std::vector<PathStep>> run() {
    std::vector<PathStep> steps;
    while (true) {
      LT_TRY(step(steps.emplace_back()));
      if (steps.size() > limits::kDocumentDepth) return refuse("too long");
      if (rest_.empty()) return steps;
      if (rest_[0] == '.')
        rest_.remove_prefix(1);
      else if (rest_.substr(0, 2) != "[\"")
        return refuse("steps are joined by dots");
    }
  }

 private:
  tl::unexpected<Error> refuse(const char* why) const { return fail(code_, fmt::format("\"{}\": {}", whole_, why)); }

  Result<void> step(PathStep& out) {
    const bool bracketed = rest_.substr(0, 2) == "[\"";
    if (bracketed) {
      const size_t end = rest_.find("\"]", 2);
      if (end == std::string_view::npos) return refuse("[\" without \"]");
      out.name = rest_.substr(2, end - 2);
      rest_.remove_prefix(end + 2);
    } else {
      const size_t end = std::min(rest_.find_first_of(".["), rest_.size());
      out.name = rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    if (out.name.empty()) return refuse("a step has no name");
    if (!bracketed && (out.name == "$" || out.name == "^" || out.name == "&"))
      return refuse("$, ^ and & stand at the start only");
    if (out.name.find_first_of("\"]") != std::string::npos) return refuse("a name with \" or ] cannot be written");
    if (!bracketed && out.name.find_first_of(" \t") != std::string::npos)
      return refuse("a name with a blank is written [\"like this\"]");
    if (rest_.substr(0, 1) != "[" || rest_.substr(0, 2) == "[\"") return {};
    const size_t equal = rest_.find("='"), end = rest_.find("']");
    if (equal == std::string_view::npos || end == std::string_view::npos || end < equal + 2)
      return refuse("items are reached with each, or with [Field='value'], not by an index");
    out.where = rest_.substr(1, equal - 1);
    out.equals = rest_.substr(equal + 2, end - equal - 2);
    if (out.where.empty() || out.where.find_first_of(".[ ") != std::string::npos)
      return refuse("[Field='value'] takes one field of the item");
    rest_.remove_prefix(end + 2);
    return {};
  }

  std::string_view whole_, rest_;
  Code code_;
};

std::string quoted(const std::string& name) {
  const bool marked = name.find_first_of("$^&") == 0;
  return !marked && name.find_first_of(".[ \t") == std::string::npos ? name : "[\"" + name + "\"]";
}

}  // namespace

Result<SourcePath> parse_source_path(std::string_view text) {
  SourcePath out;
  std::string_view rest = text;
  if (rest == ".") return out;
  // True when the path ends with the mark.
  const auto mark = [&]() -> Result<bool> {
    if (rest.size() == 1) return true;
    if (rest[1] != '.' && rest[1] != '[')
      return fail(Code::unknown_source_path, fmt::format("\"{}\": after {} comes a dot", text, rest[0]));
    rest.remove_prefix(rest[1] == '.' ? 2 : 1);
    return false;
  };
  if (rest.substr(0, 1) == "$" || rest.substr(0, 1) == "&") {
    (rest[0] == '$' ? out.from_root : out.matched) = true;
    LT_ASSIGN(const bool ends, mark());
    if (ends) return out;
  } else {
    while (rest.substr(0, 1) == "^") {
      ++out.up;
      LT_ASSIGN(const bool ends, mark());
      if (ends) return out;
    }
  }
  LT_ASSIGN(out.steps, Splitter(text, rest, Code::unknown_source_path).run());
  return out;
}

Result<std::vector<std::string>> parse_target_path(std::string_view text) {
  if (text == ".") return std::vector<std::string>{};
  if (text.substr(0, 1) == "$" || text.substr(0, 1) == "^" || text.substr(0, 1) == "&")
    return fail(Code::unknown_target_path, fmt::format("\"{}\": a target path begins at its group", text));
  LT_ASSIGN(const auto steps, Splitter(text, text, Code::unknown_target_path).run());
  std::vector<std::string> names;
  for (const PathStep& step : steps) {
    if (!step.where.empty())
      return fail(Code::unknown_target_path, fmt::format("\"{}\": items are written by each or items", text));
    names.push_back(step.name);
  }
  return names;
}

std::string path_text(const std::vector<PathStep>& steps) {
  std::string out;
  for (const PathStep& step : steps) {
    const std::string name = quoted(step.name);
    if (!out.empty() && name[0] != '[') out.push_back('.');
    out += name;
    if (!step.where.empty()) out.append("[").append(step.where).append("='").append(step.equals).append("']");
  }
  return out.empty() ? "." : out;
}

std::string path_text(const std::vector<std::string>& steps) {
  std::vector<PathStep> out;
  for (const std::string& step : steps) out.push_back({step, {}, {}});
  return path_text(out);
}

std::string absolute_path(const std::vector<std::string>& names) {
  std::string out(1, '$');
  for (const std::string& name : names) out.append(".").append(name);
  return out;
}

bool covers(std::string_view above, std::string_view path) {
  return path == above || (path.size() > above.size() && path.starts_with(above) && path[above.size()] == '.');
}

}  // namespace lt::mapping
