#include "core/mapping/rule_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/config/units.h"

namespace lt::mapping {
namespace {

using config::Diagnostics;
using config::Value;
using Member = Value::Member;

// Of the language, in a later version of the program.
constexpr std::string_view kLater[] = {"back",     "required_when", "match_on", "one_of",    "spread",
                                       "embedded", "link",          "one_way",  "only_back", "xslt",
                                       "where",    "inline_below",  "set"};

class Reader {
 public:
  explicit Reader(Diagnostics& diagnostics) : out_(diagnostics) {}

  RuleFile file(const Value& value) {
    RuleFile file;
    file.file = value.file ? *value.file : std::string();
    file.place = value.place();
    static const std::vector<std::string> kKeys = {"mapping", "version", "title", "source", "target",  "tables",
                                                   "types",   "rules",   "rest",  "ignore", "examples"};
    if (!keys(value, kKeys, "mapping")) return file;
    for (const Member& at : value.members) {
      if (at.key == "mapping")
        text(at.value, file.name);
      else if (at.key == "version")
        number(at.value, 1, file.version);
      else if (at.key == "title")
        text(at.value, file.title);
      else if (at.key == "source")
        side(at.value, file.source);
      else if (at.key == "target")
        side(at.value, file.target);
      else if (at.key == "tables")
        tables(at.value, file.tables);
      else if (at.key == "types")
        types(at.value, file.types);
      else if (at.key == "rest")
        file.keep_rest = rest(at.value);
      else if (at.key == "ignore")
        ignore(at.value, file);
      else if (at.key == "examples")
        examples(at.value, file.examples);
      else if (at.key == "rules") {
        file.place = at.place();
        rules(at.value, file.rules);
      }
    }
    for (const char* key : {"mapping", "version", "source", "target", "rules"}) require(value, key, "mapping");
    return file;
  }

