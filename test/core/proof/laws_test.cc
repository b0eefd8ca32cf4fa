// The laws on one operator at a time, and that each law can be broken.
#include "core/config/yaml.h"
#include "core/mapping/invert.h"
#include "core/mapping/mapping_store.h"
#include "core/proof/mapping_domains.h"
#include "core/proof/prove.h"
#include "test/core/config/memory_env.h"
#include "test/core/proof/bed.h"

using namespace lt;
using namespace lt::proof;

namespace {

std::string object(const std::string& fields) {
  return R"({"type":"object","additionalProperties":false,"properties":{)" + fields + "}}";
}
// Text fields of these names.
std::string texts(const std::string& names) {
  std::string fields, name;
  for (const char c : names + " ") {
    if (c != ' ') {
      name += c;
    } else if (!name.empty()) {
      fields += (fields.empty() ? "\"" : ",\"") + name + R"(":{"type":"string"})";
      name.clear();
    }
  }
  return fields;
}
std::string list(const std::string& name, const std::string& item) {
  return "\"" + name + R"(":{"type":"array","items":)" + item + "}";
}

struct Subject {
  lt::test::MemoryEnv env;
  config::Diagnostics out;
  mapping::MappingStore::Entry entry;

  Subject(const std::string& source, const std::string& target, const std::string& rules,
          const std::vector<std::pair<std::string, std::string>>& tables = {}) {
    const bool xml = target[0] == '<';
    env.files["s/source.json"] = source;
    env.files[xml ? "s/target.xsd" : "s/target.json"] = target;
    for (const auto& [name, csv] : tables) env.files["m/" + name] = csv;
    env.files["m/m.map.yaml"] = "mapping: m\nversion: 1\nsource: {format: json, schema: source.json}\ntarget: " +
                                std::string(xml ? "{format: xml, schema: target.xsd, root: R, ns: {t: urn:t}}"
                                                : "{format: json, schema: target.json}") +
                                "\n" + rules;
    entry = mapping::MappingStore::load_file(env, "m/m.map.yaml", "s", out);
    REQUIRE_MESSAGE(entry.mapping, out.text());
  }
};

Proof proved(const mapping::MappingStore::Entry& entry, size_t documents = 400) {
  auto proof = prove(entry, {11, documents, 4, 600, {}});
  REQUIRE_MESSAGE(proof, (proof ? "" : proof.error().text()));
  return std::move(*proof);
}

void keeps_the_laws(const std::string& source, const std::string& target, const std::string& rules,
                    const std::vector<std::pair<std::string, std::string>>& tables = {}) {
  const Subject subject(source, target, rules, tables);
  const Proof proof = proved(subject.entry);
  CHECK_MESSAGE(proof.ok(), proof.text());
}
void keeps_flat(const std::string& source, const std::string& target, const std::string& rules,
                const std::vector<std::pair<std::string, std::string>>& tables = {}) {
  keeps_the_laws(object(source), object(target), rules, tables);
}

}  // namespace

TEST_CASE("copies, groups and dotted paths keep the laws") {
  keeps_flat(
      texts("Ma Ten") + R"(,"Nop":)" + object(texts("Ho") + R"(,"DiaChi":)" + object(texts("Xa Duong"))),
      texts("Id Name") + R"(,"Applicant":)" + object(texts("Full Ward") + R"(,"Street":)" + object(texts("Line"))),
      "rules:\n  - Id: Ma\n  - Name: {from: Ten, match: '^[A-Z]+$'}\n  - Applicant:\n      from: Nop\n"
      "      rules:\n        - Full: Ho\n        - Ward: DiaChi.Xa\n        - Street.Line: DiaChi.Duong\n");
}

