// The annex two agencies sign: a mapping in plain words, with its code tables and the hashes that it is known again by.
#pragma once

#include <string>
#include <vector>

#include "core/config/csv.h"
#include "core/mapping/mapping_store.h"

namespace lt::workshop {

struct SheetTable {
  std::string name, file, sha256;
  config::CsvTable rows;
};
struct SheetRequest {
  const mapping::MappingStore::Entry* entry = nullptr;  // compiled
  std::string sha256;                                   // of the mapping file
  std::vector<SheetTable> tables;
  bool html = false;
  bool vietnamese = true;
};

// Markdown, or one HTML page for A4 without scripts or outside resources. What the files hold is escaped.
std::string sheet(const SheetRequest& request);

}  // namespace lt::workshop
