#include "core/schema/scalar_rule.h"

#include "core/schema/decimal.h"
#include "test/core/schema/json_text.h"
#include "test/core/schema/xsd_text.h"

using namespace lt;
using namespace lt::schema;

namespace {

ScalarRule json_rule(const std::string& schema) {
  const ReadSchema read(schema);
  REQUIRE_MESSAGE(read.model != nullptr, read.diagnostics.text());
  auto rule = ScalarRule::compile(*read.model, read.model->root()->type);
  REQUIRE(rule.has_value());
  return std::move(*rule);
}
ScalarRule xsd_rule(const std::string& type) {
  const OurXsd read(xsd_of("<xs:element name=\"V\">" + type + "</xs:element>"));
  REQUIRE_MESSAGE(read.model != nullptr, read.refused);
  auto rule = ScalarRule::compile(*read.model, read.model->root()->type);
  REQUIRE(rule.has_value());
  return std::move(*rule);
}
bool text(const ScalarRule& rule, std::string_view value) { return rule.fits(Kind::text, false, value); }
bool number(const ScalarRule& rule, std::string_view value) { return rule.fits(Kind::number, false, value); }

}  // namespace

TEST_CASE("a rule of JSON Schema agrees with the checker on every scalar") {
  const std::string schemas[] = {
      R"({"type":"string","minLength":2,"maxLength":3})",
      R"({"type":"integer","minimum":1,"exclusiveMaximum":9007199254740993})",
      R"({"type":"number","multipleOf":0.01})",
      R"({"type":["string","null"],"pattern":"^[a-z]+$"})",
      R"({"enum":["a",1,true,null]})",
      R"({"const":1.50})",
      R"({"type":"string","format":"date"})",
      R"({"type":"boolean"})",
      R"({"allOf":[{"maxLength":2},{"pattern":"b"}]})",
      R"({"type":"object"})",
      R"({"exclusiveMinimum":1})",
      R"({"maxLength":1,"maximum":1})",
      R"({"definitions":{"x":{"maxLength":2}},"allOf":[{"$ref":"#/definitions/x"}],"type":"string"})"};
  const std::string values[] = {"null",
                                "true",
                                "false",
                                "1",
                                "1.0",
                                "1.5",
                                "1.50",
                                "0.07",
                                "0.071",
                                "2e0",
                                "9007199254740992",
                                "9007199254740993",
                                "\"\"",
                                "\"a\"",
                                "\"ab\"",
                                "\"abc\"",
                                "\"abcd\"",
                                "\"Quế\"",
                                "\"2026-02-29\"",
                                "\"2026-02-28\"",
                                "-1",
                                "1e300"};
  for (const std::string& schema : schemas) {
    const ScalarRule rule = json_rule(schema);
    for (const std::string& value : values) {
      const auto tree = tree_of(value);
      CHECK_MESSAGE(rule.fits(tree->root()) == accepts(schema, value), schema << " " << value);
      CHECK(rule.misfit(tree->root()).has_value() != rule.fits(tree->root()));
    }
  }
}

TEST_CASE("what is handled by other rules is not asked here") {
  CHECK(json_rule(R"({"anyOf":[{"type":"string"}],"not":{"const":"a"}})").fits_anything());
  CHECK(json_rule("{}").fits_anything());
  CHECK(json_rule(R"({"title":"a","allOf":[{"title":"b"}]})").fits_anything());
  CHECK_FALSE(json_rule(R"({"type":"string"})").fits_anything());
  CHECK(ScalarRule().fits_anything());
  CHECK(ScalarRule().problem(Kind::null, false, "").empty());
}

TEST_CASE("a rule of XSD reads numbers, booleans and null as the text written for them") {
  const ScalarRule flag = xsd_rule("<xs:simpleType><xs:restriction base=\"xs:boolean\"/></xs:simpleType>");
  CHECK(flag.fits(Kind::boolean, true, ""));
  CHECK(number(flag, "1"));
  CHECK_FALSE(number(flag, "2"));
  CHECK_FALSE(flag.fits(Kind::null, false, ""));
  const ScalarRule money = xsd_rule(
      "<xs:complexType><xs:simpleContent><xs:extension base=\"xs:decimal\"><xs:attribute name=\"u\"/></xs:extension>"
      "</xs:simpleContent></xs:complexType>");
  CHECK(number(money, "12.5"));
  CHECK_FALSE(number(money, "1e3"));
  CHECK(money.same("1.50", " 1.5 "));
  CHECK_FALSE(money.same("1.50", "1.51"));
  const ScalarRule only_elements =
      xsd_rule("<xs:complexType><xs:sequence><xs:element name=\"a\"/></xs:sequence></xs:complexType>");
  CHECK_FALSE(text(only_elements, "a"));
  CHECK(xsd_rule("<xs:complexType mixed=\"true\"/>").fits_anything());
}

TEST_CASE("blobs: lengths in bytes, base64 taken, what must be read fails") {
  const auto base64 = xsd_rule(
      "<xs:simpleType><xs:restriction base=\"xs:base64Binary\"><xs:maxLength "
      "value=\"9\"/></xs:restriction></xs:simpleType>");
  CHECK(base64.fits_blob(9));
  CHECK_FALSE(base64.fits_blob(10));
  CHECK_FALSE(json_rule(R"({"pattern":"a"})").fits_blob(5));
  CHECK_FALSE(json_rule(R"({"enum":["a"]})").fits_blob(5));
  CHECK(json_rule(R"({"type":"string","maxLength":5})").fits_blob(5));
  CHECK_FALSE(xsd_rule("<xs:simpleType><xs:restriction base=\"xs:date\"/></xs:simpleType>").fits_blob(10));
}

TEST_CASE("what a rule says is expected, and never the value") {
  const std::pair<std::string, std::string> said[] = {
      {R"({"type":"integer"})", "expected a whole number, found text of 14 characters"},
      {R"({"maxLength":5})", "expected text of at most 5 characters, found text of 14 characters"},
      {R"({"minLength":15})", "expected text of at least 15 characters, found text of 14 characters"},
      {R"({"pattern":"^[0-9]$"})", "expected the form ^[0-9]$, found text of 14 characters"},
      {R"({"format":"date"})", "expected the format date, found text of 14 characters"},
      {R"({"enum":["1","2"]})", "expected one of \"1\", \"2\", found text of 14 characters"}};
  for (const auto& [schema, words] : said)
    CHECK(json_rule(schema).problem(Kind::text, false, "Nguyễn Thị Lan") == words);
  CHECK(json_rule(R"({"maximum":5})").problem(Kind::number, false, "6") == "expected at most 5, found a number");
  CHECK(json_rule(R"({"exclusiveMinimum":5})").problem(Kind::number, false, "5") ==
        "expected more than 5, found a number");
  CHECK(json_rule(R"({"multipleOf":5})").problem(Kind::number, false, "6") ==
        "expected a multiple of 5, found a number");
  const auto typed = [](const std::string& base, const std::string& facets = {}) {
    return xsd_rule("<xs:simpleType><xs:restriction base=\"xs:" + base + "\">" + facets +
                    "</xs:restriction></xs:simpleType>")
        .problem(Kind::text, false, "123.45");
  };
  CHECK(typed("date") == "expected a date like 2026-07-01, found text of 6 characters");
  CHECK(typed("integer") == "expected a whole number, found text of 6 characters");
  CHECK(typed("decimal", "<xs:totalDigits value=\"4\"/>") == "expected at most 4 digits, found text of 6 characters");
  CHECK(typed("decimal", "<xs:fractionDigits value=\"1\"/>") ==
        "expected at most 1 digits after the point, found text of 6 characters");
  CHECK(typed("decimal", "<xs:minExclusive value=\"200\"/>") == "expected more than 200, found text of 6 characters");
  CHECK(typed("decimal").empty());
}

TEST_CASE("a bound that is no value of its type is refused with its place") {
  const OurXsd read(
      xsd_of("<xs:simpleType name=\"a\"><xs:restriction base=\"xs:date\"><xs:minInclusive value=\"2026\"/>"
             "</xs:restriction></xs:simpleType>"));
  CHECK(read.refused.find("\"2026\" is no bound of this type") != std::string::npos);
  CHECK(read.refused.find("t.xsd:2") != std::string::npos);
}

TEST_CASE("numbers where they are written order and divide as decimals do") {
  const std::string all[] = {"0",
                             "-0.0",
                             "1",
                             "1.0",
                             "0.1e1",
                             "10e-1",
                             "-1",
                             "12.5",
                             "12.50",
                             "0.125e2",
                             "1e30",
                             "0.001",
                             "-0.001",
                             "9007199254740993",
                             "9007199254740992.5",
                             "100",
                             "1.2",
                             ".5",
                             "5."};
  for (const std::string& a : all)
    for (const std::string& b : all) {
      CHECK_MESSAGE(compare(*WrittenNumber::parse(a), *WrittenNumber::parse(b)) ==
                        compare(*Decimal::parse(a), *Decimal::parse(b)),
                    a << " " << b);
      if (compare(*Decimal::parse(b), Decimal{}) > 0)
        CHECK(is_multiple(*WrittenNumber::parse(a), *Decimal::parse(b)) ==
              is_multiple(*Decimal::parse(a), *Decimal::parse(b)));
    }
  CHECK_FALSE(WrittenNumber::parse(".").has_value());
  CHECK_FALSE(WrittenNumber::parse("1e").has_value());
  CHECK(WrittenNumber::parse("0.010")->total_digits() == 2);
  CHECK(WrittenNumber::parse("0.010")->fraction_digits() == 2);
  CHECK(WrittenNumber::parse("1200")->total_digits() == 4);
}
