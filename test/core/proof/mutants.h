// Small faults planted in a mapping, and what finds them: lint, its examples, a proof.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/config/csv.h"
#include "core/mapping/invert.h"
#include "core/mapping/mapping_store.h"
#include "core/mapping/path.h"
#include "core/proof/prove.h"
#include "core/proof/random.h"
#include "core/workshop/examples.h"

namespace lt::proof::test {

using mapping::MappingStore;
using mapping::Origin;
using mapping::Rule;
using mapping::RuleFile;
using mapping::Text;
using Table = std::shared_ptr<const schema::CodeTable>;
using Findings = std::multiset<std::string>;

inline Findings findings_of(const config::Diagnostics& diagnostics) {
  Findings out;
  for (const auto& at : diagnostics.findings()) out.insert(code_text(at.code) + " " + at.message);
  return out;
}

// As the store does it with a file.
inline MappingStore::Entry compiled(const MappingStore::Entry& base, RuleFile file, config::Diagnostics& out) {
  MappingStore::Entry entry = base;
  entry.file = std::move(file);
  entry.mapping = mapping::compile(entry.file, entry.parts, out);
  entry.reverse = nullptr;
  if (!out.ok()) entry.mapping = nullptr;
  if (!entry.mapping) return entry;
  const mapping::Inverse inverse = mapping::invert(entry.file, entry.parts);
  entry.reversal = mapping::reversal(entry.file, entry.parts, inverse);
  mapping::check_promise(entry.file, entry.reversal, out);
  config::Diagnostics reported;
  entry.reverse = mapping::compile(inverse.file, mapping::reversed(entry.parts), reported);
  if (!reported.ok()) entry.reverse = nullptr;
  return entry;
}

struct Mutant {
  RuleFile file;
  mapping::CompileParts parts;
  std::string what;
};

enum class Catcher : uint8_t { lint, examples, proof, nobody };

inline Catcher catcher_of(const MappingStore::Entry& base, const Mutant& mutant, size_t documents,
                          std::string* told = nullptr) {
  config::Diagnostics before, after;
  compiled(base, base.file, before);
  MappingStore::Entry changed = base;
  changed.parts = mutant.parts;
  changed = compiled(changed, mutant.file, after);
  const Findings known = findings_of(before), found = findings_of(after);
  for (const std::string& one : found)
    if (found.count(one) > known.count(one)) {
      if (told) *told = one;
      return Catcher::lint;
    }
  if (!changed.mapping) return Catcher::lint;
  for (const auto& result :
       workshop::run_examples(system_env(), system_clock(), changed, workshop::example_context(), nullptr))
    if (!result.passed) {
      if (told) *told = result.text();
      return Catcher::examples;
    }
  const auto proof = prove(changed, {3, documents, 1, 0, {}});
  if (!proof || proof->ok()) return Catcher::nobody;
  if (told) *told = proof->broken.empty() ? "" : proof->broken[0].text();
  return Catcher::proof;
}

// A rule that can be changed, and the source object its paths begin at.
struct Spot {
  Rule* rule;
  std::vector<Rule>* list;
  std::string scope;
};
inline void spots(std::vector<Rule>& rules, const std::string& scope, std::vector<Spot>& out) {
  for (Rule& rule : rules) {
    std::string inner = scope;
    const bool scoped = rule.group && (rule.origin == Origin::from || rule.origin == Origin::each);
    if (scoped && rule.source.text.starts_with("$."))
      inner = rule.source.text;
    else if (scoped)
      inner += "." + rule.source.text;
    out.push_back({&rule, &rules, scope});
    spots(rule.rules, inner, out);
  }
}

class Mutator {
 public:
  Mutator(const MappingStore::Entry& base, uint64_t seed) : base_(base), random_(seed) {}

