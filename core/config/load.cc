// References in scalars, and whole configurations out of several files.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/config/yaml.h"

namespace lt::config {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string beside(const std::string& file, std::string_view path) {
  if (!path.empty() && path.front() == '/') return std::string(path);
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? std::string(path) : file.substr(0, slash + 1) + std::string(path);
}

bool is_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

class Expansion {
 public:
  Expansion(Env& env, const Variables& variables, Diagnostics& diagnostics)
      : env_(env), variables_(variables), diagnostics_(diagnostics) {}

  void walk(Value& value) {
    if (value.is_scalar() && value.text.find("${") != std::string::npos) expand(value);
    for (auto& item : value.items) walk(item);
    for (auto& member : value.members) walk(member.value);
  }

 private:
  void expand(Value& value) {
    const std::string text = value.text;
    std::string out;
    size_t at = 0;
    while (at < text.size()) {
      const size_t begin = text.find("${", at);
      if (begin == std::string::npos) break;
      if (begin > at && text[begin - 1] == '$') {
        out.append(text, at, begin - 1 - at).append("${");
        at = begin + 2;
        continue;
      }
      out.append(text, at, begin - at);
      const size_t end = text.find('}', begin);
      if (end == std::string::npos) {
        report(value, begin, Code::yaml_syntax, "`${` without `}`",
               "close the reference, or write `$${` for the text itself");
        return;
      }
      if (!resolve(value, begin, text.substr(begin + 2, end - begin - 2), out)) return;
      at = end + 1;
    }
    out.append(text, std::min(at, text.size()), std::string::npos);
    value.written = text;
    value.text = std::move(out);
  }

  bool resolve(Value& value, size_t offset, const std::string& reference, std::string& out) {
    if (reference.rfind("file:", 0) == 0) return resolve_file(value, offset, reference.substr(5), out);
    const size_t mark = reference.find(":-");
    const std::string name = reference.substr(0, mark);
    if (!is_name(name)) {
      report(value, offset, Code::yaml_syntax, fmt::format("\"{}\" is no name of a variable", name),
             "${NAME}, ${NAME:-value} or ${file:path}; write `$${` for the text itself");
      return false;
    }
    const auto found = variables_(name);
    if (found && (!found->empty() || mark == std::string::npos)) {
      value.secret = true;
      out += *found;
      return true;
    }
    if (mark == std::string::npos) {
      report(value, offset, Code::undefined_variable, fmt::format("environment variable {} is not set", name));
      return false;
    }
    out.append(reference, mark + 2);
    return true;
  }

  bool resolve_file(Value& value, size_t offset, const std::string& named, std::string& out) {
    const std::string path = beside(value.file ? *value.file : std::string(), named);
    auto content = read_file(env_, path, limits::kReferencedFile);
    if (!content) {
      report(value, offset, Code::file_missing, content.error().detail);
      return false;
    }
    if (!is_utf8(*content) || content->find('\0') != std::string::npos) {
      report(value, offset, Code::file_missing, fmt::format("{} is not UTF-8 text", path), "refer to a text file");
      return false;
    }
    if (ends_with(*content, "\n")) content->pop_back();
    if (ends_with(*content, "\r")) content->pop_back();
    value.secret = true;
    out += *content;
    return true;
  }

  // The reference itself, when the scalar stands on one line as written; else the scalar.
  void report(Value& value, size_t offset, Code code, std::string message, std::string hint = {}) {
    value.unresolved = true;
    Place place = value.place();
    if (place.line > 0 && value.text.find('\n') == std::string::npos) {
      const auto before = std::string_view(value.text).substr(0, offset);
      place.column += static_cast<int>(count_code_points(before)) + (value.quoted ? 1 : 0);
    }
    diagnostics_.error(code, std::move(place), std::move(message), std::move(hint));
  }

