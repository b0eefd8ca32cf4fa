// Follows source paths through the source schema while compiling, and remembers which fields were used.
#pragma once

#include <memory>
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
    const schema::Model* model = nullptr;  // null inside a document whose schema nobody names
  };
  std::vector<Point> points;
  std::shared_ptr<const SourceScope> matched;  // where `&` leads
};

struct Resolved {
  bool good = false;
  SourceScope scope;      // where it leads
  bool optional = false;  // may be absent or null although its scope is there
  bool repeated = false;
  uint64_t least = 0, most = UINT64_MAX;  // items, where it is repeated
  std::string path;                       // "$.A.B", without []
  std::vector<std::string> beside;        // paths that decide which item is meant
  schema::TypeId type() const { return scope.points.back().type; }
  const schema::Model* model() const { return scope.points.back().model; }
  // Null where nothing is known.
  const schema::Type* described() const { return type() == schema::kNoType ? nullptr : &model()->type(type()); }
};

class SourceResolver {
 public:
  SourceResolver(const schema::Model& model, std::string_view root, config::Diagnostics& out);

  const SourceScope& root() const { return root_; }
  // Findings unknown_source_path and, unless `each`, repeated_path when it leads to or through an array.
  Resolved resolve(const SourcePath& path, const SourceScope& from, const Place& place, bool each);
  void use(const Resolved& at) {
    used_.insert(at.path);
    used_.insert(at.beside.begin(), at.beside.end());
  }
  const std::set<std::string>& used() const { return used_; }
  // Declared fields that no rule used and `ignored` does not cover; a wholly unused object is named once.
  std::vector<std::string> unused(const std::set<std::string>& ignored) const;
  bool known(const std::string& absolute_path) const;
  const schema::Model& model() const { return model_; }

 private:
  static bool array_only(const SourceScope::Point& at);
  // Follows one step from `at`; null when the schema refuses it, after a finding.
  const schema::Field* follow(const SourceScope& scope, const std::string& name, const Place& place, bool& known) const;

  const schema::Model& model_;
  std::string root_name_;
  config::Diagnostics& out_;
  SourceScope root_;
  std::set<std::string> used_;
};

// "$.A[].B" -> "$.A.B"
std::string without_brackets(std::string_view path);

}  // namespace lt::mapping
