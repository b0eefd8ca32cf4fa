// Work in proportion to the document, counted in steps: operations done and nodes looked at.
#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping;
using namespace lt::mapping::test;

namespace {

const std::string kSource =
    R"({"type":"object","properties":{"Unit":{"type":"string"},)"
    R"("Ref":{"type":"array","items":{"type":"object","properties":{"Id":{"type":"string"},"Ten":{"type":"string"}}}},)"
    R"("Tep":{"type":"array","items":{"type":"object","properties":{"Key":{"type":"string"},"Bytes":{"type":"string"}}}}}})";
const std::string kTarget =
    R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence>)"
    R"(<xs:element name="U" type="xs:string" minOccurs="0"/>)"
    R"(<xs:element name="F" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>)"
    R"(<xs:element name="K" type="xs:string" minOccurs="0"/><xs:element name="T" type="xs:string" minOccurs="0"/>)"
    R"(<xs:element name="B" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>)"
    R"(</xs:sequence></xs:complexType></xs:element></xs:schema>)";

std::string document(size_t items) {
  std::string refs, files;
  for (size_t i = 0; i < items; ++i) {
    const std::string comma = i ? "," : "", id = std::to_string(i);
    refs += comma + R"({"Id":")" + id + R"(","Ten":"a"})";
    files = R"({"Key":")" + id + R"(","Bytes":"x"})" + (i ? "," : "") + files;  // the other way round
  }
  return R"({"Unit":"u","Ref":[)" + refs + R"(],"Tep":[)" + files + "]}";
}

// `document` becomes its translation.
uint64_t steps(const Bench& bench, const Mapping& with, std::string& document) {
  Tree source, target;
  if (with.source_is_xml())
    REQUIRE(codec::parse_xml(std::string_view(document), source));
  else
    REQUIRE(codec::parse_json(std::string(document), source));
  RunContext context = bench.context;
  uint64_t taken = 0;
  context.steps = &taken;
  REQUIRE(run(with, source.root(), target, context));
  auto encoded = encode(with, *target.root());
  REQUIRE(encoded);
  document = std::move(encoded->text());
  return taken;
}

void check_linear(const std::string& rules) {
  const Bench bench(kSource, kTarget, head("json", "xml") + rules);
  REQUIRE_MESSAGE(bench.mapping, bench.out.text());
  REQUIRE_MESSAGE(bench.reverse, bench.back_out.text());
  std::string few = document(1'000), many = document(10'000);
  const uint64_t few_there = steps(bench, *bench.mapping, few), many_there = steps(bench, *bench.mapping, many);
  CHECK(few_there >= 3'000);  // each item has at least its operations
  CHECK(many_there <= 10 * few_there);
  const uint64_t few_back = steps(bench, *bench.reverse, few), many_back = steps(bench, *bench.reverse, many);
  CHECK(few_back >= 3'000);
  CHECK(many_back <= 10 * few_back);
}

}  // namespace

TEST_CASE("10,000 repeated groups take ten times the steps of 1,000, there and back") {
  check_linear(
      "ignore: {source: [Tep]}\nrules:\n  - U: Unit\n  - F:\n      each: Ref\n      rules: [{K: Id}, {T: Ten}]\n");
}

TEST_CASE("so they do joined by key with another 10,000") {
  check_linear(
      "rules:\n  - U: Unit\n  - F:\n      each: Ref\n      match_on: {array: $.Tep, key: Key, equals: Id}\n"
      "      rules: [{K: Id}, {T: Ten}, {B: '&.Bytes'}]\n");
}

TEST_CASE("so they do with paths from the root in each") {
  check_linear(
      "ignore: {source: [Tep]}\nrules:\n  - U: Unit\n  - F:\n      each: Ref\n"
      "      rules: [{K: Id}, {T: Ten}, {B: $.Unit}]\n");
}

TEST_CASE("fields that stand last in a wide object are not sought from its beginning") {
  const auto cost = [](size_t fields) {
    std::string properties, rules = "rules:\n", document = "{";
    for (size_t i = 0; i < fields; ++i) {
      const std::string name = "F" + std::to_string(i);
      properties += (i ? ",\"" : "\"") + name + R"(":{"type":"string"})";
      document += (i ? ",\"" : "\"") + name + R"(":"x")";
      rules += "  - " + name + ": " + name + "\n";
    }
    const std::string schema = R"({"type":"object","properties":{)" + properties + "}}";
    const Bench bench(schema, schema, head() + rules);
    REQUIRE_MESSAGE(bench.mapping, bench.out.text());
    document += "}";
    return steps(bench, *bench.mapping, document);
  };
  CHECK(cost(400) <= 10 * cost(40));
}

TEST_CASE("a name twice in an XML element: always the first, also when it was sought before") {
  const std::string xsd =
      R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence>)"
      R"(<xs:element name="A" type="xs:string"/><xs:element name="B" type="xs:string"/>)"
      R"(</xs:sequence></xs:complexType></xs:element></xs:schema>)";
  const Bench bench(xsd, R"({"type":"object","properties":{"B":{"type":"string"},"A":{"type":"string"}}})",
                    head("xml", "json") + "rules: [{B: B}, {A: A}]\n");
  CHECK(bench("<R><A>1</A><B>2</B><A>3</A></R>") == R"({"B":"2","A":"1"})");
}