  Env& env_;
  const Variables& variables_;
  Diagnostics& diagnostics_;
};

// A section said in a second file.
void merge_section(Value::Member& into, Value::Member from, Diagnostics& diagnostics) {
  const auto twice = [&](const std::string& name, const Place& first, const Place& second) {
    diagnostics.error(Code::duplicate_key, second,
                      fmt::format("\"{}\" is given twice, first at {}", name, first.text()), {}, Quote::key_only);
  };
  if (from.value.is_null()) return;
  if (into.value.is_null()) {
    into = std::move(from);
    return;
  }
  if (into.value.is_list() && from.value.is_list()) {
    for (auto& item : from.value.items) into.value.items.push_back(std::move(item));
    return;
  }
  if (!into.value.is_map() || !from.value.is_map()) {
    twice(from.key, into.place(), from.place());
    return;
  }
  for (auto& member : from.value.members) {
    if (const auto* first = into.value.member(member.key)) {
      twice(from.key + "." + member.key, first->place(), member.place());
    } else {
      into.value.members.push_back(std::move(member));
    }
  }
}

void merge_file(Value& root, Value file, Diagnostics& diagnostics) {
  if (file.is_null()) return;
  if (!file.is_map()) {
    diagnostics.error(Code::wrong_type, file.place(),
                      fmt::format("expected a map of sections, found {}", file.shown()));
    return;
  }
  for (auto& member : file.members) {
    const auto same = std::find_if(root.members.begin(), root.members.end(),
                                   [&](const Value::Member& known) { return known.key == member.key; });
    if (same == root.members.end()) {
      root.members.push_back(std::move(member));
    } else {
      merge_section(*same, std::move(member), diagnostics);
    }
  }
}

// Names directly in `directory` that end in .yaml, with the directory before them.
Result<std::vector<std::string>> yaml_files(Env& env, const std::string& directory) {
  LT_ASSIGN(const auto names, env.list(directory));
  std::vector<std::string> files;
  for (const auto& name : names) {
    if (ends_with(name, ".yaml") && name.front() != '.') files.push_back(directory + "/" + name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::string>> files_of(Env& env, const std::string& path) {
  if (ends_with(path, ".yaml") || ends_with(path, ".yml")) return std::vector<std::string>{path};
  const std::string head = path + "/lienthong.yaml";
  LT_ASSIGN(const bool has_head, env.exists(head));
  if (!has_head) return yaml_files(env, path);
  std::vector<std::string> files{head};
  LT_ASSIGN(const bool has_parts, env.exists(path + "/conf.d"));
  if (has_parts) {
    LT_ASSIGN(const auto parts, yaml_files(env, path + "/conf.d"));
    files.insert(files.end(), parts.begin(), parts.end());
  }
  return files;
}

}  // namespace

Variables process_variables() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* found = std::getenv(name.c_str());
    return found ? std::optional<std::string>(found) : std::nullopt;
  };
}

void expand_references(Value& value, Env& env, const Variables& variables, Diagnostics& diagnostics) {
  Expansion(env, variables, diagnostics).walk(value);
}

Value load_directory(Env& env, const std::string& given, Diagnostics& diagnostics, const Variables& variables) {
  std::string path = given;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  Place place;
  place.file = path;
  Value root;
  root.kind = Value::Kind::map;
  root.file = std::make_shared<const std::string>(path);
  auto files = files_of(env, path);
  if (!files) {
    diagnostics.error(Code::file_missing, place, files.error().detail);
    return root;
  }
  if (files->empty()) {
    diagnostics.error(Code::file_missing, place, "the directory holds no *.yaml file",
                      "name a directory with lienthong.yaml or other *.yaml files in it");
    return root;
  }
  if (files->size() > limits::kConfigFiles) {
    diagnostics.error(Code::out_of_range, place,
                      fmt::format("{} files, at most {}", files->size(), limits::kConfigFiles));
    return root;
  }
  for (const auto& file : *files) {
    Value content = parse_yaml_file(env, file, diagnostics);
    expand_references(content, env, variables, diagnostics);
    merge_file(root, std::move(content), diagnostics);
  }
  return root;
}

}  // namespace lt::config
