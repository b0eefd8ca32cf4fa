#include "core/workshop/complete.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/mapping/expression.h"
#include "core/schema/code_list.h"
#include "core/schema/code_table.h"
#include "core/schema/json_schema.h"
#include "core/schema/model.h"
#include "core/schema/xsd.h"

using namespace lt;
using namespace lt::workshop;

namespace {

class Editor {
 public:
  Editor() : files_(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", found_) {
    models_["bench/dossier.schema.json"] = schema::read_json_schema(files_, "bench/dossier.schema.json", found_);
    models_["bench/dossier.xsd"] = schema::read_xsd(files_, "bench/dossier.xsd", found_);
    for (const auto& [name, model] : models_) REQUIRE(model);
  }
  // `|` is the cursor.
  std::vector<std::string> at(std::string text) const {
    const size_t cursor = text.find('|');
    REQUIRE(cursor != std::string::npos);
    text.erase(cursor, 1);
    CompleteRequest request;
    request.text = text;
    request.line =
        static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(cursor), '\n')) + 1;
    const size_t start = cursor == 0 ? 0 : text.rfind('\n', cursor - 1) + 1;
    request.column = static_cast<int>(cursor - start) + 1;
    request.schema = [this](const std::string& name) { return models_.count(name) ? models_.at(name) : nullptr; };
    request.table = [this](const std::string& name) { return tables_.at(name); };
    request.codes = [this](const std::string& name) { return lists_.at(name); };
    request.schemas = [this] {
      std::vector<std::string> names;
      for (const auto& [name, model] : models_) names.push_back(name);
      return names;
    };
    std::vector<std::string> out;
    for (const Completion& one : complete(request)) out.push_back(one.text);
    return out;
  }
  void schema(const std::string& name, const std::string& text) {
    files_.put(name, text);
    models_[name] = name.ends_with(".xsd") ? schema::read_xsd(files_, name, found_)
                                           : schema::read_json_schema(files_, name, found_);
    REQUIRE_MESSAGE(models_[name], found_.text());
  }
  void table(const std::string& name, const std::string& text) {
    tables_[name] = std::make_shared<const schema::CodeTable>(
        schema::CodeTable::load(config::parse_csv(text, name, found_), found_));
  }
  void list(const std::string& name, const std::string& text) {
    lists_[name] =
        std::make_shared<const schema::CodeList>(schema::CodeList::load(config::parse_csv(text, name, found_), found_));
  }

 private:
  config::Diagnostics found_;
  schema::SchemaFiles files_;
  std::map<std::string, std::shared_ptr<const schema::Model>> models_;
  std::map<std::string, std::shared_ptr<const schema::CodeTable>> tables_;
  std::map<std::string, std::shared_ptr<const schema::CodeList>> lists_;
};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

const std::string kHead =
    "mapping: m\nversion: 1\nsource: {format: json, schema: bench/dossier.schema.json}\n"
    "target: {format: xml, schema: bench/dossier.xsd, root: Message}\ntables:\n  states: a.csv\n"
    "types: {day: {pattern: a, to: b}}\n";

}  // namespace

TEST_CASE("keys of the file and of its maps, without those written") {
  const Editor editor;
  const auto keys = editor.at(kHead + "|");
  CHECK(has(keys, "rules"));
  CHECK(has(keys, "examples"));
  CHECK_FALSE(has(keys, "mapping"));
  CHECK(editor.at("mapping: a\nsource: {format: json, |") == std::vector<std::string>{"schema", "root", "ns"});
  CHECK(editor.at("source:\n  format: |") == std::vector<std::string>{"json", "xml"});
  CHECK(has(editor.at(kHead + "examples:\n  - {name: a, |"), "round_trip"));
}

TEST_CASE("schemas of the format that is written, and the elements a document may begin with") {
  const Editor editor;
  using Names = std::vector<std::string>;
  CHECK(editor.at("source: {schema: |") == Names{"bench/dossier.schema.json", "bench/dossier.xsd"});
  CHECK(editor.at("source: {format: json, schema: bench/|") == Names{"bench/dossier.schema.json"});
  CHECK(editor.at("target:\n  format: xml\n  schema: |") == Names{"bench/dossier.xsd"});
  CHECK(editor.at(kHead + "rules:\n  - Body: {from: a, embedded: {target: xml, schema: |") ==
        Names{"bench/dossier.xsd"});
  CHECK(editor.at("target: {format: xml, schema: bench/dossier.xsd, root: |") == Names{"Message"});
  CHECK(editor.at("source: {format: json, schema: bench/dossier.schema.json, root: |").empty());
}

