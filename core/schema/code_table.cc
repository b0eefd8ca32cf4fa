#include "core/schema/code_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/schema/text_format.h"

namespace lt::schema {
namespace {

struct Columns {
  size_t source, target, from, to, preferred, source_name, target_name;
};

std::optional<bool> read_mark(std::string_view text) {
  constexpr std::string_view kYes[] = {"yes", "x", "X", "1", "true"}, kNo[] = {"", "no", "0", "false"};
  if (std::find(std::begin(kYes), std::end(kYes), text) != std::end(kYes)) return true;
  if (std::find(std::begin(kNo), std::end(kNo), text) != std::end(kNo)) return false;
  return std::nullopt;
}

bool overlap(const CodeRow& a, const CodeRow& b) { return a.from <= b.to && b.from <= a.to; }

// Reads one row; nothing after a finding.
std::optional<CodeRow> read_row(const config::CsvTable& csv, const std::vector<config::CsvField>& fields,
                                const Columns& columns, config::Diagnostics& diagnostics) {
  bool good = true;
  auto refuse = [&](size_t column, std::string message) {
    diagnostics.error(Code::code_table_row, csv.place(fields[column]), std::move(message));
    good = false;
  };
  CodeRow row;
  row.source = fields[columns.source].text;
  row.target = fields[columns.target].text;
  row.line = fields[columns.source].line;
  if (row.source.empty()) refuse(columns.source, "a row without source code");
  if (row.target.empty()) refuse(columns.target, "a row without target code");
  auto day = [&](size_t column, Day& out) {
    if (column == config::CsvTable::npos || fields[column].text.empty()) return;
    const auto read = fields[column].text.size() == 10 ? parse_day(fields[column].text) : std::nullopt;
    if (read)
      out = *read;
    else
      refuse(column, fmt::format("\"{}\" is no day; write 2026-07-01", fields[column].text));
  };
  day(columns.from, row.from);
  day(columns.to, row.to);
  if (good && row.from > row.to) refuse(columns.to, "valid_to lies before valid_from");
  if (columns.preferred != config::CsvTable::npos) {
    const auto mark = read_mark(fields[columns.preferred].text);
    if (mark)
      row.preferred = *mark;
    else
      refuse(columns.preferred, fmt::format("preferred is yes or empty, not \"{}\"", fields[columns.preferred].text));
  }
  if (columns.source_name != config::CsvTable::npos) row.source_name = fields[columns.source_name].text;
  if (columns.target_name != config::CsvTable::npos) row.target_name = fields[columns.target_name].text;
  return good ? std::optional(std::move(row)) : std::nullopt;
}

}  // namespace

std::optional<Day> parse_day(std::string_view text) {
  const std::string_view date = text.substr(0, 10);
  if (!follows(TextFormat::date, date) || (text.size() > 10 && text[10] != 'T' && text[10] != 't')) return std::nullopt;
  auto number = [&](size_t at, size_t size) {
    int value = 0;
    for (char c : date.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return static_cast<Day>(std::chrono::sys_days(day).time_since_epoch().count());
}

CodeTable CodeTable::load_file(Env& env, const std::string& path, config::Diagnostics& diagnostics) {
  return load(config::parse_csv_file(env, path, diagnostics), diagnostics);
}

CodeTable CodeTable::load(const config::CsvTable& csv, config::Diagnostics& diagnostics) {
  CodeTable out;
  out.file_ = csv.file;
  if (csv.header.empty()) return out;
  const Columns columns{csv.column("source"),     csv.column("target"),    csv.column("valid_from"),
                        csv.column("valid_to"),   csv.column("preferred"), csv.column("source_name"),
                        csv.column("target_name")};
  for (const auto& [column, name] : {std::pair(columns.source, "source"), std::pair(columns.target, "target")})
    if (column == config::CsvTable::npos)
      diagnostics.error(Code::missing_key, Place{csv.file, 1, 1, {}},
                        fmt::format("the table has no column \"{}\"", name));
  if (columns.source == config::CsvTable::npos || columns.target == config::CsvTable::npos) return out;
  for (const auto& fields : csv.rows)
    if (auto row = read_row(csv, fields, columns, diagnostics)) out.rows_.push_back(std::move(*row));
  for (uint32_t i = 0; i < out.rows_.size(); ++i) {
    out.by_source_[out.rows_[i].source].push_back(i);
    out.by_target_[out.rows_[i].target].push_back(i);
    out.dated_ |= out.rows_[i].from != kEver || out.rows_[i].to != kNever;
  }
  out.check(out.by_source_, true, diagnostics);
  out.check(out.by_target_, false, diagnostics);
  return out;
}

// Of the rows of one code that are valid on a common day exactly one may be preferred; with one row there is no
// question.
void CodeTable::check(const Index& index, bool by_source, config::Diagnostics& diagnostics) {
  std::vector<const std::vector<uint32_t>*> groups;
  for (const auto& [code, rows] : index)
    if (rows.size() > 1) groups.push_back(&rows);
  std::sort(groups.begin(), groups.end(), [](const auto* a, const auto* b) { return a->front() < b->front(); });
  for (const auto* group : groups) {
    for (size_t j = 1; j < group->size(); ++j) {
      const CodeRow& later = rows_[(*group)[j]];
      for (size_t i = 0; i < j; ++i) {
        const CodeRow& earlier = rows_[(*group)[i]];
        if (!overlap(earlier, later)) continue;
        injective_ = false;
        const bool settled = std::any_of(group->begin(), group->end(), [&](uint32_t k) {
          const CodeRow& row = rows_[k];
          return row.preferred && row.from <= std::max(earlier.from, later.from) &&
                 row.to >= std::min(earlier.to, later.to);
        });
        if (settled && !(earlier.preferred && later.preferred)) continue;
        diagnostics.error(Code::code_table_ambiguous, Place{file_, later.line, 1, {}},
                          fmt::format("{} \"{}\" is in line {} too, valid on the same days, and {} preferred",
                                      by_source ? "source" : "target", by_source ? later.source : later.target,
                                      earlier.line, settled ? "both are" : "neither is"));
        break;
      }
    }
  }
}

const CodeRow* CodeTable::find(const Index& index, std::string_view code, std::optional<Day> day) const {
  const auto found = index.find(code);
  if (found == index.end()) return nullptr;
  // On a given day the preferred row counts; without a day first the latest, then the preferred of those.
  auto rank = [&](const CodeRow& row) { return std::pair(day ? 0 : row.to, row.preferred); };
  const CodeRow* best = nullptr;
  for (uint32_t i : found->second) {
    const CodeRow& row = rows_[i];
    if (row.valid(day) && (best == nullptr || rank(row) > rank(*best))) best = &row;
  }
  return best;
}

const CodeRow* CodeTable::forward(std::string_view source, std::optional<Day> day) const {
  return find(by_source_, source, day);
}
const CodeRow* CodeTable::reverse(std::string_view target, std::optional<Day> day) const {
  return find(by_target_, target, day);
}

}  // namespace lt::schema
