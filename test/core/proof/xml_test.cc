#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <cstdarg>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "core/codec/base64.h"
#include "test/core/proof/bed.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

// libxml2's verdict on texts, "" when valid.
class Judge {
 public:
  explicit Judge(const std::string& schema) {
    const std::unique_ptr<xmlSchemaParserCtxt, void (*)(xmlSchemaParserCtxtPtr)> parser(
        xmlSchemaNewMemParserCtxt(schema.data(), static_cast<int>(schema.size())), xmlSchemaFreeParserCtxt);
    schema_ = xmlSchemaParse(parser.get());
    REQUIRE(schema_ != nullptr);
  }
  Judge(const Judge&) = delete;
  ~Judge() { xmlSchemaFree(schema_); }

  std::string verdict(const std::string& text) const {
    const std::unique_ptr<xmlDoc, void (*)(xmlDocPtr)> document(
        xmlReadMemory(text.data(), static_cast<int>(text.size()), "t.xml", nullptr, XML_PARSE_NONET), xmlFreeDoc);
    if (!document) return "not well-formed";
    const std::unique_ptr<xmlSchemaValidCtxt, void (*)(xmlSchemaValidCtxtPtr)> valid(xmlSchemaNewValidCtxt(schema_),
                                                                                     xmlSchemaFreeValidCtxt);
    std::string said;
    xmlSchemaSetValidErrors(valid.get(), note, note, &said);
    const int code = xmlSchemaValidateDoc(valid.get(), document.get());
    return code == 0 ? "" : "refused: " + said;
  }

 private:
  static void note(void* out, const char* format, ...) __attribute__((format(printf, 2, 3))) {
    char text[500];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    *static_cast<std::string*>(out) += text;
  }
  xmlSchemaPtr schema_ = nullptr;
};

std::string source(const std::string& name) {
  auto text = read_file(system_env(), std::string(LT_SOURCE_DIR) + "/" + name);
  REQUIRE(text.has_value());
  return *text;
}

// Every document is valid, and is the same when written and read again.
size_t refused(const std::string& schema, const Generator& generator, const schema::Model& model, uint64_t seeds) {
  const Judge judge(schema);
  size_t out = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const Document document = generator.document(seed);
    CHECK(document.valid);
    const std::string text = xml_of(document, model);
    const std::string said = judge.verdict(text);
    if (!said.empty() && out++ == 0) MESSAGE("seed " << seed << ": " << said << "\n" << text);
    Tree again;
    REQUIRE(codec::parse_xml(std::string_view(text), again).has_value());
    CHECK_MESSAGE(schema::same_value(document.tree.root(), again.root()), text);
    CHECK(text == xml_of(generator.replay(document.choices.values), model));
  }
  return out;
}

// What the leaf `v` of a document of this simple type holds, for many seeds.
std::set<std::string> leaves(const std::string& type, uint64_t seeds = 300) {
  const Bed bed = Bed::text(xsd("<xs:element name=\"v\">" + type + "</xs:element>"));
  const Generator generator = bed.generator();
  std::set<std::string> out;
  for (uint64_t seed = 1; seed <= seeds; ++seed) out.insert(std::string(generator.document(seed).tree.root()->text));
  return out;
}
std::string restriction(const std::string& base, const std::string& facets) {
  return "<xs:simpleType><xs:restriction base=\"xs:" + base + "\">" + facets + "</xs:restriction></xs:simpleType>";
}

constexpr const char* kBuiltIns[] = {"string",
                                     "normalizedString",
                                     "token",
                                     "language",
                                     "Name",
                                     "NCName",
                                     "NMTOKEN",
                                     "ID",
                                     "QName",
                                     "gMonth",
                                     "gDay",
                                     "gMonthDay",
                                     "boolean",
                                     "decimal",
                                     "float",
                                     "double",
                                     "integer",
                                     "nonNegativeInteger",
                                     "positiveInteger",
                                     "nonPositiveInteger",
                                     "negativeInteger",
                                     "long",
                                     "int",
                                     "short",
                                     "byte",
                                     "unsignedLong",
                                     "unsignedInt",
                                     "unsignedShort",
                                     "unsignedByte",
                                     "date",
                                     "time",
                                     "dateTime",
                                     "duration",
                                     "gYear",
                                     "gYearMonth",
                                     "base64Binary",
                                     "hexBinary",
                                     "anyURI",
                                     "anySimpleType"};

}  // namespace

