// The target as the rules of a file shape it: one node per target field, in the order the target schema wants.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/config/diagnostics.h"
#include "core/mapping/rule_file.h"
#include "core/schema/model.h"

namespace lt::mapping {

struct TargetNode {
  std::string name, path;  // path: "$.A.B"
  std::string ns;
  const schema::Field* field = nullptr;   // null: the root, or not declared (open content)
  schema::TypeId type = schema::kNoType;  // of one item when `repeated`
  bool array = false;                     // a JSON array
  bool repeated = false;                  // an array, or an element that may repeat
  bool null = false;
  size_t order = 0;
  const Rule* rule = nullptr;  // null: an object that only dotted paths made
  std::string part;            // of parts: the group of the pattern that feeds this
  bool required = false;
  Place place;
  std::vector<std::unique_ptr<TargetNode>> children;
};

class TargetShape {
 public:
  TargetShape(const schema::Model& model, config::Diagnostics& out) : model_(model), out_(out) {}

  // The root, or null when the target has none of that name. Findings: unknown_target_path, duplicate_target,
  // needs_rules, repeated_path, pattern_error.
  std::unique_ptr<TargetNode> build(const RuleFile& file);
  // Finds required_unfed: required fields of objects that are written, but that no rule writes.
  void check_required(const TargetNode& root, const std::set<std::string>& ignored);

 private:
  void place_rules(const std::vector<Rule>& rules, TargetNode& parent);
  void place_leaf(const Rule& rule, TargetNode& parent, std::vector<std::string> steps, std::string part,
                  const Place& place);
  TargetNode* grow(TargetNode& parent, const std::string& name, const Place& place);
  void sort(TargetNode& node);
  bool object_like(schema::TypeId type) const;

  const schema::Model& model_;
  config::Diagnostics& out_;
};

// The named groups of a pattern, in order: `(?<Name>` and `(?P<Name>`.
std::vector<std::string> group_names(std::string_view pattern);

}  // namespace lt::mapping
