#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/mapping/yaml_form.h"

namespace lt::mapping {

const std::vector<std::string>& operator_names() {
  static const std::vector<std::string> kNames = {
      "from",    "const", "one_way",       "only_back", "parts",       "join",     "blob",  "index",     "envelope",
      "each",    "items", "one_of",        "spread",    "pattern",     "fields",   "where", "match_on",  "embedded",
      "type",    "as",    "carrier",       "name",      "table",       "unmapped", "match", "normalize", "link",
      "default", "when",  "required_when", "back",      "when_absent", "unfit",    "rest",  "rules"};
  return kNames;
}

void RuleReader::rules(const Value& value, std::vector<Rule>& into) {
  if (!value.is_list())
    return out_.error(Code::wrong_type, value.place(), fmt::format("rules must be a list, not {}", value.shown()));
  for (const Value& item : value.items) {
    if (!item.is_map() || item.members.size() != 1) {
      out_.error(Code::wrong_type, item.place(), "a rule is one pair, target: source",
                 "write each rule on its own `- `");
      continue;
    }
    if (++count_ > limits::kMappingRules) {
      if (count_ == limits::kMappingRules + 1)
        out_.error(Code::too_large, item.place(), fmt::format("more than {} rules", limits::kMappingRules));
      return;
    }
    const Member& at = item.members[0];
    Rule rule;
    rule.target = {at.key, at.place()};
    if (at.value.is_scalar()) {
      rule.origin = Origin::from;
      text(at.value, rule.source);
    } else if (at.value.is_map()) {
      body(at.value, rule);
    } else {
      out_.error(Code::wrong_type, at.place(), fmt::format("{} must name a source path or hold operators", at.key));
      continue;
    }
    into.push_back(std::move(rule));
  }
}

void RuleReader::body(const Value& value, Rule& rule) {
  const auto& known = operator_names();
  for (const Member& at : value.members) {
    if (std::find(known.begin(), known.end(), at.key) == known.end()) {
      out_.error(Code::unknown_operator, at.place(), fmt::format("\"{}\" is not an operator", at.key),
                 config::suggestion(at.key, known));
      continue;
    }
    if (!origin_of(at, rule) && !value_operator(at, value, rule)) shape_operator(at, rule);
  }
  check(value, rule);
}

void RuleReader::check(const Value& value, Rule& rule) {
  const auto wrong = [&](const char* what) { out_.error(Code::wrong_type, value.place(), what); };
  const bool holds_rules = rule.group || rule.origin == Origin::items || rule.origin == Origin::one_of;
  if (rule.group && rule.origin != Origin::none && rule.origin != Origin::from && rule.origin != Origin::each &&
      rule.origin != Origin::spread)
    wrong("a group takes from, each or spread");
  if (holds_rules && (rule.type || rule.table || rule.match || rule.fallback || rule.pattern || rule.nfc || rule.trim ||
                      rule.link || rule.as != As::unsaid))
    wrong("type, as, table, match, normalize, link, default and pattern belong to fields, not to a group");
  if (rule.origin == Origin::spread && !rule.group) wrong("spread needs rules");
  if (!rule.group && rule.origin == Origin::none)
    out_.error(Code::missing_key, rule.target.place,
               fmt::format("{} has no source: from, const, one_way, parts, join, blob, index, envelope, each, items, "
                           "one_of, spread or rules",
                           rule.target.text));
  const bool pattern = rule.origin == Origin::parts || rule.origin == Origin::join;
  if (pattern && !rule.pattern) out_.error(Code::missing_key, value.place(), "parts and join need \"pattern\"");
  if (!pattern && (rule.pattern || !rule.fields.empty())) wrong("pattern and fields belong to parts or join");
  if (rule.type && rule.table) wrong("a field has a type or a table, not both");
  if (rule.where && rule.origin != Origin::each) wrong("where belongs to each");
  if (rule.match_on && rule.origin != Origin::each) wrong("match_on belongs to each");
  if (rule.omit_default && !rule.fallback) wrong("back: omit_if_default needs default");
  if (rule.group && rule.origin == Origin::none && rule.embedded_target == Embedded::none)
    std::swap(rule.embedded_source, rule.embedded_target);
  const bool embeds = rule.embedded_source != Embedded::none || rule.embedded_target != Embedded::none;
  if (embeds && (!rule.group || rule.origin == Origin::each)) wrong("embedded belongs to a group");
  if (rule.origin != Origin::blob && (value.find("carrier") || rule.blob_name))
    wrong("carrier and name belong to blob");
}

void RuleReader::origin(const Member& at, Origin which, Rule& rule) {
  if (rule.origin != Origin::none)
    out_.error(Code::wrong_type, at.place(),
               fmt::format("\"{}\": a rule has one of from, const, one_way, only_back, parts, join, blob, index, "
                           "envelope, each, items, one_of, spread",
                           at.key));
  rule.origin = which;
}

bool RuleReader::origin_of(const Member& at, Rule& rule) {
  static constexpr std::pair<std::string_view, Origin> kPaths[] = {
      {"from", Origin::from}, {"parts", Origin::parts},         {"join", Origin::join},
      {"blob", Origin::blob}, {"only_back", Origin::only_back}, {"each", Origin::each}};
  for (const auto& [name, which] : kPaths)
    if (at.key == name) {
      origin(at, which, rule);
      text(at.value, rule.source);
      return true;
    }
  if (at.key == "const") {
    origin(at, Origin::constant, rule);
    literal(at.value, rule.source);
  } else if (at.key == "one_way") {
    if (at.value.is_scalar() && !at.value.quoted && at.value.text == "true") {
      rule.one_way = true;
    } else {
      origin(at, Origin::one_way, rule);
      text(at.value, rule.source);
    }
  } else if (at.key == "index") {
    origin(at, Origin::index, rule);
    number(at.value, 0, rule.first);
  } else if (at.key == "envelope") {
    origin(at, Origin::envelope, rule);
    choice<EnvelopeField>(at.value,
                          {{"message_id", EnvelopeField::message_id}, {"accepted_at", EnvelopeField::accepted_at}},
                          rule.envelope);
  } else if (at.key == "items") {
    origin(at, Origin::items, rule);
    if (!at.value.is_list()) {
      out_.error(Code::wrong_type, at.place(), "items must be a list of groups");
    } else {
      for (const Value& item : at.value.items) {
        Rule& one = rule.rules.emplace_back();
        one.target = {rule.target.text, item.place()};
        if (item.is_map()) body(item, one);
        if (!one.group) out_.error(Code::missing_key, item.place(), "each of items needs \"rules\"");
      }
    }
  } else if (at.key == "one_of") {
    origin(at, Origin::one_of, rule);
    one_of(at.value, rule);
  } else if (at.key == "spread") {
    origin(at, Origin::spread, rule);
    spread(at.value, rule);
  } else {
    return false;
  }
  return true;
}

bool RuleReader::value_operator(const Member& at, const Value& whole, Rule& rule) {
  const std::string& key = at.key;
  const Value& value = at.value;
  static constexpr std::pair<std::string_view, std::optional<Text> Rule::*> kTexts[] = {
      {"type", &Rule::type},     {"table", &Rule::table},     {"match", &Rule::match},
      {"where", &Rule::where},   {"pattern", &Rule::pattern}, {"required_when", &Rule::required_when},
      {"name", &Rule::blob_name}};
  for (const auto& [name, member] : kTexts)
    if (key == name) {
      optional_text(value, rule.*member);
      return true;
    }
  static const std::initializer_list<std::pair<const char*, BlobForm>> kForms = {{"base64", BlobForm::base64},
                                                                                 {"zip", BlobForm::zip},
                                                                                 {"url", BlobForm::url},
                                                                                 {"part", BlobForm::part},
                                                                                 {"reference", BlobForm::as_is}};
  if (key == "default")
    literal(value, rule.fallback.emplace());
  else if (key == "unmapped")
    unmapped(value, rule), rule.unmapped_said = true;
  else if (key == "normalize" && value.is_list())
    for (const Value& item : value.items) {
      if (is_one_of(item, {"nfc", "trim"})) (item.text == "nfc" ? rule.nfc : rule.trim) = true;
    }
  else if (key == "normalize") {
    if (is_one_of(value, {"nfc", "trim"})) (value.text == "nfc" ? rule.nfc : rule.trim) = true;
  } else if (key == "as" && whole.find("blob"))
    choice<BlobForm>(value, kForms, rule.blob);
  else if (key == "carrier")
    choice<BlobForm>(value, kForms, rule.blob_from);
  else if (key == "as")
    choice<As>(value,
               {{"decimal", As::decimal}, {"integer", As::integer}, {"text", As::text}, {"boolean", As::boolean}},
               rule.as);
  else if (key == "link") {
    static const std::vector<std::string> kKeys = {"rewrite"};
    if (value.is_scalar())
      optional_text(value, rule.link);
    else if (keys(value, kKeys, "link") && value.find("rewrite"))
      optional_text(*value.find("rewrite"), rule.link);
  } else
    return false;
  return true;
}

void RuleReader::shape_operator(const Member& at, Rule& rule) {
  const std::string& key = at.key;
  const Value& value = at.value;
  if (key == "rules") {
    rule.group = true;
    rules(value, rule.rules);
  } else if (key == "rest") {
    rule.keep_rest = rest(value);
  } else if (key == "when") {
    Text read;
    if (text(value, read)) rule.when.push_back(std::move(read));
  } else if (key == "fields") {
    pairs(value, "fields", rule.fields);
  } else if (key == "match_on") {
    match_on(value, rule);
  } else if (key == "embedded") {
    embedded(value, rule);
  } else if (key == "back") {
    back(value, rule);
  } else if (key == "unfit") {
    choice<bool>(value, {{"hold", true}, {"warn", false}}, rule.unfit_held);
  } else if (key == "when_absent") {
    choice<WhenAbsent>(value,
                       {{"omit", WhenAbsent::omit},
                        {"null", WhenAbsent::null},
                        {"empty", WhenAbsent::empty},
                        {"hold", WhenAbsent::hold}},
                       rule.when_absent);
  }
}

void RuleReader::unmapped(const Value& value, Rule& rule) {
  if (value.is_map() && value.members.size() == 1 && value.members[0].key == "default") {
    rule.unmapped = Unmapped::fallback;
    text(value.members[0].value, rule.unmapped_value.emplace());
    return;
  }
  // `unmapped: default: X` in a flow map is not YAML, so the value may also be one text.
  if (value.is_scalar() && !value.quoted && value.text.substr(0, 9) == "default: ") {
    rule.unmapped = Unmapped::fallback;
    rule.unmapped_value = Text{value.text.substr(9), value.place()};
    return;
  }
  choice<Unmapped>(value, {{"hold", Unmapped::hold}, {"reject", Unmapped::reject}, {"keep", Unmapped::keep}},
                   rule.unmapped);
}

// omit_if_default, or {set: {path: value}}.
void RuleReader::back(const Value& value, Rule& rule) {
  if (value.is_map()) {
    static const std::vector<std::string> kKeys = {"set"};
    if (keys(value, kKeys, "back") && value.find("set")) pairs(*value.find("set"), "set", rule.set);
  } else if (is_one_of(value, {"omit_if_default"})) {
    rule.omit_default = true;
  }
}

void RuleReader::match_on(const Value& value, Rule& rule) {
  static const std::vector<std::string> kKeys = {"array", "key", "equals"};
  if (!keys(value, kKeys, "match_on")) return;
  for (const char* key : {"array", "key", "equals"}) require(value, key, "match_on");
  MatchOn& into = rule.match_on.emplace();
  if (const Value* at = value.find("array")) text(*at, into.array);
  if (const Value* at = value.find("key")) text(*at, into.key);
  if (const Value* at = value.find("equals")) text(*at, into.equals);
}

void RuleReader::one_of(const Value& value, Rule& rule) {
  static const std::vector<std::string> kKeys = {"by", "cases", "other"};
  if (!keys(value, kKeys, "one_of")) return;
  require(value, "by", "one_of");
  require(value, "cases", "one_of");
  if (const Value* at = value.find("by")) text(*at, rule.source);
  if (const Value* at = value.find("other")) choice<bool>(*at, {{"hold", false}, {"skip", true}}, rule.skip_other);
  const Value* cases = value.find("cases");
  if (!cases) return;
  if (!cases->is_list()) return out_.error(Code::wrong_type, cases->place(), "cases must be a list of {is, rules}");
  static const std::vector<std::string> kCase = {"is", "rules"};
  for (const Value& item : cases->items) {
    if (!keys(item, kCase, "case")) continue;
    require(item, "is", "case");
    require(item, "rules", "case");
    Case& one = rule.cases.emplace_back();
    if (const Value* is = item.find("is")) {
      const auto take = [&](const Value& single) {
        Text read;
        if (!text(single, read)) return;
        if (read.text.find('\'') != std::string::npos)
          out_.error(Code::wrong_type, single.place(), "a case has no ' in it");
        one.is.push_back(std::move(read));
      };
      if (is->is_list())
        for (const Value& single : is->items) take(single);
      else
        take(*is);
    }
    if (const Value* at = item.find("rules")) rules(*at, one.rules);
  }
  if (rule.cases.size() > limits::kOneOfCases)
    out_.error(Code::too_large, cases->place(), fmt::format("more than {} cases", limits::kOneOfCases));
}

void RuleReader::spread(const Value& value, Rule& rule) {
  static const std::vector<std::string> kKeys = {"from", "by", "prefixes"};
  if (!keys(value, kKeys, "spread")) return;
  require(value, "by", "spread");
  require(value, "prefixes", "spread");
  if (const Value* at = value.find("from")) text(*at, rule.source);
  if (const Value* at = value.find("by")) text(*at, rule.by);
  if (const Value* at = value.find("prefixes")) pairs(*at, "prefixes", rule.prefixes);
  if (rule.prefixes.size() > limits::kOneOfCases)
    out_.error(Code::too_large, value.place(), fmt::format("more than {} prefixes", limits::kOneOfCases));
}

// json, xml: of the source when it has `from` and of the target otherwise; or {source: json, target: xml, ...}.
void RuleReader::embedded(const Value& value, Rule& rule) {
  const std::initializer_list<std::pair<const char*, Embedded>> forms = {{"json", Embedded::json},
                                                                         {"xml", Embedded::xml}};
  if (!value.is_map()) return choice<Embedded>(value, forms, rule.embedded_source);
  static const std::vector<std::string> kKeys = {"source", "target", "schema", "root"};
  if (!keys(value, kKeys, "embedded")) return;
  if (const Value* at = value.find("source")) choice<Embedded>(*at, forms, rule.embedded_source);
  if (const Value* at = value.find("target")) choice<Embedded>(*at, forms, rule.embedded_target);
  if (const Value* at = value.find("schema")) text(*at, rule.embedded_schema);
  if (const Value* at = value.find("root")) text(*at, rule.embedded_root);
}

}  // namespace lt::mapping