TEST_CASE("target paths, those not written yet first") {
  const Editor editor;
  const auto paths = editor.at(kHead + "rules:\n  - MessageId: messageId\n  - |\n  - SentAt: sentAt\n");
  REQUIRE(paths.size() > 10);
  CHECK(paths.front() == "Version");
  CHECK(has(paths, "Dossier.Code"));
  CHECK(paths[paths.size() - 2] == "MessageId");
  CHECK(paths.back() == "SentAt");
}

TEST_CASE("source paths are relative to the group, also when from follows the rules") {
  const Editor editor;
  const std::string group =
      "rules:\n  - Applicant:\n      from: applicant\n      rules:\n        - Address:\n"
      "            rules:\n              - Line: |\n            from: address\n";
  const auto paths = editor.at(kHead + group);
  CHECK(has(paths, "wardCode"));
  CHECK_FALSE(has(paths, "fullName"));
  const auto items =
      editor.at(kHead + "rules:\n  - Steps.Step:\n      each: steps\n      rules:\n        - Seq: {from: |\n");
  CHECK(items == std::vector<std::string>{"seq", "unit", "officer", "from", "result"});
  CHECK(has(editor.at(kHead + "rules:\n  - Steps.Step:\n      each: steps\n      rules:\n        - |\n"), "Officer"));
}

TEST_CASE("operators, their values, and names of tables and types, on a line that does not parse") {
  const Editor editor;
  const auto operators = editor.at(kHead + "rules:\n  - Version: {from: version, |\n  - SentAt: sentAt\n");
  CHECK(has(operators, "table"));
  CHECK_FALSE(has(operators, "from"));
  CHECK(has(editor.at(kHead + "rules:\n  - Version:\n      from: version\n      |\n"), "default"));
  CHECK(editor.at(kHead + "rules:\n  - Version: {from: version, when_absent: |") ==
        std::vector<std::string>{"omit", "null", "empty", "hold"});
  CHECK(editor.at(kHead + "rules:\n  - Version: {from: version, table: |") == std::vector<std::string>{"states"});
  CHECK(editor.at(kHead + "rules:\n  - Version: {from: version, type: |") == std::vector<std::string>{"day"});
}

TEST_CASE("nothing outside of the text") {
  CHECK(complete({"mapping: a\n", 99, 1}).empty());
  CHECK(complete({"mapping: a # x\n", 1, 15}).empty());
  // nothing is known of schemas, and nothing breaks
  CHECK(complete({kHead + "rules:\n  - ", 9, 5}).empty());
}

