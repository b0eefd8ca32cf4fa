// The rules of a mapping as they hold for one document: lowered, each with the place in both documents that its paths
// begin at.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/rule_file.h"

namespace lt::proof {

struct RuleScope {
  std::vector<std::string> source, target;  // names from the root, without []
  std::vector<std::string> item;            // of the innermost array that is walked
  std::string holder;                       // "$.DuLieu": inside the document of that text, "" outside of one
  std::string matched;                      // "$.Tep": the array of match_on, "" without
  std::string matched_by;                   // field of its items that is the key
  std::vector<std::string> reads;           // what the groups around depend on
  bool conditional = false;                 // a group around has a condition

  // "$.A.B" of a path as a rule writes it; none when it leads out of what is known. Inside a text: the text's own path.
  std::optional<std::string> source_path(std::string_view path) const;
  // The paths an expression names.
  std::vector<std::string> expression_paths(const mapping::Text& expression) const;
  std::string target_path(std::string_view path) const;
};

// Every rule, groups before what is in them. `reads`: absolute source paths, without [], that decide what this rule
// writes.
using RuleVisit =
    std::function<void(const mapping::Rule& rule, const RuleScope& scope, const std::vector<std::string>& reads)>;
void walk_rules(const mapping::RuleFile& file, const RuleVisit& visit);

}  // namespace lt::proof