  // None when this kind of fault has no place in this mapping, or would change nothing.
  std::optional<Mutant> mutate() {
    Mutant out{base_.file, base_.parts, {}};
    std::vector<Spot> all;
    spots(out.file.rules, "$", all);
    static const std::vector<bool (Mutator::*)(Mutant&, std::vector<Spot>&)> kKinds = {
        &Mutator::sibling,       &Mutator::sibling,      &Mutator::swap_sources, &Mutator::swap_sources,
        &Mutator::drop_operator, &Mutator::exchange,     &Mutator::swap_rows,    &Mutator::drop_row,
        &Mutator::change_code,   &Mutator::date_pattern, &Mutator::constant,     &Mutator::negate_when,
        &Mutator::remove,        &Mutator::loosen,       &Mutator::filter};
    if (!(this->*kKinds[random_.below(kKinds.size())])(out, all)) return std::nullopt;
    return out;
  }

 private:
  template <class Wanted>
  Spot* pick(std::vector<Spot>& all, Wanted&& wanted) {
    std::vector<Spot*> fitting;
    for (Spot& at : all)
      if (wanted(*at.rule)) fitting.push_back(&at);
    return fitting.empty() ? nullptr : fitting[random_.below(fitting.size())];
  }
  static bool reads(const Rule& rule) {
    return (rule.origin == Origin::from || rule.origin == Origin::blob || rule.origin == Origin::each) &&
           !rule.source.text.empty();
  }
  static std::string at(const Rule& rule) {
    return rule.target.text + " (line " + std::to_string(rule.target.place.line) + ")";
  }

  // A path that ends in another field of the same object.
  bool sibling(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, reads);
    if (!spot) return false;
    std::string& path = spot->rule->source.text;
    const std::string whole = path.starts_with("$") ? path : spot->scope + "." + path;
    const size_t dot = whole.rfind('.');
    const auto object = base_.parts.source->lookup(whole.substr(0, dot), base_.file.source.root.text);
    const auto self = base_.parts.source->lookup(whole, base_.file.source.root.text);
    if (!object || !object->declared() || !self) return false;
    auto type = object->type;
    for (auto items = base_.parts.source->items(type); items != schema::kNoType;
         items = base_.parts.source->items(type))
      type = items;
    std::vector<std::string> names;
    for (const schema::Field* field : base_.parts.source->fields(type))
      if (field->name != whole.substr(dot + 1)) names.push_back(field->name);
    if (names.empty()) return false;
    const std::string name = names[random_.below(names.size())];
    const size_t last = path.rfind('.');
    out.what = at(*spot->rule) + ": " + path + " -> ";
    path = last == std::string::npos ? name : path.substr(0, last + 1) + name;
    out.what += path;
    return true;
  }

  bool swap_sources(Mutant& out, std::vector<Spot>& all) {
    Spot* first = pick(all, reads);
    if (!first) return false;
    Spot* second = pick(all, [&](const Rule& rule) {
      return reads(rule) && rule.group == first->rule->group && rule.origin == first->rule->origin &&
             rule.source.text != first->rule->source.text;
    });
    if (!second || second->list != first->list) return false;
    out.what = at(*first->rule) + " and " + at(*second->rule) + " exchange their sources";
    std::swap(first->rule->source, second->rule->source);
    return true;
  }

  bool drop_operator(Mutant& out, std::vector<Spot>& all) {
    std::vector<std::pair<std::string, std::function<void()>>> all_drops;
    for (Spot& spot : all) {
      Rule* rule = spot.rule;
      const auto add = [&](const char* name, auto change) {
        all_drops.emplace_back(at(*rule) + " without " + name, change);
      };
      if (rule->table) add("table", [rule] { rule->table.reset(); });
      if (rule->type) add("type", [rule] { rule->type.reset(); });
      if (rule->match) add("match", [rule] { rule->match.reset(); });
      if (rule->fallback) add("default", [rule] { rule->fallback.reset(); });
      if (rule->nfc) add("normalize", [rule] { rule->nfc = false; });
      if (!rule->when.empty()) add("when", [rule] { rule->when.clear(); });
      if (rule->when_absent == mapping::WhenAbsent::hold)
        add("when_absent: hold", [rule] { rule->when_absent = mapping::WhenAbsent::unsaid; });
      if (rule->origin == Origin::blob && rule->blob == mapping::BlobForm::base64)
        add("as: base64", [rule] { rule->blob = mapping::BlobForm::as_is; });
    }
    if (all_drops.empty()) return false;
    auto& [what, change] = all_drops[random_.below(all_drops.size())];
    change();
    out.what = what;
    return true;
  }

