#include "core/mapping/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/path.h"

namespace lt::mapping {
namespace {

// "HoTen" with the prefix "cha" is "chaHoTen"; "nycHoTen*" with "Cha" is "nycHoTenCha". Steps before the last stay.
std::string prefixed(const std::string& path, const std::string& prefix) {
  const size_t star = path.find('*');
  if (star != std::string::npos) return path.substr(0, star) + prefix + path.substr(star + 1);
  const size_t dot = path.rfind('.');
  const size_t at = dot == std::string::npos || path == "." ? 0 : dot + 1;
  return path.substr(0, at) + prefix + path.substr(at);
}

std::string under(const std::string& base, const std::string& path) { return path == "." ? base : base + "." + path; }

std::string under_base(const std::string& base, const std::string& path) {
  return path.empty() || path == "." ? base : under(base, path);
}

// Makes a path that starts in the object at `base` start in the object around.
std::string rebased(const std::string& base, const std::string& path) {
  if (path.starts_with("$") || path.starts_with("&")) return path;
  if (!path.starts_with("^")) return under_base(base, path);
  const size_t dot = base.rfind('.');
  const std::string rest = path.size() > 2 ? path.substr(2) : ".";
  return dot == std::string::npos ? rest : rebased(base.substr(0, dot), rest);
}

void rebase(const std::string& base, Rule& rule) {
  switch (rule.origin) {
    case Origin::constant:
    case Origin::index:
    case Origin::envelope:
    case Origin::only_back:
      return;
    case Origin::one_way:
      rule.source.base = under_base(base, rule.source.base);
      return;
    case Origin::none:
    case Origin::item:
      if (rule.source.text.empty()) {  // a group without a scope of its own
        rule.origin = rule.origin == Origin::none ? Origin::from : Origin::item;
        rule.source = {base, rule.target.place};
        return;
      }
      [[fallthrough]];
    default:
      rule.source.text = rebased(base, rule.source.text);
  }
}

// Paths of these would have to be rewritten inside a text.
bool plain(const Rule& rule, config::Diagnostics& out) {
  const bool expressions = !rule.when.empty() || rule.where || rule.required_when || rule.origin == Origin::one_way;
  const bool path = rule.origin == Origin::from || rule.origin == Origin::blob || rule.origin == Origin::constant;
  if (!expressions && path) return true;
  out.error(Code::wrong_type, rule.target.place, "a rule of spread is a field or a group with from, without conditions",
            "write what needs more with [Field='value'] paths, outside spread");
  return false;
}

// A group without a name: its rules, each with the group's source before its paths.
std::vector<Rule> lower_open_group(const Rule& rule, config::Diagnostics& out) {
  std::vector<Rule> made = lower(rule.rules, out);
  if (rule.keep_rest) out.error(Code::wrong_type, rule.target.place, "rest: keep needs a group with a name");
  for (Rule& one : made) {
    if (rule.origin == Origin::from) {
      rebase(rule.source.text, one);
      if (one.required_when) one.required_when->base = under_base(rule.source.text, one.required_when->base);
      for (Text& when : one.when) when.base = under_base(rule.source.text, when.base);
    }
    one.when.insert(one.when.begin(), rule.when.begin(), rule.when.end());
    one.shared = one.shared || !rule.when.empty();
  }
  return made;
}

std::vector<Rule> lower_one_of(const Rule& rule, config::Diagnostics& out) {
  std::vector<Rule> made;
  if (!rule.skip_other) {
    Rule check;
    check.target = rule.target;
    check.origin = Origin::cases;
    check.source = rule.source;
    check.when = rule.when;
    for (const Case& one : rule.cases)
      for (const Text& is : one.is) check.fields.emplace_back(is, is);
    made.push_back(std::move(check));
  }
  for (const Case& one : rule.cases) {
    const Text guard = any_of(rule.source.text, one.is, rule.source.place);
    auto inside = lower(one.rules, out);
    const auto guarded = [&](Rule& to) {
      to.when.insert(to.when.begin(), guard);
      to.when.insert(to.when.begin(), rule.when.begin(), rule.when.end());
      to.shared = true;
    };
    if (rule.target.text == ".") {
      for (Rule& each : inside) {
        guarded(each);
        made.push_back(std::move(each));
      }
    } else {
      Rule group;
      group.target = rule.target;
      group.group = true;
      group.rules = std::move(inside);
      guarded(group);
      made.push_back(std::move(group));
    }
  }
  return made;
}

}  // namespace

Text any_of(const std::string& path, const std::vector<Text>& texts, const Place& place) {
  Text out;
  out.place = place;
  for (const Text& text : texts)
    out.text += fmt::format("{}{} == '{}'", out.text.empty() ? "" : " or ", path, text.text);
  if (texts.empty()) out.text = "false == true";
  return out;
}

std::vector<Rule> lower_spread(const Rule& rule, config::Diagnostics& out) {
  std::vector<Rule> made;
  const bool from_array = !rule.source.text.empty();
  if (from_array) {
    Rule check;
    check.target = rule.target;
    check.origin = Origin::cases;
    check.source = rule.source;
    check.by = rule.by;
    for (const auto& [value, prefix] : rule.prefixes) check.fields.emplace_back(value, value);
    made.push_back(std::move(check));
  }
  const auto inside = lower(rule.rules, out);
  for (const auto& [value, prefix] : rule.prefixes) {
    Rule item;
    item.target = rule.target;
    item.origin = Origin::item;
    item.group = item.only_real = true;
    Rule& kind = item.rules.emplace_back();
    kind.target = rule.by;
    kind.origin = Origin::constant;
    kind.source = Text{value.text, value.place, true, false};
    for (const Rule& one : inside) {
      if (!plain(one, out)) continue;
      Rule to = one;
      if (from_array) {
        to.target.text = prefixed(one.target.text, prefix.text);
        if (rule.target.text != ".") to.target.text = under(rule.target.text, to.target.text);
        to.source.text = under(fmt::format("{}[{}='{}']", rule.source.text, rule.by.text, value.text), one.source.text);
        made.push_back(std::move(to));
      } else {
        to.source.text = prefixed(one.source.text, prefix.text);
        item.rules.push_back(std::move(to));
      }
    }
    if (!from_array) made.push_back(std::move(item));
  }
  return made;
}

std::vector<Rule> lower(const std::vector<Rule>& rules, config::Diagnostics& out) {
  std::vector<Rule> made;
  for (const Rule& rule : rules) {
    std::vector<Rule> several;
    if (rule.origin == Origin::one_of) {
      several = lower_one_of(rule, out);
    } else if (rule.origin == Origin::spread) {
      several = lower_spread(rule, out);
    } else if (rule.origin == Origin::items) {
      for (Rule item : lower(rule.rules, out)) {
        item.origin = Origin::item;
        item.only_real = true;
        several.push_back(std::move(item));
      }
    } else if (rule.target.text == "." && rule.group && rule.embedded_source == Embedded::none) {
      several = lower_open_group(rule, out);
    } else {
      Rule& same = several.emplace_back(rule);
      same.rules = lower(rule.rules, out);
    }
    std::move(several.begin(), several.end(), std::back_inserter(made));
  }
  return made;
}

}  // namespace lt::mapping
