#include "core/workshop/format.h"

#include <doctest/doctest.h>

#include "core/base/env.h"

using namespace lt;
using workshop::format_mapping;

namespace {

std::string formatted(const std::string& text) {
  const auto made = format_mapping(text, "a.map.yaml");
  if (!made) return "refused: " + made.error().text();
  const auto again = format_mapping(*made, "a.map.yaml");
  REQUIRE(again);
  CHECK(*again == *made);
  return *made;
}

}  // namespace

TEST_CASE("indentation and blanks are made one, texts stay as they are written") {
  CHECK(
      formatted("mapping:   a\nsource: {format:   json,schema: 'x' }\nrules:\n- Id:   \"007\"\n-   B:\n        from:  "
                "b\n        rules:\n        - C:   c\n") ==
      "mapping: a\nsource: {format: json, schema: 'x'}\nrules:\n  - Id: \"007\"\n  - B:\n      from: b\n      "
      "rules:\n        - C: c\n");
}

TEST_CASE("operators come in one order, in groups, items and cases too") {
  CHECK(formatted("rules:\n  - A: {default: x, table: t, from: a}\n") ==
        "rules:\n  - A: {from: a, table: t, default: x}\n");
  CHECK(formatted("rules:\n  - A:\n      rules:\n        - B: {default: 1, from: b}\n      from: a\n") ==
        "rules:\n  - A:\n      from: a\n      rules:\n        - B: {from: b, default: 1}\n");
  CHECK(formatted("rules:\n  - A:\n      items:\n        - rules:\n            - B: b\n          when: exists x\n") ==
        "rules:\n  - A:\n      items:\n        - when: exists x\n          rules:\n            - B: b\n");
  // other maps keep theirs
  CHECK(formatted("types:\n  d: {to: x, pattern: y}\n") == "types:\n  d: {to: x, pattern: y}\n");
}

TEST_CASE("comments and blank lines stay where they stand") {
  const std::string text =
      "# head\n\n# of mapping\nmapping: a  # beside\n\nrules:\n  # before A\n  - A: a  # beside A\n\n  # before B\n\n"
      "  - B: {from: b}  # beside B\n      # deeper, after B\n  # at the end of the rules\nignore:\n  source: [x]\n\n# "
      "foot\n";
  const std::string made = formatted(text);
  CHECK(made ==
        "# head\n\n# of mapping\nmapping: a  # beside\n\nrules:\n  # before A\n  - A: a  # beside A\n\n  # before "
        "B\n\n  - B: {from: b}  # beside B\n    # deeper, after B\n  # at the end of the rules\nignore:\n  source: "
        "[x]\n\n# foot\n");
}

TEST_CASE("a flow map with comments becomes a block map that keeps them") {
  CHECK(formatted("rules:\n  - A: {table: t,  # why\n         from: a}\n") ==
        "rules:\n  - A:\n      from: a\n      table: t  # why\n");
  CHECK(formatted("ignore: {source: [a, # first\n   # second\n  b]}\n") ==
        "ignore:\n  source:\n    - a  # first\n    # second\n    - b\n");
}

TEST_CASE("what is wider than a line is broken") {
  const std::string wide(100, 'x');
  CHECK(formatted("rules:\n  - A: {from: " + wide + ", default: abcdef}\n") ==
        "rules:\n  - A:\n      from: " + wide + "\n      default: abcdef\n");
  const std::string half(70, 'y');
  CHECK(formatted("ignore:\n  source: [" + half + ", a, " + half + "]\n") ==
        "ignore:\n  source: [" + half + ", a,\n           " + half + "]\n");
  CHECK(formatted("examples:\n  - {name: " + wide + ", source: abcdefgh}\n") ==
        "examples:\n  - name: " + wide + "\n    source: abcdefgh\n");
}

TEST_CASE("quotes, hashes in texts, nulls and block scalars") {
  CHECK(formatted("rules:\n  - A: {match: '^it''s #1, {x}$', from: a#b}\n") ==
        "rules:\n  - A: {from: a#b, match: '^it''s #1, {x}$'}\n");
  CHECK(formatted("examples:\n  - {name: a, set: {B: ~, C: null, \"a.b\": 1}}\n") ==
        "examples:\n  - {name: a, set: {B: null, C: null, \"a.b\": 1}}\n");
  CHECK(formatted("rules:\n- A:\n     one_way: |\n        concat(a,\n          b)\n     when: c\n") ==
        "rules:\n  - A:\n      one_way: |\n        concat(a,\n          b)\n      when: c\n");
}

TEST_CASE("a plain text over two lines becomes one line") {
  CHECK(formatted("rules:\n  - A:\n      one_way: concat(a,\n        b)\n      when: c\n") ==
        "rules:\n  - A:\n      one_way: concat(a, b)\n      when: c\n");
}

TEST_CASE("what cannot be kept is refused, with its place") {
  const auto anchored = format_mapping("a: &x 1\nb: *x\n", "f.map.yaml");
  REQUIRE_FALSE(anchored);
  CHECK(anchored.error().code == Code::yaml_syntax);
  CHECK(anchored.error().place.file == "f.map.yaml");
  CHECK(anchored.error().place.line == 2);
  CHECK_FALSE(format_mapping("a: [1\n", "f.map.yaml"));
}

TEST_CASE("a mapping with a stylesheet instead of rules is formatted too") {
  CHECK(
      formatted("mapping: a\nversion: 1\nsource: {format:   xml,schema: s.xsd}\ntarget: {format: xml, schema: t.xsd}\n"
                "xslt:   m.xsl # of the ministry\nreverse: none\n") ==
      "mapping: a\nversion: 1\nsource: {format: xml, schema: s.xsd}\ntarget: {format: xml, schema: t.xsd}\n"
      "xslt: m.xsl  # of the ministry\nreverse: none\n");
}
