#include "core/route/agency_directory.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::route {
namespace {

using config::CsvField;
using config::CsvTable;
using config::Diagnostics;

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = text.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, at - begin));
  }
  return words;
}

std::string join_codes(const std::vector<AgencyCode>& codes) {
  std::string out;
  for (const auto& code : codes) out += (out.empty() ? "" : ", ") + code.text();
  return out;
}

// The cells of one row by column name; reports what it cannot read.
class RowReader {
 public:
  RowReader(const CsvTable& table, Diagnostics& diagnostics) : table_(table), diagnostics_(diagnostics) {}

  // Finding missing_key for each name that is no column.
  bool has(const std::vector<std::string>& names) const {
    bool all = true;
    for (const auto& name : names) {
      if (table_.column(name) != CsvTable::npos) continue;
      all = false;
      Place place;
      place.file = table_.file;
      place.line = 1;
      place.column = 1;
      diagnostics_.error(Code::missing_key, place, fmt::format("the table lacks the column \"{}\"", name));
    }
    return all;
  }
  void row(const std::vector<CsvField>& fields) { fields_ = &fields; }
  const CsvField& cell(std::string_view name) const { return (*fields_)[table_.column(name)]; }
  std::string text(std::string_view name) const { return cell(name).text; }

  std::optional<AgencyCode> code(const CsvField& field, std::string_view text) const {
    auto parsed = AgencyCode::parse(text);
    if (parsed) return std::move(*parsed);
    report(field, fmt::format("\"{}\" is no agency code: {}", text, parsed.error().detail));
    return std::nullopt;
  }
  std::optional<Date> date(std::string_view name) const {
    const auto& field = cell(name);
    if (field.text.empty()) return std::nullopt;
    auto parsed = parse_date(field.text);
    if (parsed) return *parsed;
    report(field, fmt::format("{}: \"{}\" is no date such as 2025-07-01", name, field.text));
    return std::nullopt;
  }
  Confidence confidence(std::string_view name) const {
    const auto& field = cell(name);
    if (field.text.size() == 1 && std::string_view("SCDB").find(field.text[0]) != std::string_view::npos) {
      return static_cast<Confidence>(field.text[0]);
    }
    if (!field.text.empty()) report(field, fmt::format("{}: \"{}\" is none of S, C, D, B", name, field.text));
    return Confidence::background;
  }
  Place place(const CsvField& field) const { return table_.place(field); }

 private:
  void report(const CsvField& field, std::string message) const {
    diagnostics_.error(Code::wrong_type, table_.place(field), std::move(message));
  }
  const CsvTable& table_;
  Diagnostics& diagnostics_;
  const std::vector<CsvField>* fields_ = nullptr;
};

}  // namespace

Date vietnam_date(Wall time) { return std::chrono::floor<std::chrono::days>(time + kVietnamOffset); }

Result<Date> parse_date(std::string_view text) {
  const auto bad = [&] { return fail(Code::wrong_type, fmt::format("\"{}\" is no date such as 2025-07-01", text)); };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return bad();
  unsigned parts[3] = {0, 0, 0};
  size_t part = 0;
  for (const char c : text) {
    if (c == '-') {
      ++part;
      continue;
    }
    if (c < '0' || c > '9' || part > 2) return bad();
    parts[part] = parts[part] * 10 + static_cast<unsigned>(c - '0');
  }
  const std::chrono::year_month_day day(std::chrono::year(static_cast<int>(parts[0])), std::chrono::month(parts[1]),
                                        std::chrono::day(parts[2]));
  if (part != 2 || !day.ok()) return bad();
  return Date(day);
}

