// What the tests of core/route share: a small directory of agencies, and specs read from YAML text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/yaml.h"
#include "core/route/access.h"
#include "core/route/agency_directory.h"
#include "core/route/rules.h"

namespace lt::test {

// The tables shipped with the house.
inline std::shared_ptr<const route::AgencyDirectory> shipped_directory(config::Diagnostics& diagnostics,
                                                                       route::AgenciesConfig config = {}) {
  config.tables.push_back(std::string(LT_SOURCE_DIR) + "/schemas/agencies/agencies.csv");
  config.alias_tables.push_back(std::string(LT_SOURCE_DIR) + "/schemas/agencies/aliases.csv");
  return route::AgencyDirectory::load(config, system_env(), diagnostics);
}

inline std::vector<config::Located<std::string>> located(const std::vector<std::string>& texts) {
  std::vector<config::Located<std::string>> out;
  for (const auto& text : texts) out.push_back({text, {}});
  return out;
}

template <class T>
std::vector<T> read_list(const config::Spec<T>& spec, std::string_view yaml, config::Diagnostics& diagnostics) {
  std::vector<T> out;
  const auto value = config::parse_yaml(yaml, "r.yaml", diagnostics);
  for (const auto& item : value.items) out.push_back(spec.read(item, diagnostics));
  return out;
}

// "LT-1007@r.yaml:3:5 ..."
inline std::string places(const config::Diagnostics& diagnostics) {
  std::string out;
  for (const auto& finding : diagnostics.findings()) {
    out += (out.empty() ? "" : " ") + code_text(finding.code) + "@" + finding.place.text();
  }
  return out;
}

inline route::Date day(std::string_view text) { return route::parse_date(text).value(); }

}  // namespace lt::test