TEST_CASE("tables, dates, numbers and defaults keep the laws") {
  keeps_flat(texts("S N D") + R"(,"P":{"type":"integer"},"F":{"type":"boolean"})",
             texts("S N P F") + R"(,"D":{"type":"number"})",
             "tables:\n  t: t.csv\ntypes:\n  d: {pattern: dd/MM/yyyy, to: iso-date}\nrules:\n"
             "  - S: {from: S, table: t}\n  - N: {from: N, type: d}\n"
             "  - D: {from: D, as: decimal, default: 0, back: omit_if_default}\n"
             "  - P: {from: P, as: text}\n  - F: {from: F, as: text}\n",
             {{"t.csv", "source,target,preferred\n1,A,yes\n2,B,\n3,A,\n"}});
}

TEST_CASE("tables that keep, refuse or replace what they lack keep the laws") {
  const std::string csv = "source,target\n1,A\n2,B\n";
  for (const char* unmapped : {"hold", "reject", "keep", "{default: B}"})
    keeps_flat(texts("S"), texts("S"),
               std::string("tables:\n  t: t.csv\nrules:\n  - S: {from: S, table: t, unmapped: ") + unmapped + "}\n",
               {{"t.csv", csv}});
}

TEST_CASE("constants and envelope fields keep the laws") {
  keeps_flat(texts("A"), texts("V A E"), "rules:\n  - V: {const: \"1.0\"}\n  - A: A\n  - E: {envelope: message_id}\n");
}

TEST_CASE("parts and join keep the laws") {
  keeps_flat(texts("Ma"), texts("Id") + R"(,"Code":)" + object(texts("Agency Day Serial")),
             "rules:\n  - Id: Ma\n  - Code: {parts: Ma, pattern: "
             "'^(?<Agency>[0-9A-Z.]+)-(?<Day>\\d{6})-(?<Serial>\\d{4,7})$'}\n");
  keeps_flat(texts("A B"), texts("C"), "rules:\n  - C: {join: ., pattern: '^(?<A>[a-z]+)/(?<B>[0-9]+)$'}\n");
}

TEST_CASE("repeated groups keep the laws") {
  keeps_flat(
      texts("Ma") + "," + list("Tep", object(texts("Ten Loai"))) + "," + list("So", R"({"type":"string"})"),
      list("File", object(texts("T K Of") + R"(,"N":{"type":"integer"})")) + "," + list("No", R"({"type":"string"})"),
      "rules:\n  - File:\n      each: Tep\n      rules:\n        - N: {index: 1}\n        - T: Ten\n"
      "        - K: Loai\n        - Of: ^.Ma\n  - No: {each: So, match: '^[0-9]+$'}\n");
  const std::string item = object(texts("T K"));
  keeps_flat(
      list("L", item), list("A", item),
      "rules:\n  - A:\n      each: L\n      where: \"K == 'a'\"\n      rules:\n        - T: T\n        - K: K\n");
}

TEST_CASE("waits: what one_of and spread lose is told" * doctest::may_fail()) {
  keeps_flat(texts("Loai Ten MST CCCD"),
             R"("Person":)" + object(texts("Name Id")) + R"(,"Org":)" + object(texts("Name Tax")),
             "rules:\n  - .:\n      one_of:\n        by: Loai\n        cases:\n"
             "          - {is: CN, rules: [{Person: {rules: [{Name: Ten}, {Id: CCCD}]}}]}\n"
             "          - {is: TC, rules: [{Org: {rules: [{Name: Ten}, {Tax: MST}]}}]}\n");
  keeps_flat(texts("Loai Ten TenTC"), texts("Kind Name"),
             "rules:\n  - Kind: Loai\n  - .:\n      one_of:\n        by: Loai\n        cases:\n"
             "          - {is: CN, rules: [{Name: Ten}]}\n          - {is: TC, rules: [{Name: TenTC}]}\n");
  const std::string than = list("Than", object(texts("QuanHe HoTen NgaySinh")));
  const std::string fixed = texts("chaHoTen chaNgaySinh meHoTen meNgaySinh");
  keeps_flat(than, fixed,
             "rules:\n  - .:\n      spread: {from: Than, by: QuanHe, prefixes: {CHA: cha, ME: me}}\n"
             "      rules:\n        - HoTen: HoTen\n        - NgaySinh: NgaySinh\n");
  keeps_flat(fixed, than,
             "rules:\n  - Than:\n      spread: {by: QuanHe, prefixes: {CHA: cha, ME: me}}\n"
             "      rules:\n        - HoTen: HoTen\n        - NgaySinh: NgaySinh\n");
}