  bool exchange(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, [](const Rule& rule) { return rule.table || rule.type || rule.origin == Origin::envelope; });
    if (!spot) return false;
    Rule& rule = *spot->rule;
    if (rule.origin == Origin::envelope) {
      rule.envelope = rule.envelope == mapping::EnvelopeField::message_id ? mapping::EnvelopeField::accepted_at
                                                                          : mapping::EnvelopeField::message_id;
      out.what = at(rule) + ": the other envelope field";
      return true;
    }
    std::vector<Text> others;
    if (rule.table)
      for (const auto& use : base_.file.tables)
        if (use.name.text != rule.table->text) others.push_back(use.name);
    if (rule.type)
      for (const auto& use : base_.file.types)
        if (use.name.text != rule.type->text) others.push_back(use.name);
    if (others.empty()) return false;
    Text& name = rule.table ? *rule.table : *rule.type;
    const Text& other = others[random_.below(others.size())];
    out.what = at(rule) + ": " + name.text + " -> " + other.text;
    name.text = other.text;
    return true;
  }

  // Tables that some rule uses, as CSV.
  struct Rows {
    std::string name, file;
    std::vector<schema::CodeRow> rows;
  };
  std::optional<Rows> table() {
    std::vector<std::string> names;
    for (const auto& [name, known] : base_.parts.tables)
      if (known) names.push_back(name);
    if (names.empty()) return std::nullopt;
    const std::string name = names[random_.below(names.size())];
    return Rows{name, base_.parts.tables.at(name)->file(), base_.parts.tables.at(name)->rows()};
  }
  static bool put(Mutant& out, const Rows& rows) {
    std::string csv = "source,target,preferred,source_name,target_name\n";
    for (const auto& row : rows.rows) {
      if (row.from != schema::kEver || row.to != schema::kNever) return false;
      csv += row.source + "," + row.target + "," + (row.preferred ? "yes" : "") + ",\"" + row.source_name + "\",\"" +
             row.target_name + "\"\n";
    }
    config::Diagnostics diagnostics;
    const auto table = std::make_shared<const schema::CodeTable>(
        schema::CodeTable::load(config::parse_csv(csv, rows.file, diagnostics), diagnostics));
    if (!diagnostics.ok()) return false;  // the store refuses it
    out.parts.tables[rows.name] = table;
    return true;
  }
  bool swap_rows(Mutant& out, std::vector<Spot>&) {
    auto rows = table();
    if (!rows || rows->rows.size() < 2) return false;
    auto &a = rows->rows[random_.below(rows->rows.size())], &b = rows->rows[random_.below(rows->rows.size())];
    if (a.target == b.target) return false;
    out.what = "table " + rows->name + ": " + a.source + " and " + b.source + " exchange their targets";
    std::swap(a.target, b.target);
    return put(out, *rows);
  }
  bool drop_row(Mutant& out, std::vector<Spot>&) {
    auto rows = table();
    if (!rows || rows->rows.empty()) return false;
    const size_t index = random_.below(rows->rows.size());
    out.what = "table " + rows->name + " without row " + rows->rows[index].source;
    rows->rows.erase(rows->rows.begin() + static_cast<long>(index));
    return put(out, *rows);
  }
  bool change_code(Mutant& out, std::vector<Spot>&) {
    auto rows = table();
    if (!rows || rows->rows.empty()) return false;
    auto& row = rows->rows[random_.below(rows->rows.size())];
    std::string& code = random_.below(2) == 0 ? row.source : row.target;
    out.what = "table " + rows->name + ": " + code + " -> ";
    code.back() = code.back() == '9' ? '0' : static_cast<char>(code.back() + 1);
    out.what += code;
    return put(out, *rows);
  }

  bool date_pattern(Mutant& out, std::vector<Spot>&) {
    if (out.file.types.empty()) return false;
    auto& use = out.file.types[random_.below(out.file.types.size())];
    const bool moves = use.pattern.text.find("iso-datetime") != use.to.text.find("iso-datetime");
    if (moves && random_.below(3) == 0) {
      use.zone = Text{use.zone ? "+09:00" : "+00:00", use.name.place};
      out.what = "type " + use.name.text + ": zone " + use.zone->text;
      return true;
    }
    Text& text = random_.below(2) == 0 ? use.pattern : use.to;
    std::string changed = text.text;
    static const std::vector<std::pair<std::string, std::string>> kChanges = {{"dd/MM", "MM/dd"},
                                                                              {"MMdd", "ddMM"},
                                                                              {"HHmm", "mmHH"},
                                                                              {"iso-datetime", "iso-date"},
                                                                              {"yyyyMMddHHmmss", "yyyyMMdd"}};
    const auto& [from, to] = kChanges[random_.below(kChanges.size())];
    const size_t found = changed.find(from);
    if (found == std::string::npos) return false;
    changed.replace(found, from.size(), to);
    out.what = "type " + use.name.text + ": " + text.text + " -> " + changed;
    text.text = changed;
    return true;
  }

  bool constant(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, [](const Rule& rule) { return rule.origin == Origin::constant || rule.fallback; });
    if (!spot) return false;
    Text& text = spot->rule->origin == Origin::constant ? spot->rule->source : *spot->rule->fallback;
    out.what = at(*spot->rule) + ": " + text.text + " -> ";
    text.text += "1";
    out.what += text.text;
    return true;
  }

  bool negate_when(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, [](const Rule& rule) { return !rule.when.empty() || rule.required_when; });
    if (!spot) return false;
    Text& text = spot->rule->when.empty() ? *spot->rule->required_when : spot->rule->when[0];
    text.text = "not (" + text.text + ")";
    out.what = at(*spot->rule) + ": when " + text.text;
    return true;
  }

  bool remove(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, [](const Rule&) { return true; });
    out.what = at(*spot->rule) + " deleted";
    spot->list->erase(spot->list->begin() + (spot->rule - spot->list->data()));
    return true;
  }

  // The part that is read becomes looser: more texts match than before.
  bool loosen(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, [](const Rule& rule) { return rule.pattern || rule.match; });
    if (!spot) return false;
    Text& text = spot->rule->pattern ? *spot->rule->pattern : *spot->rule->match;
    const size_t found = text.text.find("H[0-9]{2}");
    if (found == std::string::npos) return false;
    text.text.replace(found, 9, "[A-Z][0-9]{2}");
    out.what = at(*spot->rule) + ": pattern " + text.text;
    return true;
  }

  // Only the items that have one of their optional fields.
  bool filter(Mutant& out, std::vector<Spot>& all) {
    Spot* spot = pick(all, [](const Rule& rule) { return rule.origin == Origin::each && rule.group && !rule.where; });
    if (!spot) return false;
    const std::string& each = spot->rule->source.text;
    const std::string list = each.starts_with("$") ? each : spot->scope + "." + each;
    for (const Rule& inner : spot->rule->rules) {
      if (inner.origin != Origin::from || inner.group) continue;
      const auto found = base_.parts.source->lookup(list + "." + inner.source.text, base_.file.source.root.text);
      if (!found || found->steps.empty() || found->steps.back()->required) continue;
      spot->rule->where = Text{"exists " + inner.source.text, spot->rule->target.place};
      out.what = at(*spot->rule) + ": where " + spot->rule->where->text;
      return true;
    }
    return false;
  }

  const MappingStore::Entry& base_;
  Random random_;
};

}  // namespace lt::proof::test
