#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping::test;

namespace {

const std::string kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="R"><xs:complexType><xs:sequence>
 <xs:element name="A" type="xs:string"/>
 <xs:element name="N" type="xs:integer" minOccurs="0"/>
 <xs:element name="B" type="xs:boolean" minOccurs="0"/>
 <xs:element name="T" minOccurs="0"><xs:complexType><xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="lang" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
 <xs:element name="L" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="I" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="V" type="xs:string"/></xs:sequence><xs:attribute name="seq" type="xs:integer"/></xs:complexType></xs:element>
 </xs:sequence></xs:complexType></xs:element>
 <xs:element name="S" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
 <xs:element name="Z" type="xs:string" nillable="true" minOccurs="0"/>
</xs:sequence><xs:attribute name="version" type="xs:string"/></xs:complexType></xs:element></xs:schema>)";
const std::string kOpen = R"({"type":"object"})";
const std::string kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

}  // namespace

TEST_CASE("elements come out in the order of the schema, attributes first, whatever the order of the rules") {
  Bench m(kOpen, kXsd,
          head("json", "xml") +
              "rules:\n  - S: {each: s}\n  - L.I:\n      each: l\n      rules:\n        - V: {from: v, default: '-'}\n "
              "       - \"@seq\": {index: 1}\n"
              "  - T: t\n  - T.@lang: lang\n  - B: b\n  - N: n\n  - A: {from: a, default: '-'}\n  - \"@version\": "
              "{const: \"1.0\"}\n");
  CHECK(
      m(R"({"a":"x&y","n":9007199254740993,"b":true,"t":"chu","lang":"vi","l":[{"v":"1"},{"v":"2"}],"s":["p","q"]})") ==
      kDeclaration +
          R"(<R version="1.0"><A>x&amp;y</A><N>9007199254740993</N><B>true</B><T lang="vi">chu</T><L><I seq="1"><V>1</V></I><I seq="2"><V>2</V></I></L><S>p</S><S>q</S></R>)");
  CHECK(m("{}") == kDeclaration + R"(<R version="1.0"><A>-</A></R>)");
}

TEST_CASE("XML to JSON: one repeated element is still an array, texts become what the schema says") {
  Bench m(
      kXsd,
      R"({"type":"object","required":["s"],"properties":{"a":{"type":"string"},"n":{"type":"integer"},"b":{"type":"boolean"},"t":{"type":"string"},"lang":{"type":"string"},"l":{"type":"array","items":{"type":"object"}},"s":{"type":"array","items":{"type":"string"}}}})",
      head("xml", "json") +
          "ignore: {source: [Z, \"@version\"]}\nrules:\n  - a: A\n  - n: N\n  - b: B\n  - t: T\n  - lang: T.@lang\n  - "
          "l:\n      each: L.I\n      rules:\n        - v: V\n        - q: \"@seq\"\n  - s: {each: S}\n");
  CHECK(m(R"(<R><A>007</A><N>+007</N><B>1</B><T lang="vi">chu</T><L><I seq="1"><V>x</V></I></L><S>p</S></R>)") ==
        R"({"a":"007","n":7,"b":true,"t":"chu","lang":"vi","l":[{"v":"x","q":"1"}],"s":["p"]})");
  CHECK(m("<R><A>1</A><T>chu</T></R>") == R"({"a":"1","t":"chu","s":[]})");
  CHECK(has(m("<R><A>1</A><N>x</N></R>"), "LT-2102"));
  CHECK(has(m("<Q/>"), "LT-2102"));
}

TEST_CASE("null becomes nil where the schema allows it") {
  Bench m(kOpen, kXsd, head("json", "xml") + "rules:\n  - A: {const: x}\n  - Z: z\n");
  CHECK(has(m(R"({"z":null})"), "nil=\"true\"/></R>"));
  CHECK(has(m(R"({"z":"1"})"), "<Z>1</Z>"));
}
