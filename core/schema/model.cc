#include "core/schema/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/config/diagnostics.h"

namespace lt::schema {
namespace {

constexpr std::array<std::string_view, 16> kScalarNames = {
    "any",      "string", "integer",    "decimal",      "boolean",   "date",   "time",  "dateTime",
    "duration", "gYear",  "gYearMonth", "base64Binary", "hexBinary", "anyURI", "email", "uuid"};

struct Step {
  std::string_view name;  // "" when the path begins with "[]"
  int items = 0;          // how many "[]" follow
};

// Visits `id` and the types that hold on the same node: allOf, anyOf, oneOf, then, else, dependencies.
template <class Visit>
void each_in_place(const Model& model, TypeId id, std::vector<TypeId>& seen, const Visit& visit) {
  if (id == kNoType || std::find(seen.begin(), seen.end(), id) != seen.end()) return;
  seen.push_back(id);
  const Type& type = model.types[id];
  visit(type);
  for (const auto* list : {&type.all_of, &type.any_of, &type.one_of})
    for (TypeId next : *list) each_in_place(model, next, seen, visit);
  each_in_place(model, type.then, seen, visit);
  each_in_place(model, type.otherwise, seen, visit);
  for (const Dependency& dependency : type.dependencies) each_in_place(model, dependency.type, seen, visit);
}
template <class Visit>
void each_in_place(const Model& model, TypeId id, const Visit& visit) {
  std::vector<TypeId> seen;
  each_in_place(model, id, seen, visit);
}

Error bad_path(std::string_view path, const std::string& why) {
  return Error(Code::unknown_path, fmt::format("\"{}\": {}", path, why));
}

Result<std::vector<Step>> split(std::string_view path) {
  std::vector<Step> steps;
  std::string_view rest = path;
  if (rest.substr(0, 1) == "$") {
    rest.remove_prefix(1);
    if (rest.size() > 1 && rest[0] == '.')
      rest.remove_prefix(1);
    else if (!rest.empty() && rest[0] != '[')
      return fail(bad_path(path, "after $ comes a dot"));
  }
  if (path.empty()) return fail(bad_path(path, "an empty path"));
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(".["), rest.size());
    Step step{rest.substr(0, end)};
    rest.remove_prefix(end);
    while (!rest.empty() && rest[0] == '[') {
      const size_t close = rest.find(']');
      if (close == std::string_view::npos || rest.substr(1, close - 1).find_first_not_of("0123456789") != rest.npos)
        return fail(bad_path(path, "brackets hold nothing or a number"));
      ++step.items;
      rest.remove_prefix(close + 1);
    }
    if (step.name.empty() && (step.items == 0 || !steps.empty())) return fail(bad_path(path, "a step has no name"));
    steps.push_back(step);
    if (rest.empty()) break;
    if (rest[0] != '.' || rest.size() == 1) return fail(bad_path(path, "steps are joined by dots"));
    rest.remove_prefix(1);
  }
  return steps;
}

// What may stand there, allOf taken into account.
uint8_t kinds_at(const Model& model, TypeId id, int depth = 0) {
  if (id == kNoType || depth > 8) return kAnyKind;
  uint8_t kinds = model.types[id].kinds;
  for (TypeId part : model.types[id].all_of) kinds &= kinds_at(model, part, depth + 1);
  return kinds;
}

bool is_array_only(const Model& model, TypeId id) {
  const uint8_t kinds = kinds_at(model, id);
  return id != kNoType && (kinds & kArray) != 0 && (kinds & kObject) == 0;
}

bool never_empty(const Model& model, TypeId array) {
  bool filled = false;
  each_in_place(model, array, [&](const Type& type) { filled |= type.min_items.value_or(0) > 0; });
  return filled;
}

// Moves `at` from an array to its items.
void enter_items(const Model& model, Found& at) {
  at.optional |= !never_empty(model, at.type);
  at.repeated = true;
  at.type = model.items(at.type);
}

// Moves `at` along one named field. False when a declared object has no such field.
bool enter_field(const Model& model, std::string_view name, Found& at) {
  if (const Field* field = model.field(at.type, name)) {
    at.steps.push_back(field);
    at.optional |= !field->required;
    at.repeated |= field->max_occurs > 1;
    at.type = field->type;
    return true;
  }
  bool declares = false;
  TypeId additional = kNoType;
  each_in_place(model, at.type, [&](const Type& type) {
    declares |= !type.fields.empty();
    if (type.additional != kNoType) additional = type.additional;
  });
  if (declares || !model.open(at.type)) return false;
  at.optional = true;
  at.type = additional;
  return true;
}

