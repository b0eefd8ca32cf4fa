#include "core/schema/code_list.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace lt::schema {
namespace {

struct Columns {
  size_t code, name, name_en, from, to;
};

std::string_view text_of(const std::vector<config::CsvField>& fields, size_t column) {
  return column == config::CsvTable::npos ? std::string_view() : std::string_view(fields[column].text);
}

// Reads one row; nothing after a finding.
std::optional<CodeEntry> read_row(const config::CsvTable& csv, const std::vector<config::CsvField>& fields,
                                  const Columns& columns, config::Diagnostics& diagnostics) {
  bool good = true;
  auto refuse = [&](size_t column, std::string message) {
    diagnostics.error(Code::code_table_row, csv.place(fields[column]), std::move(message));
    good = false;
  };
  CodeEntry entry;
  entry.code = fields[columns.code].text;
  entry.name = fields[columns.name].text;
  entry.name_en = text_of(fields, columns.name_en);
  entry.line = fields[columns.code].line;
  entry.column = fields[columns.code].column;
  if (entry.code.empty()) refuse(columns.code, "a row without code");
  if (entry.name.empty()) refuse(columns.name, fmt::format("code \"{}\" has no name", entry.code));
  for (const auto& [column, day] : {std::pair(columns.from, &entry.from), std::pair(columns.to, &entry.to)}) {
    const std::string_view text = text_of(fields, column);
    if (text.empty()) continue;
    const auto read = text.size() == 10 ? parse_day(text) : std::nullopt;
    if (read)
      *day = *read;
    else
      refuse(column, fmt::format("\"{}\" is no day; write 2026-07-01", text));
  }
  if (good && entry.from > entry.to) refuse(columns.to, "valid_to lies before valid_from");
  return good ? std::optional(std::move(entry)) : std::nullopt;
}

}  // namespace

CodeList CodeList::load_file(Env& env, const std::string& path, config::Diagnostics& diagnostics) {
  return load(config::parse_csv_file(env, path, diagnostics), diagnostics);
}

CodeList CodeList::load(const config::CsvTable& csv, config::Diagnostics& diagnostics) {
  CodeList out;
  out.file_ = csv.file;
  if (csv.header.empty()) return out;
  const Columns columns{csv.column("code"), csv.column("name"), csv.column("name_en"), csv.column("valid_from"),
                        csv.column("valid_to")};
  for (const auto& [column, name] : {std::pair(columns.code, "code"), std::pair(columns.name, "name")})
    if (column == config::CsvTable::npos)
      diagnostics.error(Code::missing_key, Place{csv.file, 1, 1, {}},
                        fmt::format("the code list has no column \"{}\"", name));
  if (columns.code == config::CsvTable::npos || columns.name == config::CsvTable::npos) return out;
  for (const auto& fields : csv.rows)
    if (auto entry = read_row(csv, fields, columns, diagnostics)) out.add(std::move(*entry), diagnostics);
  return out;
}

void CodeList::add(CodeEntry entry, config::Diagnostics& diagnostics) {
  auto& same = by_code_[entry.code];
  for (uint32_t i : same) {
    const CodeEntry& earlier = entries_[i];
    if (earlier.from > entry.to || entry.from > earlier.to) continue;
    diagnostics.error(Code::code_table_row, place(entry),
                      fmt::format("code \"{}\" is in line {} too, valid on the same days", entry.code, earlier.line),
                      "keep one of the two, or part the periods of validity");
    return;
  }
  const auto at = static_cast<uint32_t>(entries_.size());
  same.push_back(at);
  const std::string name = fold(entry.name), name_en = fold(entry.name_en);
  by_name_[name].push_back(at);
  if (!name_en.empty() && name_en != name) by_name_[name_en].push_back(at);
  entries_.push_back(std::move(entry));
}

const CodeEntry* CodeList::find(std::string_view code, std::optional<Day> day) const {
  const auto found = by_code_.find(std::string(code));
  if (found == by_code_.end()) return nullptr;
  const CodeEntry* best = nullptr;
  for (uint32_t i : found->second)
    if (entries_[i].valid(day) && (best == nullptr || entries_[i].to > best->to)) best = &entries_[i];
  return best;
}

const CodeEntry* CodeList::find_by_name(std::string_view name, std::optional<Day> day) const {
  const auto found = by_name_.find(fold(name));
  if (found == by_name_.end()) return nullptr;
  const CodeEntry* best = nullptr;
  for (uint32_t i : found->second) {
    const CodeEntry& entry = entries_[i];
    if (!entry.valid(day)) continue;
    if (best != nullptr && best->code != entry.code) return nullptr;
    if (best == nullptr || entry.to > best->to) best = &entry;
  }
  return best;
}

}  // namespace lt::schema
