// The laws on one operator at a time.
#include "test/core/proof/subject.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

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

TEST_CASE("what one_of and spread lose is told") {
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

TEST_CASE("what match_on loses is told") {
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

TEST_CASE("files in every form keep the laws: in the document, beside it, behind an address") {
  const std::string base64 =
      R"("Ten":{"type":"string"},"Tep":{"type":"string","pattern":"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"})";
  const std::string named = R"("Ten":{"type":"string"},"Tep":{"type":"string"})";
  const auto of = [](const std::string& fields) { return object(list("Files", object(fields))); };
  const std::string target = object(list("F", object(texts("N C"))));
  const auto rules = [](const std::string& how) {
    return "rules:\n  - F:\n      each: Files\n      rules:\n        - N: Ten\n        - C: {blob: Tep" + how + "}\n";
  };
  for (const char* how : {", as: part, name: Ten", ", as: url", ", as: zip, name: Ten"}) {
    CAPTURE(how);
    keeps_the_laws(of(base64), target, rules(how));
  }
  for (const char* how : {", carrier: url", ", carrier: part", ", carrier: url, as: part, name: Ten",
                          ", carrier: part, as: url, name: Ten", ", carrier: part, as: part, name: Ten"}) {
    CAPTURE(how);
    keeps_the_laws(of(named), target, rules(how));
  }
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

TEST_CASE("a text that is copied and normalised comes back") {
  keeps_flat(texts("A B"), texts("C D"),
             "rules:\n  - C: {from: A, normalize: [nfc, trim]}\n  - D: {from: A}\nignore: {source: [B]}\n");
}

TEST_CASE("nested lists keep the laws") {
  keeps_flat(texts("Ma") + "," + list("L", object(texts("T") + "," + list("M", object(texts("U V"))))),
             texts("Id") + R"(,"W":)" + object(list("A", object(texts("T") + "," + list("B", object(texts("U V")))))),
             "rules:\n  - Id: Ma\n  - W.A:\n      each: L\n      rules:\n        - T: T\n        - B:\n"
             "            each: M\n            rules:\n              - U: U\n              - V: V\n");
}

TEST_CASE("what items lose is told") {
  keeps_flat(texts("A B"), list("L", object(texts("K V"))),
             "rules:\n  - L:\n      items:\n        - rules: [{K: {const: a}}, {V: A}]\n"
             "        - rules: [{K: {const: b}}, {V: B}]\n");
}

TEST_CASE("what picked items lose is told") {
  keeps_flat(list("L", object(texts("K V"))), texts("A B"), "rules:\n  - A: L[K='a'].V\n  - B: L[K='b'].V\n");
}

TEST_CASE("what absence becomes keeps the laws") {
  const std::string nullable = R"("A":{"type":["string","null"]},"B":{"type":["string","null"]})";
  keeps_flat(nullable, nullable, "rules:\n  - A: {from: A, when_absent: 'null'}\n  - B: B\n");
  keeps_flat(texts("A B C"), texts("A B C"),
             "rules:\n  - A: {from: A, when_absent: empty}\n  - B: {from: B, default: x}\n"
             "  - C: {from: C, default: x, back: omit_if_default}\n");
}

TEST_CASE("objects that may be null keep the laws") {
  const std::string item =
      R"("O":{"type":["object","null"],"properties":{"X":{"type":"string"},"Y":{"type":["integer","null"]}}})";
  keeps_flat(item, item, "rules:\n  - O:\n      from: O\n      rules:\n        - X: X\n        - Y: Y\n");
}

TEST_CASE("conversions keep the laws") {
  keeps_flat(texts("A B C"), R"("A":{"type":"integer"},"B":{"type":"number"},"C":{"type":"boolean"})",
             "rules:\n  - A: {from: A, as: integer}\n  - B: {from: B, as: decimal}\n  - C: {from: C, as: boolean}\n");
  keeps_flat(R"("A":{"type":"integer"},"B":{"type":"number"},"C":{"type":"boolean"})", texts("A B C"),
             "rules:\n  - A: {from: A, as: text}\n  - B: {from: B, as: text}\n  - C: {from: C, as: text}\n");
}

TEST_CASE("a dated table is read as of the day of the document on the way back") {
  keeps_flat(texts("S D"), texts("S D"),
             "tables:\n  t: {file: t.csv, as_of: $.D}\ntypes:\n  d: {pattern: dd/MM/yyyy, to: iso-date}\nrules:\n"
             "  - S: {from: S, table: t}\n  - D: {from: D, type: d}\n",
             {{"t.csv", "source,target,valid_from,valid_to\n1,A,,2025-06-30\n1,B,2025-07-01,\n2,C,,\n"}});
}

TEST_CASE("groups with conditions keep the laws") {
  keeps_flat(texts("K") + R"(,"O":)" + object(texts("X Y")), texts("K") + R"(,"P":)" + object(texts("X Y Z")),
             "rules:\n  - K: K\n  - P:\n      from: O\n      when: \"K == 'a'\"\n      rules:\n        - X: X\n"
             "        - Y: Y\n        - Z: {const: z}\n");
  keeps_flat(R"("O":)" + object(texts("X Y")), R"("P":)" + object(texts("X Z")),
             "rules:\n  - P:\n      from: O\n      when: exists O.X\n      rules:\n        - X: X\n        - Z: Y\n");
}

TEST_CASE("join and parts with fields of other names keep the laws") {
  keeps_flat(R"("O":)" + object(texts("A B")), texts("C"),
             "rules:\n  - C: {join: O, pattern: '^(?<x>[a-z]+)/(?<y>[0-9]+)$', fields: {x: A, y: B}}\n");
  keeps_flat(texts("C"), R"("O":)" + object(texts("A B")),
             "rules:\n  - O: {parts: C, pattern: '^(?<x>[a-z]+)/(?<y>[0-9]+)$', fields: {x: A, y: B}}\n");
  keeps_flat(texts("C"), texts("A B"), "rules:\n  - .: {parts: C, pattern: '^(?<A>[a-z]+)-(?<B>.*)$'}\n");
}

TEST_CASE("lists inside embedded documents keep the laws") {
  keeps_flat(texts("Ma Doc"), texts("Id") + R"(,"O":)" + object(texts("X") + "," + list("L", object(texts("T")))),
             "rules:\n  - Id: Ma\n  - O:\n      from: Doc\n      embedded: {source: xml, root: Hs}\n      rules:\n"
             "        - X: \"@ma\"\n        - L:\n            each: Muc\n            rules:\n              - T: Ten\n");
  keeps_flat(texts("Ma") + "," + list("L", object(texts("T"))), texts("Id Doc"),
             "rules:\n  - Id: Ma\n  - Doc:\n      from: $\n      embedded: {target: json}\n      rules:\n"
             "        - l:\n            each: L\n            rules:\n              - t: T\n");
}

TEST_CASE("what a one_of that skips loses is told") {
  keeps_flat(texts("Loai A B"), texts("Kind X Y"),
             "rules:\n  - Kind: Loai\n  - .:\n      one_of:\n        by: Loai\n        other: skip\n        cases:\n"
             "          - {is: [a, b], rules: [{X: A}]}\n          - {is: c, rules: [{Y: B}]}\n");
}

TEST_CASE("trimmed texts and lists of values keep the laws") {
  keeps_flat(texts("A"), texts("C"), "rules:\n  - C: {from: A, normalize: trim}\n");
  keeps_flat(list("L", R"({"type":["string","null"]})"), list("M", R"({"type":["string","null"]})"),
             "rules:\n  - M: {each: L}\n");
}
