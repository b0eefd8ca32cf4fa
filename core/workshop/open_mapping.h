// A mapping as people name it on the command line: by file or by its name in the mappings folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/mapping/mapping_store.h"

namespace lt::workshop {

struct MappingPlace {
  std::string mappings = "mappings";  // where names are looked up
  std::string schemas;                // "" = found upwards from the file
};

// All *.map.yaml below a folder, sorted. Error io_error.
Result<std::vector<std::string>> mapping_files(Env& env, const std::string& folder);
// `named` when it is a file, else the file of the mapping of that name. Error unknown_mapping with the nearest name.
Result<std::string> mapping_file(Env& env, const MappingPlace& place, const std::string& named);
// The nearest folder `schemas` beside or above the file's own, else beside or above the working directory. Error
// io_error.
Result<std::string> schemas_for(Env& env, const MappingPlace& place, const std::string& file);

// Reads, compiles and lints one mapping; what is wrong with it is in `diagnostics`. Error: there is no such file.
Result<mapping::MappingStore::Entry> open_mapping(Env& env, const MappingPlace& place, const std::string& named,
                                                  config::Diagnostics& diagnostics);

// From target to source: the entry's own reverse, else the inverse with required fields free to stay away, so that a
// lossy mapping too can be tried there and back. Error no_reverse.
Result<std::shared_ptr<const mapping::Mapping>> way_back(const mapping::MappingStore::Entry& entry);

}  // namespace lt::workshop
