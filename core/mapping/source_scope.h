// Follows source paths through the source schema while compiling, and remembers which fields were used.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/config/diagnostics.h"
#include "core/mapping/path.h"
#include "core/schema/model.h"

namespace lt::mapping {

// The objects from the root down to where relative paths begin; an item of an array stands for its array.
struct SourceScope {
  struct Point {
    schema::TypeId type = schema::kNoType;
    std::string name;
  };
  std::vector<Point> points;
};

struct Resolved {
  bool good = false;
  SourceScope scope;      // where it leads
  bool optional = false;  // may be absent or null although its scope is there
  bool repeated = false;
  std::string path;  // "$.A.B", without []
  schema::TypeId type() const { return scope.points.back().type; }
};

class SourceResolver {
 public:
  SourceResolver(const schema::Model& model, std::string_view root, config::Diagnostics& out);

  const SourceScope& root() const { return root_; }
  // Findings unknown_source_path and, unless `each`, repeated_path when it leads to or through an array.
  Resolved resolve(const SourcePath& path, const SourceScope& from, const Place& place, bool each);
  void use(const Resolved& at) { used_.insert(at.path); }
  // Declared fields that no rule used and `ignored` does not cover; a wholly unused object is named once.
  std::vector<std::string> unused(const std::set<std::string>& ignored) const;
  bool known(const std::string& absolute_path) const;
  const schema::Model& model() const { return model_; }

 private:
  bool array_only(schema::TypeId type) const;

  const schema::Model& model_;
  std::string root_name_;
  config::Diagnostics& out_;
  SourceScope root_;
  std::set<std::string> used_;
};

// "$.A[].B" -> "$.A.B"
std::string without_brackets(std::string_view path);

}  // namespace lt::mapping
