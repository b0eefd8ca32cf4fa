#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "test/e2e/program.h"

using namespace lt;

namespace {

struct Folder {
  std::string path = "/tmp/lienthong-reload-XXXXXX";
  Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string configuration(const std::string& folder, const std::string& destinations) {
  const std::string source = LT_SOURCE_DIR;
  return "bus: {organ_id: H49, shards: 1, data: " + folder + "/data, schemas: " + source +
         "/schemas, mappings: " + source +
         "/mappings}\nadmin: {listen: \"127.0.0.1:0\"}\nlisteners: {main: {listen: \"127.0.0.1:0\"}}\n" +
         "agencies: {tables: [" + source + "/schemas/agencies/agencies.csv]}\n" +
         "endpoints: {in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}}\n" +
         "destinations:\n" + destinations + "routes: [{name: all, to: [\"*\"], deliver: [{destination: one}]}]\n";
}

}  // namespace

TEST_CASE("`lienthong reload` puts a changed file in force; one with mistakes is refused and changes nothing") {
  Folder folder;
  const std::string file = folder.path + "/bus.yaml";
  const std::string one = "  one: {adapter: http, settings: {url: \"http://127.0.0.1:1/x\", class: none}}\n";
  std::ofstream(file) << configuration(folder.path, one);
  auto bus = cli::Process::start(LT_PROGRAM, {"run", file}, {}, "/dev/null");
  REQUIRE(bus);
  const auto ready = bus->read_line();
  REQUIRE(ready);
  const size_t at = ready->find("\"admin\":") + 8;
  const std::string admin = "http://127.0.0.1:" + ready->substr(at, ready->find(',', at) - at);

  std::ofstream(file) << configuration(
      folder.path, one + "  two: {adapter: http, settings: {url: \"http://127.0.0.1:1/y\", class: none}}\n");
  const auto changed = test::run_program({"reload", "--admin", admin});
  CHECK(changed.exit_code == 0);
  CHECK(changed.out.find("+ destination two") != std::string::npos);

  std::ofstream(file) << configuration(folder.path, one + "  three: {adapter: htpt}\n");
  const auto refused = test::run_program({"reload", "--admin", admin, "--json"});
  CHECK(refused.exit_code != 0);
  // The one before is still in force: it reports `two` as taken away, `three` was never there.
  std::ofstream(file) << configuration(folder.path, one);
  const auto back = test::run_program({"reload", "--admin", admin, "--json"});
  CHECK(back.exit_code == 0);
  CHECK(back.out.find("\"removed\":[\"destination two\"]") != std::string::npos);
  CHECK(back.out.find("\"added\":[]") != std::string::npos);
  bus->signal(SIGTERM);
  CHECK(bus->wait() == 0);
}
