#include "core/workshop/coverage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/program.h"

namespace lt::workshop {

using mapping::Program;
using mapping::Verb;

namespace {

void only_back(const std::vector<mapping::Rule>& rules, std::vector<const mapping::Rule*>& out) {
  for (const mapping::Rule& rule : rules) {
    if (rule.origin == mapping::Origin::only_back) out.push_back(&rule);
    only_back(rule.rules, out);
    for (const mapping::Case& one : rule.cases) only_back(one.rules, out);
  }
}

std::pair<int, int> key_of(const Place& place) { return {place.line, place.column}; }

}  // namespace

Coverage::Coverage(const mapping::MappingStore::Entry& entry) : entry_(&entry) {
  if (entry.mapping)
    for (const mapping::RuleRef& ref : entry.mapping->program().rules)
      add(ref.place, ref.target.empty() ? ". <- " + ref.source : ref.target);
  std::vector<const mapping::Rule*> back;
  only_back(entry.file.rules, back);
  for (const mapping::Rule* rule : back) add(rule->target.place, "only_back " + rule->target.text);
  std::sort(rules_.begin(), rules_.end(),
            [](const RuleUse& a, const RuleUse& b) { return key_of(a.place) < key_of(b.place); });
  by_place_.clear();
  for (size_t i = 0; i < rules_.size(); ++i) by_place_[key_of(rules_[i].place)] = i;
}

void Coverage::add(const Place& place, const std::string& target) {
  const auto [at, fresh] = by_place_.try_emplace(key_of(place), rules_.size());
  if (fresh) return rules_.push_back({place, target, false});
  // A rule for A.B also makes the object A: the rule is named by what it is for.
  std::string& known = rules_[at->second].target;
  if (target.starts_with(known + ".")) known = target;
}

void Coverage::note(const mapping::Mapping& mapping, const mapping::Trace& trace, bool backwards) {
  const Program& program = mapping.program();
  std::set<uint32_t> wrote;
  for (const auto& one : trace.wrote) {
    wrote.insert(one.rule);
    if (one.row) used_.insert(one.row);
  }
  if (backwards) {
    for (const uint32_t rule : wrote) {
      const auto at = by_place_.find(key_of(program.rules[rule].place));
      if (at != by_place_.end() && rules_[at->second].target.starts_with("only_back "))
        rules_[at->second].exercised = true;
    }
    return;
  }
  for (const uint32_t rule : wrote) {
    const mapping::RuleRef& ref = program.rules[rule];
    const auto at = by_place_.find(key_of(ref.place));
    if (at == by_place_.end()) continue;
    // Not by the object around what it is for, which can be there without it.
    RuleUse& use = rules_[at->second];
    if (!use.target.starts_with(ref.target + ".")) use.exercised = true;
  }
  note_checks(program, wrote);
}

// Checks write nothing. They come first in their object, so they were reached when the object was made.
void Coverage::note_checks(const Program& program, const std::set<uint32_t>& wrote) {
  for (size_t i = 0; i < program.ops.size(); ++i) {
    const mapping::Op& op = program.ops[i];
    if (op.verb != Verb::expect && op.verb != Verb::cases) continue;
    bool reached = true;
    for (size_t j = i; j-- > 0;) {
      const mapping::Op& around = program.ops[j];
      if (around.end <= i || around.verb > Verb::item) continue;
      reached = wrote.count(around.rule) > 0;
      break;
    }
    const auto at = by_place_.find(key_of(program.rules[op.rule].place));
    if (reached && at != by_place_.end()) rules_[at->second].exercised = true;
  }
}

size_t Coverage::exercised() const {
  return static_cast<size_t>(std::count_if(rules_.begin(), rules_.end(), [](const auto& at) { return at.exercised; }));
}

std::vector<Coverage::TableRows> Coverage::tables() const {
  std::vector<TableRows> out;
  if (!entry_) return out;
  for (const auto& [name, table] : entry_->parts.tables) {
    if (!table) continue;
    TableRows rows{name, table->file(), table->rows().size(), 0, {}};
    for (const schema::CodeRow& row : table->rows()) {
      if (used_.count(&row))
        ++rows.used;
      else
        rows.unused.push_back(&row);
    }
    out.push_back(std::move(rows));
  }
  return out;
}

std::string Coverage::line() const {
  std::string out = fmt::format("luật / rules {}/{}", exercised(), rules_.size());
  size_t rows = 0, used = 0;
  for (const TableRows& table : tables()) {
    rows += table.rows;
    used += table.used;
  }
  if (rows > 0) out += fmt::format("; dòng bảng / table rows {}/{}", used, rows);
  return out;
}

std::string Coverage::text(size_t most) const {
  std::string out = line() + "\n";
  for (const RuleUse& rule : rules_)
    if (!rule.exercised)
      out += fmt::format("  {}  {}: chưa ví dụ nào chạy / no example exercises it\n", rule.place.text(), rule.target);
  for (const TableRows& table : tables()) {
    if (table.unused.empty()) continue;
    out += fmt::format("  bảng / table {}: {}/{}\n", table.name, table.used, table.rows);
    for (size_t i = 0; i < std::min(most, table.unused.size()); ++i) {
      const schema::CodeRow& row = *table.unused[i];
      out += fmt::format("    {}:{}  {} -> {}: chưa dùng / not used\n", table.file, row.line, row.source, row.target);
    }
    if (table.unused.size() > most)
      out += fmt::format("    và {0} dòng nữa / and {0} more (--all)\n", table.unused.size() - most);
  }
  return out;
}

}  // namespace lt::workshop
