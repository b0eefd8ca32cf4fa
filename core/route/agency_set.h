// Sets of agencies as configurations write them, and tables keyed by them; the longest prefix wins.
//
//   H49.02      that agency and everything below it        000.00.02.H49   the same, in the old form
//   vxp.saas.03 a free text of the alias table, itself only
//   H*          every code of level letter H                *              everybody
//
// Rank: `*` below `H*` below codes by their level; a free text above all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/route/agency_directory.h"

namespace lt::route {

struct AgencyPattern {
  enum class Kind : uint8_t { everybody, letter, code, free_text };
  Kind kind = Kind::everybody;
  std::string text;  // as in messages: "*", "H*", a code in the new form, the free text

  bool matches(const Agency& agency) const;
  // Everything `other` matches is matched by this.
  bool covers(const AgencyPattern& other) const;
};
// Error bad_agency_code.
Result<AgencyPattern> parse_pattern(std::string_view text, const AgencyDirectory& directory);

// Pattern -> a small number.
class AgencyTable {
 public:
  // The number already there, if there is one; then nothing changes.
  std::optional<uint32_t> add(const AgencyPattern& pattern, uint32_t number);
  // The number of the most specific pattern that matches.
  std::optional<uint32_t> longest(const Agency& agency) const;
  bool empty() const { return !everybody_ && codes_.empty() && free_.empty() && letters_.empty(); }

 private:
  std::optional<uint32_t> everybody_;
  std::unordered_map<char, uint32_t> letters_;
  std::unordered_map<std::string, uint32_t> codes_, free_;
};

class AgencySet {
 public:
  AgencySet() = default;  // empty
  // Findings (bad_reference with a suggestion) for what is neither a pattern nor an alias.
  static AgencySet compile(const std::vector<config::Located<std::string>>& texts, const AgencyDirectory& directory,
                           config::Diagnostics& diagnostics);

  bool contains(const Agency& agency) const { return table_.longest(agency).has_value(); }
  bool covers(const AgencySet& other) const;
  bool empty() const { return patterns_.empty(); }
  std::string text() const;  // "H49, H50.02"

 private:
  std::vector<AgencyPattern> patterns_;
  AgencyTable table_;
};

// Message types: "onestop/dossier", "onestop/*", "*".
class TypeSet {
 public:
  TypeSet() = default;
  // Findings bad_reference for a pattern that fits none of `known`; "*" always may stand.
  static TypeSet compile(const std::vector<config::Located<std::string>>& texts, const std::vector<std::string>& known,
                         config::Diagnostics& diagnostics);
  bool contains(std::string_view type) const;
  bool covers(const TypeSet& other) const;
  bool empty() const { return patterns_.empty(); }

 private:
  std::vector<std::string> patterns_;
};

// Findings bad_reference, with a suggestion, for each text that is not among `known`. `what`: "destination".
void check_names(std::string_view what, const std::vector<config::Located<std::string>>& texts,
                 const std::vector<std::string>& known, config::Diagnostics& diagnostics);

}  // namespace lt::route