TEST_CASE("documents of the reference dossier's XSD are valid to libxml2") {
  const Bed bed = Bed::file("bench/dossier.xsd");
  CHECK(refused(source("schemas/bench/dossier.xsd"), bed.generator(), *bed.model, 300) == 0);
}

TEST_CASE("every built-in type, as element and as attribute") {
  for (const char* name : kBuiltIns) {
    CAPTURE(std::string(name));
    const std::string text = xsd(
        "<xs:element name=\"r\"><xs:complexType><xs:sequence><xs:element name=\"v\" type=\"xs:" + std::string(name) +
        "\" minOccurs=\"0\" maxOccurs=\"3\"/></xs:sequence>" + "<xs:attribute name=\"a\" type=\"xs:" + name +
        "\"/></xs:complexType></xs:element>");
    const Bed bed = Bed::text(text);
    CHECK(refused(text, bed.generator(), *bed.model, 100) == 0);
    Taste other;
    other.other_spellings = true;
    CHECK(refused(text, bed.generator({}, other), *bed.model, 100) == 0);
  }
}

TEST_CASE("facets") {
  const std::pair<const char*, const char*> types[] = {
      {"string", "<xs:length value=\"4\"/>"},
      {"string", "<xs:minLength value=\"2\"/><xs:maxLength value=\"3\"/>"},
      {"string", "<xs:enumeration value=\"CN\"/><xs:enumeration value=\"TC\"/>"},
      {"string", "<xs:pattern value=\"[A-Z]\\d{2}\"/><xs:pattern value=\"\\d+\"/>"},
      {"string", "<xs:pattern value=\"\\w+\"/><xs:maxLength value=\"2\"/>"},
      {"integer", "<xs:minInclusive value=\"3\"/><xs:maxExclusive value=\"6\"/>"},
      {"integer", "<xs:pattern value=\"\\d{4}\"/>"},
      {"integer", "<xs:totalDigits value=\"3\"/>"},
      {"decimal", "<xs:totalDigits value=\"4\"/><xs:fractionDigits value=\"2\"/>"},
      {"decimal", "<xs:fractionDigits value=\"0\"/><xs:minExclusive value=\"0.5\"/><xs:maxInclusive value=\"2\"/>"},
      {"date", "<xs:minInclusive value=\"2024-02-28\"/><xs:maxInclusive value=\"2024-03-01\"/>"},
      {"date", "<xs:minInclusive value=\"2025-07-01\"/>"},
      {"dateTime", "<xs:maxExclusive value=\"2020-01-01T00:00:00Z\"/>"},
      {"time", "<xs:minInclusive value=\"07:30:00\"/><xs:maxInclusive value=\"17:00:00\"/>"},
      {"gYear", "<xs:minInclusive value=\"1990\"/><xs:maxInclusive value=\"1992\"/>"},
      {"base64Binary", "<xs:length value=\"5\"/>"},
      {"hexBinary", "<xs:minLength value=\"1\"/><xs:maxLength value=\"2\"/>"},
      {"boolean", "<xs:pattern value=\"true|false\"/>"},
      {"anyURI", "<xs:maxLength value=\"30\"/>"},
  };
  for (const auto& [base, facets] : types) {
    CAPTURE(std::string(facets));
    const std::string text = xsd("<xs:element name=\"v\">" + restriction(base, facets) + "</xs:element>");
    const Bed bed = Bed::text(text);
    CHECK(refused(text, bed.generator(), *bed.model, 150) == 0);
  }
  CHECK(leaves(restriction("string", "<xs:enumeration value=\"CN\"/><xs:enumeration value=\"TC\"/>")) ==
        std::set<std::string>{"CN", "TC"});
  CHECK(leaves(restriction("integer", "<xs:minInclusive value=\"3\"/><xs:maxExclusive value=\"6\"/>")) ==
        std::set<std::string>{"3", "4", "5"});
  CHECK(leaves(restriction("date", "<xs:minInclusive value=\"2024-02-28\"/><xs:maxInclusive value=\"2024-03-01\"/>")) ==
        std::set<std::string>{"2024-02-28", "2024-02-29", "2024-03-01"});
}

