// The subcommands of `lienthong map`, one file each: map_<name>.cc. Declare yours here and call it in map.cc.
#pragma once

#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/cli/command.h"
#include "core/config/diagnostics.h"
#include "core/workshop/open_mapping.h"

namespace lt::cli {

void add_map_test(CLI::App& group, Action& chosen);     // test, coverage
void add_map_try(CLI::App& group, Action& chosen);      // try
void add_map_explain(CLI::App& group, Action& chosen);  // explain
void add_map_diff(CLI::App& group, Action& chosen);     // diff
void add_map_prove(CLI::App& group, Action& chosen);    // prove
void add_map_fmt(CLI::App& group, Action& chosen);
void add_map_sheet(CLI::App& group, Action& chosen);
void add_map_draft(CLI::App& group, Action& chosen);
void add_map_complete(CLI::App& group, Action& chosen);
void add_map_schema(CLI::App& group, Action& chosen);

// --mappings and --schemas, as every one of them has them.
void add_mapping_place(CLI::App& command, workshop::MappingPlace& place);
// --schemas alone, of commands that look up no name.
void add_schemas_place(CLI::App& command, workshop::MappingPlace& place);

// A mapping for a command; what is wrong with it was printed. Null with the exit code in `code`.
struct OpenedMapping {
  mapping::MappingStore::Entry entry;
  std::shared_ptr<const mapping::Mapping> mapping;  // in the direction asked for
  std::string schemas;                              // the folder
};
std::unique_ptr<OpenedMapping> open_for_command(const workshop::MappingPlace& place, const std::string& named,
                                                bool reverse, int& code);

// A sample: "-" is stdin. `name` is what errors call it.
Result<std::string> read_sample(const std::string& path);
// Accepted now, as a message that never was; tables are read as of the day of --as-of, else today.
struct SampleContext {
  explicit SampleContext(const std::string& as_of);
  SampleContext(const SampleContext&) = delete;
  std::string accepted;
  mapping::RunContext run;  // borrows `accepted`
};
// To stderr, when a way back can lose required fields.
void tell_if_lossy(const mapping::MappingStore::Entry& entry, const mapping::Mapping& back);
// For CLI::Option::check.
std::string check_day(const std::string& text);

}  // namespace lt::cli