 private:
  bool keys(const Value& value, const std::vector<std::string>& known, std::string_view what) {
    if (!value.is_map()) {
      out_.error(Code::wrong_type, value.place(), fmt::format("{} must be a map, not {}", what, value.shown()));
      return false;
    }
    for (const Member& at : value.members)
      if (std::find(known.begin(), known.end(), at.key) == known.end())
        out_.error(Code::unknown_key, at.place(), fmt::format("unknown key \"{}\" in {}", at.key, what),
                   config::suggestion(at.key, known));
    return true;
  }
  void require(const Value& value, const char* key, std::string_view what) {
    if (!value.member(key)) out_.error(Code::missing_key, value.place(), fmt::format("{} needs \"{}\"", what, key));
  }
  bool text(const Value& value, Text& into) {
    into.place = value.place();
    if (!value.is_scalar()) {
      out_.error(Code::wrong_type, value.place(), fmt::format("must be a text, not {}", value.shown()));
      return false;
    }
    into.text = value.text;
    into.quoted = value.quoted;
    return true;
  }
  void optional_text(const Value& value, std::optional<Text>& into) {
    Text read;
    if (text(value, read)) into = std::move(read);
  }
  // A text, or null.
  void literal(const Value& value, Text& into) {
    if (value.is_null()) {
      into.place = value.place();
      into.null = true;
    } else {
      text(value, into);
    }
  }
  void number(const Value& value, int least, int& into) {
    const auto read = value.is_scalar() && !value.quoted ? config::parse_integer(value.text) : std::nullopt;
    if (!read)
      out_.error(Code::wrong_type, value.place(), fmt::format("must be a whole number, not {}", value.shown()));
    else if (*read < least || *read > 1'000'000'000)
      out_.error(Code::out_of_range, value.place(), fmt::format("must be at least {}", least));
    else
      into = static_cast<int>(*read);
  }
  template <class E>
  void choice(const Value& value, std::initializer_list<std::pair<const char*, E>> choices, E& into) {
    std::vector<std::string> names;
    for (const auto& [name, meaning] : choices) {
      if ((value.is_scalar() && value.text == name) || (value.is_null() && std::string_view(name) == "null"))
        return void(into = meaning);
      names.emplace_back(name);
    }
    out_.error(Code::out_of_range, value.place(),
               fmt::format("{} is not one of {}", value.shown(), fmt::join(names, ", ")),
               value.is_scalar() ? config::suggestion(value.text, names) : std::string());
  }
  bool rest(const Value& value) {
    bool keep = false;
    choice<bool>(value, {{"keep", true}, {"drop", false}}, keep);
    return keep;
  }

  void side(const Value& value, Side& into) {
    static const std::vector<std::string> kKeys = {"format", "schema", "root", "ns"};
    if (!keys(value, kKeys, "source or target")) return;
    for (const Member& at : value.members) {
      if (at.key == "format")
        choice<bool>(at.value, {{"json", false}, {"xml", true}}, into.xml);
      else if (at.key == "schema")
        text(at.value, into.schema);
      else if (at.key == "root")
        text(at.value, into.root);
      else if (at.key == "ns" && keys_free(at.value, "ns"))
        for (const Member& prefix : at.value.members) {
          Text uri;
          if (text(prefix.value, uri)) into.ns.emplace_back(prefix.key, uri.text);
        }
    }
    require(value, "format", "source or target");
    require(value, "schema", "source or target");
  }
  bool keys_free(const Value& value, std::string_view what) {
    if (value.is_map()) return true;
    out_.error(Code::wrong_type, value.place(), fmt::format("{} must be a map, not {}", what, value.shown()));
    return false;
  }
  void tables(const Value& value, std::vector<TableUse>& into) {
    if (!keys_free(value, "tables")) return;
    for (const Member& at : value.members) {
      TableUse table;
      table.name = {at.key, at.place()};
      if (at.value.is_map()) {
        static const std::vector<std::string> kKeys = {"file", "as_of"};
        keys(at.value, kKeys, "table");
        require(at.value, "file", "table");
        if (const Value* file = at.value.find("file")) text(*file, table.file);
        if (const Value* date = at.value.find("as_of")) optional_text(*date, table.as_of);
      } else {
        text(at.value, table.file);
      }
      into.push_back(std::move(table));
    }
  }
  void types(const Value& value, std::vector<TypeUse>& into) {
    if (!keys_free(value, "types")) return;
    for (const Member& at : value.members) {
      TypeUse type;
      type.name = {at.key, at.place()};
      static const std::vector<std::string> kKeys = {"pattern", "to", "zone"};
      if (!keys(at.value, kKeys, "type")) continue;
      require(at.value, "pattern", "type");
      require(at.value, "to", "type");
      if (const Value* pattern = at.value.find("pattern")) text(*pattern, type.pattern);
      if (const Value* to = at.value.find("to")) text(*to, type.to);
      if (const Value* zone = at.value.find("zone")) optional_text(*zone, type.zone);
      into.push_back(std::move(type));
    }
  }
  void ignore(const Value& value, RuleFile& file) {
    static const std::vector<std::string> kKeys = {"source", "target"};
    if (!keys(value, kKeys, "ignore")) return;
    for (const Member& at : value.members) {
      if (!at.value.is_list()) {
        out_.error(Code::wrong_type, at.value.place(), "must be a list of paths");
        continue;
      }
      for (const Value& item : at.value.items) {
        Text path;
        if (text(item, path)) (at.key == "source" ? file.ignore_source : file.ignore_target).push_back(std::move(path));
      }
    }
  }
  void examples(const Value& value, std::vector<Example>& into) {
    if (!value.is_list()) return out_.error(Code::wrong_type, value.place(), "examples must be a list");
    static const std::vector<std::string> kKeys = {"name", "source", "target", "like", "set", "error", "round_trip"};
    for (const Value& item : value.items) {
      if (!keys(item, kKeys, "example")) continue;
      Example example;
      require(item, "name", "example");
      for (const Member& at : item.members) {
        if (at.key == "name")
          text(at.value, example.name);
        else if (at.key == "source")
          optional_text(at.value, example.source);
        else if (at.key == "target")
          optional_text(at.value, example.target);
        else if (at.key == "like")
          optional_text(at.value, example.like);
        else if (at.key == "error")
          optional_text(at.value, example.error);
        else if (at.key == "set" && keys_free(at.value, "set"))
          for (const Member& path : at.value.members) {
            Text replacement;
            literal(path.value, replacement);
            example.set.emplace_back(Text{path.key, path.place()}, std::move(replacement));
          }
      }
      if (!example.source && !example.like)
        out_.error(Code::missing_key, item.place(), "example needs \"source\" or \"like\"");
      if (!example.target && !example.error)
        out_.error(Code::missing_key, item.place(), "example needs \"target\" or \"error\"");
      into.push_back(std::move(example));
    }
  }

  void rules(const Value& value, std::vector<Rule>& into) {
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
  void origin(const Member& at, Origin which, Rule& rule) {
    if (rule.origin != Origin::none)
      out_.error(
          Code::wrong_type, at.place(),
          fmt::format("\"{}\": a rule has one of from, const, parts, join, blob, index, envelope, each", at.key));
    rule.origin = which;
  }
  void body(const Value& value, Rule& rule) {
    static const std::vector<std::string> kKeys = {"from",        "const",    "parts", "join",      "blob",    "index",
                                                   "envelope",    "each",     "rules", "rest",      "type",    "as",
                                                   "table",       "unmapped", "match", "normalize", "default", "when",
                                                   "when_absent", "pattern",  "fields"};
    for (const Member& at : value.members) {
      if (std::find(kKeys.begin(), kKeys.end(), at.key) != kKeys.end()) {
        operator_of(at, value, rule);
      } else if (std::find(std::begin(kLater), std::end(kLater), at.key) != std::end(kLater)) {
        out_.error(Code::unknown_operator, at.place(), fmt::format("\"{}\" is not an operator of this version", at.key),
                   "use a newer version of the program, or leave it out");
      } else {
        out_.error(Code::unknown_operator, at.place(), fmt::format("\"{}\" is not an operator", at.key),
                   config::suggestion(at.key, kKeys));
      }
    }
    if (rule.group && rule.origin != Origin::none && rule.origin != Origin::from && rule.origin != Origin::each)
      out_.error(Code::wrong_type, value.place(), "a group takes from or each");
    if (rule.group &&
        (rule.type || rule.table || rule.match || rule.fallback || rule.pattern || rule.nfc || rule.as != As::unsaid))
      out_.error(Code::wrong_type, value.place(),
                 "type, as, table, match, normalize, default and pattern belong to fields, not to a group");
    if (!rule.group && rule.origin == Origin::none)
      out_.error(Code::missing_key, rule.target.place,
                 fmt::format("{} has no source: from, const, parts, join, blob, index, envelope, each or rules",
                             rule.target.text));
    const bool pattern = rule.origin == Origin::parts || rule.origin == Origin::join;
    if (pattern && !rule.pattern) out_.error(Code::missing_key, value.place(), "parts and join need \"pattern\"");
    if (!pattern && (rule.pattern || !rule.fields.empty()))
      out_.error(Code::wrong_type, value.place(), "pattern and fields belong to parts or join");
    if (rule.type && rule.table) out_.error(Code::wrong_type, value.place(), "a field has a type or a table, not both");
  }
  void operator_of(const Member& at, const Value& whole, Rule& rule) {
    const std::string& key = at.key;
    const Value& value = at.value;
    if (key == "from")
      origin(at, Origin::from, rule), text(value, rule.source);
    else if (key == "const")
      origin(at, Origin::constant, rule), literal(value, rule.source);
    else if (key == "parts")
      origin(at, Origin::parts, rule), text(value, rule.source);
    else if (key == "join")
      origin(at, Origin::join, rule), text(value, rule.source);
    else if (key == "blob")
      origin(at, Origin::blob, rule), text(value, rule.source);
    else if (key == "each")
      origin(at, Origin::each, rule), text(value, rule.source);
    else if (key == "index")
      origin(at, Origin::index, rule), number(value, 0, rule.first);
    else if (key == "envelope")
      origin(at, Origin::envelope, rule),
          choice<EnvelopeField>(
              value, {{"message_id", EnvelopeField::message_id}, {"accepted_at", EnvelopeField::accepted_at}},
              rule.envelope);
    else if (key == "rules")
      rule.group = true, rules(value, rule.rules);
    else if (key == "rest")
      rule.keep_rest = rest(value);
    else if (key == "type")
      optional_text(value, rule.type);
    else if (key == "table")
      optional_text(value, rule.table);
    else if (key == "match")
      optional_text(value, rule.match);
    else if (key == "when")
      optional_text(value, rule.when);
    else if (key == "pattern")
      optional_text(value, rule.pattern);
    else if (key == "default")
      literal(value, rule.fallback.emplace());
    else if (key == "unmapped")
      unmapped(value, rule);
    else if (key == "fields" && keys_free(value, "fields"))
      fields(value, rule);
    else if (key == "when_absent")
      choice<WhenAbsent>(value,
                         {{"omit", WhenAbsent::omit},
                          {"null", WhenAbsent::null},
                          {"empty", WhenAbsent::empty},
                          {"hold", WhenAbsent::hold}},
                         rule.when_absent);
    else if (key == "normalize")
      choice<bool>(value, {{"nfc", true}}, rule.nfc);
    else if (key == "as" && whole.find("blob"))
      choice<BlobForm>(value, {{"base64", BlobForm::base64}, {"reference", BlobForm::reference}}, rule.blob);
    else if (key == "as")
      choice<As>(value,
                 {{"decimal", As::decimal}, {"integer", As::integer}, {"text", As::text}, {"boolean", As::boolean}},
                 rule.as);
  }
  void unmapped(const Value& value, Rule& rule) {
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
  void fields(const Value& value, Rule& rule) {
    for (const Member& at : value.members) {
      Text path;
      if (text(at.value, path)) rule.fields.emplace_back(Text{at.key, at.place()}, std::move(path));
    }
  }

  Diagnostics& out_;
  size_t count_ = 0;
};

}  // namespace

RuleFile read_rule_file(const Value& value, Diagnostics& diagnostics) { return Reader(diagnostics).file(value); }

}  // namespace lt::mapping