TEST_CASE("content: sequences, choices, all, repeats, groups, nil, fixed, mixed, simple content, attributes") {
  const char* const bodies[] = {
      R"(<xs:sequence><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:int" minOccurs="0"/>
         <xs:element name="c" type="xs:date" minOccurs="2" maxOccurs="4"/></xs:sequence>)",
      R"(<xs:choice><xs:element name="a" type="xs:string"/><xs:sequence><xs:element name="b" type="xs:int"/>
         <xs:element name="c" type="xs:int" minOccurs="0"/></xs:sequence></xs:choice>)",
      R"(<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="a" type="xs:string"/>
         <xs:element name="b" type="xs:int"/></xs:choice>)",
      R"(<xs:all><xs:element name="a" type="xs:string" minOccurs="0"/><xs:element name="b" type="xs:int"/></xs:all>)",
      R"(<xs:sequence minOccurs="0" maxOccurs="2"><xs:element name="a" type="xs:string"/>
         <xs:choice minOccurs="2" maxOccurs="3"><xs:element name="b" type="xs:int"/><xs:element name="c" type="xs:int"/>
         </xs:choice></xs:sequence>)",
      R"(<xs:sequence><xs:group ref="t:g" minOccurs="0" maxOccurs="2"/></xs:sequence><xs:attributeGroup ref="t:ag"/>)",
      R"(<xs:sequence><xs:element name="a" type="xs:date" nillable="true"/><xs:element name="b" nillable="true">
         <xs:complexType><xs:sequence><xs:element name="c" type="xs:string"/></xs:sequence>
         <xs:attribute name="x" type="xs:string" use="required"/></xs:complexType></xs:element></xs:sequence>)",
      R"(<xs:sequence><xs:element name="a" type="xs:string" fixed="một"/><xs:element name="b" type="xs:int" fixed="2"
         minOccurs="0"/></xs:sequence><xs:attribute name="v" type="xs:string" fixed="1.0" use="required"/>)",
      R"(<xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="unit" type="xs:string"/>
         </xs:extension></xs:simpleContent>)",
      R"(<xs:simpleContent><xs:restriction base="t:money"><xs:maxInclusive value="9"/></xs:restriction></xs:simpleContent>)",
      R"(<xs:complexContent><xs:extension base="t:base"><xs:sequence><xs:element name="more" type="xs:string"
         minOccurs="0"/></xs:sequence><xs:attribute name="y" type="xs:int"/></xs:extension></xs:complexContent>)",
      R"(<xs:sequence><xs:element name="a" type="t:tree"/></xs:sequence>)",
      R"(<xs:sequence><xs:element name="a" type="xs:string"/><xs:any minOccurs="0" processContents="lax"
         namespace="##other"/></xs:sequence><xs:anyAttribute/>)",
      R"(<xs:sequence><xs:element ref="t:other" maxOccurs="2"/></xs:sequence>)",
      R"(<xs:sequence/>)",
      "",
  };
  const std::string more = R"(<xs:group name="g"><xs:sequence><xs:element name="p" type="xs:string"/>
    <xs:element name="q" type="xs:boolean" minOccurs="0"/></xs:sequence></xs:group>
    <xs:attributeGroup name="ag"><xs:attribute name="m" type="xs:int" use="required"/><xs:attribute name="n" type="xs:date"/>
    </xs:attributeGroup>
    <xs:complexType name="money"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="u" type="xs:string"
    use="required"/></xs:extension></xs:simpleContent></xs:complexType>
    <xs:complexType name="base"><xs:sequence><xs:element name="one" type="xs:string"/></xs:sequence>
    <xs:attribute name="x" type="xs:int"/></xs:complexType>
    <xs:complexType name="tree"><xs:choice><xs:element name="leaf" type="xs:string"/>
    <xs:element name="node" type="t:tree" maxOccurs="unbounded"/></xs:choice></xs:complexType>
    <xs:element name="other" type="xs:token"/>)";
  for (const char* body : bodies) {
    CAPTURE(std::string(body));
    const std::string text =
        xsd("<xs:element name=\"r\"><xs:complexType>" + std::string(body) + "</xs:complexType></xs:element>" + more);
    const Bed bed = Bed::text(text);
    CHECK(refused(text, bed.generator({}, {}, "r"), *bed.model, 200) == 0);
  }
  const std::string mixed = xsd(R"(<xs:element name="r"><xs:complexType mixed="true"><xs:sequence>
    <xs:element name="b" type="xs:string" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>)");
  const Bed bed = Bed::text(mixed);
  CHECK(refused(mixed, bed.generator(), *bed.model, 200) == 0);
}

