#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/codec/json.h"
#include "core/message/tree.h"
#include "test/e2e/program.h"

using namespace lt;

namespace {

struct Expected {
  int line, column;
  std::string code, names;
};

std::string text(const Node* object, const char* member) {
  const Node* found = object->find(member);
  return found ? std::string(found->text) : std::string();
}

}  // namespace

TEST_CASE("check names all ten planted mistakes, each at its line and column") {
  const auto ran = test::run_program({"check", std::string(LT_SOURCE_DIR) + "/test/e2e/ten-mistakes", "--json"});
  CHECK(ran.exit_code == 78);
  Tree tree;
  REQUIRE(codec::parse_json(ran.out, tree).has_value());
  const std::vector<Expected> expected{
      {5, 3, "LT-1002", "shard"},       {7, 44, "LT-1003", "idle_time"},       {11, 20, "LT-1003", "onestop-a"},
      {13, 19, "LT-1007", "onestop-z"}, {15, 24, "LT-1007", "onestopp"},       {16, 77, "LT-1007", "mian"},
      {17, 3, "LT-1004", "type"},       {21, 54, "LT-1008", "KEY_NOBODY_SET"}, {24, 13, "LT-1007", "onestop/dosier"},
      {25, 29, "LT-1007", "judical"}};
  const Node* findings = tree.root()->find("findings");
  REQUIRE(findings);
  REQUIRE(findings->count == expected.size());
  size_t i = 0;
  for (const Node* finding = findings->first; finding; finding = finding->next, ++i) {
    CAPTURE(i);
    CHECK(text(finding, "line") == std::to_string(expected[i].line));
    CHECK(text(finding, "column") == std::to_string(expected[i].column));
    CHECK(text(finding, "code") == expected[i].code);
    CHECK(text(finding, "message").find(expected[i].names) != std::string::npos);
    CHECK_FALSE(text(finding, "hint").empty());
    CHECK_FALSE(text(finding, "hint_vi").empty());
  }
}

TEST_CASE("every shipped configuration is valid as it stands") {
  for (const char* name : {"demo", "bench", "lookup"}) {
    CAPTURE(name);
    const auto ran = test::run_program({"check", std::string(LT_SOURCE_DIR) + "/conf/" + name, "--deny-warnings"});
    CHECK(ran.exit_code == 0);
  }
}
