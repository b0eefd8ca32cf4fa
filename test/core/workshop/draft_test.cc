#include "core/workshop/draft.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <set>

#include "core/base/env.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/config/yaml.h"
#include "core/mapping/path.h"
#include "core/mapping/rule_file.h"
#include "core/message/tree.h"
#include "core/schema/json_schema.h"
#include "core/schema/model.h"
#include "core/schema/xsd.h"
#include "core/workshop/draft_names.h"
#include "core/workshop/draft_values.h"
#include "core/workshop/format.h"

using namespace lt;
using namespace lt::workshop;

namespace {

const std::string kRoot = std::string(LT_SOURCE_DIR) + "/";

class Desk {
 public:
  explicit Desk(std::string schemas = kRoot + "schemas") : files_(system_env(), std::move(schemas), found_) {}
  void put(const std::string& name, const std::string& text) { files_.put(name, text); }
  const Node* document(const std::string& text, bool xml) {
    Tree& tree = trees_.emplace_back();
    REQUIRE((xml ? codec::parse_xml(std::string_view(text), tree) : codec::parse_json(text, tree)));
    return tree.root();
  }
  void side(DraftSide& into, const std::string& name) {
    into.schema = name;
    models_.push_back(name.ends_with(".xsd") ? schema::read_xsd(files_, name, found_)
                                             : schema::read_json_schema(files_, name, found_));
    REQUIRE_MESSAGE(models_.back(), found_.text());
    into.model = models_.back().get();
  }
  void pair(DraftRequest& request, const std::string& source, const std::string& target) {
    const auto xml = [](const DraftSide& at) { return at.model->format == schema::Format::xml; };
    request.pairs.push_back({document(source, xml(request.source)), document(target, xml(request.target)), "s", "t"});
  }

 private:
  config::Diagnostics found_;
  schema::SchemaFiles files_;
  std::vector<std::shared_ptr<const schema::Model>> models_;
  std::deque<Tree> trees_;
};

mapping::RuleFile read(const std::string& text) {
  config::Diagnostics found;
  const config::Value value = config::parse_yaml(text, "draft.map.yaml", found);
  mapping::RuleFile file = mapping::read_rule_file(value, found);
  CHECK_MESSAGE(found.ok(), found.text());
  return file;
}

std::string joined(const std::string& above, const std::string& path) {
  if (path.empty() || path == ".") return above;
  if (path.starts_with("$.")) return path.substr(2);
  return above.empty() ? path : above + "." + path;
}

// "target <- source", both absolute: from, each and blob count as moving the same field.
void flatten(const std::vector<mapping::Rule>& rules, const std::string& target, const std::string& scope,
             std::set<std::string>& out) {
  for (const mapping::Rule& rule : rules) {
    const std::string to = joined(target, rule.target.text);
    const bool path = rule.origin == mapping::Origin::from || rule.origin == mapping::Origin::each ||
                      rule.origin == mapping::Origin::blob;
    const std::string from = path ? joined(scope, rule.source.text) : scope;
    std::string how = path ? from : "(" + rule.source.text + ")";
    if (rule.type) how += " as a date";
    if (rule.table) how += " by a table";
    out.insert(to + " <- " + how);
    flatten(rule.rules, to, from, out);
  }
}

// Is there a value at `path` of the document, in any item?
bool there(const Node* node, const std::string& path) {
  if (!node) return false;
  if (node->kind == Kind::array) {
    for (const Node* item = node->first; item; item = item->next)
      if (there(item, path)) return true;
    return false;
  }
  if (path.empty()) return true;
  const size_t dot = std::min(path.find('.'), path.size());
  return there(node->find(path.substr(0, dot)), path.substr(std::min(dot + 1, path.size())));
}

struct Share {
  size_t equal = 0, all = 0;
  double value() const { return static_cast<double>(equal) / static_cast<double>(all); }
};
// Of the rules in the hand-written mapping whose target field the sample has, how many the draft has too.
Share share(const std::string& mapping, const std::string& draft, const Node* target) {
  std::set<std::string> ours, theirs;
  const auto text = read_file(system_env(), kRoot + "mappings/" + mapping);
  REQUIRE(text);
  flatten(read(*text).rules, "", "", theirs);
  flatten(read(draft).rules, "", "", ours);
  Share out;
  for (const std::string& rule : theirs) {
    if (!there(target, rule.substr(0, rule.find(" <- ")))) continue;
    ++out.all;
    out.equal += ours.contains(rule) ? 1 : 0;
    if (!ours.contains(rule)) MESSAGE("not proposed: " << rule);
  }
  return out;
}

Share draft_of(const std::string& source, const std::string& target, const std::string& from, const std::string& to,
               const std::string& mapping) {
  Desk desk;
  DraftRequest request;
  desk.side(request.source, source);
  desk.side(request.target, target);
  desk.pair(request, *read_file(system_env(), kRoot + from), *read_file(system_env(), kRoot + to));
  const auto made = draft_mapping(request);
  REQUIRE(made);
  CHECK(*format_mapping(made->text, "d") == made->text);
  return share(mapping, made->text, request.pairs[0].target);
}

std::string object(const std::string& fields) {
  return R"({"type":"object","additionalProperties":false,"properties":{)" + fields + "}}";
}
std::string texts(const std::string& names) {
  std::string out;
  for (size_t at = 0; at < names.size();) {
    const size_t end = std::min(names.find(' ', at), names.size());
    out += (out.empty() ? "\"" : ",\"") + names.substr(at, end - at) + R"(":{"type":"string"})";
    at = end + 1;
  }
  return object(out);
}

