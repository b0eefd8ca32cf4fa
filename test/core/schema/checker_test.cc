#include "core/schema/checker.h"
#include "core/schema/text_pattern.h"

#include <chrono>

#include "test/core/schema/json_text.h"

using namespace lt;
using namespace lt::schema;

namespace {
Problems problems_of(const std::string& schema, const std::string& document) {
  const CompiledSchema compiled = ReadSchema(schema).compile();
  const auto tree = tree_of(document);
  Problems problems;
  check(compiled, tree->root(), problems);
  return problems;
}
}  // namespace

TEST_CASE("types: 1.0 is an integer, 1.5 is not, large numbers keep their digits") {
  CHECK(accepts(R"({"type":"integer"})", "1.0"));
  CHECK(accepts(R"({"type":"integer"})", "12e1"));
  CHECK_FALSE(accepts(R"({"type":"integer"})", "1.5"));
  CHECK_FALSE(accepts(R"({"type":"string"})", "1"));
  CHECK(accepts(R"({"type":["string","null"]})", "null"));
  CHECK_FALSE(accepts("false", "{}"));
  CHECK(accepts(R"({"maximum":9007199254740993})", "9007199254740993"));
  CHECK_FALSE(accepts(R"({"maximum":9007199254740992})", "9007199254740993"));
  CHECK(accepts(R"({"const":1.0})", "1"));
  CHECK(accepts(R"({"multipleOf":0.01})", "19.99"));
  CHECK_FALSE(accepts(R"({"multipleOf":0.01})", "19.999"));
  CHECK(accepts(R"({"multipleOf":7})", "7e300"));
  CHECK_FALSE(accepts(R"({"multipleOf":7})", "1e300"));
  CHECK_FALSE(accepts(R"({"exclusiveMinimum":0})", "0"));
  CHECK_FALSE(accepts(R"({"minimum":0,"exclusiveMinimum":0})", "0"));
}

TEST_CASE("lengths count code points") {
  CHECK(accepts(R"({"maxLength":10})", R"("Quyết định")"));
  CHECK_FALSE(accepts(R"({"maxLength":9})", R"("Quyết định")"));
  CHECK(accepts(R"({"minLength":10})", R"("Quyết định")"));
  CHECK_FALSE(accepts(R"({"minLength":11})", R"("Quyết định")"));
}

TEST_CASE("patterns: unanchored, simple and RE2 alike") {
  CHECK(accepts(R"({"pattern":"[0-9]{3}"})", R"("ab123c")"));
  CHECK(accepts(R"({"pattern":"^[0-9]{12}$"})", R"("001085012345")"));
  CHECK_FALSE(accepts(R"({"pattern":"^[0-9]{12}$"})", R"("0010850123456")"));
  CHECK_FALSE(accepts(R"({"pattern":"^[0-9]{12}$"})", R"("001085012345\n")"));
  const std::string code = R"({"pattern":"^[0-9A-Z.]+-\\d{6}-\\d{4,7}$"})";
  CHECK(accepts(code, R"("H15.50.05.13-261008-0975")"));
  CHECK_FALSE(accepts(code, R"("H15.50.05.13-261008-097")"));
  CHECK_FALSE(accepts(code, R"("h15-261008-0975")"));
  CHECK(accepts(R"({"pattern":"^(ab|c)*$"})", R"("abcab")"));
  CHECK(accepts(R"({"pattern":"^\\u0110$"})", R"("Đ")"));
}

TEST_CASE("simple patterns agree with RE2 on everything short") {
  for (const char* pattern :
       {"^[0-9]{2}$", "^a?b$", "^[ab]*c$", "^a{1,2}b+$", "^\\d\\.\\d{2}$", "^[a-c]+-[0-9]*$", "^$"}) {
    auto simple = TextPattern::compile(pattern);
    auto regex = TextPattern::compile("(?:" + std::string(pattern) + ")");
    REQUIRE(simple.has_value());
    REQUIRE(regex.has_value());
    CHECK(simple->simple());
    CHECK_FALSE(regex->simple());
    const std::string letters = "abc-09.";
    std::vector<std::string> texts{""};
    for (size_t i = 0; texts[i].size() < 4; ++i)
      for (char c : letters) texts.push_back(texts[i] + c);
    for (const std::string& text : texts)
      CHECK_MESSAGE(simple->matches(text) == regex->matches(text), pattern << " on " << text);
  }
  CHECK_FALSE(TextPattern::compile("^[ab]+b$")->simple());
  CHECK_FALSE(TextPattern::compile("^a\\$")->simple());
}

TEST_CASE("formats") {
  const std::string date = R"({"format":"date"})";
  CHECK(accepts(date, R"("2024-02-29")"));
  CHECK_FALSE(accepts(date, R"("2026-02-29")"));
  CHECK_FALSE(accepts(date, R"("31/01/2026")"));
  CHECK(accepts(R"({"format":"date-time"})", R"("2026-07-01T08:30:00.5+07:00")"));
  CHECK_FALSE(accepts(R"({"format":"date-time"})", R"("2026-07-01T08:30:00")"));
  CHECK_FALSE(accepts(R"({"format":"date-time"})", R"("2026-07-01 08:30:00Z")"));
  CHECK(accepts(R"({"format":"email"})", R"("a.b@example.vn")"));
  CHECK_FALSE(accepts(R"({"format":"email"})", R"("a b@example.vn")"));
  CHECK(accepts(R"({"format":"uri"})", R"("urn:vn:gov:hoso:1.2")"));
  CHECK_FALSE(accepts(R"({"format":"uri"})", R"("/relative")"));
  CHECK(accepts(R"({"format":"uuid"})", R"("5b6f1d7e-8d3c-4b55-9a5e-1c2d3e4f5a6b")"));
}

