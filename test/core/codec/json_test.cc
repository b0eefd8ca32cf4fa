#include "core/codec/json.h"

#include "core/codec/holes.h"
#include "core/codec/lift.h"
#include "core/message/tree.h"
#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::fixture;

namespace {

Error refused(std::string text, const JsonOptions& options = {}) {
  Tree tree;
  const auto parsed = parse_json(std::move(text), tree, options);
  REQUIRE_FALSE(parsed);
  CHECK(tree.root() == nullptr);
  return parsed.error();
}

std::string again(const std::string& text) {
  Tree tree;
  const auto parsed = parse_json(text, tree);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text()));
  std::string out;
  REQUIRE(write_json(tree.root(), out));
  return out;
}

std::string repeat(std::string_view unit, size_t times) {
  std::string out;
  out.reserve(unit.size() * times);
  while (times-- > 0) out += unit;
  return out;
}

}  // namespace

TEST_CASE("the reference dossier comes back byte for byte") {
  std::string dossier = fixture("bench/dossier.json");
  while (dossier.ends_with('\n')) dossier.pop_back();
  CHECK(again(dossier) == dossier);
  Tree tree;
  REQUIRE(parse_json(dossier, tree));
  const Node* name = tree.root()->find("attachments")->first->next->find("name");
  CHECK(name->text == "Điều lệ công ty.pdf");
  CHECK(path_of(name) == "$.attachments[1].name");
  CHECK(tree.root()->find("dossier")->find("online")->flag);
}

TEST_CASE("numbers keep their text") {
  const std::string text = R"([0,-0,1.10,9007199254740993,123456789012345678901234567890,1E+2,-1.5e-3])";
  CHECK(again(text) == text);
  for (const char* bad : {"01", "1.", ".5", "-", "+1", "1e", "0x10", "NaN", "Infinity", "1e400"})
    CHECK_MESSAGE(refused(bad).code == Code::bad_json, bad);
}

TEST_CASE("escapes are read, and written only where needed") {
  CHECK(again(R"("\u1ea1\/\u00e1\ud83d\ude00")") == "\"ạ/á😀\"");
  CHECK(again(R"(["\"\\\b\f\n\r\t\u0001\u0000"])") == R"(["\"\\\b\f\n\r\t\u0001\u0000"])");
  CHECK(again("\xEF\xBB\xBF {} ") == "{}");
  CHECK(again("[ {\"\" : null , \"a\":[ ] } , true,false ]") == R"([{"":null,"a":[]},true,false])");
}

TEST_CASE("malformed JSON says line, column and path") {
  const Error missing = refused("{\n  \"á\": {\"b\": [1,\n \"ạ\" x]}}");
  CHECK(missing.code == Code::bad_json);
  CHECK(missing.place.line == 3);
  CHECK(missing.place.column == 6);
  CHECK(missing.place.path == "$.á.b");
  // An escape before the error does not move the column.
  const Error after_escape = refused(R"({"a":"\u1ea1\n\n\n", x})");
  CHECK(after_escape.place.line == 1);
  CHECK(after_escape.place.column == 22);
  for (const char* bad : {"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "[1] 2", "{} {}", "nul", "\"\x01\"",
                          "\"a", "\"\\x\"", "// c\n1", "[1 2]", "{\"a\" 1}", "\"\\u12\"", "]"})
    CHECK_MESSAGE(refused(bad).code == Code::bad_json, bad);
  CHECK(refused(std::string("12\0 ", 4)).code == Code::bad_json);
  CHECK(refused(std::string("[1,\0]", 5)).code == Code::bad_json);
  CHECK(refused(std::string("\"a\0b\"", 5)).code == Code::bad_json);
}

TEST_CASE("lone surrogates and other encodings are refused") {
  for (const char* bad : {R"("\ud800")", R"("\udc00")", R"("\uDFFFx")", R"({"\udc00":1})", R"("\ud800\u0041")"})
    CHECK_MESSAGE(refused(bad).code == Code::bad_json, bad);
  const Error latin = refused("{\"a\":\n \"ng\xE0y\"}");
  CHECK(latin.code == Code::bad_encoding);
  CHECK(latin.place.line == 2);
  CHECK(latin.place.column == 5);
  for (const char* bad : {"\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE1\xBA\"", "\xFF\xFE{\0"})
    CHECK_MESSAGE(refused(bad).code == Code::bad_encoding, bad);
  CHECK(refused(std::string("{\0}\0", 4)).code == Code::bad_encoding);
  CHECK(refused(std::string("\0{\0}", 4)).code == Code::bad_encoding);
}

