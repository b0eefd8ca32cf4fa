// The commands that write mappings, through the real program.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>

#include "core/base/env.h"

using namespace lt;

namespace {

struct Ran {
  int code = -1;
  std::string out;
};
Ran run(const std::string& arguments, const std::string& folder = LT_SOURCE_DIR) {
  const std::string line = "cd '" + folder + "' && '" LT_PROGRAM "' map " + arguments + " 2>&1";
  Ran ran;
  FILE* pipe = popen(line.c_str(), "r");
  REQUIRE(pipe);
  char bytes[4096];
  for (size_t got; (got = fread(bytes, 1, sizeof bytes, pipe)) > 0;) ran.out.append(bytes, got);
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "lt_map_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

}  // namespace

TEST_CASE("all shipped mappings are formatted") {
  const Ran ran = run("fmt --check mappings");
  CHECK(ran.out == "");
  CHECK(ran.code == 0);
}

TEST_CASE("map fmt --check names what is not formatted and changes nothing; without it the file is changed once") {
  Folder folder;
  const std::string file = folder / "a.map.yaml", before = "rules:\n- A:   a # why\n";
  REQUIRE(replace_file(system_env(), file, before));
  const Ran checked = run("fmt --check " + folder.path.string());
  CHECK(checked.code == 1);
  CHECK(checked.out == file + "\n");
  CHECK(*read_file(system_env(), file) == before);
  CHECK(run("fmt " + file).code == 0);
  CHECK(*read_file(system_env(), file) == "rules:\n  - A: a  # why\n");
  CHECK(run("fmt " + file).out == "");
  REQUIRE(replace_file(system_env(), file, "a: &x [1]\nb: *x\n"));
  CHECK(run("fmt " + file).code == 1);
  CHECK(*read_file(system_env(), file) == "a: &x [1]\nb: *x\n");
}

TEST_CASE("map draft writes a file that compiles, once") {
  Folder folder;
  const std::string file = folder / "new.map.yaml";
  const std::string arguments =
      "draft --source bench/dossier.schema.json --target bench/dossier.xsd --pair mappings/bench/examples/dossier.json "
      "mappings/bench/examples/dossier.xml -o " +
      file;
  CHECK(run(arguments).code == 0);
  CHECK(has(*read_file(system_env(), file), "mapping: new\n"));
  const Ran sheet = run("sheet " + file + " --lang en --format html");
  CHECK(sheet.code == 0);
  CHECK(has(sheet.out, "<td>Applicant.Address.WardCode</td>"));
  const Ran again = run(arguments);
  CHECK(again.code != 0);
  CHECK(has(again.out, "not overwritten"));
}

TEST_CASE("map complete and map schema") {
  const Ran ran = run("complete mappings/bench/dossier-json-to-xml.map.yaml --line 16 --column 17 --json");
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "{\"text\":\"system\",\"kind\":\"source\""));
  const Ran schemas = run("complete mappings/bench/dossier-json-to-xml.map.yaml --line 5 --column 32");
  CHECK_MESSAGE(has(schemas.out, "onestop/dossier.schema.json"), schemas.out);
  CHECK_FALSE(has(schemas.out, ".xsd"));
  CHECK_FALSE(has(schemas.out, ".type.yaml"));
  CHECK(run("complete none.map.yaml --line 1 --column 1").code == 1);
  const auto schema = read_file(system_env(), LT_SOURCE_DIR "/schemas/mapping.schema.json");
  REQUIRE(schema);
  CHECK(run("schema").out == *schema);
}

TEST_CASE("complete, sheet and draft find the schemas from wherever they are run, and mappings by name") {
  const std::string root = LT_SOURCE_DIR;
  const std::string file = root + "/mappings/bench/dossier-json-to-xml.map.yaml";
  const Ran completed = run("complete dossier-json-to-xml.map.yaml --line 16 --column 17", root + "/mappings/bench");
  CHECK(completed.code == 0);
  CHECK_MESSAGE(has(completed.out, "system"), completed.out);
  CHECK(has(run("complete dossier-json-to-xml --line 16 --column 17").out, "system"));
  CHECK(run("sheet " + file, "/").code == 0);
  CHECK(has(run("sheet dossier-json-to-xml").out, "Phụ lục"));
  CHECK(has(run("sheet dossier-json-to-xml --mappings ../mappings", root + "/schemas").out, "Phụ lục"));
  CHECK(run("sheet dossier-jso").code == 1);
  const std::string schemas = "--source bench/dossier.schema.json --target bench/dossier.xsd";
  const Ran drafted = run("draft " + schemas, root + "/mappings/bench");
  CHECK(drafted.code == 0);
  CHECK(has(drafted.out, "schema: bench/dossier.xsd"));
  const Ran shown =
      run("draft " + schemas + " --pair examples/dossier.json ../bench/examples/dossier.xml", root + "/mappings/bench");
  CHECK(shown.code == 0);
  CHECK(has(shown.out, "source: examples/dossier.json, target: examples/dossier.xml"));
  Folder folder;
  const Ran nowhere = run("draft " + schemas, folder.path.string());
  CHECK(nowhere.code == 1);
  CHECK(has(nowhere.out, "--schemas"));
  CHECK(run("draft " + schemas + " --schemas '" + root + "/schemas'", folder.path.string()).code == 0);
}

TEST_CASE("what ./dev help says of bench") {
  const auto dev = read_file(system_env(), LT_SOURCE_DIR "/dev");
  REQUIRE(dev);
  const size_t help = dev->find("./dev setup ");
  REQUIRE(help != std::string::npos);
  CHECK(dev->find("./dev bench --mapping ", help) != std::string::npos);
}