TEST_CASE("waits: what match_on loses is told" * doctest::may_fail()) {
  keeps_flat(list("Ref", object(texts("Id Ten"))) + "," + list("Tep", object(texts("Key Bytes"))),
             list("F", object(texts("K T B"))),
             "rules:\n  - F:\n      each: Ref\n      match_on: {array: $.Tep, key: Key, equals: Id}\n"
             "      rules:\n        - K: Id\n        - T: Ten\n        - B: '&.Bytes'\n");
}

TEST_CASE("embedded documents keep the laws") {
  keeps_flat(texts("Ma DuLieu"), texts("Id") + R"(,"Who":)" + object(texts("Name")),
             "rules:\n  - Id: Ma\n  - Who:\n      from: DuLieu\n      embedded: json\n"
             "      rules:\n        - Name: nguoi.ten\n");
  keeps_flat(texts("Ma Ten"), texts("Id Doc"),
             "rules:\n  - Id: Ma\n  - Doc:\n      from: $\n      embedded: {target: xml, root: Hs}\n"
             "      rules:\n        - \"@ma\": Ma\n        - Ten: Ten\n");
}

TEST_CASE("links, partial dates and base64 keep the laws") {
  keeps_flat(
      texts("U"), texts("V"),
      "links:\n  p: {\"http://10.0.0.5/\": \"https://lgsp/x/\"}\nrules:\n  - V: {from: U, link: {rewrite: p}}\n");
  keeps_flat(texts("D"), texts("E"),
             "types:\n  p: {pattern: partial-date, to: iso-partial-date}\nrules:\n  - E: {from: D, type: p}\n");
  keeps_flat(texts("D"), texts("E"),
             "types:\n  p: {pattern: yyyyMMddHHmmss, to: iso-datetime}\nrules:\n  - E: {from: D, type: p}\n");
  keeps_flat(texts("D"), texts("E"),
             "types:\n  p: {pattern: iso-datetime, to: yyyyMMddHHmmss}\nrules:\n  - E: {from: D, type: p}\n");
  keeps_flat(texts("B"), texts("C"), "rules:\n  - C: {blob: B, as: base64}\n");
}

TEST_CASE("conditions and expressions keep the laws") {
  keeps_flat(texts("Ma Ten Loai MST MucDo"), texts("Show Tax Id"),
             "rules:\n  - Id: Ma\n  - Show: {one_way: \"concat(Ma, ' - ', upper(Ten))\"}\n"
             "  - Tax: {from: MST, when: \"Loai == 'TC'\", back: {set: {Loai: TC}}}\n"
             "  - MucDo: {only_back: \"if(exists Tax, '4', '3')\"}\n");
  keeps_flat(texts("A") + R"(,"M":{"type":"integer"})", texts("B"),
             "rules:\n  - B: {from: A, required_when: \"M >= 3\"}\nignore: {source: [M]}\n");
}

TEST_CASE("undeclared fields travel") {
  const std::string open =
      R"({"type":"object","properties":{"A":{"type":"string"},"O":{"type":"object","properties":{"X":{"type":"string"}}}}})";
  keeps_the_laws(
      open, open,
      "rest: keep\nrules:\n  - A: A\n  - O:\n      from: O\n      rest: keep\n      rules:\n        - X: X\n");
}

TEST_CASE("a group without a name keeps the laws") {
  keeps_flat(R"("Nop":)" + object(texts("Ho Ten") + R"(,"DiaChi":)" + object(texts("Xa"))) + "," + texts("Ma"),
             texts("FullName Ward Id Show"),
             "rules:\n  - .:\n      from: Nop\n      rules:\n        - FullName: Ten\n        - Ward: DiaChi.Xa\n"
             "        - Id: ^.Ma\n        - Show: {one_way: \"concat(Ho, Ten)\"}\n");
}

