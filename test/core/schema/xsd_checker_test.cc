#include "core/schema/xsd_checker.h"

#include "core/base/limits.h"
#include "core/schema/content_model.h"
#include "test/core/schema/xsd_text.h"

using namespace lt;
using namespace lt::schema;

namespace {

const std::string kDossier = xsd_of(
    R"(<xs:element name="R" type="t:Whole"/><xs:element name="Other" type="xs:string"/>
<xs:complexType name="Whole"><xs:sequence>
 <xs:element name="Name" type="t:Short"/><xs:element name="Born" type="xs:date" nillable="true" minOccurs="0"/>
 <xs:element name="File" minOccurs="0" maxOccurs="2"><xs:complexType><xs:simpleContent><xs:extension base="xs:base64Binary">
  <xs:attribute name="kind" use="required" fixed="pdf"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
 <xs:choice><xs:element name="Yes" type="xs:string"/><xs:element name="No" type="xs:string"/></xs:choice>
</xs:sequence></xs:complexType>
<xs:simpleType name="Short"><xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction></xs:simpleType>)");

std::string problem_of(const std::string& inside, const std::string& more = {}) {
  static const OurXsd xsd(kDossier);
  const Problems problems =
      xsd("<R xmlns=\"urn:t\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"" + more + ">" + inside + "</R>");
  if (problems.ok()) return {};
  const Problem& first = problems.items[0];
  std::string out = code_text(first.code) + " " + first.path + " " + first.keyword + ": expected " + first.expected +
                    ", found " + first.actual;
  if (!first.hint.empty()) out += "; " + first.hint;
  CHECK(out.find("Nguyen") == std::string::npos);
  return out;
}

}  // namespace

TEST_CASE("what is wrong is said with path, expectation and hint, never with the value") {
  const std::pair<const char*, const char*> said[] = {
      {"<Name>Lan</Name><Yes/>", ""},
      {"<Name>Nguyen</Name><Yes/>",
       "LT-3030 $.Name maxLength: expected text of at most 5 characters, found text of 6 characters"},
      {"<Yes/>", "LT-3031 $.Name element: expected this element before <Yes>, found nothing"},
      {"<Name>Lan</Name>", "LT-3031 $ element: expected at the end one of <Born>, <File>, <Yes>, <No>, found nothing"},
      {"<Name/><Yes/><No/>", "LT-3030 $.No element: expected no more elements here, found <No>"},
      {"<Name/><Yes/><Yes/>", "LT-3030 $.Yes[1] element: expected no more elements here, found <Yes>"},
      {"<Name/><Yse/>",
       "LT-3035 $.Yse element: expected one of <Born>, <File>, <Yes>, <No>, found an element that is not declared; did "
       "you mean \"Yes\"?"},
      {"<Name/><Yes xmlns=\"urn:o\"/>",
       "LT-3035 $.Yes element: expected this element in namespace urn:t, found it in namespace urn:o"},
      {"<Name/><Born>Nguyen</Born><Yes/>",
       "LT-3032 $.Born type: expected a date like 2026-07-01, found text of 6 characters"},
      {"<Name/><Born i:nil=\"true\"/><Yes/>", ""},
      {"<Name/><Born i:nil=\"true\">2026-07-01</Born><Yes/>",
       "LT-3030 $.Born nillable: expected nothing inside an element that is nil, found an object of 2 fields"},
      {"<Name i:nil=\"true\"/><Yes/>",
       "LT-3035 $.Name.@nil nillable: expected an element that is not nil, found text of 4 characters"},
      {"<Name><b/></Name><Yes/>",
       "LT-3035 $.Name.b type: expected text without elements in it, found text of 0 characters"},
      {"<Name/>Nguyen<Yes/>",
       "LT-3035 $.#text mixed: expected elements, no text beside them, found text of 6 characters"},
      {"<Name/><File kind=\"pdf\">QUJD</File><Yes/>", ""},
      {"<Name/><File>QUJD</File><Yes/>", "LT-3031 $.File.@kind required: expected this attribute, found nothing"},
      {"<Name/><File kind=\"Nguyen\">QUJD</File><Yes/>",
       "LT-3034 $.File.@kind fixed: expected the value \"pdf\", found text of 6 characters"},
      {"<Name/><File kind=\"pdf\" knd=\"1\">QUJD</File><Yes/>",
       "LT-3035 $.File.@knd attribute: expected only the attributes declared, found text of 1 characters; did you mean "
       "\"@kind\"?"},
      {"<Name i:type=\"x:Short\"/><Yes/>", ""},
      {"<Name i:type=\"x:Long\"/><Yes/>",
       "LT-3030 $.Name.@type xsi:type: expected the declared type Short, or no xsi:type, found another type"}};
  for (const auto& [document, words] : said) CHECK_MESSAGE(problem_of(document) == words, document);
  CHECK(problem_of("<Name/><Yes/>", " i:schemaLocation=\"urn:t t.xsd\"").empty());
}

TEST_CASE("the root element: its name, its namespace, the one that is asked for") {
  const OurXsd xsd(kDossier);
  CHECK(xsd("<Other xmlns=\"urn:t\"/>").ok());
  CHECK(xsd("<Other xmlns=\"urn:t\"/>", "Other").ok());
  const Problems other = xsd("<Other xmlns=\"urn:t\"/>", "R");
  REQUIRE(other.total == 1);
  CHECK(other.items[0].expected == "the root element <R> in namespace urn:t");
  CHECK(other.items[0].actual == "<Other>");
  CHECK(xsd("<R/>").items.at(0).actual == "the same name without namespace");
}

TEST_CASE("a tree from a mapping: arrays are their items, numbers and null their text, blobs of unknown content") {
  const OurXsd xsd(kDossier);
  Tree tree;
  Node* root = tree.make(Kind::object, "R");
  tree.set_root(root);
  root->ns = "urn:t";
  const auto add = [&](Node* parent, Kind kind, std::string_view name, std::string_view text = {}) {
    Node* node = tree.add(parent, kind, name);
    node->ns = "urn:t";
    node->text = text;
    return node;
  };
  add(root, Kind::number, "Name", "12");
  Node* files = add(root, Kind::array, "File");
  for (int n = 0; n < 2; ++n) {
    Node* file = add(files, Kind::object, "");
    add(file, Kind::text, "@kind", "pdf")->ns = {};
    add(file, Kind::blob, "#text")->blob.length = 1 << 20;
  }
  add(root, Kind::null, "Yes");
  Problems problems;
  CHECK_MESSAGE(check(*xsd.compiled, root, problems), problems.error().text());
  add(files, Kind::object, "");
  CHECK_FALSE(check(*xsd.compiled, root, problems));
  CHECK(problems.items.at(0).path == "$.File[2]");
  problems = {};
  root->first->kind = Kind::blob;
  root->first->blob.length = 6;
  CHECK_FALSE(check(*xsd.compiled, root, problems));
  CHECK(problems.items.at(0).actual == "text of 6 bytes");
}

TEST_CASE("all problems are counted, the first described") {
  std::string many;
  for (int n = 0; n < 30; ++n) many += "<File kind=\"x\">QUJD</File>";
  const OurXsd xsd(kDossier);
  const Problems problems = xsd("<R xmlns=\"urn:t\"><Name/>" + many + "<Yes/></R>");
  CHECK(problems.total == 31);
  CHECK(problems.items.size() == limits::kSchemaProblems);
}

TEST_CASE("steps grow with the document, not with its square") {
  const OurXsd xsd(xsd_of(
      R"(<xs:element name="R"><xs:complexType><xs:sequence maxOccurs="20000"><xs:element name="A" type="xs:int" maxOccurs="3"/>
 <xs:choice minOccurs="0" maxOccurs="5"><xs:element name="B" type="xs:int"/><xs:element name="C" type="xs:int" minOccurs="0"/></xs:choice>
 <xs:element name="D" type="xs:int"/></xs:sequence></xs:complexType></xs:element>)"));
  const auto steps = [&](size_t groups) {
    std::string inside;
    for (size_t n = 0; n < groups; ++n) inside += "<A>1</A><A>2</A><B>3</B><C>4</C><D>5</D>";
    uint64_t count = 0;
    CHECK(xsd("<R xmlns=\"urn:t\">" + inside + "</R>", {}, &count).ok());
    return count;
  };
  const uint64_t small = steps(1'000), large = steps(10'000);
  CHECK(large < 11 * small);
  CHECK(large < 10'000 * 100);
  MESSAGE(large << " steps for 10,000 groups of five elements");
}

TEST_CASE("a repeated group beyond its greatest number is refused however large that is") {
  const OurXsd xsd(xsd_of(R"(<xs:element name="R"><xs:complexType><xs:sequence minOccurs="3" maxOccurs="1000">
 <xs:element name="A"/><xs:element name="B" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>)"));
  const auto with = [&](size_t count) {
    std::string inside;
    for (size_t n = 0; n < count; ++n) inside += n % 2 == 0 ? "<A/>" : "<A/><B/>";
    return xsd("<R xmlns=\"urn:t\">" + inside + "</R>").ok();
  };
  CHECK_FALSE(with(2));
  CHECK(with(3));
  CHECK(with(1000));
  CHECK_FALSE(with(1001));
}

TEST_CASE("what cannot be checked is refused with its place when the schema is compiled") {
  const std::pair<const char*, const char*> refused[] = {
      {R"(<xs:element name="R"><xs:complexType><xs:sequence><xs:element name="a"/><xs:group ref="t:G"/></xs:sequence></xs:complexType></xs:element><xs:group name="G"><xs:all><xs:element name="b"/></xs:all></xs:group>)",
       "xs:all stands alone"},
      {R"(<xs:element name="R" type="xs:int" fixed="x"/>)", "the fixed value of \"R\" is none of its type"},
      {R"(<xs:element name="R"><xs:complexType><xs:complexContent><xs:extension base="xs:anyType"/></xs:complexContent></xs:complexType></xs:element>)",
       "an extension of xs:anyType"}};
  for (const auto& [body, said] : refused) {
    const OurXsd read(xsd_of(body));
    CHECK_MESSAGE(read.refused.find(said) != std::string::npos, body << "\n" << read.refused);
    CHECK(read.refused.find("t.xsd:2") != std::string::npos);
  }
}