TEST_CASE("a member named twice is refused, in small and in large objects") {
  const Error small = refused(R"({"x":[{"a":1,"b":2,"a":3}]})");
  CHECK(small.code == Code::bad_json);
  CHECK(small.detail == "member \"a\" named twice");
  CHECK(small.place.path == "$.x[0]");
  CHECK(refused(R"({"a":1,"\u0061":2})").detail == "member \"a\" named twice");
  for (const size_t members : {15u, 16u, 17u, 40u, 5000u})
    for (const size_t twin : {size_t{0}, members / 2, members - 1}) {
      std::string text = "{\"sub\":{\"m0\":{}";
      for (size_t i = 1; i < members; ++i) text += ",\"m" + std::to_string(i) + "\":{\"m1\":1}";
      CHECK(again(text + "}}").size() == text.size() + 2);
      text += ",\"m" + std::to_string(twin) + "\":0}}";
      const Error error = refused(text);
      CHECK(error.detail == "member \"m" + std::to_string(twin) + "\" named twice");
      CHECK(error.place.path == "$.sub");
    }
}

TEST_CASE("many large objects one after another do not disturb each other") {
  std::string one = "{\"m0\":0";
  for (int i = 1; i < 30; ++i) one += ",\"m" + std::to_string(i) + "\":0";
  const std::string text = "[" + repeat(one + "},", 500) + one + "}]";
  CHECK(again(text) == text);
}

TEST_CASE("nesting is bounded: two million brackets are an error, not a crash") {
  CHECK(refused(std::string(2'000'000, '[')).code == Code::too_deep);
  CHECK(refused(repeat("{\"a\":", 1'000'000)).code == Code::too_deep);
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(again(nested(128)) == nested(128));
  CHECK(refused(nested(129)).code == Code::too_deep);
  CHECK(refused("[[[1]]]", {.depth = 2}).place.path == "$[0]");
}

TEST_CASE("nodes, names and bytes are bounded") {
  CHECK(refused("[1,2,3]", {.nodes = 3}).code == Code::too_large);
  CHECK(again("{\"" + std::string(512, 'n') + "\":1}").size() == 518);
  CHECK(refused("{\"" + std::string(513, 'n') + "\":1}").code == Code::too_large);
  CHECK(refused("[1,2,3]", {.text = 6}).code == Code::too_large);
}

TEST_CASE("cut at every byte, the dossier is an error and never a crash") {
  const std::string dossier = fixture("bench/dossier.json");
  const size_t whole = dossier.rfind('}');
  for (size_t n = 0; n < whole + 1; ++n) {
    Tree tree;
    const auto parsed = parse_json(dossier.substr(0, n), tree);
    REQUIRE_FALSE(parsed);
  }
}

TEST_CASE("a tree is reused: parse, clear, parse") {
  Tree tree;
  for (int i = 0; i < 3; ++i) {
    tree.clear();
    REQUIRE(parse_json("{\"a\":" + std::to_string(i) + "}", tree));
    CHECK(tree.root()->find("a")->text == std::to_string(i));
    CHECK(tree.nodes() == 2);
  }
}

TEST_CASE("pretty writing, subtrees, and what the writer refuses") {
  Tree tree;
  REQUIRE(parse_json(R"({"a":[1,{}],"b":{"c":null}})", tree));
  std::string out;
  REQUIRE(write_json(tree.root(), out, {.pretty = true}));
  CHECK(out == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}\n");
  out = "kept";
  REQUIRE(write_json(tree.root()->find("b"), out));
  CHECK(out == "kept{\"c\":null}");
  tree.root()->find("a")->first->text = "1,2";
  const auto bad = write_json(tree.root(), out);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().place.path == "$.a[0]");
  CHECK(out == "kept{\"c\":null}");
  Node* text = tree.add(tree.root(), Kind::text, "t");
  text->text = "\xFF";
  tree.root()->find("a")->first->text = "1";
  CHECK(write_json(tree.root(), out).error().place.path == "$.t");
}
