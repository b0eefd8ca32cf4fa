#include "core/config/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/text.h"

namespace lt::config {
namespace {

// Walks the text once, knowing line and column.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  // The next record, skipping empty lines and remarks. False at the end or after an error that stops reading.
  bool next(std::vector<CsvField>& record) {
    record.clear();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '#' || text_.substr(at_, 2) == "\r\n")) {
      while (at_ < text_.size() && text_[at_] != '\n') advance();
      if (at_ < text_.size()) advance();
    }
    if (at_ >= text_.size()) return false;
    do {
      if (!field(record.emplace_back())) return false;
    } while (take(','));
    if (take('\r') && at_ < text_.size() && text_[at_] != '\n') return bad("a carriage return inside a line");
    if (at_ >= text_.size() || take('\n')) return true;
    return bad("text after a closing quote");
  }

 private:
  bool field(CsvField& out) {
    out.line = line_;
    out.column = column_;
    if (!take('"')) {
      while (at_ < text_.size() && std::string_view(",\n\r").find(text_[at_]) == std::string_view::npos) {
        if (text_[at_] == '"') return bad("a quote inside an unquoted field");
        out.text += text_[at_];
        advance();
      }
      return true;
    }
    while (at_ < text_.size()) {
      if (take('"')) {
        if (!take('"')) return true;
        out.text += '"';
        continue;
      }
      out.text += text_[at_];
      advance();
    }
    line_ = out.line;
    column_ = out.column;
    return bad("a quote that is never closed");
  }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    advance();
    return true;
  }
  void advance() {
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if (at_ >= text_.size() || (static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {
      ++column_;
    }
  }
  bool bad(std::string message) {
    Place place;
    place.file = file_;
    place.line = line_;
    place.column = column_;
    diagnostics_.error(Code::bad_csv, std::move(place), std::move(message));
    return false;
  }

  std::string_view text_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  int line_ = 1, column_ = 1;
};

}  // namespace

size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? npos : static_cast<size_t>(found - header.begin());
}

Place CsvTable::place(const CsvField& field) const {
  Place place;
  place.file = file;
  place.line = field.line;
  place.column = field.column;
  return place;
}

CsvTable parse_csv(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  CsvTable table;
  table.file = file;
  const auto kept = std::make_shared<const std::string>(text);
  diagnostics.add_source(file, kept);
  if (const size_t bad = find_bad_utf8(*kept); bad != std::string_view::npos) {
    CsvField at;
    at.line = static_cast<int>(std::count(kept->begin(), kept->begin() + static_cast<std::ptrdiff_t>(bad), '\n')) + 1;
    const size_t line = bad == 0 ? std::string::npos : kept->rfind('\n', bad - 1);
    const size_t start = line == std::string::npos ? 0 : line + 1;
    at.column = static_cast<int>(count_code_points(std::string_view(*kept).substr(start, bad - start))) + 1;
    diagnostics.error(Code::bad_csv, table.place(at), "not UTF-8", "save the file as UTF-8");
    return table;
  }
  CsvReader reader(*kept, file, diagnostics);
  std::vector<CsvField> record;
  if (!reader.next(record)) return table;
  for (const auto& field : record) {
    if (table.column(field.text) != CsvTable::npos) {
      diagnostics.error(Code::duplicate_key, table.place(field),
                        fmt::format("column \"{}\" is given twice", field.text));
    }
    table.header.push_back(field.text);
  }
  while (reader.next(record)) {
    if (record.size() != table.header.size()) {
      diagnostics.error(Code::wrong_type, table.place(record.front()),
                        fmt::format("{} fields, the header has {}", record.size(), table.header.size()),
                        "quote fields that contain a comma");
      continue;
    }
    if (table.rows.size() == limits::kCsvRows) {
      diagnostics.error(Code::out_of_range, table.place(record.front()),
                        fmt::format("more than {} rows", limits::kCsvRows));
      break;
    }
    table.rows.push_back(record);
  }
  return table;
}

CsvTable parse_csv_file(Env& env, const std::string& path, Diagnostics& diagnostics) {
  auto text = read_file(env, path);
  if (text) return parse_csv(*text, path, diagnostics);
  Place place;
  place.file = path;
  diagnostics.error(Code::file_missing, place, text.error().detail);
  CsvTable table;
  table.file = path;
  return table;
}

}  // namespace lt::config
