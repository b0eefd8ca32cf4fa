// The objects that paths in a mapping file begin at, followed through schemas while the file is typed. For complete.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema/model.h"

namespace lt::workshop {

struct TypedScope {
  std::shared_ptr<const schema::Model> model;  // null where nothing is known
  std::vector<schema::TypeId> points;          // from the root down; the last is where paths begin
  std::shared_ptr<const TypedScope> matched;   // where & leads
  std::vector<std::string> prefixes;           // of spread: names stand there without them
  schema::TypeId type() const { return points.empty() ? schema::kNoType : points.back(); }
};

// Null model when the schema has no such root.
TypedScope root_scope(std::shared_ptr<const schema::Model> model, std::string_view root);

// Where a path leads; an array or repeated element stands for its items. `field` is the last step, null for the scope
// itself and for what is not declared.
struct TypedPlace {
  TypedScope scope;
  const schema::Field* field = nullptr;
  bool repeated = false;
};
// $ ^ & and [Field='value'] as in core/mapping/path.h; without a model when it leads nowhere.
TypedPlace follow(const TypedScope& from, std::string_view path);

bool repeated(const schema::Model& model, const schema::Field& field);

}  // namespace lt::workshop
