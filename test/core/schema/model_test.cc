#include "core/schema/model.h"

#include "core/schema/xsd.h"
#include "test/core/schema/json_text.h"

using namespace lt;
using namespace lt::schema;

namespace {

struct ReadXsd {
  config::Diagnostics diagnostics;
  std::shared_ptr<const Model> model;
  explicit ReadXsd(const std::string& body, const std::string& other = {}) {
    SchemaFiles files(system_env(), "", diagnostics);
    files.put("a/t.xsd",
              "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\" "
              "elementFormDefault=\"qualified\">\n" +
                  body + "</xs:schema>");
    if (!other.empty()) files.put("b.xsd", other);
    model = read_xsd(files, "a/t.xsd", diagnostics);
  }
};

}  // namespace

TEST_CASE("paths of a JSON Schema, through references and allOf") {
  const ReadSchema read(R"({"type":"object","required":["a"],"properties":{"a":{"$ref":"other.json#/definitions/n"},
    "list":{"type":"array","items":{"allOf":[{"$ref":"other.json#/definitions/n"}]}},"free":{"type":"object"}},
    "additionalProperties":false})",
                        "other.json",
                        R"({"definitions":{"n":{"type":"object","title":"Nút","properties":{"x":{"type":"string"},
    "child":{"$ref":"#/definitions/n"}}}}})");
  REQUIRE_MESSAGE(read.model != nullptr, read.diagnostics.text());
  const Model& model = *read.model;
  const auto x = model.lookup("$.a.child.child.x");
  REQUIRE(x.has_value());
  CHECK(x->optional);
  CHECK_FALSE(x->repeated);
  CHECK(model.type(x->type).scalar == Scalar::string);
  CHECK(x->steps.back()->place.file == "other.json");
  CHECK_FALSE(model.lookup("a")->optional);
  CHECK(model.lookup("$.list[].x")->repeated);
  CHECK(model.lookup("$.list.x")->repeated);
  CHECK_FALSE(model.lookup("$.free.anything")->declared());
  const auto unknown = model.lookup("$.list[].chlid");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().code == Code::unknown_path);
  CHECK(unknown.error().hint == "did you mean \"child\"?");
  CHECK_FALSE(model.lookup("$.a[].x").has_value());
  CHECK_FALSE(model.lookup("$.").has_value());
  CHECK_FALSE(model.lookup("").has_value());
  CHECK(model.nearest("$.list[].xx") == "$.list[].x");
  std::vector<std::string> paths;
  for (const PathEntry& entry : model.paths()) paths.push_back(entry.path);
  CHECK(paths == std::vector<std::string>{"$.a", "$.a.x", "$.a.child", "$.list[]", "$.list[].x", "$.list[].child",
                                          "$.list[].child.x", "$.list[].child.child", "$.free"});
}

