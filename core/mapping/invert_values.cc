#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/blob.h"
#include "core/mapping/inverter.h"
#include "core/mapping/join_pattern.h"
#include "core/mapping/pattern_groups.h"
#include "core/mapping/target_shape.h"

namespace lt::mapping {

std::optional<Inverter::Source> Inverter::source_of(const std::string& path, const Scope& scope,
                                                    std::vector<Rule>& out) const {
  auto parsed = parse_source_path(path);
  if (!parsed) return std::nullopt;
  Source found{{}, &out};
  if (parsed->matched) {
    if (!scope.matched) return std::nullopt;
    found.out = scope.matched;
  } else if (parsed->from_root) {
    if (scope.item) return std::nullopt;
  } else {
    if (parsed->up > scope.source.size()) return std::nullopt;
    found.steps.assign(scope.source.begin(), scope.source.end() - static_cast<long>(parsed->up));
  }
  found.steps.insert(found.steps.end(), parsed->steps.begin(), parsed->steps.end());
  return found;
}

std::optional<Inverter::Names> Inverter::target_of(const std::string& path, const Scope& scope) const {
  auto parsed = parse_target_path(path);
  if (!parsed) return std::nullopt;
  Names whole = scope.target;
  whole.insert(whole.end(), parsed->begin(), parsed->end());
  return whole;
}

void Inverter::put(Rule made, const Scope& scope, const Source& path, const Names& target, std::vector<Rule>& out) {
  std::vector<Rule>* into = path.out ? path.out : &out;
  made.when.insert(made.when.begin(), scope.guards.begin(), scope.guards.end());
  made.shared = made.shared || made.origin != Origin::each;
  if (!made.target.place.line) made.target.place = made.source.place;
  if (made.source.text.empty() && made.origin != Origin::constant) made.source.text = path_text(target);
  const auto pick =
      std::find_if(path.steps.begin(), path.steps.end(), [](const PathStep& at) { return !at.where.empty(); });
  if (pick == path.steps.end()) {
    made.target.text = path_text(path.steps);
    into->push_back(std::move(made));
    return;
  }
  // A[Kind='X'].B: one item of A, made by all rules that pick the same.
  Steps array(path.steps.begin(), pick + 1);
  array.back().where.clear();
  array.back().equals.clear();
  const std::string name = path_text(array);
  const auto same = [&](const Rule& at) {
    return at.origin == Origin::item && at.target.text == name && at.rules.front().target.text == pick->where &&
           at.rules.front().source.text == pick->equals;
  };
  auto item = std::find_if(into->begin(), into->end(), same);
  if (item == into->end()) {
    Rule fresh;
    fresh.origin = Origin::item;
    fresh.group = fresh.only_real = fresh.shared = true;
    fresh.target = {name, made.target.place};
    Rule kind;
    kind.target = {pick->where, made.target.place};
    kind.origin = Origin::constant;
    kind.source = Text{pick->equals, made.target.place, true, false};
    fresh.rules.push_back(std::move(kind));
    into->push_back(std::move(fresh));
    item = into->end() - 1;
  }
  made.target.text = path_text(Steps(pick + 1, path.steps.end()));
  item->rules.push_back(std::move(made));
}

void Inverter::note(const Scope& scope, const Steps& source, const Rule& rule, Fidelity fidelity, Reason why) {
  const bool picked = std::any_of(source.begin(), source.end(), [](const PathStep& at) { return !at.where.empty(); });
  if (!scope.unless.empty() && fidelity < Fidelity::lossy) {
    fidelity = Fidelity::lossy;
    why = scope.unless;
  }
  if (picked) {
    fidelity = Fidelity::lossy;
    why = Reason::Is::list_order;
  }
  std::string path = scope.level;
  for (const PathStep& step : source) path.append(".").append(step.name);
  result_.notes.push_back({path, rule.target.text, rule.target.place, fidelity, why});
  if (!picked) return;
  // The list itself, and what tells its items apart.
  std::string list = scope.level;
  for (const PathStep& step : source) {
    list.append(".").append(step.name);
    if (!step.where.empty()) break;
  }
  result_.notes.push_back({std::move(list), rule.target.text, rule.target.place, fidelity, std::move(why), true});
}

void Inverter::whole(const Scope& scope, const Steps& source, const Rule& rule, Reason why) {
  note(scope, source, rule, Fidelity::lossy, std::move(why));
  result_.notes.back().whole = true;
}

void Inverter::keep_when(const Rule& rule, const Scope& scope, const Steps& source) {
  for (const Text& when : rule.when)
    if (when.text != "exists " + rule.source.text) whole(scope, source, rule, {Reason::Is::unless, when.text});
}

void Inverter::lost(const Scope& scope, const Rule& rule, const std::string& path, Reason why) {
  const auto parsed = parse_source_path(path);
  if (!parsed) return;
  // Of a path that leaves the item with ^ only the last part is sure; a field without a note of its own counts as lost.
  Scope at = scope;
  Steps steps = parsed->steps;
  if (parsed->from_root)
    at.level.assign(1, '$');
  else if (parsed->up == 0)
    steps.insert(steps.begin(), scope.source.begin(), scope.source.end());
  note(at, steps, rule, Fidelity::lossy, std::move(why));
}

void Inverter::value(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  const auto from = source_of(rule.source.text, scope, out);
  if (!target) return;
  set(rule, scope, out);
  if (rule.one_way) return lost(scope, rule, rule.source.text, Reason::Is::one_way);
  if (!from) return lost(scope, rule, rule.source.text, Reason::Is::outside_item);
  if (rule.origin == Origin::blob)
    if (no_way(rule.blob, rule.blob_from) != nullptr)
      return lost(scope, rule, rule.source.text,
                  {Reason::Is::file_form, std::string(name_of(rule.blob_from)), std::string(name_of(rule.blob))});
  Rule made;
  made.origin = rule.origin;
  made.target.place = rule.target.place;
  made.source = {path_text(*target), rule.target.place};
  Fidelity fidelity = Fidelity::exact;
  Reason why;
  turn(rule, made, fidelity, why);
  if (takes_name(made.blob)) made.blob_name = name_back(rule, scope);
  Scope at = scope;
  if (from->out != &out) {  // a field of an item found by key
    const auto array = parse_source_path(scope.match_on->array.text);
    at.level.assign(1, '$');
    if (array)
      for (const PathStep& step : array->steps) at.level.append(".").append(step.name);
    at.unless = Reason::Is::unless_match;
  }
  made.weak = fidelity != Fidelity::exact;
  note(at, from->steps, rule, fidelity, why);
  put(std::move(made), scope, *from, *target, out);
}

std::optional<Text> Inverter::name_back(const Rule& rule, const Scope& scope) const {
  if (!rule.blob_name) return std::nullopt;
  for (const Rule& other : *scope.beside) {
    if (other.origin != Origin::from || other.group || other.source.text != rule.blob_name->text) continue;
    if (const auto target = target_of(other.target.text, scope)) return Text{path_text(*target), rule.blob_name->place};
  }
  return std::nullopt;
}

void Inverter::turn(const Rule& rule, Rule& to, Fidelity& fidelity, Reason& why) const {
  const auto weaken = [&](Fidelity least, Reason reason) {
    if (least > fidelity) {
      fidelity = least;
      why = std::move(reason);
    }
  };
  to.origin = to.origin == Origin::none ? rule.origin : to.origin;
  to.backwards = true;
  to.verify = rule.match;
  to.link = rule.link;
  to.blob = rule.blob_from;
  to.blob_from = rule.blob;
  if (rule.origin == Origin::blob && !as_it_stands(rule.blob_from, rule.blob))
    weaken(Fidelity::canonical, rule.blob_from == BlobForm::url    ? Reason::Is::file_address
                                : rule.blob_from == BlobForm::part ? Reason::Is::file_name
                                                                   : Reason::Is::file_wrapped);
  if (rule.nfc || rule.trim) weaken(Fidelity::canonical, Reason::Is::normalised);
  if (rule.as != As::unsaid && rule.as != As::text) weaken(Fidelity::canonical, Reason::Is::as_target_writes);
  if (rule.type) {
    to.type = rule.type;
    Reason reason;
    const Fidelity date_loss = date(*rule.type, reason);
    weaken(date_loss, reason);
  }
  if (rule.table) {
    to.table = rule.table;
    to.unmapped = rule.unmapped == Unmapped::fallback ? Unmapped::keep : rule.unmapped;
    const auto table = parts_.tables.find(rule.table->text);
    const bool dated = std::any_of(file_.tables.begin(), file_.tables.end(),
                                   [&](const TableUse& use) { return use.name.text == rule.table->text && use.as_of; });
    if (dated)
      weaken(Fidelity::lossy, {Reason::Is::table_dated, rule.table->text});
    else if (table == parts_.tables.end() || !table->second || !table->second->injective())
      weaken(Fidelity::canonical, {Reason::Is::table_not_injective, rule.table->text});
    else if (rule.unmapped == Unmapped::fallback)
      weaken(Fidelity::canonical, {Reason::Is::table_default, rule.table->text});
  }
  if (rule.omit_default) to.absent_value = rule.fallback;
  if (rule.fallback) weaken(Fidelity::canonical, Reason::Is::default_for_nothing);
  if (rule.when_absent == WhenAbsent::null || rule.when_absent == WhenAbsent::empty)
    weaken(Fidelity::canonical, Reason::Is::nothing_written);
  for (const Text& when : rule.when)
    if (when.text != "exists " + rule.source.text) weaken(Fidelity::lossy, {Reason::Is::unless, when.text});
}

Fidelity Inverter::date(const Text& name, Reason& why) const {
  for (const TypeUse& use : file_.types) {
    if (use.name.text != name.text) continue;
    const auto from = DatePattern::parse(use.pattern.text), to = DatePattern::parse(use.to.text);
    if (!from || !to) return Fidelity::exact;
    if (!from->within(*to)) {
      why = Reason(Reason::Is::date_says_less, to->text(), from->text());
      return Fidelity::lossy;
    }
    if (!from->fixed() || from->has_offset()) {
      why = Reason::Is::date_written_anew;
      return Fidelity::canonical;
    }
  }
  return Fidelity::exact;
}

void Inverter::set(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  if (!target || rule.set.empty()) return;
  for (const auto& [field, constant] : rule.set) {
    const auto path = source_of(field.text, scope, out);
    if (!path) continue;
    Rule made;
    made.origin = Origin::constant;
    made.target.place = field.place;
    made.source = constant;
    made.shared = true;
    made.when.push_back({"exists " + path_text(*target), field.place});
    note(scope, path->steps, rule, Fidelity::lossy, Reason::Is::set_by_target);
    put(std::move(made), scope, *path, *target, out);
  }
}

void Inverter::expect(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  if (!target) return;
  set(rule, scope, out);
  if (rule.source.null) return;
  Rule made;
  made.origin = Origin::expect;
  made.target = {".", rule.target.place};
  made.source = {path_text(*target), rule.target.place};
  made.fallback = rule.source;
  made.when = scope.guards;
  out.push_back(std::move(made));
}

// One text became several fields: joined again when the pattern can be written as well as read.
void Inverter::parts(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  const auto from = source_of(rule.source.text, scope, out);
  if (!target || !rule.pattern) return;
  const bool changed = rule.type || rule.table || rule.fallback || rule.as != As::unsaid || !rule.when.empty();
  const auto pieces = split_join_pattern(rule.pattern->text);
  if (rule.one_way || changed || !pieces || !from)
    return lost(scope, rule, rule.source.text,
                !from     ? Reason::Is::outside_item
                : !pieces ? Reason::Is::pattern_keeps_less
                : changed ? Reason::Is::parts_changed
                          : Reason::Is::one_way);
  Rule made;
  made.origin = Origin::join;
  made.target.place = rule.target.place;
  made.source = {path_text(*target), rule.target.place};
  made.pattern = rule.pattern;
  made.fields = rule.fields;
  note(scope, from->steps, rule, rule.nfc || rule.trim ? Fidelity::canonical : Fidelity::exact, {});
  put(std::move(made), scope, *from, *target, out);
}

void Inverter::join(const Rule& rule, const Scope& scope, std::vector<Rule>& out) {
  const auto target = target_of(rule.target.text, scope);
  const auto from = source_of(rule.source.text, scope, out);
  if (!target || !from || !rule.pattern) return;
  Rule made;
  made.origin = Origin::parts;
  made.shared = true;
  made.target = {path_text(from->steps), rule.target.place};
  made.source = {path_text(*target), rule.target.place};
  made.pattern = rule.pattern;
  made.fields = rule.fields;
  made.when = scope.guards;
  const bool changed = rule.type || rule.table || rule.as != As::unsaid || rule.one_way || !rule.when.empty();
  for (const std::string& name : group_names(rule.pattern->text)) {
    const auto said = std::find_if(rule.fields.begin(), rule.fields.end(),
                                   [&](const auto& field) { return field.first.text == name; });
    Steps steps = from->steps;
    const auto path = parse_source_path(said == rule.fields.end() ? name : said->second.text);
    if (path) steps.insert(steps.end(), path->steps.begin(), path->steps.end());
    note(scope, steps, rule, changed ? Fidelity::lossy : Fidelity::exact,
         changed ? Reason::Is::joined_changed : Reason::Is::none);
  }
  if (!changed) from->out->push_back(std::move(made));
}

}  // namespace lt::mapping
