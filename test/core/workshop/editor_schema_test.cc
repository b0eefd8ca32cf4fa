#include "core/workshop/editor_schema.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "core/base/env.h"
#include "core/base/json_text.h"
#include "core/codec/json.h"
#include "core/config/yaml.h"
#include "core/mapping/rule_file.h"
#include "core/workshop/keys.h"

using namespace lt;
using namespace lt::workshop;

namespace {

// As an editor reads YAML: plain numbers and truths are what they look like.
std::string json_of(const config::Value& value) {
  if (value.is_null()) return "null";
  if (value.is_scalar()) {
    const bool bare = !value.quoted && (value.text == "true" || value.text == "false" ||
                                        (codec::is_json_number(value.text) && value.text.size() < 15));
    return bare ? value.text : quote_json(value.text);
  }
  std::string out = value.is_map() ? "{" : "[";
  for (const auto& member : value.members)
    out += (out.size() > 1 ? "," : "") + quote_json(member.key) + ":" + json_of(member.value);
  for (const auto& item : value.items) out += (out.size() > 1 ? "," : "") + json_of(item);
  return out + (value.is_map() ? "}" : "]");
}

struct Verdict {
  bool schema = false, reader = false;
};

class Judge {
 public:
  Judge() {
    document_.Parse(editor_schema());
    REQUIRE_FALSE(document_.HasParseError());
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::RapidJsonAdapter(document_), schema_);
  }
  Verdict operator()(const std::string& yaml) const {
    config::Diagnostics found;
    const config::Value value = config::parse_yaml(yaml, "m.map.yaml", found);
    REQUIRE_MESSAGE(found.ok(), found.text());
    mapping::read_rule_file(value, found);
    rapidjson::Document document;
    document.Parse(json_of(value));
    REQUIRE_FALSE(document.HasParseError());
    valijson::Validator validator;
    valijson::adapters::RapidJsonAdapter adapter(document);
    return {validator.validate(schema_, adapter, nullptr), found.ok()};
  }

 private:
  rapidjson::Document document_;
  valijson::Schema schema_;
};

const std::string kHead =
    "mapping: m\nversion: 1\nsource: {format: json, schema: a.json}\ntarget: {format: json, schema: b.json}\n";

}  // namespace

TEST_CASE("every operator has its entry, and the entries name nothing else") {
  auto names = mapping::operator_names();
  std::vector<std::string> known;
  for (const KeyEntry& key : keys_of(MapOf::body)) known.emplace_back(key.name);
  std::sort(names.begin(), names.end());
  std::sort(known.begin(), known.end());
  CHECK(names == known);
  for (const MapOf map : kAllMaps)
    for (const KeyEntry& key : keys_of(map)) {
      CHECK_FALSE(key.vi.empty());
      CHECK_FALSE(key.en.empty());
    }
}

TEST_CASE("the schema that is checked in is the program's own") {
  const auto text = read_file(system_env(), std::string(LT_SOURCE_DIR) + "/schemas/mapping.schema.json");
  REQUIRE(text);
  CHECK(*text == editor_schema());
}

TEST_CASE("all shipped mapping files are valid") {
  const Judge judge;
  size_t files = 0;
  for (const auto& at : std::filesystem::recursive_directory_iterator(std::string(LT_SOURCE_DIR) + "/mappings")) {
    if (!at.path().string().ends_with(".map.yaml")) continue;
    const Verdict verdict = judge(*read_file(system_env(), at.path().string()));
    CHECK_MESSAGE(verdict.schema, at.path().string());
    CHECK(verdict.reader);
    ++files;
  }
  CHECK(files >= 6);
}

TEST_CASE("every operator in its right form is valid to the schema and to the reader") {
  const Judge judge;
  for (const char* rules : {"- A: a",
                            "- A: 1",
                            "- A: {from: a, type: d, default: null}",
                            "- A: {const: null}",
                            "- A: {one_way: \"1\"}",
                            "- A: {only_back: a}",
                            "- A: {parts: a, pattern: x, fields: {b: c}}",
                            "- A: {join: ., pattern: x}",
                            "- A: {blob: a, as: zip, carrier: url, name: b}",
                            "- A: {index: 0}",
                            "- A: {envelope: accepted_at}",
                            "- A: {each: a, where: b, match_on: {array: c, key: d, equals: e}, rules: [B: b]}",
                            "- A: {items: [{when: c, rules: [B: b]}]}",
                            "- A: {one_of: {by: a, cases: [{is: [x, \"1\"], rules: [B: b]}], other: skip}}",
                            "- A: {spread: {by: a, prefixes: {x: y}}, rules: [B: b]}",
                            "- A: {from: a, embedded: {source: json, schema: s.json}, rules: [B: b]}",
                            "- A: {from: a, table: t, unmapped: {default: x}}",
                            "- A: {from: a, normalize: [nfc, trim], match: x, link: {rewrite: l}}",
                            "- A: {from: a, when_absent: null, required_when: c, unfit: hold}",
                            "- A: {from: a, default: 0, back: omit_if_default}",
                            "- A: {from: a, back: {set: {b: c}}}",
                            "- A: {from: a, one_way: true, as: decimal}",
                            "- A: {rest: keep, rules: []}"}) {
    const Verdict verdict = judge(kHead + "rules:\n  " + rules + "\n");
    CHECK_MESSAGE(verdict.schema, std::string(rules));
    CHECK_MESSAGE(verdict.reader, std::string(rules));
  }
}

TEST_CASE("broken mapping files are refused, by the schema as by the reader") {
  const Judge judge;
  const std::string rules = "rules: []\n";
  std::vector<std::string> broken = {
      "mapping: m\n" + rules,
      kHead,
      kHead + rules + "xslt: a.xsl\n",
      kHead + rules + "rulez: []\n",
      kHead + "rules: {A: a}\n",
      kHead + rules + "reverse: perfect\n",
      kHead + rules + "types: {d: {pattern: x}}\n",
      kHead + rules + "tables: {t: {as_of: x}}\n",
      kHead + rules + "ignore: {source: a}\n",
      kHead + rules + "examples: [{source: a, target: b}]\n",
      kHead + rules + "examples: [{name: e, source: a, target: b, round_trip: lossy}]\n",
      "mapping: m\nversion: 0\nsource: {format: json, schema: a}\ntarget: {format: json, schema: b}\n" + rules,
      "mapping: m\nversion: 1\nsource: {format: csv, schema: a}\ntarget: {format: json, schema: b}\n" + rules};
  for (const char* rule :
       {"{A: a, B: b}", "A: [a]", "A: {frm: a}", "A: {type: d}", "A: {from: a, type: d, table: t}", "A: {parts: a}",
        "A: {from: a, where: b}", "A: {from: a, unmapped: lose}", "A: {from: a, when_absent: none}", "A: {index: -1}",
        "A: {one_of: {by: a}}", "A: {spread: {by: a, prefixes: {}}}", "A: {from: a, name: b}",
        "A: {each: a, match_on: {array: b}, rules: []}", "A: {from: a, back: never}"})
    broken.push_back(kHead + "rules:\n  - " + rule + "\n");
  for (const std::string& text : broken) {
    const Verdict verdict = judge(text);
    CHECK_MESSAGE(!verdict.schema, text);
    CHECK_MESSAGE(!verdict.reader, text);
  }
}
