#include "core/mapping/invert.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/mapping/inverter.h"
#include "core/mapping/lower.h"

namespace lt::mapping {
namespace {

std::string joined(const std::string& base, const std::string& path) {
  return path.empty() || path == "." ? base : base + "." + path;
}

// Names only: notes and types do not tell the items of an array apart.
std::string plain(const std::vector<PathStep>& steps) {
  std::string out;
  for (const PathStep& step : steps) out.append(out.empty() ? "" : ".").append(step.name);
  return out;
}

// The target paths that a list of rules writes, as far as they are leaves.
void leaves(const std::vector<Rule>& rules, const std::string& base, std::set<std::string>& out) {
  for (const Rule& rule : rules) {
    const std::string path = rule.target.text == "." ? base
                             : base.empty()          ? rule.target.text
                                                     : base + "." + rule.target.text;
    if (rule.origin == Origin::only_back) continue;
    if (rule.group && rule.origin != Origin::each)
      leaves(rule.rules, path, out);
    else
      out.insert(path);
  }
}

}  // namespace

Inverse invert(const RuleFile& file, const CompileParts& parts) { return Inverter(file, parts).run(); }

CompileParts reversed(const CompileParts& parts) {
  CompileParts out = parts;
  std::swap(out.source, out.target);
  return out;
}

Inverse Inverter::run() {
  RuleFile& to = result_.file;
  to.file = file_.file;
  to.name = file_.name;
  to.title = file_.title;
  to.version = file_.version;
  to.source = file_.target;
  to.target = file_.source;
  to.tables = file_.tables;
  to.types = file_.types;
  to.links = file_.links;
  to.keep_rest = file_.keep_rest;
  to.place = file_.place;
  to.ignore_source = file_.ignore_target;

  Scope scope;
  scope.level.assign(1, '$');
  rules(file_.rules, scope, to.rules);
  return std::move(result_);
}

void Inverter::rules(const std::vector<Rule>& all, Scope scope, std::vector<Rule>& out) {
  scope.beside = &all;
  for (const Rule& one : all) rule(one, scope, out);
}

void Inverter::rule(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  switch (rule.origin) {
    case Origin::from:
    case Origin::blob:
      if (rule.group) return group(rule, scope, out);
      return value(rule, scope, out);
    case Origin::none:
      return group(rule, scope, out);
    case Origin::constant:
      return expect(rule, scope, out);
    case Origin::parts:
      return parts(rule, scope, out);
    case Origin::join:
      return join(rule, scope, out);
    case Origin::each:
      return each(rule, scope, out);
    case Origin::items:
      return items(rule, scope, out);
    case Origin::one_of:
      return one_of(rule, scope, out);
    case Origin::spread: {
      config::Diagnostics reported;
      Rule array;
      array.target = rule.target;
      array.origin = Origin::items;
      for (Rule& lowered : lower_spread(rule, reported)) {
        if (lowered.origin == Origin::item)
          array.rules.push_back(std::move(lowered));
        else
          this->rule(lowered, scope, out);
      }
      if (!array.rules.empty()) items(array, scope, out);
      return;
    }
    case Origin::only_back: {
      const auto path = source_of(rule.target.text, scope, out);
      if (!path) return;
      Rule made = rule;
      made.origin = Origin::one_way;
      made.source.base = path_text(scope.target);
      made.backwards = true;
      note(scope, path->steps, rule, Fidelity::canonical, Reason::Is::expression_back);
      return put(std::move(made), scope, *path, scope.target, out);
    }
    default:
      return;
  }
}

void Inverter::group(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  if (rule.embedded_source != Embedded::none || rule.embedded_target != Embedded::none)
    return embedded(rule, scope, out);
  set(rule, scope, out);
  Scope inner = scope;
  const auto target = target_of(rule.target.text, scope);
  if (!target) return;
  inner.target = *target;
  std::vector<Rule>* into = &out;
  if (rule.origin == Origin::from) {
    const auto from = source_of(rule.source.text, scope, out);
    if (!from) return lost(scope, rule, rule.source.text, Reason::Is::outside_item);
    keep_when(rule, scope, from->steps);
    inner.source = from->steps;
    into = from->out;
    if (into != &out) inner.matched = nullptr;
  }
  if (rule.keep_rest) {
    Rule made;
    made.origin = Origin::rest;
    made.source = {path_text(inner.target), rule.target.place};
    made.target = {path_text(inner.source), rule.target.place};
    into->push_back(std::move(made));
  }
  rules(rule.rules, inner, *into);
}

// A document inside a string has a scope of its own, whichever side it is on.
void Inverter::embedded(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  const auto from = rule.origin == Origin::from ? source_of(rule.source.text, scope, out) : Source{scope.source, &out};
  if (!target || !from) return lost(scope, rule, rule.source.text, Reason::Is::outside_item);
  if (rule.origin != Origin::from) return lost(scope, rule, ".", Reason::Is::several_fields);
  Rule made;
  made.group = true;
  made.origin = Origin::from;
  made.source = {path_text(*target), rule.target.place};
  made.embedded_source = rule.embedded_target;
  made.embedded_target = rule.embedded_source;
  made.embedded_schema = rule.embedded_schema;
  made.embedded_root = rule.embedded_root;
  made.keep_rest = rule.keep_rest;
  Scope inner;
  inner.item = true;
  inner.level = joined(scope.level, plain(from->steps));
  rules(rule.rules, inner, made.rules);
  note(scope, from->steps, rule, Fidelity::canonical, Reason::Is::embedded_anew);
  put(std::move(made), scope, *from, *target, out);
}

void Inverter::each(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  const auto from = source_of(rule.source.text, scope, out);
  if (!target) return;
  if (!from) return lost(scope, rule, rule.source.text, Reason::Is::outside_item);
  if (rule.where) whole(scope, from->steps, rule, Reason::Is::where_leaves_out);
  keep_when(rule, scope, from->steps);
  Rule made;
  made.origin = Origin::each;
  made.source = {path_text(*target), rule.target.place};
  made.group = rule.group;
  made.keep_rest = rule.keep_rest;
  Scope inner;
  inner.item = true;
  inner.level = joined(scope.level, plain(from->steps));
  std::vector<Rule> found;
  if (rule.match_on) {
    inner.match_on = &*rule.match_on;
    inner.matched = &found;
  }
  if (rule.group) {
    rules(rule.rules, inner, made.rules);
    for (const auto& [field, constant] : rule.set) {
      Rule sets;
      sets.target = field;
      sets.origin = Origin::constant;
      sets.source = constant;
      sets.shared = true;
      made.rules.push_back(std::move(sets));
    }
  } else {
    Fidelity fidelity = Fidelity::exact;
    Reason why;
    turn(rule, made, fidelity, why);
    note(scope, from->steps, rule, fidelity, why);
  }
  if (rule.match_on) match_on(rule, *from, path_text(*target), made.rules, found, out);
  put(std::move(made), scope, *from, *target, out);
}

// The items that were found by key are written from the same target items, key included.
void Inverter::match_on(const Rule& rule, const Source& from, const std::string& target, std::vector<Rule> own,
                        const std::vector<Rule>& found, std::vector<Rule>& out) {
  if (found.empty()) return;
  const MatchOn& by = *rule.match_on;
  Rule made;
  made.origin = Origin::each;
  made.group = made.only_real = true;
  made.shared = true;
  made.source = {target, rule.target.place};
  const auto array = parse_source_path(by.array.text);
  if (!array || array->up > from.steps.size()) return;
  Steps steps;
  if (!array->from_root) steps.assign(from.steps.begin(), from.steps.end() - static_cast<long>(array->up) - 1);
  steps.insert(steps.end(), array->steps.begin(), array->steps.end());
  made.target = {path_text(steps), by.array.place};
  const auto key =
      std::find_if(own.begin(), own.end(), [&](const Rule& at) { return at.target.text == by.equals.text; });
  const bool has_key =
      std::any_of(found.begin(), found.end(), [&](const Rule& at) { return at.target.text == by.key.text; });
  if (key != own.end() && !has_key) {
    Rule again = *key;
    again.target = by.key;
    again.shared = false;
    made.rules.push_back(std::move(again));
  }
  made.rules.insert(made.rules.end(), found.begin(), found.end());
  out.push_back(std::move(made));
}

// An array of fixed items: the one whose constant says so goes back to its fields.
void Inverter::items(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  if (!target) return;
  Rule check;
  check.origin = Origin::cases;
  check.target = {".", rule.target.place};
  check.source = {path_text(*target), rule.target.place};
  check.when = scope.guards;
  for (const Rule& item : rule.rules) {
    const auto kind = std::find_if(item.rules.begin(), item.rules.end(), [](const Rule& at) {
      return at.origin == Origin::constant && !at.source.null && at.target.text.find('.') == std::string::npos;
    });
    if (kind == item.rules.end()) {
      for (const Rule& one : item.rules) lost(scope, one, one.source.text, Reason::Is::no_constant);
      continue;
    }
    if (check.by.text.empty()) check.by = kind->target;
    if (check.by.text == kind->target.text) check.fields.emplace_back(kind->source, kind->source);
    Scope inner = scope;
    inner.target.clear();
    std::vector<Rule> made;
    std::vector<Rule> rest;
    for (const Rule& one : item.rules)
      if (&one != &*kind) rest.push_back(one);
    rules(rest, inner, made);
    const std::string picked = fmt::format("{}[{}='{}']", path_text(*target), kind->target.text, kind->source.text);
    for (Rule& one : made) {
      if (one.origin == Origin::one_way)
        one.source.base = joined(picked, one.source.base);
      else if (one.origin != Origin::constant)
        one.source.text = joined(picked, one.source.text);
      for (Text& when : one.when) when.base = joined(picked, when.base);
      out.push_back(std::move(one));
    }
  }
  if (check.fields.size() == rule.rules.size()) out.push_back(std::move(check));
}

// Which case does the target show? A field that `by` itself is copied to says it; else what only this case writes.
std::optional<Text> Inverter::guard(const Rule& rule, size_t chosen, const Scope& scope, bool& by_structure) const {
  const auto at = [&](const std::string& path) {
    Names whole = scope.target;
    if (auto names = parse_target_path(path)) whole.insert(whole.end(), names->begin(), names->end());
    return path_text(whole);
  };
  for (const Rule& other : *scope.beside) {
    const bool copied = other.origin == Origin::from && !other.group && other.source.text == rule.source.text &&
                        !other.type && !other.table && other.when.empty();
    if (copied) return any_of(at(other.target.text), rule.cases[chosen].is, rule.cases[chosen].is.front().place);
  }
  by_structure = true;
  std::set<std::string> own, others;
  const std::string base = rule.target.text == "." ? "" : rule.target.text;
  leaves(rule.cases[chosen].rules, base, own);
  for (size_t i = 0; i < rule.cases.size(); ++i)
    if (i != chosen) leaves(rule.cases[i].rules, base, others);
  Text out;
  out.place = rule.target.place;
  for (const std::string& path : own)
    if (!others.count(path)) out.text += (out.text.empty() ? "exists " : " or exists ") + at(path);
  if (out.text.empty()) return std::nullopt;
  return out;
}

void Inverter::one_of(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto by = source_of(rule.source.text, scope, out);
  const auto target = target_of(rule.target.text, scope);
  if (!target) return;
  for (size_t i = 0; i < rule.cases.size(); ++i) {
    const Case& one = rule.cases[i];
    if (one.is.empty()) continue;
    Scope inner = scope;
    inner.target = *target;
    inner.shared = true;
    std::string names;
    for (const Text& is : one.is) names += (names.empty() ? "" : ", ") + is.text;
    inner.unless = Reason(Reason::Is::unless_case, rule.source.text, names);
    bool by_structure = false;
    auto guarded = guard(rule, i, scope, by_structure);
    if (guarded) inner.guards.push_back(*guarded);
    rules(one.rules, inner, out);
    if (!by_structure || !by) continue;
    if (!guarded) {
      note(scope, by->steps, rule, Fidelity::lossy, {Reason::Is::case_not_shown, one.is.front().text});
      continue;
    }
    Rule sets;
    sets.origin = Origin::constant;
    sets.source = Text{one.is.front().text, one.is.front().place, false, false};
    sets.target.place = rule.target.place;
    sets.when.push_back(*guarded);
    note(scope, by->steps, rule, Fidelity::lossy,
         one.is.size() == 1 ? Reason::Is::case_writes_nothing : Reason::Is::case_of_several);
    Scope plain_scope = scope;
    plain_scope.shared = true;
    put(std::move(sets), plain_scope, *by, scope.target, out);
  }
}

}  // namespace lt::mapping
