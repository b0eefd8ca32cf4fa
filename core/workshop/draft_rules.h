// The rules of a draft before they are text. For draft.cc.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/schema/model.h"
#include "core/workshop/draft_values.h"

namespace lt::workshop {

enum class Sure : uint8_t { name_and_value, value, name };

struct DraftRule {
  std::string target;
  std::string operators;  // "{from: a, type: d}", or the path alone; of a group "from: a" or ""
  std::string why;        // for the comment
  bool group = false;
  std::vector<DraftRule> rules;
};

// One object of the target in one sample, and the object of the source it is made from. Either may be null.
struct Instance {
  const Node* target = nullptr;
  const Node* source = nullptr;
  const Node* root = nullptr;  // of the source document
};

struct DraftRules {
  std::vector<DraftRule> rules;
  std::vector<std::pair<std::string, std::string>> types;            // name -> "{pattern: ..., to: ...}"
  std::map<std::string, std::map<std::string, std::string>> tables;  // name -> rows
  std::vector<std::string> unfed_required, unfed;                    // target paths
  std::vector<std::string> unused;                                   // source paths, for ignore
  // What no rule is guessed for, in words: branches of a choice, fields with prefixes beside arrays.
  std::vector<std::string> choices, spreads;
};

DraftRules draft_rules(const schema::Model& source, const schema::Field& source_root, const schema::Model& target,
                       const schema::Field& target_root, const std::vector<Instance>& documents);

}  // namespace lt::workshop