namespace {

// Two schemas with everything that the language has scopes for.
class Rich {
 public:
  Rich() {
    editor_.schema("s.json", R"({"type":"object","additionalProperties":false,"properties":{
      "Loai":{"type":"string","enum":["CN","TC"]},"TrangThai":{"type":"string"},"Kenh":{"type":"string","x-codes":"canonical/codes/ban-giay.csv"},
      "chaHoTen":{"type":"string"},"meHoTen":{"type":"string"},"chaTuoi":{"type":"string"},
      "Nguoi":{"type":"object","properties":{"Ten":{"type":"string"},"Ho":{"type":"string"}}},
      "Than":{"type":"array","items":{"type":"object","properties":{"VaiTro":{"type":"string","enum":["CHA","ME"]},
        "HoTen":{"type":"string"},"MaGiay":{"type":"string"}}}},
      "Giay":{"type":"array","items":{"type":"object","properties":{"Ma":{"type":"string"},"So":{"type":"string"}}}},
      "Chuoi":{"type":"string"}}})");
    editor_.schema("t.json", R"({"type":"object","additionalProperties":false,"properties":{
      "Kind":{"type":"string","enum":["A","B"]},"Status":{"type":"string"},"Free":{"type":"string"},
      "CN":{"type":"object","properties":{"Name":{"type":"string"}}},
      "People":{"type":"array","items":{"type":"object","properties":{"Role":{"type":"string","enum":["F","M"]},
        "Name":{"type":"string"}}}},
      "fatherName":{"type":"string"},"motherName":{"type":"string"},"Doc":{"type":"string"}}})");
    editor_.schema("d.json", R"({"type":"object","properties":{"Ben":{"type":"string"}}})");
    editor_.table("states.csv", "source,target,source_name\n1,MOI,Mới\n2,XONG,Xong\n1,MOI2,Mới\n");
    editor_.list("canonical/codes/ban-giay.csv", "code,name,valid_to\nW,Mạng,\nO,Cũ,2020-01-01\n");
  }
  // After `rules:` unless `text` is a file of its own.
  std::vector<std::string> at(const std::string& text) const {
    return editor_.at(
        "mapping: m\nsource: {format: json, schema: s.json}\ntarget: {format: json, schema: t.json}\n"
        "tables: {states: states.csv}\n" +
        text);
  }
  std::vector<std::string> rule(const std::string& text) const { return at("rules:\n" + text); }

 private:
  Editor editor_;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("codes: of enumerations, of code lists, of the rule's table") {
  const Rich rich;
  CHECK(rich.rule("  - Kind: {const: |") == Names{"A", "B"});
  CHECK(rich.rule("  - Kind: {from: Loai, default: |}\n") == Names{"A", "B"});
  CHECK(rich.rule("  - Status: {from: TrangThai, table: states, default: |") == Names{"MOI", "XONG", "MOI2"});
  CHECK(rich.rule("  - Status: {from: TrangThai, unmapped: {default: |}, table: states}") ==
        Names{"MOI", "XONG", "MOI2"});
  CHECK(rich.rule("  - Status:\n      one_of:\n        by: Loai\n        cases:\n          - is: |") ==
        Names{"CN", "TC"});
  CHECK(rich.rule("  - .: {one_of: {by: Loai, cases: [{is: [CN, |") == Names{"CN", "TC"});
  CHECK(rich.rule("  - Kind: {from: Loai, back: {set: {Loai: |") == Names{"CN", "TC"});
  CHECK(rich.at("examples:\n  - {name: a, set: {Kenh: |}}\n") == Names{"W"});
  CHECK(rich.at("examples:\n  - {name: b, direction: reverse, set: {Kind: |") == Names{"A", "B"});
  CHECK(rich.rule("  - Free: {from: \"Than[VaiTro='|") == Names{"CHA", "ME"});
  // without codes in the schema: those of the table that a rule translates the field by
  CHECK(rich.rule("  - Status: {from: TrangThai, table: states}\n  - Free: {from: Loai, when: \"TrangThai == '|'\"}") ==
        Names{"1", "2"});
}

TEST_CASE("inside an expression: paths of its scope, functions, and the codes a path is compared with") {
  const Rich rich;
  const auto all = rich.rule("  - Free: {from: Loai, when: \"Loai == 'CN' and |\"}");
  CHECK(has(all, "Loai"));
  CHECK(has(all, "Nguoi.Ten"));
  CHECK_FALSE(has(all, "Than"));
  for (const std::string_view name : mapping::Expression::function_names()) CHECK(has(all, std::string(name)));
  CHECK(has(all, "exists"));
  CHECK(has(rich.rule("  - Free: {one_way: \"concat(Nguoi.|"), "Nguoi.Ten"));
  CHECK(rich.rule("  - Free: {from: Loai, required_when: \"Loai != '|") == Names{"CN", "TC"});
  CHECK(rich.rule("  - Free: {from: Loai, required_when: \"Loai in ('CN', '|") == Names{"CN", "TC"});
  CHECK(has(rich.rule("  - Free: {one_way: count(|"), "Than"));
  // conditions of any() begin at its items, and end with it
  CHECK(has(rich.rule("  - Free: {one_way: \"any(Than, |"), "VaiTro"));
  CHECK(rich.rule("  - Free: {one_way: \"any(Than, VaiTro == '|") == Names{"CHA", "ME"});
  CHECK(has(rich.rule("  - Free: {one_way: \"any(Than, ^.|"), "^.Loai"));
  CHECK(has(rich.rule("  - Free: {one_way: \"any(Than, VaiTro == 'CHA') and |"), "Loai"));
  // where: the item; only_back: the target
  CHECK(has(rich.rule("  - People: {each: Than, where: |"), "VaiTro"));
  CHECK(has(rich.rule("  - People: {each: Than, where: $.|"), "$.Loai"));
  const auto back_to = rich.rule("  - |: {only_back: Status}");
  CHECK(has(back_to, "Loai"));
  CHECK_FALSE(has(back_to, "Status"));
  const auto back = rich.rule("  - Loai: {only_back: |");
  CHECK(has(back, "Status"));
  CHECK_FALSE(has(back, "TrangThai"));
}