std::string drafted(const std::string& source, const std::string& target,
                    const std::vector<std::pair<std::string, std::string>>& pairs, Draft* whole = nullptr) {
  Desk desk("none");
  desk.put("s.json", source);
  desk.put("t.json", target);
  DraftRequest request;
  desk.side(request.source, "s.json");
  desk.side(request.target, "t.json");
  for (const auto& [from, to] : pairs) desk.pair(request, from, to);
  auto made = draft_mapping(request);
  REQUIRE(made);
  read(made->text);
  if (whole) *whole = *made;
  return made->text;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the draft of the reference dossier has at least 90 % of the rules written by hand") {
  const Share got = draft_of("bench/dossier.schema.json", "bench/dossier.xsd", "mappings/bench/examples/dossier.json",
                             "mappings/bench/examples/dossier.xml", "bench/dossier-json-to-xml.map.yaml");
  MESSAGE(got.equal << " of " << got.all);
  CHECK(got.all >= 50);
  CHECK(got.value() >= 0.9);
}

TEST_CASE("the draft of the judicial submission has at least 90 % of the rules that its sample shows") {
  const Share got =
      draft_of("onestop/dossier.schema.json", "judicial/submit.schema.json", "mappings/judicial/examples/dossier.json",
               "mappings/judicial/examples/submit.json", "judicial/onestop-to-judicial.map.yaml");
  MESSAGE(got.equal << " of " << got.all);
  CHECK(got.all >= 35);
  CHECK(got.value() >= 0.9);
}

TEST_CASE("values decide over names, and what the pairs contradict is not proposed") {
  const std::string text =
      drafted(texts("Ten HoTen"), texts("Ten"), {{R"({"Ten":"abc","HoTen":"xyz"})", R"({"Ten":"xyz"})"}});
  CHECK(has(text, "- Ten: HoTen  # "));
  CHECK(has(text, "source: [Ten]"));
  CHECK(has(drafted(texts("ho_ten"), texts("HọTên"), {}), "HoTen") == false);
  CHECK(has(drafted(texts("ho_ten"), texts("HoTen"), {}), "- HoTen: ho_ten"));
  CHECK_FALSE(has(drafted(texts("A"), texts("A"), {{R"({"A":"one"})", R"({"A":"two"})"}}), "- A:"));
}

TEST_CASE("dates, numbers, codes, constants, joined and split texts") {
  Draft whole;
  CHECK(has(drafted(texts("Ngay"), texts("Day"), {{R"({"Ngay":"31/12/2026"})", R"({"Day":"2026-12-31"})"}}),
            "day: {pattern: dd/MM/yyyy, to: iso-date}"));
  CHECK(has(drafted(texts("Phi"), texts("Fee"), {{R"({"Phi":"050.00"})", R"({"Fee":"50"})"}}),
            "{from: Phi, as: decimal}"));
  const std::string codes = drafted(texts("Loai"), texts("Kind"),
                                    {{R"({"Loai":"1"})", R"({"Kind":"CN"})"},
                                     {R"({"Loai":"2"})", R"({"Kind":"TC"})"},
                                     {R"({"Loai":"1"})", R"({"Kind":"CN"})"}},
                                    &whole);
  CHECK(has(codes, "{from: Loai, table: kind}"));
  REQUIRE(whole.tables.size() == 1);
  CHECK(whole.tables[0].second == "source,target\n1,CN\n2,TC\n");
  // two codes seen once each prove nothing
  CHECK_FALSE(has(drafted(texts("Loai"), texts("Kind"),
                          {{R"({"Loai":"1"})", R"({"Kind":"CN"})"}, {R"({"Loai":"2"})", R"({"Kind":"TC"})"}}),
                  "table:"));
  CHECK(has(drafted(texts("X"), texts("V"), {{"{}", R"({"V":"1.2"})"}, {"{}", R"({"V":"1.2"})"}}), "{const: '1.2'}"));
  CHECK(has(drafted(texts("Ma So"), texts("Code"), {{R"({"Ma":"H26","So":"0042"})", R"({"Code":"H26-0042"})"}}),
            "{join: ., pattern: '^(?<Ma>[^\\-]+)-(?<So>.+)$'}"));
  CHECK(has(drafted(texts("Code"), texts("Ma So"), {{R"({"Code":"H26/0042"})", R"({"Ma":"H26","So":"0042"})"}}),
            "{parts: Code, pattern: '^(?<Ma>[^/]+)/(?<So>.+)$'}"));
}