std::string date_text(Date date) {
  const std::chrono::year_month_day day(date);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

const config::Spec<AgenciesConfig>& agencies_spec() {
  static const auto spec =
      config::Spec<AgenciesConfig>("agency directory")
          .paths("tables", &AgenciesConfig::tables,
                 {.doc_en = "CSV tables of agencies", .doc_vi = "Các bảng CSV danh mục cơ quan"})
          .paths("alias_tables", &AgenciesConfig::alias_tables,
                 {.doc_en = "CSV tables of other names of agencies", .doc_vi = "Các bảng CSV mã khác của cơ quan"})
          .text_map("aliases", &AgenciesConfig::aliases,
                    {.doc_en = "Other name -> agency code; \"\" for a text that stands for itself",
                     .doc_vi = "Mã khác -> mã định danh; \"\" nếu giữ nguyên chuỗi"})
          .one_of("closed", &AgenciesConfig::closed,
                  {{"refuse", ClosedAgency::refuse}, {"accept", ClosedAgency::accept}},
                  {.doc_en = "What happens to messages for a closed agency",
                   .doc_vi = "Cách xử lý thông điệp gửi tới cơ quan đã đóng mã"})
          .place(&AgenciesConfig::place);
  return spec;
}

std::shared_ptr<const AgencyDirectory> AgencyDirectory::load(const AgenciesConfig& config, Env& env,
                                                             Diagnostics& diagnostics) {
  auto directory = std::make_shared<AgencyDirectory>();
  directory->closed_ = config.closed;
  for (const auto& path : config.tables) directory->add_rows(parse_csv_file(env, path, diagnostics), diagnostics);
  for (const auto& path : config.alias_tables) {
    directory->add_aliases(parse_csv_file(env, path, diagnostics), diagnostics);
  }
  for (const auto& [alias, code] : config.aliases) directory->add_alias(alias, code, config.place, diagnostics);
  for (const auto& [text, row] : directory->rows_) {
    for (const auto& successor : row.successors) {
      if (directory->rows_.count(successor.text())) continue;
      diagnostics.error(Code::bad_reference, directory->places_[text],
                        fmt::format("successor {} of {} is not listed", successor.text(), text));
    }
  }
  return directory;
}

void AgencyDirectory::add_rows(const CsvTable& table, Diagnostics& diagnostics) {
  RowReader reader(table, diagnostics);
  if (table.header.empty() || !reader.has({"code", "name_vi", "valid_from", "valid_to", "successors", "confidence",
                                           "validity_confidence", "note"})) {
    return;
  }
  for (const auto& fields : table.rows) {
    reader.row(fields);
    const auto& cell = reader.cell("code");
    auto code = reader.code(cell, cell.text);
    if (!code) continue;
    AgencyRow row;
    row.code = *code;
    row.name_vi = reader.text("name_vi");
    row.valid_from = reader.date("valid_from");
    row.valid_to = reader.date("valid_to");
    for (const auto& word : split_words(reader.text("successors"))) {
      if (auto successor = reader.code(reader.cell("successors"), word))
        row.successors.push_back(std::move(*successor));
    }
    row.confidence = reader.confidence("confidence");
    row.validity_confidence = reader.confidence("validity_confidence");
    row.note = reader.text("note");
    if (row.valid_from && row.valid_to && *row.valid_to < *row.valid_from) {
      diagnostics.error(Code::out_of_range, reader.place(reader.cell("valid_to")), "valid_to lies before valid_from");
    }
    const auto [known, fresh] = places_.try_emplace(code->text(), reader.place(cell));
    if (fresh) {
      rows_.emplace(code->text(), std::move(row));
    } else {
      diagnostics.error(Code::duplicate_key, reader.place(cell),
                        fmt::format("agency {} is listed twice, first at {}", code->text(), known->second.text()));
    }
  }
}

void AgencyDirectory::add_aliases(const CsvTable& table, Diagnostics& diagnostics) {
  RowReader reader(table, diagnostics);
  if (table.header.empty() || !reader.has({"alias", "code"})) return;
  for (const auto& fields : table.rows) {
    reader.row(fields);
    add_alias(reader.text("alias"), reader.text("code"), reader.place(reader.cell("alias")), diagnostics);
  }
}

void AgencyDirectory::add_alias(const std::string& alias, const std::string& code, const Place& place,
                                Diagnostics& diagnostics) {
  if (alias.empty()) {
    diagnostics.error(Code::wrong_type, place, "an alias may not be empty");
    return;
  }
  AgencyCode target;
  if (!code.empty() && code != alias) {
    auto parsed = AgencyCode::parse(code);
    if (!parsed) {
      diagnostics.error(Code::wrong_type, place,
                        fmt::format("alias {}: \"{}\" is no agency code: {}", alias, code, parsed.error().detail));
      return;
    }
    target = std::move(*parsed);
  }
  if (!aliases_.emplace(alias, std::move(target)).second) {
    diagnostics.error(Code::duplicate_key, place, fmt::format("alias {} is given twice", alias));
  }
}

Result<Agency> AgencyDirectory::resolve(std::string_view text) const {
  Agency agency;
  agency.written = text;
  if (const auto alias = aliases_.find(agency.written); alias != aliases_.end()) {
    agency.code = alias->second;
    if (agency.code.empty()) return agency;
  } else {
    LT_ASSIGN(agency.code, AgencyCode::parse(text));
  }
  for (std::optional<AgencyCode> code = agency.code; code && !agency.row; code = code->parent()) {
    const auto row = rows_.find(code->text());
    if (row != rows_.end()) agency.row = &row->second;
  }
  return agency;
}

Result<Agency> AgencyDirectory::lookup(std::string_view text, Date day) const {
  LT_ASSIGN(Agency agency, resolve(text));
  if (agency.row) {
    agency.closed = agency.row->valid_to && day > *agency.row->valid_to;
    agency.early = agency.row->valid_from && day < *agency.row->valid_from;
  }
  return agency;
}

Result<Agency> AgencyDirectory::receiver(std::string_view text, Date day) const {
  LT_ASSIGN(Agency agency, lookup(text, day));
  if (closed_ == ClosedAgency::accept || (!agency.closed && !agency.early)) return agency;
  const auto& row = *agency.row;
  std::string detail = agency.text();
  if (agency.code != row.code) detail += fmt::format(" below {}", row.code.text());
  if (agency.early) return fail(Code::agency_closed, detail + " is in force from " + date_text(*row.valid_from));
  detail += fmt::format(" is closed since {}", date_text(*row.valid_to + std::chrono::days(1)));
  if (row.successors.empty()) return fail(Code::agency_closed, std::move(detail));
  const std::string successors = join_codes(row.successors);
  return fail(Code::agency_closed, detail + ", successor " + successors, {},
              agency.code == row.code ? fmt::format("send to {}", successors)
                                      : fmt::format("ask {} for the new code of the unit", successors));
}

std::vector<std::string> AgencyDirectory::names() const {
  std::vector<std::string> names;
  names.reserve(rows_.size() + aliases_.size());
  for (const auto& [text, row] : rows_) names.push_back(text);
  for (const auto& [alias, code] : aliases_) names.push_back(alias);
  return names;
}

}  // namespace lt::route