TEST_CASE("a draft-07 schema is refused for what would be ignored") {
  const std::pair<const char*, const char*> refused[] = {
      {R"({"minLenght":1})", "did you mean \"minLength\"?"},
      {R"({"minimum":0,"exclusiveMinimum":true})", "draft-4"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#"})", "only draft-07"},
      {R"({"format":"phone"})", "unknown format"},
      {R"x({"pattern":"(?=a)"})x", "LT-1182"},
      {R"({"properties":{"a":{"$ref":"#/definitions/x"}}})", "leads nowhere"},
      {R"({"properties":{"a":{"$ref":"https://example.vn/a.json"}}})", "network"},
      {R"({"properties":{"a":{"$ref":"../../etc/passwd"}}})", "out of the schemas folder"},
      {R"({"definitions":{"x":{}},"properties":{"a":{"$ref":"#/definitions/x","maxLength":1}}})", "allOf"},
      {R"({"$ref":"#"})", "back to itself"},
      {R"({"anyOf":[{"$ref":"#"}]})", "contains itself"},
      {R"({"unevaluatedProperties":false})", "later draft"},
      {R"({"type":"strin"})", "is no type"},
      {R"({"then":{}})", "without \"if\""},
      {R"({"additionalItems":false})", "does nothing"},
  };
  for (const auto& [schema, said] : refused) {
    const ReadSchema read(schema);
    CHECK_MESSAGE(read.model == nullptr, schema);
    CHECK_MESSAGE(read.diagnostics.text().find(said) != std::string::npos, schema << "\n" << read.diagnostics.text());
  }
  CHECK(ReadSchema(R"({"title":"a","x-note":1,"examples":[1],"$comment":"c","default":1})").model != nullptr);
}

TEST_CASE("every mistake of a schema is told at once, with its line") {
  const ReadSchema read("{\n \"minLenght\": 1,\n \"properties\": {\n  \"a\": {\"type\": \"x\"}\n }\n}");
  CHECK(read.diagnostics.errors() == 2);
  CHECK(read.diagnostics.text().find("t.schema.json:2:2") != std::string::npos);
  CHECK(read.diagnostics.text().find("t.schema.json:4:9") != std::string::npos);
}

TEST_CASE("the reference XSD: order, occurrence, facets, lines") {
  config::Diagnostics diagnostics;
  SchemaFiles files(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", diagnostics);
  const auto model = read_xsd(files, "bench/dossier.xsd", diagnostics);
  REQUIRE_MESSAGE(model != nullptr, diagnostics.text());
  CHECK(model->target_ns == "urn:vn:gov:hoso:1.2");
  REQUIRE(model->root() != nullptr);
  CHECK(model->root()->name == "Message");
  const auto step = model->lookup("$.Steps.Step[].Seq");
  REQUIRE(step.has_value());
  CHECK(step->repeated);
  CHECK_FALSE(step->optional);
  CHECK(model->type(step->type).scalar == Scalar::integer);
  CHECK(model->type(step->type).minimum->text == "0");
  CHECK(step->steps[1]->max_occurs == 100);
  CHECK(step->steps[1]->ns == "urn:vn:gov:hoso:1.2");
  const auto hash = model->lookup("$.Attachments.Attachment[].Sha256");
  REQUIRE(hash.has_value());
  CHECK(model->type(hash->type).patterns[0] == "^(?:[0-9a-f]{64})$");
  CHECK(hash->steps.back()->place.line == 84);
  CHECK(model->type(model->root()->type).ordered);
  CHECK(model->paths().size() == 55);
  CHECK_FALSE(model->lookup("$.Dossier.code").has_value());
}

TEST_CASE("XSD: attributes, simple content, choice, extension, groups, includes") {
  const ReadXsd read(
      R"(<xs:include schemaLocation="../b.xsd"/>
<xs:element name="R"><xs:complexType><xs:complexContent><xs:extension base="t:Base"><xs:sequence>
 <xs:choice><xs:element name="A" type="xs:date"/><xs:sequence><xs:element name="B" type="t:Code" maxOccurs="unbounded"/></xs:sequence></xs:choice>
 <xs:group ref="t:G" minOccurs="0"/><xs:any processContents="lax" minOccurs="0"/></xs:sequence>
 <xs:attribute name="id" type="xs:string" use="required"/></xs:extension></xs:complexContent></xs:complexType></xs:element>
<xs:group name="G"><xs:sequence><xs:element name="M"><xs:annotation><xs:documentation>Tiền</xs:documentation></xs:annotation>
 <xs:complexType><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="cur" default="VND"/></xs:extension>
 </xs:simpleContent></xs:complexType></xs:element></xs:sequence></xs:group>)",
      R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
<xs:complexType name="Base"><xs:sequence><xs:element name="First" nillable="true" type="Code"/></xs:sequence></xs:complexType>
<xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:enumeration value="x"/><xs:enumeration value="y"/></xs:restriction></xs:simpleType>
</xs:schema>)");
  REQUIRE_MESSAGE(read.model != nullptr, read.diagnostics.text());
  const Model& model = *read.model;
  CHECK_FALSE(model.lookup("$.@id")->optional);
  CHECK(model.lookup("$.First")->steps[0]->nillable);
  const auto a = model.lookup("$.A"), b = model.lookup("$.B[]");
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  CHECK(a->optional);
  CHECK(a->steps[0]->choice == b->steps[0]->choice);
  CHECK(a->steps[0]->branch != b->steps[0]->branch);
  CHECK(b->steps[0]->max_occurs == kUnbounded);
  CHECK(model.type(b->type).allowed->size() == 2);
  const auto money = model.lookup("$.M.#text");
  REQUIRE(money.has_value());
  CHECK(model.type(money->type).scalar == Scalar::decimal);
  CHECK(model.lookup("$.M")->steps[0]->title == "Tiền");
  CHECK(model.lookup("$.M.@cur")->steps.back()->fallback == "VND");
  CHECK(model.open(model.root()->type));
}

TEST_CASE("XSD: groups that grow without end, or contain themselves, are refused") {
  std::string doubling =
      "<xs:element name=\"R\"><xs:complexType><xs:group ref=\"t:G0\"/></xs:complexType></xs:element>";
  for (int i = 0; i < 30; ++i) {
    const std::string next = "<xs:group ref=\"t:G" + std::to_string(i + 1) + "\"/>";
    doubling +=
        "<xs:group name=\"G" + std::to_string(i) + "\"><xs:sequence>" + next + next + "</xs:sequence></xs:group>";
  }
  doubling += "<xs:group name=\"G30\"><xs:sequence><xs:element name=\"x\" type=\"xs:int\"/></xs:sequence></xs:group>";
  const std::string circle =
      "<xs:element name=\"R\"><xs:complexType><xs:group ref=\"t:G\"/></xs:complexType></xs:element>"
      "<xs:group name=\"G\"><xs:sequence><xs:group ref=\"t:G\"/><xs:group ref=\"t:G\"/></xs:sequence></xs:group>";
  const std::string attributes =
      "<xs:element name=\"R\"><xs:complexType><xs:attributeGroup ref=\"t:A\"/></xs:complexType></xs:element>"
      "<xs:attributeGroup name=\"A\"><xs:attributeGroup ref=\"t:A\"/><xs:attributeGroup "
      "ref=\"t:A\"/></xs:attributeGroup>";
  for (const std::string& body : {doubling, circle, attributes}) {
    const ReadXsd read(body);
    CHECK(read.model == nullptr);
    CHECK(read.diagnostics.text().find("too large or nested too deeply") != std::string::npos);
  }
}

TEST_CASE("XSD: what is not read is refused with its line") {
  const std::pair<const char*, const char*> refused[] = {
      {"<xs:simpleType name=\"a\"><xs:list itemType=\"xs:string\"/></xs:simpleType>", "<list> is not supported"},
      {"<xs:redefine schemaLocation=\"x\"/>", "<redefine>"},
      {"<xs:import namespace=\"urn:x\" schemaLocation=\"http://example.vn/x.xsd\"/>", "network"},
      {"<xs:element name=\"a\" type=\"t:Missing\"/>", "no simpleType"},
      {"<xs:element name=\"a\"><xs:complexType><xs:sequence><xs:element reff=\"t:a\"/></xs:sequence></xs:complexType>"
       "</xs:element>",
       "an element without name or ref"},
      {"<xs:element name=\"a\"><xs:complexType><xs:attribute type=\"xs:int\"/></xs:complexType></xs:element>",
       "an attribute without name or ref"},
      {"<xs:element name=\"a\" type=\"xs:strng\"/>", "did you mean \"string\"?"},
      {"<xs:element name=\"a\" type=\"q:b\"/>", "prefix \"q\""},
      {"<xs:simpleType name=\"a\"><xs:restriction base=\"t:a\"/></xs:simpleType>", "derived from itself"},
      {"<xs:simpleType name=\"a\"><xs:restriction base=\"xs:string\"><xs:pattern "
       "value=\"\\i+\"/></xs:restriction></xs:simpleType>",
       "LT-1182"},
  };
  for (const auto& [body, said] : refused) {
    const ReadXsd read(body);
    CHECK_MESSAGE(read.model == nullptr, body);
    CHECK_MESSAGE(read.diagnostics.text().find(said) != std::string::npos, body << "\n" << read.diagnostics.text());
    CHECK(read.diagnostics.text().find("a/t.xsd:2") != std::string::npos);
  }
}
