#include "core/mapping/source_scope.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::mapping {
namespace {

using schema::Field;
using schema::kNoType;
using schema::TypeId;

std::string path_text(const SourceScope& scope) {
  std::string out = "$";
  for (size_t i = 1; i < scope.points.size(); ++i) out.append(".").append(scope.points[i].name);
  return out;
}

bool covers(const std::set<std::string>& paths, std::string_view path) {
  for (std::string_view at = path; !at.empty(); at = at.substr(0, std::min(at.rfind('.'), at.size() - 1)))
    if (paths.count(std::string(at)))
      return true;
    else if (at.rfind('.') == std::string_view::npos)
      break;
  return false;
}

bool used_below(const std::set<std::string>& used, const std::string& path) {
  const auto at = used.lower_bound(path + ".");
  return at != used.end() && at->compare(0, path.size() + 1, path + ".") == 0;
}

}  // namespace

std::string without_brackets(std::string_view path) {
  std::string out;
  for (char c : path)
    if (c != '[' && c != ']') out.push_back(c);
  return out;
}

SourceResolver::SourceResolver(const schema::Model& model, std::string_view root, config::Diagnostics& out)
    : model_(model), root_name_(root), out_(out) {
  const Field* top = model.root(root);
  root_.points.push_back({top ? top->type : kNoType, ""});
}

bool SourceResolver::array_only(TypeId id) const {
  return id != kNoType && model_.type(id).may_be(schema::kArray) && !model_.type(id).may_be(schema::kObject);
}

Resolved SourceResolver::resolve(const SourcePath& path, const SourceScope& from, const Place& place, bool each) {
  Resolved out;
  out.scope = path.from_root ? root_ : from;
  if (path.up >= out.scope.points.size()) {
    out_.error(Code::unknown_source_path, place, "^ goes above the root");
    return out;
  }
  out.scope.points.resize(out.scope.points.size() - path.up);
  bool known_to_exist = path.from_root;  // while it follows the scope we are in
  size_t depth = 0;
  for (const std::string& step : path.steps) {
    const TypeId type = out.scope.points.back().type;
    if (array_only(type) || (out.repeated && !array_only(type))) {
      out_.error(Code::repeated_path, place,
                 fmt::format("{} is repeated in {}: a path cannot go through it", path_text(out.scope), model_.file),
                 "use each on it, and paths relative to its items inside");
      return out;
    }
    const Field* field = type == kNoType ? nullptr : model_.field(type, step);
    if (!field && type != kNoType && (!model_.open(type) || !model_.fields(type).empty())) {
      std::vector<std::string> names;
      for (const Field* sibling : model_.fields(type)) names.push_back(sibling->name);
      out_.error(Code::unknown_source_path, place,
                 fmt::format("{} has no field \"{}\" in {}", model_.file, step, path_text(out.scope)),
                 config::suggestion(step, names));
      return out;
    }
    ++depth;
    known_to_exist = known_to_exist && depth < from.points.size() && from.points[depth].name == step;
    out.scope.points.push_back({field ? field->type : kNoType, step});
    const bool nullable = field && field->type != kNoType && model_.type(field->type).kinds != schema::kAnyKind &&
                          model_.type(field->type).may_be(schema::kNull);
    out.optional |= !known_to_exist && (!field || !field->required || nullable);
    // An ancestor that is an item of an each stands for itself, not for its array.
    if (known_to_exist)
      out.scope.points.back() = from.points[depth];
    else
      out.repeated = field && field->max_occurs > 1;
  }
  out.path = path_text(out.scope);
  if (array_only(out.type())) {
    out.repeated = true;
    if (each) out.scope.points.back().type = model_.items(out.type());
  }
  if (out.repeated && !each) {
    out_.error(Code::repeated_path, place, fmt::format("{} is repeated in {}", out.path, model_.file), "use each");
    return out;
  }
  out.good = true;
  return out;
}

bool SourceResolver::known(const std::string& wanted) const {
  for (const auto& entry : model_.paths(root_name_))
    if (without_brackets(entry.path) == wanted) return true;
  return false;
}

std::vector<std::string> SourceResolver::unused(const std::set<std::string>& ignored) const {
  std::vector<std::string> out;
  std::set<std::string> named;
  for (const auto& entry : model_.paths(root_name_)) {
    const std::string path = without_brackets(entry.path);
    if (used_.count(path) || used_below(used_, path) || covers(ignored, path) || covers(named, path)) continue;
    named.insert(path);
    out.push_back(path);
  }
  return out;
}

}  // namespace lt::mapping