TEST_CASE("from JSON to XML: attributes, texts, repeated elements and nil keep the laws") {
  keeps_the_laws(object(texts("Ma V") + R"(,"So":{"type":"integer"},"Z":{"type":["string","null"]},)" +
                        list("L", object(texts("T")))),
                 lt::proof::test::xsd(R"(<xs:element name="R"><xs:complexType><xs:sequence>
    <xs:element name="Id" type="xs:string"/><xs:element name="N" type="xs:integer" minOccurs="0"/>
    <xs:element name="Z" type="xs:string" nillable="true" minOccurs="0"/>
    <xs:element name="F" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent>
      <xs:extension base="xs:string"><xs:attribute name="seq" type="xs:int"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
  </xs:sequence><xs:attribute name="v" type="xs:string"/></xs:complexType></xs:element>)"),
                 "rules:\n  - \"@v\": V\n  - Id: {from: Ma, when_absent: empty}\n  - N: So\n  - Z: Z\n"
                 "  - F:\n      each: L\n      rules:\n        - \"@seq\": {index: 1}\n        - \"#text\": {from: T, "
                 "when_absent: empty}\n");
}

TEST_CASE("waits: a text that is copied and normalised comes back" * doctest::may_fail()) {
  keeps_flat(texts("A B"), texts("C D"),
             "rules:\n  - C: {from: A, normalize: [nfc, trim]}\n  - D: {from: A}\nignore: {source: [B]}\n");
}

namespace {

// The first law that is broken, and where: "same_source $.A".
std::string broken_in(const mapping::MappingStore::Entry& entry) {
  const Proof proof = proved(entry, 200);
  if (proof.ok()) return "";
  REQUIRE(!proof.broken.empty());
  CHECK(proof.broken[0].text().find("LT-1126") == 0);
  return std::string(name_of(proof.broken[0].law)) + " " + proof.broken[0].field;
}

// The way back as another mapping between the same schemas has it.
void go_back_as(Subject& subject, const Subject& other) { subject.entry.reverse = other.entry.reverse; }

}  // namespace

TEST_CASE("a field that does not come back as promised is told, with the smallest document") {
  const std::string rules = "rules:\n  - C: {from: A, normalize: nfc}\n  - D: B\n";
  Subject subject(object(texts("A B")), object(texts("C D")), rules);
  CHECK(broken_in(subject.entry) == "");
  for (auto& field : subject.entry.reversal.fields) field.fidelity = mapping::Fidelity::exact;
  CHECK(broken_in(subject.entry) == "same_source $.A");
  const Proof proof = proved(subject.entry), again = proved(subject.entry);
  CHECK(proof.text() == again.text());
  CHECK(proof.broken[0].smallest.size() < 40);
  CHECK(proof.broken[0].smallest.find("\"B\"") == std::string::npos);
  CHECK(proof.broken[0].rule.line == 6);
}

TEST_CASE("a way back that is another one is told") {
  const std::string source = object(texts("A B")), target = object(texts("C D"));
  Subject subject(source, target, "rules:\n  - C: A\n  - D: B\n");
  go_back_as(subject, Subject(source, target, "rules:\n  - C: B\n  - D: A\n"));
  CHECK(broken_in(subject.entry).substr(0, 13) == "same_source $");
  // Canonical fields may differ, what they become may not.
  for (auto& field : subject.entry.reversal.fields) field.fidelity = mapping::Fidelity::canonical;
  CHECK(broken_in(subject.entry).substr(0, 13) == "same_target $");
  go_back_as(subject, Subject(source, target, "rules:\n  - C: {from: A, match: '^a*$'}\n  - D: B\n"));
  CHECK(broken_in(subject.entry) == "comes_back $.C");
}

