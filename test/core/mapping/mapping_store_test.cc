// Mappings by name, in both directions, and the names of their files.
#include "core/mapping/mapping_store.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/message/tree.h"
#include "test/core/mapping/fixture.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::mapping;
using lt::mapping::test::has;

namespace {

struct Deployment {
  lt::test::Scratch scratch;
  config::Diagnostics found;

  Deployment() {
    put("schemas/s.json",
        R"({"type":"object","additionalProperties":false,"required":["Ma"],"properties":{"Ma":{"type":"string"}}})");
    put("schemas/t.json",
        R"({"type":"object","additionalProperties":false,"required":["Id"],"properties":{"Id":{"type":"string"}}})");
    put("mappings/tables/codes.csv", "source,target\n1,A\n");
  }
  std::string at(const std::string& name) const { return scratch.path() + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    const std::string path = at(name);
    REQUIRE(system_env().make_directories(path.substr(0, path.rfind('/'))));
    REQUIRE(replace_file(system_env(), path, text));
  }
  void mapping(const std::string& name, const std::string& rest) const {
    put("mappings/" + name + ".map.yaml", "mapping: " + name +
                                              "\nversion: 1\nsource: {format: json, schema: s.json}\n"
                                              "target: {format: json, schema: t.json}\n" +
                                              rest);
  }
  MappingStore load(const std::string& mappings) {
    auto store = MappingStore::load(system_env(), at(mappings), at("schemas"), found);
    REQUIRE_MESSAGE(found.ok(), found.text());
    return store;
  }
};

const std::string kCopy = "rules:\n  - Id: Ma\n";

}  // namespace

TEST_CASE("name:reverse is the mapping from target to source") {
  Deployment deployment;
  deployment.mapping("copy", kCopy);
  const MappingStore store = deployment.load("mappings");
  CHECK(store.names() == std::vector<std::string>{"copy", "copy:reverse"});
  const auto there = store.get("copy"), back = store.get("copy:reverse");
  REQUIRE(there);
  REQUIRE(back);
  CHECK((*there)->source_schema() == "s.json");
  CHECK((*back)->source_schema() == "t.json");
  CHECK((*back)->target_schema() == "s.json");
}

TEST_CASE("name:reverse of a mapping that has none says why, and where") {
  Deployment deployment;
  deployment.mapping("none", kCopy + "reverse: none\n");
  deployment.mapping("lost", "rules:\n  - Id: {from: Ma, one_way: true}\n");
  const MappingStore store = deployment.load("mappings");
  CHECK(store.names() == std::vector<std::string>{"lost", "none"});
  const auto none = store.get("none:reverse");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::no_reverse);
  CHECK(none.error().detail == "none says reverse: none");
  CHECK(none.error().place.line == 7);
  const auto lost = store.get("lost:reverse");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Code::no_reverse);
  CHECK(has(lost.error().detail, "lost in reverse: LT-1103 "));
  CHECK(has(lost.error().detail, "Ma"));
}

TEST_CASE("a misspelt name or suffix gets the nearest") {
  Deployment deployment;
  deployment.mapping("copy", kCopy);
  deployment.mapping("none", kCopy + "reverse: none\n");
  const MappingStore store = deployment.load("mappings");
  const auto refused = [&](const std::string& name) {
    const auto found = store.get(name);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Code::unknown_mapping);
    return found.error().detail + " " + found.error().hint;
  };
  CHECK(has(refused("copi"), "did you mean \"copy\"?"));
  CHECK(has(refused("copi:reverse"), "did you mean \"copy:reverse\"?"));
  CHECK(has(refused("copy:revers"), "\"copy:revers\": after the name only :reverse may stand"));
  CHECK(has(refused("copy:revers"), "did you mean \"copy:reverse\"?"));
  CHECK(has(refused("copy:back"), "did you mean \"copy:reverse\"?"));
  CHECK(has(refused("none:back"), "did you mean \"none\"?"));
}

TEST_CASE("files are named without detours, except where a link makes another file of it") {
  Deployment deployment;
  deployment.put("conf/lienthong.yaml", "");
  deployment.put("mappings/sub/x", "");
  deployment.mapping("codes", "tables: {c: sub/../tables/codes.csv}\nrules:\n  - Id: {from: Ma, table: c}\n");
  const auto entry_of = [&](const std::string& mappings) {
    config::Diagnostics found;
    auto store = MappingStore::load(system_env(), deployment.at(mappings), deployment.at("conf/../schemas"), found);
    REQUIRE_MESSAGE(store.entries().size() == 1, found.text());
    return store.entries().begin()->second;
  };
  const auto entry = entry_of("conf/../mappings");
  REQUIRE(entry.mapping);
  CHECK(entry.file.file == deployment.at("mappings/codes.map.yaml"));
  CHECK(entry.mapping->file() == deployment.at("mappings/codes.map.yaml"));
  CHECK(entry.parts.tables.at("c")->file() == deployment.at("mappings/tables/codes.csv"));
  CHECK_FALSE(has(entry.file.rules[0].target.place.text(), ".."));
  // /elsewhere/inner/../mappings is not here
  deployment.put("elsewhere/inner/x", "");
  std::filesystem::create_directory_symlink(deployment.at("elsewhere/inner"), deployment.at("linked"));
  std::filesystem::rename(deployment.at("mappings"), deployment.at("elsewhere/mappings"));
  CHECK(entry_of("linked/../mappings").file.file == deployment.at("linked/../mappings/codes.map.yaml"));
}
