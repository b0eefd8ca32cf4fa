#include "core/proof/rule_walk.h"

#include "core/mapping/expression.h"
#include "core/mapping/lower.h"
#include "core/mapping/path.h"
#include "core/mapping/pattern_groups.h"

namespace lt::proof {
namespace {

using mapping::Origin;
using mapping::Rule;

using Names = std::vector<std::string>;

void add_names(const std::vector<mapping::PathStep>& steps, Names& to) {
  for (const auto& step : steps) to.push_back(step.name);
}

void add(std::optional<std::string> path, Names& to) {
  if (path) to.push_back(std::move(*path));
}

std::optional<std::string> resolve(const mapping::SourcePath& path, const RuleScope& scope, const Names& base) {
  Names names;
  if (path.matched) {
    if (scope.matched.empty()) return std::nullopt;
    std::string out = scope.matched;
    for (const auto& step : path.steps) out.append(".").append(step.name);
    return out;
  }
  if (!path.from_root) {
    if (path.up > base.size()) return std::nullopt;
    names.assign(base.begin(), base.end() - static_cast<long>(path.up));
  }
  add_names(path.steps, names);
  return mapping::absolute_path(names);
}

void path_of_expression(const mapping::Expression::Path& path, const std::vector<mapping::Expression::Path>& all,
                        const RuleScope& scope, const Names& base, Names& out) {
  if (path.within < 0) return add(resolve(path.path, scope, base), out);
  // Begins at the items of another path of the expression.
  const auto& list = all[static_cast<size_t>(path.within)];
  Names items = list.path.from_root ? Names() : base;
  for (uint32_t i = 0; i < list.path.up && !items.empty(); ++i) items.pop_back();
  add_names(list.path.steps, items);
  add(resolve(path.path, scope, items), out);
}

// What decides whether and what a rule writes, its own operators only.
Names reads_of(const Rule& rule, const RuleScope& scope) {
  Names out;
  const auto path = [&](const mapping::Text& text) { add(scope.source_path(text.text), out); };
  const auto expression = [&](const mapping::Text& text) {
    for (auto& one : scope.expression_paths(text)) out.push_back(std::move(one));
  };
  switch (rule.origin) {
    case Origin::none:
    case Origin::item:
    case Origin::constant:
    case Origin::envelope:
    case Origin::only_back:
    case Origin::items:
      break;
    case Origin::index:
      out.push_back(mapping::absolute_path(scope.item));
      break;
    case Origin::one_way:
      expression(rule.source);
      break;
    case Origin::join: {
      for (const std::string& name : mapping::group_names(rule.pattern ? rule.pattern->text : std::string())) {
        std::string at = name;
        for (const auto& [said, where] : rule.fields)
          if (said.text == name) at = where.text;
        add(scope.source_path(rule.source.text == "." ? at : rule.source.text + "." + at), out);
      }
      break;
    }
    default:
      if (!rule.source.text.empty()) path(rule.source);
  }
  for (const auto& when : rule.when) expression(when);
  if (rule.required_when) expression(*rule.required_when);
  return out;
}

class Walk {
 public:
  Walk(const mapping::RuleFile& file, const RuleVisit& visit) : file_(file), visit_(visit) {}

  void rules(const std::vector<Rule>& rules, const RuleScope& scope) {
    for (const Rule& rule : rules) this->rule(rule, scope);
  }

 private:
  void rule(const Rule& rule, const RuleScope& scope) {
    Names reads = reads_of(rule, scope);
    if (rule.table)
      for (const auto& use : file_.tables)
        if (use.name.text == rule.table->text && use.as_of) add(scope.source_path(use.as_of->text), reads);
    reads.insert(reads.end(), scope.reads.begin(), scope.reads.end());
    RuleScope inner = scope;
    const bool scoped = (rule.origin == Origin::from && rule.group) || rule.origin == Origin::each;
    if (const auto target = mapping::parse_target_path(rule.target.text))
      inner.target.insert(inner.target.end(), target->begin(), target->end());
    if (scoped) enter(rule, scope, inner, reads);
    inner.reads = reads;
    inner.conditional = inner.conditional || !rule.when.empty();
    visit_(rule, scope, reads);
    if (rule.group) rules(rule.rules, inner);
  }

  static void enter(const Rule& rule, const RuleScope& scope, RuleScope& inner, Names& reads) {
    const auto from = scope.source_path(rule.source.text);
    if (const auto path = mapping::parse_source_path(rule.source.text); path && from && !path->matched) {
      if (path->from_root)
        inner.source.clear();
      else
        for (uint32_t i = 0; i < path->up && !inner.source.empty(); ++i) inner.source.pop_back();
      add_names(path->steps, inner.source);
    }
    if (rule.origin == Origin::each) inner.item = inner.source;
    if (rule.embedded_source != mapping::Embedded::none && from && inner.holder.empty()) inner.holder = *from;
    if (rule.match_on) {
      const RuleScope& outer = scope;
      inner.matched = outer.source_path(rule.match_on->array.text).value_or(std::string());
      inner.matched_by = rule.match_on->key.text;
      add(inner.source_path(rule.match_on->equals.text), reads);
      if (!inner.matched.empty()) reads.push_back(inner.matched + "." + rule.match_on->key.text);
    }
    if (rule.where)
      for (auto& one : inner.expression_paths(*rule.where)) reads.push_back(std::move(one));
  }

  const mapping::RuleFile& file_;
  const RuleVisit& visit_;
};

}  // namespace

std::optional<std::string> RuleScope::source_path(std::string_view path) const {
  const auto parsed = mapping::parse_source_path(path);
  if (!parsed) return std::nullopt;
  if (!holder.empty() && !parsed->from_root) return holder;
  return resolve(*parsed, *this, source);
}

std::vector<std::string> RuleScope::expression_paths(const mapping::Text& expression) const {
  std::vector<std::string> out;
  const auto parsed = mapping::Expression::parse(expression.text);
  if (!parsed) return out;
  if (!holder.empty()) return {holder};
  Names base = source;
  if (!expression.base.empty())
    if (const auto from = mapping::parse_source_path(expression.base)) {
      if (from->from_root) base.clear();
      for (uint32_t i = 0; i < from->up && !base.empty(); ++i) base.pop_back();
      add_names(from->steps, base);
    }
  for (const auto& path : parsed->paths()) path_of_expression(path, parsed->paths(), *this, base, out);
  return out;
}

std::string RuleScope::target_path(std::string_view path) const {
  Names names = target;
  if (const auto steps = mapping::parse_target_path(path)) names.insert(names.end(), steps->begin(), steps->end());
  return mapping::absolute_path(names);
}

void walk_rules(const mapping::RuleFile& file, const RuleVisit& visit) {
  config::Diagnostics reported;
  Walk(file, visit).rules(mapping::lower(file.rules, reported), RuleScope());
}

}  // namespace lt::proof
