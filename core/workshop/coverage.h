// Which rules and table rows of a mapping were exercised by runs of it.
//
// A rule is one place of the file. It is exercised when it wrote something; a check (of one_of, for one) when it was
// reached; an only_back rule in reverse. A row of a table is used in either direction.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/mapping_store.h"

namespace lt::workshop {

class Coverage {
 public:
  struct RuleUse {
    Place place;
    std::string target;
    bool exercised = false;
  };
  struct TableRows {
    std::string name, file;
    size_t rows = 0, used = 0;
    std::vector<const schema::CodeRow*> unused;  // in file order
  };

  Coverage() = default;
  // `entry` outlives it.
  explicit Coverage(const mapping::MappingStore::Entry& entry);

  // What a run wrote before it ended, well or not.
  void note(const mapping::Mapping& mapping, const mapping::Trace& trace, bool backwards);

  const std::vector<RuleUse>& rules() const { return rules_; }  // in file order
  size_t exercised() const;
  std::vector<TableRows> tables() const;  // by name

  // "luật / rules 60/72; dòng bảng / table rows 3/12"
  std::string line() const;
  // That line, then what was never exercised, at most `most` rows of each table.
  std::string text(size_t most = 20) const;

 private:
  void add(const Place& place, const std::string& target);
  void note_checks(const mapping::Program& program, const std::set<uint32_t>& wrote);

  const mapping::MappingStore::Entry* entry_ = nullptr;
  std::vector<RuleUse> rules_;
  std::map<std::pair<int, int>, size_t> by_place_;
  std::set<const schema::CodeRow*> used_;
};

}  // namespace lt::workshop