TEST_CASE("lists that come back shorter are told") {
  const std::string source = object(list("L", object(texts("T K")))), target = object(list("A", object(texts("T K"))));
  const std::string rules = "rules:\n  - A:\n      each: L\n      rules:\n        - T: T\n        - K: K\n";
  Subject subject(source, target, rules);
  CHECK(broken_in(subject.entry) == "");
  mapping::Inverse inverse = mapping::invert(subject.entry.file, subject.entry.parts);
  inverse.file.rules[0].where = mapping::Text{"exists T", {}};
  config::Diagnostics out;
  subject.entry.reverse = mapping::compile(inverse.file, mapping::reversed(subject.entry.parts), out);
  REQUIRE_MESSAGE(subject.entry.reverse, out.text());
  CHECK(broken_in(subject.entry) == "same_source $.L");
}

TEST_CASE("a document the target refuses is told, unless the mapping ignores the field") {
  const std::string source = object(texts("A"));
  Subject subject(source, object(texts("C")), "rules:\n  - C: A\n");
  const Subject strict(source, object(R"("C":{"type":"string","maxLength":3})"), "unfit: hold\nrules:\n  - C: A\n");
  subject.entry.models.push_back(subject.entry.models[1]);  // `parts` points into it
  subject.entry.models[1] = strict.entry.models[1];
  CHECK(broken_in(subject.entry) == "valid $.C");
  subject.entry.file.ignore_target.push_back({"C", {}});
  CHECK(broken_in(subject.entry) == "");
}

TEST_CASE("undeclared fields that get lost are told") {
  const std::string open = R"({"type":"object","properties":{"A":{"type":"string"}}})";
  Subject subject(open, open, "rest: keep\nrules:\n  - A: A\n");
  go_back_as(subject, Subject(open, open, "rules:\n  - A: A\n"));
  CHECK(broken_in(subject.entry).substr(0, 6) == "rest $");
}

TEST_CASE("a mapping that refuses most of what it is meant for is told") {
  const std::string one = R"("A":{"type":"string","enum":["x","y","z"]})";
  const Subject never("{\"required\":[\"A\"]," + object(one).substr(1), object(texts("C")),
                      "rules:\n  - C: {from: A, match: '^none$'}\n");
  CHECK(broken_in(never.entry) == "translates $");
}

TEST_CASE("what a mapping knows of its fields") {
  const Subject subject(
      object(texts("S D Ma N B Loai") + R"(,"M":{"type":"integer"},)" + list("L", object(texts("K")))),
      object(texts("S D Id Agency N C") + "," + list("L", object(texts("K")))),
      "tables:\n  t: t.csv\ntypes:\n  d: {pattern: dd/MM/yyyy, to: iso-date}\nrules:\n"
      "  - S: {from: S, table: t, when_absent: hold}\n  - D: {from: D, type: d}\n  - Id: Ma\n"
      "  - .: {parts: Ma, pattern: '^(?<Agency>[A-Z]+)-[0-9]+$'}\n  - N: {from: N, when: \"M >= 3 and Loai == 'TC'\"}\n"
      "  - C: {blob: B, as: base64}\n  - L:\n      each: L\n      rules:\n        - K: {from: K, table: t}\n",
      {{"t.csv", "source,target\n1,A\n2,B\n"}});
  const Domains source = domains_of(subject.entry, End::source), target = domains_of(subject.entry, End::target);
  CHECK(source.at("$.S").values == std::vector<std::string>{"1", "2"});
  CHECK(source.at("$.S").presence == Domain::Presence::always);
  CHECK(target.at("$.S").values == std::vector<std::string>{"A", "B"});
  CHECK(source.at("$.D").date_pattern == "dd/MM/yyyy");
  CHECK(target.at("$.D").date_pattern == "iso-date");
  CHECK(source.at("$.Ma").pattern.find("[A-Z]+") != std::string::npos);
  CHECK(source.at("$.M").values == std::vector<std::string>{"2", "3", "4"});
  CHECK(source.at("$.Loai").values == std::vector<std::string>{"KHAC", "TC", "khác"});
  CHECK(source.at("$.B").base64);
  CHECK(source.at("$.L[].K").values == std::vector<std::string>{"1", "2"});
}
