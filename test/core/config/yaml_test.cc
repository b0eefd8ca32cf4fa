#include "core/config/yaml.h"

#include <doctest/doctest.h>

#include "core/base/limits.h"

using namespace lt;
using namespace lt::config;

namespace {

struct Parsed {
  Value value;
  Diagnostics diagnostics;
  explicit Parsed(std::string_view text) { value = parse_yaml(text, "a.yaml", diagnostics); }
  // "1001@3:5 1005@4:1"
  std::string places() const {
    std::string out;
    for (const auto& f : diagnostics.findings()) {
      if (!out.empty()) out += ' ';
      out += std::to_string(static_cast<int>(f.code)) + "@" + std::to_string(f.place.line) + ":" +
             std::to_string(f.place.column);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("every value and key knows its line and column, counted in code points") {
  Parsed p("tên: {đơn vị: Sở, mã: H49}\nlist:\n  - a\n  - key: \"b\"\n    next: |\n      text\n");
  REQUIRE(p.diagnostics.ok());
  const auto& name = p.value.members.at(0);
  CHECK(name.key == "tên");
  CHECK(name.line == 1);
  CHECK(name.column == 1);
  CHECK(name.value.column == 6);
  const auto& code = name.value.members.at(1);
  CHECK(code.key == "mã");
  CHECK(code.column == 19);
  CHECK(code.value.column == 23);
  CHECK(code.value.text == "H49");
  const auto& list = *p.value.find("list");
  CHECK(list.items.at(0).place().text() == "a.yaml:3:5");
  const auto& nested = list.items.at(1).members;
  CHECK(nested.at(0).value.place().text() == "a.yaml:4:10");
  CHECK(nested.at(0).value.quoted);
  CHECK(nested.at(1).line == 5);
  CHECK(nested.at(1).value.text == "text\n");
}

TEST_CASE("no implicit types: everything is the text it looks like") {
  Parsed p("a: no\nb: 0123\nc: 1e3\nd: 2026-01-01\ne: .inf\nf: 'null'\ng: ~\nh:\ni: x\n");
  REQUIRE(p.diagnostics.ok());
  CHECK(p.value.find("a")->text == "no");
  CHECK(p.value.find("b")->text == "0123");
  CHECK(p.value.find("c")->text == "1e3");
  CHECK(p.value.find("d")->text == "2026-01-01");
  CHECK(p.value.find("e")->text == ".inf");
  CHECK(p.value.find("f")->text == "null");
  CHECK(p.value.find("g")->is_null());
  REQUIRE(p.value.find("h")->is_null());
  CHECK(p.value.find("h")->line == 8);
}

TEST_CASE("duplicate keys are refused with both places, all in one run") {
  Parsed p("a: 1\nb: {x: 1, x: 2}\nc:\n  k: 1\n  k: 2\na: 3\n");
  CHECK(p.places() == "1005@2:11 1005@5:3 1005@6:1");
  CHECK(p.diagnostics.findings()[2].message.find("a.yaml:1:1") != std::string::npos);
  CHECK(p.value.find("a")->text == "1");
}

TEST_CASE("what the strict language refuses, with its place") {
  struct Case {
    const char* text;
    const char* places;
  };
  const Case cases[] = {
      {"a: !!int 3\n", "1001@1:4"},      {"a: &x {k: 1}\nb:\n  <<: *x\n", "1001@3:3"},
      {"a: 1\n---\nb: 2\n", "1001@2:1"}, {"a:\n\tb: 1\n", "1001@2:1"},
      {"a:\n  \tb: 1\n", "1001@2:3"},    {"? [a]\n: b\n", "1001@1:3"},
      {"a: 1\nb: \xFF\n", "1001@2:4"},   {"a: 1\nb: x\x01\n", "1001@2:5"},
      {"a: \"\\0\"\n", "1001@1:4"},      {"a: *nowhere\n", "1001@1:4"},
      {"a: &x [1, *x]\n", "1001@1:11"},  {"a: [1, 2\nb: 3\n", "1001@2:2"},
      {"a: b: c\n", "1001@1:5"},         {"~: 1\n", "1001@1:1"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text);
    CHECK(Parsed(each.text).places() == each.places);
  }
}

TEST_CASE("aliases copy few nodes; bombs, depth and size are refused quickly") {
  Parsed few("a: &x {k: 1}\nb: *x\nc: *x\n");
  REQUIRE(few.diagnostics.ok());
  CHECK(few.value.find("c")->find("k")->text == "1");

  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    const std::string prior = std::string("*") + static_cast<char>(c - 1);
    bomb += std::string(1, c) + ": &" + c + " [" + prior;
    for (int i = 0; i < 8; ++i) bomb += "," + prior;
    bomb += "]\n";
  }
  Parsed exploded(bomb);
  REQUIRE(exploded.diagnostics.errors() == 1);
  CHECK(exploded.diagnostics.findings()[0].message.find("aliases") != std::string::npos);
  CHECK(exploded.value.is_null());

  const auto nested = [](size_t depth) { return std::string(depth, '[') + "x" + std::string(depth, ']'); };
  CHECK(Parsed(nested(limits::kYamlDepth)).diagnostics.ok());
  Parsed deep(nested(limits::kYamlDepth + 1));
  CHECK(deep.places() == "1001@1:33");
  CHECK(Parsed(std::string(1'000'000, '[')).diagnostics.errors() == 1);
  CHECK(Parsed(std::string(1'000'000, '{')).diagnostics.errors() == 1);
  Parsed by_alias("a: &a " + nested(20) + "\nb: " + std::string(14, '[') + "*a" + std::string(14, ']') + "\n");
  CHECK(by_alias.diagnostics.errors() == 1);
  CHECK(Parsed("a: " + std::string(limits::kYamlBytes, 'x')).diagnostics.errors() == 1);
}

TEST_CASE("findings quote the line with a caret and never a secret") {
  Parsed p("ổ khóa: 1\nổ khóa: 2\n");
  CHECK(p.diagnostics.text() ==
        "a.yaml:2:1: error LT-1005: key \"ổ khóa\" is given twice, first at a.yaml:1:1\n"
        "     2 | ổ khóa: ...\n"
        "       | ^\n"
        "       hint: keep one of the two places named\n"
        "1 error(s), 0 warning(s)\n");
  Parsed masked("x: {api_key: hunter2, t: !!str 1}\n");
  const auto text = masked.diagnostics.text();
  CHECK(text.find("x: {api_key: ..., t: !!str 1}") != std::string::npos);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(masked.diagnostics.json().find(
            "\"code\":\"LT-1001\",\"severity\":\"error\",\"file\":\"a.yaml\",\"line\":1,\"column\":26") !=
        std::string::npos);
}

TEST_CASE("did you mean") {
  const std::vector<std::string> names{"listen", "max_body", "timeout"};
  CHECK(did_you_mean("lisen", names) == "listen");
  CHECK(did_you_mean("Max-Body", names) == "max_body");
  CHECK(did_you_mean("tiemout", names) == "timeout");
  CHECK_FALSE(did_you_mean("zebra", names));
  CHECK(suggestion("zebra", names) == "known: listen, max_body, timeout");
}
