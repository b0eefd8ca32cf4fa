// Code lists: the codes a field may have, and what each is called. People edit them as CSV.
//
//   code,name,name_en,valid_from,valid_to,note,source,certainty
//   2,Được tiếp nhận,Accepted,,,,QCVN 120:2019/BTTTT,C
//
// Only code and name are required; columns not named in CodeEntry are for people. Days are ISO dates, both ends
// included, an empty end is open. On one day a code stands once. Everything else is a finding with file:line:col, at
// load. Immutable afterwards.
//
// A schema names the list of a field: in JSON Schema "x-codes": "codes/x.csv" beside its type, in XSD
//   <xs:annotation><xs:appinfo><codes xmlns="urn:lienthong:schema">codes/x.csv</codes></xs:appinfo></xs:annotation>
// on a simple type, an element or an attribute. The path is relative to the schema file, as $ref is; Type::codes holds
// it relative to the schemas root. A list says what codes mean, not what is valid: that stays with enum.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/config/csv.h"
#include "core/schema/code_table.h"

namespace lt::schema {

struct CodeEntry {
  std::string code, name, name_en;
  Day from = kEver, to = kNever;
  int line = 0, column = 0;  // of the code
  bool valid(std::optional<Day> day) const { return !day || (from <= *day && *day <= to); }
};

class CodeList {
 public:
  // Findings: bad_csv, missing_key (a column), code_table_row (an empty code or name, a bad day, a code twice).
  static CodeList load(const config::CsvTable& csv, config::Diagnostics& diagnostics);
  static CodeList load_file(Env& env, const std::string& path, config::Diagnostics& diagnostics);

  // The entry valid on `day`; without a day the latest. Null when there is none.
  const CodeEntry* find(std::string_view code, std::optional<Day> day = {}) const;
  // By Vietnamese or English name, compared as fold() does ("Đang xử lý" is "dang xu ly"). Null when no code is called
  // that, or more than one.
  const CodeEntry* find_by_name(std::string_view name, std::optional<Day> day = {}) const;

  const std::vector<CodeEntry>& entries() const { return entries_; }
  const std::string& file() const { return file_; }
  Place place(const CodeEntry& entry) const { return Place{file_, entry.line, entry.column, {}}; }

 private:
  using Index = std::unordered_map<std::string, std::vector<uint32_t>>;
  void add(CodeEntry entry, config::Diagnostics& diagnostics);

  std::string file_;
  std::vector<CodeEntry> entries_;
  Index by_code_, by_name_;
};

}  // namespace lt::schema