TEST_CASE("both branches of a choice, nil and not, each count, absent and present attributes are reached") {
  const std::string text = xsd(R"(<xs:element name="r"><xs:complexType><xs:sequence>
    <xs:choice><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:choice>
    <xs:element name="n" type="xs:int" nillable="true" minOccurs="0"/>
    <xs:element name="c" type="xs:int" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence><xs:attribute name="x" type="xs:int"/></xs:complexType></xs:element>)");
  const Bed bed = Bed::text(text);
  const Generator generator = bed.generator();
  std::map<std::string, size_t> seen;
  constexpr size_t kSeeds = 400;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Document document = generator.document(seed);
    const Node* root = document.tree.root();
    size_t count = 0;
    for (const Node* child = root->first; child != nullptr; child = child->next) {
      count += child->name == "c";
      if (child->name != "c") ++seen[std::string(child->name)];
      if (child->name == "n" && child->find("@nil") != nullptr) ++seen["nil"];
    }
    ++seen["c" + std::to_string(std::min<size_t>(count, 3))];
  }
  for (const char* name : {"a", "b", "n", "@x"}) {
    CHECK(seen[name] > 0);
    CHECK(seen[name] < kSeeds);
  }
  CHECK(seen["nil"] > 0);
  CHECK(seen["nil"] < seen["n"]);
  for (const char* name : {"c0", "c1", "c2", "c3"}) CHECK(seen[name] > 0);
}

TEST_CASE("domains of XML paths") {
  const std::string text = xsd(R"(<xs:element name="r"><xs:complexType><xs:sequence>
    <xs:choice><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:choice>
    <xs:element name="f" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="day" type="xs:string"/><xs:element name="gone" type="xs:string" minOccurs="0"/></xs:sequence>
      <xs:attribute name="id" type="xs:string"/></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>)");
  const Bed bed = Bed::text(text);
  Domains domains;
  domains["$.b"].presence = Domain::Presence::always;
  domains["$.f[]"].presence = Domain::Presence::always;
  domains["$.f[].day"].date_pattern = "dd/MM/yyyy";
  domains["$.f[].gone"].presence = Domain::Presence::never;
  domains["$.f[].@id"].values = {"x", "y"};
  const Generator generator = bed.generator(domains);
  CHECK(refused(text, generator, *bed.model, 100) == 0);
  const auto date = mapping::DatePattern::parse("dd/MM/yyyy");
  size_t ids = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Document document = generator.document(seed);
    const Node* root = document.tree.root();
    CHECK(root->find("a") == nullptr);
    CHECK(root->find("b") != nullptr);
    REQUIRE(root->find("f") != nullptr);
    for (const Node* file = root->find("f"); file != nullptr; file = file->next) {
      mapping::Moment moment;
      CHECK(date->read(file->find("day")->text, moment));
      CHECK(file->find("gone") == nullptr);
      const Node* id = file->find("@id");
      if (id == nullptr) continue;
      ++ids;
      CHECK((id->text == "x" || id->text == "y"));
    }
  }
  CHECK(ids > 20);
}

TEST_CASE("XML that must lack what it needs says so") {
  const Bed bed = Bed::file("bench/dossier.xsd");
  Domains domains;
  domains["$.Version"].presence = Domain::Presence::never;
  CHECK_FALSE(bed.generator(domains).document(1).valid);
  domains["$.Version"].presence = Domain::Presence::always;
  CHECK(bed.generator(domains).document(1).valid);
  domains["$.Version"].values = {""};
  CHECK_FALSE(bed.generator(domains).document(1).valid);
}

TEST_CASE("an XML document shrinks, too") {
  const Bed bed = Bed::file("bench/dossier.xsd");
  const Generator generator = bed.generator();
  const auto broken = [](const Document& document) { return document.tree.root()->find("Steps")->count > 1; };
  uint64_t seed = 1;
  while (!broken(generator.document(seed))) ++seed;
  const ShrunkDocument small = shrink(generator, generator.document(seed), broken);
  CHECK(small.document.tree.root()->find("Steps")->count == 2);
  CHECK(small.document.tree.root()->find("Attachments")->count == 1);
  CHECK(small.document.tree.root()->find("MessageId")->text == "a");
  CHECK(small.document.tree.root()->find("Steps")->last->find("Result")->text == "a");
}
