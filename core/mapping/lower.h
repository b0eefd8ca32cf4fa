// Rewrites the operators that are short for others: one_of and spread. What remains is what the compiler knows.
#pragma once

#include <vector>

#include "core/config/diagnostics.h"
#include "core/mapping/rule_file.h"

namespace lt::mapping {

// Findings: bad_expression, wrong_type.
std::vector<Rule> lower(const std::vector<Rule>& rules, config::Diagnostics& diagnostics);
// One spread rule, its nested ones included.
std::vector<Rule> lower_spread(const Rule& rule, config::Diagnostics& diagnostics);
// "Loai == 'TC' or Loai == 'DN'": that `path` has one of the texts.
Text any_of(const std::string& path, const std::vector<Text>& texts, const Place& place);

}  // namespace lt::mapping
