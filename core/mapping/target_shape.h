// The target as the rules of a file shape it: one node per target field, in the order the target schema wants.
#pragma once

#include <map>
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
  const schema::Model* model = nullptr;   // null inside a document whose schema nobody names
  const schema::Field* field = nullptr;   // null: the root, or not declared (open content)
  schema::TypeId type = schema::kNoType;  // of one item when `repeated`
  bool array = false;                     // a JSON array
  bool repeated = false;                  // an array, or an element that may repeat
  bool null = false;
  size_t order = 0;
  const Rule* rule = nullptr;  // null: an object that only dotted paths made
  std::string part;            // of parts: the group of the pattern that feeds this
  bool required = false;
  bool shared = false;       // another node writes the same field
  bool see_through = false;  // no object of its own: its children are its parent's
  Place place;
  std::vector<std::unique_ptr<TargetNode>> children;
  std::vector<const Rule*> checks;       // expect, cases: read in the scope of this object
  std::vector<const Rule*> rests;        // undeclared fields of other objects that belong here
  std::unique_ptr<TargetNode> embedded;  // root of the document that this text holds

  // Null where nothing is known.
  const schema::Type* described() const { return type == schema::kNoType ? nullptr : &model->type(type); }
};
using EmbeddedModels = std::map<std::string, std::shared_ptr<const schema::Model>>;

class TargetShape {
 public:
  TargetShape(const schema::Model& model, const EmbeddedModels& embedded, config::Diagnostics& out)
      : model_(model), embedded_(embedded), out_(out) {}

  // The root, or null when the target has none of that name. Findings: unknown_target_path, duplicate_target,
  // needs_rules, repeated_path, pattern_error.
  std::unique_ptr<TargetNode> build(const RuleFile& file, const std::vector<Rule>& lowered);
  // Finds required_unfed: required fields of objects that are written, but that no rule writes.
  void check_required(const TargetNode& root, const std::set<std::string>& ignored);

 private:
  void place_rules(const std::vector<Rule>& rules, TargetNode& parent);
  void place_leaf(const Rule& rule, TargetNode& parent, std::vector<std::string> steps, std::string part,
                  const Place& place);
  void place_parts(const Rule& rule, TargetNode& parent, const std::vector<std::string>& steps);
  TargetNode* object_at(TargetNode& parent, const std::vector<std::string>& steps, const Place& place);
  // What stands in the way of this rule at that node; true after a finding.
  bool misfit(const Rule& rule, TargetNode& at, const Place& place);
  void embed(const Rule& rule, TargetNode& at);
  static bool may_share(const Rule& one, const Rule& other);
  TargetNode* grow(TargetNode& parent, const std::string& name, const Place& place);
  void sort(TargetNode& node);
  static bool object_like(const TargetNode& node);

  const schema::Model& model_;
  const EmbeddedModels& embedded_;
  config::Diagnostics& out_;
};

}  // namespace lt::mapping
