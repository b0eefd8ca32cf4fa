#include <doctest/doctest.h>

#include "test/e2e/program.h"

using namespace lt::test;

namespace {
int exit_code(const std::vector<std::string>& arguments) { return run_program(arguments).exit_code; }
}  // namespace

TEST_CASE("exit codes: 0 ok, 1 failure, 2 usage, 78 bad configuration") {
  CHECK(exit_code({"version", "--json"}) == 0);
  CHECK(exit_code({"schema"}) == 0);
  CHECK(exit_code({"--help"}) == 0);
  CHECK(exit_code({"status", "--admin", "http://127.0.0.1:1"}) == 1);
  CHECK(exit_code({"journal", "verify", "/nonexistent"}) == 1);
  CHECK(exit_code({"catalog", "rebuild", "/nonexistent"}) == 1);
  CHECK(exit_code({"send", "http://127.0.0.1:1/x", "/nonexistent"}) == 1);
  CHECK(exit_code({}) == 2);
  CHECK(exit_code({"nonsense"}) == 2);
  CHECK(exit_code({"schema", "--reference", "fr"}) == 2);
  CHECK(exit_code({"replay", "0:1/0", "--by", "Lan"}) == 2);                   // --why is missing
  CHECK(exit_code({"pause", "axis", "x", "--by", "Lan", "--why", "w"}) == 2);  // no destination, partner or route
  CHECK(exit_code({"drain", "partner", "--by", "Lan", "--why", "w"}) == 2);
  CHECK(exit_code({"confirm", "0:1/0", "--by", "Lan"}) == 2);
  CHECK(exit_code({"messages", "--match", "fuzzy"}) == 2);
  CHECK(exit_code({"journal", "dump", "/nonexistent", "--from", "x"}) == 2);
  CHECK(exit_code({"check", "/nonexistent"}) == 78);
}

TEST_CASE("help lists what operators do") {
  const auto help = run_program({"help"});
  CHECK(help.exit_code == 0);
  for (const char* command : {"replay", "discard", "confirm", "pause", "resume", "drain", "status"})
    CHECK(help.out.find(std::string("\n  ") + command) != std::string::npos);
}

TEST_CASE("the schema and the reference page speak of the configuration") {
  CHECK(run_program({"schema"}).out.find("\"organ_id\"") != std::string::npos);
  CHECK(run_program({"schema", "--reference", "en"}).out.find("| `listen` |") != std::string::npos);
}
