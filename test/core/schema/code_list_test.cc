#include "core/schema/code_list.h"

#include "core/schema/schema_store.h"
#include "core/schema/xsd.h"
#include "test/core/schema/json_text.h"
#include "test/support/sim_env.h"

using namespace lt;
using namespace lt::schema;

namespace {

struct Loaded {
  config::Diagnostics diagnostics;
  CodeList list;
  explicit Loaded(const std::string& text)
      : list(CodeList::load(config::parse_csv(text, "l.csv", diagnostics), diagnostics)) {}
  std::string name(const char* code, const char* day = "") const {
    const CodeEntry* entry = list.find(code, parse_day(day));
    return entry == nullptr ? "" : entry->name;
  }
  std::string code(const char* name, const char* day = "") const {
    const CodeEntry* entry = list.find_by_name(name, parse_day(day));
    return entry == nullptr ? "" : entry->code;
  }
  bool says(const std::string& part) const { return diagnostics.text().find(part) != std::string::npos; }
};

// A schemas folder in memory.
struct Folder {
  test::SimEnv env;
  config::Diagnostics diagnostics;
  std::shared_ptr<const SchemaStore> store;
  explicit Folder(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [name, text] : files) {
      REQUIRE(env.make_directories("schemas/" + name.substr(0, name.rfind('/'))));
      REQUIRE(replace_file(env, "schemas/" + name, text));
    }
    store = SchemaStore::load(env, "schemas", diagnostics);
  }
  bool says(const std::string& part) const { return diagnostics.text().find(part) != std::string::npos; }
};

const std::string kList = "code,name\n1,Nam\n2,Nữ\n";

}  // namespace

TEST_CASE("a code list: names of codes, codes of names, on a day") {
  const Loaded loaded(
      "# danh mục\ncode,name,name_en,valid_from,valid_to,note\n44,tỉnh Quảng Bình,,,2025-06-30,\n"
      "44,tỉnh Quảng Trị,,2025-07-01,,\n45,tỉnh Quảng Trị,,,2025-06-30,\n2,Được tiếp nhận,Accepted,,,x\n");
  REQUIRE_MESSAGE(loaded.diagnostics.ok(), loaded.diagnostics.text());
  CHECK(loaded.list.entries().size() == 4);
  CHECK(loaded.name("44", "2025-06-30") == "tỉnh Quảng Bình");
  CHECK(loaded.name("44", "2025-07-01") == "tỉnh Quảng Trị");
  CHECK(loaded.name("44") == "tỉnh Quảng Trị");
  CHECK(loaded.name("45", "2026-01-01") == "");
  CHECK(loaded.name("9") == "");
  CHECK(loaded.code("DUOC  tiep nhan") == "2");
  CHECK(loaded.code("accepted") == "2");
  CHECK(loaded.code("Tỉnh Quảng Trị", "2025-01-01") == "45");
  CHECK(loaded.code("Tỉnh Quảng Trị", "2026-01-01") == "44");
  CHECK_MESSAGE(loaded.code("Tỉnh Quảng Trị") == "", "two codes have been called that");
  CHECK(loaded.list.place(loaded.list.entries()[2]).text() == "l.csv:5:1");
}

TEST_CASE("bad rows of a code list are named, all at once") {
  const Loaded loaded(
      "code,name,valid_from,valid_to\n1,Nam,,\n,Nữ,,\n3,,,\n1,Khác,,\n4,a,2026-13-01,\n5,b,2026-02-01,2026-01-01\n");
  CHECK(loaded.diagnostics.errors() == 5);
  CHECK(loaded.says("l.csv:3:1: error LT-1186: a row without code"));
  CHECK(loaded.says("l.csv:4:3: error LT-1186: code \"3\" has no name"));
  CHECK(loaded.says("l.csv:5:1: error LT-1186: code \"1\" is in line 2 too"));
  CHECK(loaded.says("l.csv:6:5"));
  CHECK(loaded.says("l.csv:7:16"));
  CHECK(Loaded("code,ten\n1,Nam\n").says("no column \"name\""));
}

