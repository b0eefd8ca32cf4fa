// A mapping and its examples in a folder of their own, written by the test.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "core/workshop/document.h"
#include "core/workshop/open_mapping.h"
#include "test/support/scratch.h"

namespace lt::workshop::test {

inline const std::string kHead =
    "mapping: m\nversion: 2\nsource: {format: json, schema: source.json}\n"
    "target: {format: json, schema: target.json}\n";
inline const std::string kSource =
    R"({"type":"object","additionalProperties":false,"properties":{"Ma":{"type":"string"},"TrangThai":{"type":"string"},"Ngay":{"type":"string"},"Loai":{"type":"string"},"Ghi":{"type":"string"},"Tep":{"type":"array","items":{"type":"object","properties":{"Ten":{"type":"string"},"Cap":{"type":"string"}}}}}})";
inline const std::string kTarget =
    R"({"type":"object","additionalProperties":false,"properties":{"Id":{"type":"string"},"Status":{"type":"string"},"Day":{"type":"string"},"Kind":{"type":"string"},"Other":{"type":"string"},"Files":{"type":"array","items":{"type":"object","properties":{"Title":{"type":"string"},"Level":{"type":"string"}}}}}})";
inline const std::string kTables = "tables: {status: status.csv}\ntypes: {day: {pattern: dd/MM/yyyy, to: iso-date}}\n";
inline const std::string kRules =
    "rules:\n"                                         // line 7
    "  - Id: Ma\n"                                     // 8
    "  - Status: {from: TrangThai, table: status}\n"   // 9
    "  - Day: {from: Ngay, type: day}\n"               // 10
    "  - Kind: {from: Ghi, when: \"Loai == 'TC'\"}\n"  // 11
    "  - Files:\n"                                     // 12
    "      each: Tep\n"                                // 13
    "      rules:\n"                                   // 14
    "        - Title: Ten\n"                           // 15
    "        - Level: Cap\n";                          // 16
inline const std::string kIgnore = "ignore: {target: [Other]}\n";

struct Folder {
  lt::test::Scratch scratch;
  Folder() {
    put("schemas/source.json", kSource);
    put("schemas/target.json", kTarget);
    put("maps/status.csv", "source,target\n1,MOI\n4,DANG\n9,XONG\n");
  }
  std::string at(const std::string& name) const { return scratch.path() + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    const std::string path = at(name);
    REQUIRE(system_env().make_directories(path.substr(0, path.rfind('/'))));
    REQUIRE(replace_file(system_env(), path, text));
  }
  mapping::MappingStore::Entry open(const std::string& yaml, const std::string& name = "maps/m.map.yaml") const {
    put(name, yaml);
    config::Diagnostics found;
    auto entry = open_mapping(system_env(), {at("maps"), ""}, at(name), found);
    REQUIRE_MESSAGE(entry, (entry ? "" : entry.error().text()));
    REQUIRE_MESSAGE(found.ok(), found.text());
    REQUIRE(entry->mapping);
    return std::move(*entry);
  }
};

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace lt::workshop::test
