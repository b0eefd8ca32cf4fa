#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "core/codec/json.h"
#include "core/message/tree.h"
#include "test/e2e/program.h"

using namespace lt;

namespace {

// A directory of its own for one run.
struct Place {
  std::string path = "/tmp/lienthong-demo-XXXXXX";
  Place() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Place() { std::filesystem::remove_all(path); }
};

void run_demo(const std::string& messages, const std::string& down) {
  Place place;
  std::vector<std::string> arguments{"demo",   "--messages",  messages, "--exit-when-done",   "--json",
                                     "--home", LT_SOURCE_DIR, "--data", place.path + "/data", "--deadline",
                                     "240"};
  if (!down.empty()) arguments.insert(arguments.end(), {"--down", down});
  const auto ran = test::run_program(arguments);
  CAPTURE(ran.out);
  CHECK(ran.exit_code == 0);
  Tree tree;
  REQUIRE(codec::parse_json(ran.out, tree).has_value());
  for (const char* none : {"lost", "duplicated", "out_of_order", "dead", "unknown"}) {
    CAPTURE(none);
    REQUIRE(tree.root()->find(none));
    CHECK(tree.root()->find(none)->text == "0");
  }
  CHECK(tree.root()->find("done")->flag);
  CHECK(std::stoll(std::string(tree.root()->find("accepted")->text)) >= std::stoll(messages));
  CHECK(std::stoll(std::string(tree.root()->find("answered")->text)) > 0);
}

}  // namespace

TEST_CASE("2,000 dossiers and documents cross the bus: none lost, none twice, none out of order, all answered") {
  run_demo("2000", "");
}

TEST_CASE("one partner is down for a whole run: the others finish, then its backlog drains in order") {
  for (const char* down : {"judicial", "axis", "onestop-a", "docs-a"}) {
    CAPTURE(down);
    run_demo("200", down);
  }
}
