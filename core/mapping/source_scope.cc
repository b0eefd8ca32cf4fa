#include "core/mapping/source_scope.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::mapping {
namespace {

using schema::Field;
using schema::kNoType;
using schema::TypeId;

std::string place_of(const SourceScope& scope) {
  std::string out = "$";
  for (size_t i = 1; i < scope.points.size(); ++i) out.append(".").append(scope.points[i].name);
  return out;
}

bool named_above(const std::set<std::string>& paths, std::string_view path) {
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
  root_.points.push_back({top ? top->type : kNoType, "", &model});
}

bool SourceResolver::array_only(const SourceScope::Point& at) {
  return at.type != kNoType && at.model->type(at.type).may_be(schema::kArray) &&
         !at.model->type(at.type).may_be(schema::kObject);
}

const Field* SourceResolver::follow(const SourceScope& scope, const std::string& name, const Place& place,
                                    bool& known) const {
  const auto& at = scope.points.back();
  known = true;
  const Field* field = at.type == kNoType ? nullptr : at.model->field(at.type, name);
  if (!field && at.type != kNoType && (!at.model->open(at.type) || !at.model->fields(at.type).empty())) {
    std::vector<std::string> names;
    for (const Field* sibling : at.model->fields(at.type)) names.push_back(sibling->name);
    out_.error(Code::unknown_source_path, place,
               fmt::format("{} has no field \"{}\" in {}", at.model->file, name, place_of(scope)),
               config::suggestion(name, names));
    known = false;
  }
  return field;
}

Resolved SourceResolver::resolve(const SourcePath& path, const SourceScope& from, const Place& place, bool each) {
  Resolved out;
  if (path.matched && !from.matched) {
    out_.error(Code::unknown_source_path, place, "& has a meaning inside an each with match_on only");
    return out;
  }
  out.scope = path.from_root ? root_ : path.matched ? *from.matched : from;
  if (path.from_root) out.scope.matched = from.matched;
  if (path.up >= out.scope.points.size()) {
    out_.error(Code::unknown_source_path, place, "^ goes above the root");
    return out;
  }
  out.scope.points.resize(out.scope.points.size() - path.up);
  bool known_to_exist = path.from_root;  // while it follows the scope we are in
  size_t depth = 0;
  out.optional = path.matched;
  for (const PathStep& step : path.steps) {
    const auto at = out.scope.points.back();
    if (array_only(at) || out.repeated) {
      out_.error(Code::repeated_path, place,
                 fmt::format("{} is repeated in {}: a path cannot go through it", place_of(out.scope),
                             at.model ? at.model->file : std::string("the document")),
                 "use each on it, and paths relative to its items inside, or [Field='value']");
      return out;
    }
    bool known = true;
    const Field* field = follow(out.scope, step.name, place, known);
    if (!known) return out;
    ++depth;
    known_to_exist = known_to_exist && depth < from.points.size() && from.points[depth].name == step.name;
    out.scope.points.push_back({field ? field->type : kNoType, step.name, at.model});
    const bool nullable = field && field->type != kNoType && at.model->type(field->type).kinds != schema::kAnyKind &&
                          at.model->type(field->type).may_be(schema::kNull);
    out.optional |= !known_to_exist && (!field || !field->required || nullable);
    // An ancestor that is an item of an each stands for itself, not for its array.
    if (known_to_exist)
      out.scope.points.back() = from.points[depth];
    else
      out.repeated = field && field->max_occurs > 1;
    if (out.repeated) {
      out.least = field->min_occurs;
      out.most = field->max_occurs == schema::kUnbounded ? UINT64_MAX : field->max_occurs;
    }
    if (step.where.empty()) continue;
    auto& item = out.scope.points.back();
    if (!array_only(item) && !out.repeated && item.type != kNoType) {
      out_.error(Code::repeated_path, place,
                 fmt::format("{} is not repeated: [..] picks among items", place_of(out.scope)));
      return out;
    }
    if (array_only(item)) item.type = item.model->items(item.type);
    out.repeated = false;
    out.optional = true;
    follow(out.scope, step.where, place, known);
    if (!known) return out;
    out.beside.push_back(place_of(out.scope) + "." + step.where);
  }
  out.path = place_of(out.scope);
  if (array_only(out.scope.points.back())) {
    out.repeated = true;
    const schema::Type& list = out.model()->type(out.type());
    out.least = list.min_items.value_or(0);
    out.most = list.max_items.value_or(UINT64_MAX);
    if (each) out.scope.points.back().type = out.model()->items(out.type());
  }
  if (out.repeated && !each) {
    out_.error(
        Code::repeated_path, place,
        fmt::format("{} is repeated in {}", out.path, out.model() ? out.model()->file : std::string("the document")),
        "use each, or pick one item: [Field='value']");
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
    if (used_.count(path) || used_below(used_, path) || named_above(ignored, path) || named_above(named, path))
      continue;
    named.insert(path);
    out.push_back(path);
  }
  return out;
}

}  // namespace lt::mapping