void list_paths(const Model& model, const std::string& prefix, const Found& at, std::vector<TypeId>& branch,
                std::vector<PathEntry>& out) {
  if (at.type == kNoType || out.size() >= limits::kSchemaPaths || branch.size() >= limits::kSchemaDepth) return;
  if (std::find(branch.begin(), branch.end(), at.type) != branch.end()) return;
  branch.push_back(at.type);
  for (const Field* field : model.fields(at.type)) {
    if (out.size() >= limits::kSchemaPaths) break;
    PathEntry entry{prefix + "." + field->name, at};
    entry.found.steps.push_back(field);
    entry.found.optional |= !field->required;
    entry.found.type = field->type;
    if (field->max_occurs > 1) {
      entry.path += "[]";
      entry.found.repeated = true;
    }
    for (int levels = 0; levels < 4 && is_array_only(model, entry.found.type); ++levels) {
      entry.path += "[]";
      enter_items(model, entry.found);
    }
    out.push_back(entry);
    list_paths(model, entry.path, entry.found, branch, out);
  }
  branch.pop_back();
}

}  // namespace

std::string_view name_of(Scalar scalar) { return kScalarNames[static_cast<size_t>(scalar)]; }

const Field* Model::root(std::string_view name) const {
  if (name.empty()) return roots.size() == 1 ? &roots[0] : nullptr;
  for (const Field& field : roots)
    if (field.name == name) return &field;
  return nullptr;
}

std::vector<const Field*> Model::fields(TypeId object) const {
  std::vector<const Field*> out;
  each_in_place(*this, object, [&](const Type& type) {
    for (const Field& field : type.fields) {
      auto same = [&](const Field* known) { return known->name == field.name && known->ns == field.ns; };
      if (std::none_of(out.begin(), out.end(), same)) out.push_back(&field);
    }
  });
  return out;
}

const Field* Model::field(TypeId object, std::string_view name) const {
  const Field* found = nullptr;
  each_in_place(*this, object, [&](const Type& type) {
    for (const Field& field : type.fields)
      if (found == nullptr && field.name == name) found = &field;
  });
  return found;
}

bool Model::open(TypeId object) const {
  bool closed = false;
  if (object == kNoType) return true;
  each_in_place(*this, object, [&](const Type& type) { closed |= !type.open; });
  return !closed && types[object].may_be(kObject);
}

TypeId Model::items(TypeId array) const {
  TypeId found = kNoType;
  each_in_place(*this, array, [&](const Type& type) {
    if (found == kNoType && type.may_be(kArray))
      found = type.items != kNoType || type.tuple.empty() ? type.items : type.tuple[0];
  });
  return found;
}

Result<Found> Model::lookup(std::string_view path, std::string_view root_name) const {
  const Field* top = root(root_name);
  if (top == nullptr) {
    std::vector<std::string> names;
    for (const Field& field : roots) names.push_back(field.name);
    return fail(Code::unknown_path, fmt::format("{} has no root element \"{}\"", file, root_name), {},
                config::suggestion(root_name, names));
  }
  return lookup(top->type, path);
}

Result<Found> Model::lookup(TypeId from, std::string_view path) const {
  LT_ASSIGN(const std::vector<Step> steps, split(path));
  Found at;
  at.type = from;
  std::string walked = "$";
  for (const Step& step : steps) {
    if (!step.name.empty() && at.type != kNoType) {
      while (is_array_only(*this, at.type)) enter_items(*this, at);
      if (at.type != kNoType && !enter_field(*this, step.name, at)) {
        std::vector<std::string> names;
        for (const Field* field : fields(at.type)) names.push_back(field->name);
        return fail(Code::unknown_path,
                    fmt::format("\"{}\": {} has no field \"{}\" at {}", path, file, step.name, walked), {},
                    config::suggestion(step.name, names));
      }
    }
    walked += (step.name.empty() ? "" : ".") + std::string(step.name);
    for (int i = 0; i < step.items && at.type != kNoType; ++i, walked += "[]") {
      const bool repeats = i == 0 && !at.steps.empty() && at.steps.back()->max_occurs > 1;
      if (repeats) continue;
      if ((kinds_at(*this, at.type) & kArray) == 0)
        return fail(Code::unknown_path, fmt::format("\"{}\": {} is not repeated in {}", path, walked, file));
      enter_items(*this, at);
    }
    if (at.type == kNoType) at.optional = true;
  }
  return at;
}

std::vector<PathEntry> Model::paths(std::string_view root_name) const {
  std::vector<PathEntry> out;
  const Field* top = root(root_name);
  if (top == nullptr) return out;
  Found at;
  at.type = top->type;
  std::string prefix = "$";
  for (int levels = 0; levels < 4 && is_array_only(*this, at.type); ++levels) {
    enter_items(*this, at);
    prefix += "[]";
  }
  std::vector<TypeId> branch;
  list_paths(*this, prefix, at, branch, out);
  return out;
}

std::optional<std::string> Model::nearest(std::string_view path, std::string_view root_name) const {
  const std::string wanted = path.substr(0, 1) == "$" ? std::string(path) : "$." + std::string(path);
  if (wanted.size() > limits::kName) return std::nullopt;
  std::optional<std::string> best;
  size_t fewest = std::max<size_t>(3, wanted.size() / 3);
  for (const PathEntry& entry : paths(root_name)) {
    const size_t edits = edit_distance(wanted, entry.path);
    if (edits < fewest) {
      fewest = edits;
      best = entry.path;
    }
  }
  return best;
}

}  // namespace lt::schema