TEST_CASE("the scopes of items, cases, match_on, spread and embedded") {
  const Rich rich;
  CHECK(rich.rule("  - People:\n      items:\n        - |")[0] == "from");
  const std::string items = "  - People:\n      items:\n        - from: Nguoi\n          rules:\n            - ";
  CHECK(rich.rule(items + "Role: {const: F}\n            - |") == Names{"Name", "Role"});
  CHECK(rich.rule(items + "Name: |") == Names{"Ten", "Ho"});
  CHECK(rich.rule(items + "Role: {const: |") == Names{"F", "M"});
  const std::string cases =
      "  - CN:\n      one_of:\n        by: Loai\n        cases:\n          - is: CN\n            rules:\n";
  CHECK(rich.rule(cases + "              - |") == Names{"Name"});
  CHECK(has(rich.rule(cases + "              - Name: |"), "Nguoi.Ten"));
  CHECK(rich.rule("  - .: {one_of: {by: |")[0] == "Loai");

  const std::string match =
      "  - People:\n      each: Than\n      match_on: {array: Giay, key: Ma, equals: MaGiay}\n      rules:\n";
  CHECK(rich.rule(match + "        - Name: &.|") == Names{"&.Ma", "&.So"});
  CHECK(rich.rule("  - People: {each: Than, match_on: {array: |") == Names{"Than", "Giay"});
  CHECK(rich.rule("  - People: {each: Than, match_on: {array: Giay, key: |") == Names{"Ma", "So"});
  CHECK(rich.rule("  - People: {each: Than, match_on: {array: Giay, equals: |") == Names{"VaiTro", "HoTen", "MaGiay"});

  const std::string spread =
      "  - .:\n      spread: {from: Than, by: VaiTro, prefixes: {CHA: father, ME: mother}}\n      rules:\n        - ";
  CHECK(rich.rule(spread + "|") == Names{"Name"});
  CHECK(rich.rule(spread + "Name: |") == Names{"VaiTro", "HoTen", "MaGiay"});
  CHECK(rich.rule("  - .: {spread: {from: Than, by: |") == Names{"VaiTro", "HoTen", "MaGiay"});
  CHECK(rich.rule("  - .: {spread: {from: Than, by: VaiTro, prefixes: {|") == Names{"CHA", "ME"});
  const std::string gather =
      "  - People:\n      spread: {by: Role, prefixes: {F: cha, M: me}}\n      rules:\n        - ";
  CHECK(rich.rule(gather + "Name: |") == Names{"HoTen", "Tuoi"});
  CHECK(rich.rule(gather + "|") == Names{"Role", "Name"});
  CHECK(rich.rule("  - People: {spread: {by: Role, prefixes: {|") == Names{"F", "M"});

  CHECK(rich.rule("  - .:\n      from: Chuoi\n      embedded: {source: json, schema: d.json}\n      rules:\n        - "
                  "Free: |") == Names{"Ben"});
  CHECK(rich.rule("  - Doc:\n      embedded: {target: json, schema: d.json}\n      rules:\n        - |") ==
        Names{"Ben"});
  CHECK(has(rich.rule("  - Doc:\n      embedded: {target: json, schema: d.json}\n      rules:\n        - Ben: |"),
            "Loai"));
}

