// All mappings of a deployment: every *.map.yaml below a folder, compiled once against the schemas and tables they
// name.
//
// Schemas are named relative to the schemas root, tables and examples relative to the mapping file. Immutable once
// loaded: a reload makes a new store, and messages under way keep the Mapping they hold.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/mapping/mapping.h"
#include "core/mapping/reversal.h"
#include "core/mapping/rule_file.h"

namespace lt::mapping {

class MappingStore {
 public:
  struct Entry {
    RuleFile file;                           // examples included
    std::shared_ptr<const Mapping> mapping;  // null when it has findings
    std::shared_ptr<const Mapping> reverse;  // from target to source; null when that cannot make whole documents
    Reversal reversal;
    std::vector<config::Finding> reverse_findings;  // why `reverse` is null
    CompileParts parts;
    std::vector<std::shared_ptr<const schema::Model>> models;  // that `parts` points into
  };

  // Reads, compiles and lints them all; everything wrong is in `diagnostics`. Names are unique (duplicate_mapping).
  static MappingStore load(Env& env, const std::string& mappings, const std::string& schemas,
                           config::Diagnostics& diagnostics);
  // One file.
  static Entry load_file(Env& env, const std::string& path, const std::string& schemas,
                         config::Diagnostics& diagnostics);

  // "name", or "name:reverse" for the way back. Null when there is none of that name, or when it had findings.
  std::shared_ptr<const Mapping> find(std::string_view name) const;
  // As find; errors unknown_mapping with the nearest name as hint, no_reverse with why there is none.
  Result<std::shared_ptr<const Mapping>> get(std::string_view name) const;
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  // What `find` knows, each "name:reverse" among them.
  std::vector<std::string> names() const;

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace lt::mapping