TEST_CASE("a JSON schema names the list of a field, seen from its own file; each list is read once") {
  const std::string field = R"("G":{"type":"string","x-codes":"codes/g.csv"})";
  Folder folder(
      {{"a/codes/g.csv", kList},
       {"a/x.schema.json", R"({"type":"object","properties":{)" + field + R"(,"N":{"type":"string"}}})"},
       {"b/y.schema.json", R"({"type":"object","properties":{"H":{"type":"string","x-codes":"../a/codes/g.csv"},
                     "G":{"$ref":"../a/x.schema.json#/properties/G"}}})"}});
  REQUIRE_MESSAGE(folder.store, folder.diagnostics.text());
  const auto codes = [&](const char* file, const char* path) {
    const auto model = folder.store->model(file);
    return model->type(model->lookup(path)->type).codes;
  };
  CHECK(codes("a/x.schema.json", "$.G") == "a/codes/g.csv");
  CHECK(codes("a/x.schema.json", "$.N") == "");
  CHECK(codes("b/y.schema.json", "$.H") == "a/codes/g.csv");
  CHECK(codes("b/y.schema.json", "$.G") == "a/codes/g.csv");
  REQUIRE(folder.store->code_list("a/codes/g.csv"));
  CHECK(folder.store->code_list("a/codes/g.csv")->find("2")->name == "Nữ");
  CHECK(folder.store->code_list("g.csv") == nullptr);
}

TEST_CASE("a list that is missing, outside, misread or named where it has no effect is a finding at its place") {
  const auto with = [](const std::string& codes, const std::string& list = kList) {
    return Folder(
        {{"a/g.csv", list},
         {"a/x.schema.json", "{\"properties\":{\n  \"G\":{\"type\":\"string\",\n    \"x-codes\":" + codes + "}}}"}});
  };
  CHECK(with("\"g.csv\"").store);
  const Folder missing = with("\"h.csv\"");
  CHECK(missing.store == nullptr);
  CHECK_MESSAGE(missing.says("schemas/a/x.schema.json:3:5: error LT-1010: there is no code list a/h.csv"),
                missing.diagnostics.text());
  CHECK(with("\"../../h.csv\"").says("x.schema.json:3:5: error LT-1181"));
  CHECK(with("7").says("x.schema.json:3:5: error LT-1180"));
  CHECK(with("\"g.csv\"", "code,name\n1,\n").says("schemas/a/g.csv:2:3: error LT-1186"));
  const ReadSchema beside(
      R"({"properties":{"A":{"$ref":"#/definitions/D","x-codes":"g.csv"}},"definitions":{"D":{}}})");
  CHECK(beside.diagnostics.text().find("\"x-codes\" beside $ref has no effect") != std::string::npos);
}

TEST_CASE("an XSD names the list of a simple type, an element or an attribute in its appinfo") {
  const auto appinfo = [](const std::string& file) {
    return R"(<xs:annotation><xs:documentation>x</xs:documentation><xs:appinfo><lt:codes xmlns:lt="urn:lienthong:schema">)" +
           file + "</lt:codes></xs:appinfo></xs:annotation>";
  };
  const auto with = [&](const std::string& file) {
    return Folder({{"a/codes/g.csv", kList},
                   {"a/x.xsd",
                    R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:simpleType name="S">)" +
                        appinfo("codes/g.csv") +
                        R"(<xs:restriction base="xs:string"><xs:enumeration value="1"/></xs:restriction></xs:simpleType>
<xs:element name="R"><xs:complexType><xs:sequence>
<xs:element name="A" type="S"/><xs:element name="B" type="xs:string">)" +
                        appinfo(file) + R"(</xs:element><xs:element name="C" type="xs:string"/></xs:sequence>
<xs:attribute name="d" type="xs:string">)" +
                        appinfo("codes/g.csv") + "</xs:attribute></xs:complexType></xs:element></xs:schema>"}});
  };
  const Folder folder = with("codes/g.csv");
  REQUIRE_MESSAGE(folder.store, folder.diagnostics.text());
  const auto model = folder.store->model("a/x.xsd");
  for (const auto& [path, codes] : {std::pair("$.A", "a/codes/g.csv"), std::pair("$.B", "a/codes/g.csv"),
                                    std::pair("$.C", ""), std::pair("$.@d", "a/codes/g.csv")})
    CHECK_MESSAGE(model->type(model->lookup(path)->type).codes == codes, path);
  CHECK(with("codes/none.csv").says("schemas/a/x.xsd:4:"));
}
