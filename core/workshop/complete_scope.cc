#include "core/workshop/complete_scope.h"

#include "core/mapping/path.h"

namespace lt::workshop {
namespace {

using schema::Field;
using schema::kNoType;

// With a prefix of a spread before it, or in place of its star.
const Field* field_of(const TypedScope& scope, const std::string& name) {
  if (const Field* field = scope.model->field(scope.type(), name)) return field;
  const size_t star = name.find('*');
  for (const std::string& prefix : scope.prefixes) {
    const std::string whole = star == name.npos ? prefix + name : name.substr(0, star) + prefix + name.substr(star + 1);
    if (const Field* field = scope.model->field(scope.type(), whole)) return field;
  }
  return nullptr;
}

}  // namespace

TypedScope root_scope(std::shared_ptr<const schema::Model> model, std::string_view root) {
  TypedScope out;
  const Field* top = model ? model->root(root) : nullptr;
  if (!top) return out;
  out.model = std::move(model);
  out.points.push_back(top->type);
  return out;
}

bool repeated(const schema::Model& model, const Field& field) {
  return field.max_occurs > 1 || (field.type != kNoType && model.items(field.type) != kNoType);
}

TypedPlace follow(const TypedScope& from, std::string_view text) {
  const auto path = mapping::parse_source_path(text);
  TypedPlace out;
  if (!path || !from.model) return out;
  out.scope = path->matched && from.matched ? *from.matched : from;
  if ((path->matched && !from.matched) || path->up >= from.points.size()) return {};
  if (path->from_root) out.scope.points.resize(1);
  out.scope.points.resize(out.scope.points.size() - path->up);
  for (const mapping::PathStep& step : path->steps) {
    out.field = out.scope.type() == kNoType ? nullptr : field_of(out.scope, step.name);
    if (!out.field) return {};
    out.scope.prefixes.clear();
    const schema::TypeId items = out.field->type == kNoType ? kNoType : out.scope.model->items(out.field->type);
    out.repeated = repeated(*out.scope.model, *out.field) && step.where.empty();
    out.scope.points.push_back(items == kNoType ? out.field->type : items);
  }
  return out;
}

}  // namespace lt::workshop