TEST_CASE("every problem is told with path, keyword, line of the schema, and never the value") {
  const std::string schema =
      "{\"type\":\"object\",\"required\":[\"MaHoSo\"],\"additionalProperties\":false,\n"
      " \"properties\":{\n"
      "  \"MaHoSo\":{\"type\":\"string\"},\n"
      "  \"CCCD\":{\"type\":\"string\",\"pattern\":\"^[0-9]{12}$\"},\n"
      "  \"Tep\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"Ten\":{\"maxLength\":3}}}}}}";
  const Problems problems = problems_of(schema, R"({"CCCD":"bí mật","MaHoso":"x","Tep":[{},{"Ten":"dài quá"}]})");
  REQUIRE(problems.total == 4);
  CHECK(problems.items[0].code == Code::bad_pattern);
  CHECK(problems.items[0].path == "$.CCCD");
  CHECK(problems.items[0].schema.line == 4);
  CHECK(problems.items[0].schema.column == 3);
  CHECK(problems.items[1].code == Code::unknown_field);
  CHECK(problems.items[1].hint == "did you mean \"MaHoSo\"?");
  CHECK(problems.items[2].path == "$.Tep[1].Ten");
  CHECK(problems.items[2].expected == "text of at most 3 characters");
  CHECK(problems.items[2].actual == "text of 7 characters");
  CHECK(problems.items[3].code == Code::missing_field);
  CHECK(problems.items[3].path == "$.MaHoSo");
  CHECK(problems.items[3].schema.line == 3);
  const Error error = problems.error();
  CHECK(error.text().find("bí mật") == std::string::npos);
  CHECK(error.text().find("dài quá") == std::string::npos);
  CHECK(info(error.code).http_status == 422);
}

TEST_CASE("problems are bounded, and counted beyond") {
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += i > 0 ? ",1" : "1";
  const Problems problems = problems_of(R"({"items":{"type":"string"}})", many + "]");
  CHECK(problems.items.size() == limits::kSchemaProblems);
  CHECK(problems.total == 100);
  CHECK(problems.error().detail.find("and 80 more") != std::string::npos);
}

TEST_CASE("of several forms the one of the right kind explains itself") {
  const Problems problems = problems_of(R"({"anyOf":[{"type":"null"},{"type":"object","required":["a"]}]})", "{}");
  REQUIRE(problems.total == 1);
  CHECK(problems.items[0].path == "$.a");
}

TEST_CASE("a document that would take for ever is refused") {
  // Each level tries two forms of the level below: 2^100 steps without the limit.
  const std::string forms =
      R"("definitions":{"n":{"anyOf":[{"items":{"$ref":"#/definitions/n"},"maxItems":1,"minItems":1,
    "type":"array"},{"items":{"$ref":"#/definitions/n"},"minItems":1,"type":"array"}]}})";
  const std::string schema = "{" + forms + R"(,"$ref":"#/definitions/n"})";
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  deep += "1";
  for (int i = 0; i < 100; ++i) deep += "]";
  CHECK_FALSE(accepts(schema, deep));
  CHECK_FALSE(accepts("{" + forms + R"(,"not":{"$ref":"#/definitions/n"}})", deep));
  CHECK(accepts("{" + forms + R"(,"not":{"$ref":"#/definitions/n"}})", "[1]"));
}

TEST_CASE("values compare deeply") {
  const auto a = tree_of(R"({"x":[1,{"y":"é"}],"z":1.50})"), b = tree_of(R"({"z":15e-1,"x":[1.0,{"y":"é"}]})");
  CHECK(same_value(a->root(), b->root()));
  CHECK_FALSE(accepts(R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2.0,"a":1}])"));
  CHECK(accepts(R"({"uniqueItems":true})", R"([1,"1",true,null,[],{}])"));
}

TEST_CASE("the reference dossier is checked within the time of the hot path") {
  config::Diagnostics diagnostics;
  SchemaFiles files(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", diagnostics);
  const auto model = read_json_schema(files, "bench/dossier.schema.json", diagnostics);
  REQUIRE_MESSAGE(model != nullptr, diagnostics.text());
  const auto compiled = CompiledSchema::compile(model);
  REQUIRE(compiled.has_value());
  const auto tree = tree_of(read_source_file("schemas/bench/dossier.json"));
  Problems problems;
  REQUIRE_MESSAGE(check(*compiled, tree->root(), problems), problems.error().text());
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    const auto from = std::chrono::steady_clock::now();
    bool good = true;
    for (int i = 0; i < 200; ++i) good &= check(*compiled, tree->root(), problems);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - from;
    REQUIRE(good);
    best = std::min(best, took.count() / 200);
  }
  MESSAGE("reference dossier: " << best << " us");
  CHECK(best < 100);  // ten times the aim: sanitizers and busy machines run this too
}