TEST_CASE("paths with marks, and the other places of a file that name fields") {
  const Rich rich;
  const std::string group = "  - People:\n      each: Than\n      rules:\n        - Name: ";
  CHECK(has(rich.rule(group + "$.|"), "$.Nguoi.Ten"));
  CHECK(has(rich.rule(group + "^.|"), "^.Loai"));
  CHECK(rich.rule("  - Free: {from: Nguoi.|") == Names{"Nguoi.Ten", "Nguoi.Ho"});
  CHECK(rich.rule("  - People: {each: |") == Names{"Than", "Giay"});
  CHECK(rich.rule("  - Free: {from: Loai, normalize: [nfc, |") == Names{"nfc", "trim"});
  CHECK(has(rich.rule("  - Free: {blob: Chuoi, name: |"), "Nguoi.Ten"));
  CHECK(has(rich.at("ignore: {source: [Loai, |"), "Nguoi.Ten"));
  CHECK(has(rich.at("ignore:\n  target:\n    - |"), "CN.Name"));
  CHECK(has(rich.at("examples:\n  - {name: a, set: {|"), "TrangThai"));
  CHECK(rich.at("examples:\n  - {name: a}\n  - {name: b, like: |") == Names{"a"});
  CHECK(has(rich.at("examples:\n  - {name: a, error: LT-2103 at |"), "Status"));
  // a path that is typed into a map over several lines, and after a comment
  CHECK(rich.rule("  - Kind: {from: Loai,  # as it is\n      const: |}\n  - Free: Loai\n") == Names{"A", "B"});
}

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}
// A name or path without marks before it, dates and numbers aside.
bool plain_path(const std::string& text) {
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._") == text.npos;
}

}  // namespace

TEST_CASE("every target and source that the shipped mappings name is proposed where they name it") {
  const std::string root = LT_SOURCE_DIR;
  size_t asked = 0;
  for (const char* name : {"bench/dossier-json-to-xml", "bench/dossier-xml-to-json", "judicial/onestop-to-judicial",
                           "judicial/judicial-to-onestop", "portal/step-to-onestop"}) {
    const auto text = read_file(system_env(), root + "/mappings/" + name + ".map.yaml");
    REQUIRE(text);
    config::Diagnostics found;
    schema::SchemaFiles files(system_env(), root + "/schemas", found);
    std::map<std::string, std::shared_ptr<const schema::Model>> models;
    CompleteRequest request;
    request.schema = [&](const std::string& schema) {
      auto& model = models[schema];
      if (!model)
        model = schema.ends_with(".xsd") ? schema::read_xsd(files, schema, found)
                                         : schema::read_json_schema(files, schema, found);
      return model;
    };
    const auto lines = lines_of(*text);
    bool rules = false;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].starts_with("rules:") || lines[i].starts_with("ignore:")) rules = lines[i].starts_with("rules:");
      const size_t dash = lines[i].find("- "), colon = lines[i].find(": ");
      if (!rules || dash == std::string::npos || colon == std::string::npos) continue;
      const std::string target = lines[i].substr(dash + 2, colon - dash - 2), source = lines[i].substr(colon + 2);
      if (!plain_path(target) || target == "from" || target == "is" || target == "when") continue;
      const auto proposed = [&](size_t from, size_t size) {
        std::string changed;
        for (size_t n = 0; n < lines.size(); ++n)
          changed += (n == i ? lines[n].substr(0, from) + lines[n].substr(from + size) : lines[n]) + "\n";
        request.text = changed;
        request.line = static_cast<int>(i) + 1;
        request.column = static_cast<int>(from) + 1;
        std::vector<std::string> out;
        for (const Completion& one : complete(request)) out.push_back(one.text);
        return out;
      };
      CAPTURE(name);
      CAPTURE(lines[i]);
      CHECK(has(proposed(dash + 2, target.size()), target));
      if (plain_path(source)) CHECK(has(proposed(colon + 2, source.size()), source));
      ++asked;
    }
    // Wherever somebody stops typing.
    for (size_t end = 0; end <= text->size(); end += 7) {
      const std::string cut = text->substr(0, end);
      request.text = cut;
      request.line = static_cast<int>(std::count(cut.begin(), cut.end(), '\n')) + 1;
      request.column = 1000;
      complete(request);
    }
  }
  CHECK(asked > 150);
}

TEST_CASE("a text that is nested without end is answered too") {
  std::string dashes = "rules:\n", braces = "rules: ";
  for (int i = 0; i < 100'000; ++i) dashes += "- ", braces += "{a: [";
  complete({dashes, 2, 200'001});
  complete({braces, 1, 500'001});
  CHECK(complete({dashes + "\n", 3, 1}).size() == complete({"\n", 1, 1}).size() - 1);
}
