#include <cstdio>
#include <stdexcept>

#include "test/bench/mapping/measure.h"
#include "test/bench/mapping/parts.h"
#include "test/bench/mapping/translator.h"

namespace lt::bench {
namespace {

constexpr double kSlice = 20'000;
constexpr size_t kFew = 1'000, kMany = 10'000;

constexpr const char* kSource = R"({"type":"object","properties":{
  "DonVi":{"type":"string"},
  "Tep":{"type":"array","items":{"type":"object","properties":{
    "Ma":{"type":"string"},"Ten":{"type":"string"},"So":{"type":"integer"}}}},
  "NoiDung":{"type":"array","items":{"type":"object","properties":{
    "Ma":{"type":"string"},"MoTa":{"type":"string"}}}}}})";
constexpr const char* kTarget = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="R"><xs:complexType><xs:sequence>
    <xs:element name="Unit" type="xs:string" minOccurs="0"/>
    <xs:element name="File" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Id" type="xs:string" minOccurs="0"/>
      <xs:element name="Name" type="xs:string" minOccurs="0"/>
      <xs:element name="Number" type="xs:integer" minOccurs="0"/>
      <xs:element name="Text" type="xs:string" minOccurs="0"/>
      <xs:element name="Unit" type="xs:string" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";

struct Kind {
  const char* name;
  bool contents;  // the texts stand in an array of their own
  const char* rules;
};
constexpr Kind kKinds[] = {
    {"each", false,
     "ignore: {source: [NoiDung]}\nrules:\n  - Unit: DonVi\n  - File:\n      each: Tep\n      rules:\n"
     "        - Id: Ma\n        - Name: Ten\n        - Number: So\n"},
    {"each with match_on", true,
     "rules:\n  - Unit: DonVi\n  - File:\n      each: Tep\n      match_on: {array: $.NoiDung, key: Ma, equals: Ma}\n"
     "      rules:\n        - Id: Ma\n        - Name: Ten\n        - Number: So\n        - Text: '&.MoTa'\n"},
    {"each with $ paths", false,
     "ignore: {source: [NoiDung]}\nrules:\n  - Unit: DonVi\n  - File:\n      each: Tep\n      rules:\n"
     "        - Id: Ma\n        - Name: Ten\n        - Number: So\n        - Unit: $.DonVi\n"},
};

// 1 MB of 10,000 items.
std::string document(size_t items, bool contents) {
  std::string files, texts;
  for (size_t i = 0; i < items; ++i) {
    const std::string id = "T" + std::to_string(1'000'000 + i), comma = i ? "," : "";
    files += comma + R"({"Ma":")" + id + R"(","Ten":"Giấy đề nghị đăng ký.pdf","So":)" + std::to_string(i) + "}";
    texts += comma + R"({"Ma":")" + id + R"(","MoTa":"Bản sao"})";
  }
  return R"({"DonVi":"Sở Tư pháp","Tep":[)" + files + "]" + (contents ? ",\"NoiDung\":[" + texts + "]" : "") + "}";
}

void one(const Kind& kind, int count) {
  const Pair pair = make_pair(kSource, kTarget, kind.rules);
  Translator there(pair.forward), back(pair.back);
  const std::string few = document(kFew, kind.contents), many = document(kMany, kind.contents);
  const std::string few_xml = there(few), many_xml = there(many);
  if (there(back(many_xml)) != many_xml) throw std::runtime_error("the way there and back changes the groups");
  const Rounds rounds({{"few", [&] { there(few); }},
                       {"many", [&] { there(many); }},
                       {"few back", [&] { back(few_xml); }},
                       {"many back", [&] { back(many_xml); }}},
                      count, kSlice);
  std::printf("| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |\n", kind.name, static_cast<double>(many.size()) / 1e6,
              rounds.us("many") / 1e3, rounds.ratio("many", "few"), static_cast<double>(many_xml.size()) / 1e6,
              rounds.us("many back") / 1e3, rounds.ratio("many back", "few back"));
}

}  // namespace

void measure_groups(int count) {
  std::printf(
      "| 10,000 repeated groups | MB JSON | ms CPU to XML | x 1,000 groups (linear: 10) | MB XML | ms CPU to JSON | x "
      "1,000 groups |\n|---|---|---|---|---|---|---|\n");
  for (const Kind& kind : kKinds) one(kind, count);
  std::printf("\n");
}

}  // namespace lt::bench
