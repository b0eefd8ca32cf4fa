#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/compiler.h"

namespace lt::mapping {

using schema::CodeRow;
using schema::CodeTable;

namespace {

std::string listed(std::vector<std::string> codes) {
  const size_t count = codes.size();
  if (count > 8) codes.resize(8);
  return fmt::format("\"{}\"{}", fmt::join(codes, "\", \""), count > 8 ? fmt::format(", and {} more", count - 8) : "");
}

bool leads(const CodeTable& table, const std::string& source, const std::string& target) {
  return std::any_of(table.rows().begin(), table.rows().end(),
                     [&](const CodeRow& row) { return row.source == source && row.target == target; });
}

}  // namespace

Compiler::CodesOf Compiler::codes_of(const schema::Model* model, schema::TypeId type) {
  CodesOf out;
  if (!model || type == schema::kNoType) return out;
  out.file = model->file;
  if (const Domain domain = Domain::of(*model, type); domain.allowed) {
    out.codes = *domain.allowed;
    out.closed = true;
  }
  if (auto rule = schema::ScalarRule::compile(*model, type, &scalar_patterns_)) out.rule = std::move(*rule);
  const auto list = parts_.lists.find(model->type(type).codes);
  if (list == parts_.lists.end() || !list->second) return out;
  out.list = list->second.get();
  if (!out.closed)
    for (const schema::CodeEntry& entry : out.list->entries())
      if (std::find(out.codes.begin(), out.codes.end(), entry.code) == out.codes.end()) out.codes.push_back(entry.code);
  return out;
}

// A number field takes the number that the table writes as text.
bool Compiler::CodesOf::takes(const std::string& code) const {
  return rule.fits(Kind::text, false, code) || rule.fits(Kind::number, false, code);
}

void Compiler::check_table(const TargetNode& node, const Rule& rule, const Resolved& from) {
  const auto known = parts_.tables.find(rule.table->text);
  if (rule.backwards || file_.partial || known == parts_.tables.end() || !known->second) return;
  const CodeTable& table = *known->second;
  const bool part = !node.part.empty() || rule.origin == Origin::one_way || rule.origin == Origin::join || rule.type;
  const CodesOf source = part || !from.good ? CodesOf{} : codes_of(from.model(), from.type());
  const CodesOf target = rule.type || rule.as != As::unsaid ? CodesOf{} : codes_of(node.model, node.type);
  check_coverage(rule, table, source, target);
  for (const CodeRow& row : table.rows()) {
    check_code(table, row, row.source, source, "source");
    check_code(table, row, row.target, target, "target");
    check_names(table, row, source, target);
  }
}

void Compiler::check_coverage(const Rule& rule, const CodeTable& table, const CodesOf& source, const CodesOf& target) {
  std::vector<std::string> missing;
  if (rule.unmapped == Unmapped::hold && !rule.unmapped_said)
    for (const std::string& code : source.codes)
      if (std::none_of(table.rows().begin(), table.rows().end(),
                       [&](const CodeRow& row) { return row.source == code; }))
        missing.push_back(code);
  if (!missing.empty())
    out_.warning(Code::table_gap, rule.table->place,
                 fmt::format("table {} ({}) has no row for {} of {}", rule.table->text, table.file(), listed(missing),
                             source.file),
                 "add the rows, or say what happens: unmapped: hold, reject, keep or {default: X}");
  missing.clear();
  if (!file_.no_reverse && (file_.promised || target.list))
    for (const std::string& code : target.codes)
      if (std::none_of(table.rows().begin(), table.rows().end(),
                       [&](const CodeRow& row) { return row.target == code; }))
        missing.push_back(code);
  if (!missing.empty() && !rule.unmapped_said)
    out_.warning(Code::table_gap, rule.table->place,
                 fmt::format("in reverse table {} ({}) has no row for {} of {}", rule.table->text, table.file(),
                             listed(missing), target.file),
                 "add the rows, or say unmapped: hold");
}

void Compiler::row_finding(bool error, Code code, const CodeTable& table, const CodeRow& row, std::string message) {
  const Place place{table.file(), row.line, 1, {}};
  if (!said_.insert(fmt::format("{}:{}", row.line, message)).second) return;
  error ? out_.error(code, place, std::move(message)) : out_.warning(code, place, std::move(message));
}

void Compiler::check_code(const CodeTable& table, const CodeRow& row, const std::string& code, const CodesOf& side,
                          const char* which) {
  if (side.file.empty()) return;
  if (!side.takes(code))
    return row_finding(true, Code::table_foreign, table, row,
                       fmt::format("{} \"{}\" is a value that {} refuses", which, code, side.file));
  if (side.list && !side.list->find(code))
    row_finding(false, Code::table_foreign, table, row,
                fmt::format("{} \"{}\" is not in {}", which, code, side.list->file()));
}

void Compiler::check_names(const CodeTable& table, const CodeRow& row, const CodesOf& source, const CodesOf& target) {
  const auto called = [&](const std::string& code, const std::string& name, const CodesOf& side) {
    const auto* entry = side.list && !name.empty() ? side.list->find(code) : nullptr;
    if (entry && fold(entry->name) != fold(name))
      row_finding(
          false, Code::table_names, table, row,
          fmt::format("the row calls {} \"{}\", {} calls it \"{}\"", code, name, side.list->file(), entry->name));
  };
  called(row.source, row.source_name, source);
  called(row.target, row.target_name, target);
  if (!source.list || !target.list) return;
  const auto* from = source.list->find(row.source);
  const auto* to = target.list->find(row.target);
  if (!from || !to || fold(from->name) == fold(to->name)) return;
  const auto* namesake = target.list->find_by_name(from->name);
  const auto* other = source.list->find_by_name(to->name);
  if (namesake)
    row_finding(false, Code::table_names, table, row,
                fmt::format("{} is \"{}\", but {} is \"{}\"; \"{}\" is {} there", row.source, from->name, row.target,
                            to->name, from->name, namesake->code));
  else if (other && !leads(table, other->code, row.target))
    row_finding(false, Code::table_names, table, row,
                fmt::format("{} is \"{}\", but {} is \"{}\", which is {} here", row.source, from->name, row.target,
                            to->name, other->code));
}

}  // namespace lt::mapping