TEST_CASE("required fields without a source are listed") {
  const std::string target =
      R"({"type":"object","required":["Ma"],"properties":{"Ma":{"type":"string"},"Ghi":{"type":"string"}}})";
  const std::string text = drafted(texts("X"), target, {});
  CHECK(has(text, "required target fields without a source:\n#   Ma\n"));
  CHECK(has(text, "other target fields without a source:\n#   Ghi\n"));
}

TEST_CASE("a name is found whose words stand in the objects around it") {
  // Values of two letters alone prove nothing.
  const std::string nested = object(R"("dangKy":)" + texts("so quyen") + R"(,"tuoi":{"type":"string"})");
  const std::string text = drafted(nested, texts("SoDangKy Khac"),
                                   {{R"({"dangKy":{"so":"25","quyen":"01"}})", R"({"SoDangKy":"25","Khac":"01"})"}});
  CHECK(has(text, "- SoDangKy: dangKy.so  # chắc: cùng tên, cùng 1 giá trị / sure: same name, same 1 value\n"));
  CHECK_FALSE(has(text, "dangKy.quyen\n"));
  const std::string into = drafted(texts("soDangKy"), object(R"("DangKy":)" + texts("So")),
                                   {{R"({"soDangKy":"7"})", R"({"DangKy":{"So":"7"}})"}});
  CHECK(has(into, "- So: soDangKy  # chắc"));
  CHECK(words_of("nycHoTên2_MA-SoBHXH") == std::vector<std::string>{"nyc", "ho", "ten", "2", "ma", "so", "bhxh"});
}

TEST_CASE("counts are said as people say them") {
  const auto once = drafted(texts("Ten"), texts("Name"), {{R"({"Ten":"abc"})", R"({"Name":"abc"})"}});
  CHECK(has(once, "# Bản nháp từ 1 cặp mẫu:"));
  CHECK(has(once, "A draft from 1 pair of samples:"));
  CHECK(has(once, "likely: same 1 value, other name"));
  const auto twice = drafted(texts("Ten"), texts("Name"),
                             {{R"({"Ten":"abc"})", R"({"Name":"abc"})"}, {R"({"Ten":"abd"})", R"({"Name":"abd"})"}});
  CHECK(has(twice, "A draft from 2 pairs of samples:"));
  CHECK(has(twice, "likely: same 2 values, other name"));
}

TEST_CASE("a file on both sides goes as a blob") {
  const std::string pdf = "JVBERi0xLjcKJcOkw7zDtsOfCg==";
  const auto both = [](const std::string& value) {
    return std::vector<std::pair<std::string, std::string>>{
        {"{\"Tep\":\"" + value + "\"}", "{\"Noi\":\"" + value + "\"}"}};
  };
  CHECK(has(drafted(texts("Tep"), texts("Noi"), both(pdf)),
            "- Noi: {blob: Tep}  # chắc: cùng một tệp base64 / sure: the same file in base64\n"));
  // by the type of one side
  const std::string byte = object(R"("Noi":{"type":"string","contentEncoding":"base64"})");
  CHECK(has(drafted(texts("Tep"), byte, both("aGVsbG8gd29ybGQ=")), "{blob: Tep}"));
  CHECK(has(drafted(texts("Tep"), byte, both("không phải")), "- Noi: Tep"));
  CHECK(has(drafted(texts("Tep"), texts("Noi"), both("aGVsbG8gd29ybGQ=")), "- Noi: Tep"));
  // by names alone, without a sample
  CHECK(has(drafted(texts("noiDungTep"), texts("NoiDungTep"), {}), "- NoiDungTep: {blob: noiDungTep}  # cần xem"));
  CHECK(has(drafted(texts("tenTep"), texts("TenTep"), {}), "- TenTep: tenTep"));
}

TEST_CASE("choices and prefixes are left to people, by name") {
  Desk desk("none");
  desk.put("s.json", object(R"("chaHoTen":{"type":"string"},"chaTuoi":{"type":"string"},"meHoTen":{"type":"string"},)"
                            R"("meTuoi":{"type":"string"},"Ma":{"type":"string"})"));
  desk.put("t.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType>
    <xs:sequence><xs:element name="Ma" type="xs:string"/>
    <xs:choice><xs:element name="CaNhan" type="xs:string"/><xs:element name="ToChuc" type="xs:string"/></xs:choice>
    <xs:element name="Nguoi" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element name="Ten" type="xs:string"/><xs:element name="Tuoi" type="xs:string"/></xs:sequence></xs:complexType>
    </xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>)");
  DraftRequest request;
  desk.side(request.source, "s.json");
  desk.side(request.target, "t.xsd");
  desk.pair(request, R"({"Ma":"1234","chaHoTen":"A B","meHoTen":"C D"})",
            "<R><Ma>1234</Ma><ToChuc>X Y Z</ToChuc><Nguoi><Ten>A B</Ten></Nguoi></R>");
  const auto made = draft_mapping(request);
  REQUIRE(made);
  CHECK(has(made->text, "one_of if they are needed:\n#   CaNhan | ToChuc\n#   ToChuc | CaNhan\n"));
  CHECK(has(made->text, "perhaps spread:\n#   cha*, me*: HoTen, Tuoi <-> Nguoi\n"));
  CHECK_FALSE(has(made->text, "{one_of"));
}
