// Code tables: which code of one system is which code of another, on which day. Office staff edit them as CSV.
//
//   source,target,valid_from,valid_to,preferred
//   27001,00277,2020-01-01,2025-06-30,
//   27001,00301,2025-07-01,,
//
// Only source and target are required; source_name and target_name are what people call the codes; other columns
// (remarks) are kept out. Days are ISO dates,
// both ends included, an empty end is open. On one day a source has one target; where several sources share a target,
// exactly one row is `preferred` (yes, x, 1 or true) and that one is the answer in reverse; likewise a source with
// several targets names its preferred one. Everything else is a finding with file:line:col, at load. Immutable
// afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/config/csv.h"

namespace lt::schema {

// Days since 1970-01-01.
using Day = int32_t;
inline constexpr Day kEver = INT32_MIN, kNever = INT32_MAX;
// "2026-07-01" (also the first ten characters of an ISO date-time), or none.
std::optional<Day> parse_day(std::string_view text);

struct CodeRow {
  std::string source, target;
  std::string source_name, target_name;  // for people, and for lint where the schema names a code list
  Day from = kEver, to = kNever;
  bool preferred = false;
  int line = 0;
  bool valid(std::optional<Day> day) const { return !day || (from <= *day && *day <= to); }
};

class CodeTable {
 public:
  // Findings: bad_csv, missing_key (a column), code_table_row, code_table_ambiguous.
  static CodeTable load(const config::CsvTable& csv, config::Diagnostics& diagnostics);
  static CodeTable load_file(Env& env, const std::string& path, config::Diagnostics& diagnostics);

  // The row for `source` valid on `day`; without a day the table must not depend on one: the latest row counts.
  // Null when there is none. The preferred row wins.
  const CodeRow* forward(std::string_view source, std::optional<Day> day = {}) const;
  const CodeRow* reverse(std::string_view target, std::optional<Day> day = {}) const;

  const std::vector<CodeRow>& rows() const { return rows_; }
  const std::string& file() const { return file_; }
  bool dated() const { return dated_; }
  // True when forward then reverse gives back every source (on every day): the table loses nothing.
  bool injective() const { return injective_; }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Index = std::unordered_map<std::string, std::vector<uint32_t>, Hash, std::equal_to<>>;
  const CodeRow* find(const Index& index, std::string_view code, std::optional<Day> day) const;
  void check(const Index& index, bool by_source, config::Diagnostics& diagnostics);

  std::string file_;
  std::vector<CodeRow> rows_;
  Index by_source_, by_target_;
  bool dated_ = false, injective_ = true;
};

}  // namespace lt::schema
