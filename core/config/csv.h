// Tables in CSV (RFC 4180): UTF-8, a header line, fields separated by ',', quoted with '"' where needed.
//
// Lines may end in LF or CRLF; a byte order mark is skipped; lines that are empty or begin with '#' are skipped too.
// Every row has as many fields as the header. At most limits::kCsvRows rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/config/diagnostics.h"

namespace lt::config {

struct CsvField {
  std::string text;
  int line = 0, column = 0;  // from 1, in code points
};

struct CsvTable {
  std::string file;
  std::vector<std::string> header;
  std::vector<std::vector<CsvField>> rows;

  // Index of a column, or npos.
  size_t column(std::string_view name) const;
  Place place(const CsvField& field) const;
  static constexpr size_t npos = static_cast<size_t>(-1);
};

// Findings: bad_csv (a quote out of place or never closed, not UTF-8), duplicate_key (a column named twice), wrong_type
// (too few or many fields in a row; the row is dropped). Unknown columns are the caller's matter.
CsvTable parse_csv(std::string_view text, const std::string& file, Diagnostics& diagnostics);
// file_missing when it cannot be read.
CsvTable parse_csv_file(Env& env, const std::string& path, Diagnostics& diagnostics);

}  // namespace lt::config
