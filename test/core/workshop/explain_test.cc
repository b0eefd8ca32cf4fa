// Explanations: of every field of the shipped examples, and of fields that are not there.
#include "core/workshop/explain.h"

#include "core/mapping/program.h"
#include "core/workshop/examples.h"
#include "test/core/workshop/bench.h"

using namespace lt;
using namespace lt::workshop;
using namespace lt::workshop::test;

namespace {

struct Asked {
  Folder folder;
  mapping::MappingStore::Entry entry = folder.open(kHead + kTables + kRules + kIgnore);
  Tree source;
  const mapping::RuleFile* file = nullptr;

  explicit Asked(const std::string& document) { REQUIRE(parse_document(false, document, "sample", source)); }
  Explanation operator()(const std::string& path) {
    const ExplainParts parts{entry.mapping.get(), entry.parts.target, "", file, nullptr};
    auto found = explain(system_env(), parts, source.root(), path, example_context());
    REQUIRE_MESSAGE(found, (found ? "" : found.error().text()));
    return std::move(*found);
  }
};

const std::string kDocument =
    R"({"Ma":"A","TrangThai":"4","Ngay":"01/07/2026","Loai":"CN","Ghi":"g","Tep":[{"Ten":"x"},{"Ten":"y","Cap":"2"}]})";

void walk(const Node* at, std::vector<const Node*>& out) {
  out.push_back(at);
  for (const Node* child = at->first; child; child = child->next) walk(child, out);
}

}  // namespace

TEST_CASE("a written field: rule as written, input path and value, table row, date type") {
  Asked ask(kDocument);
  const auto status = ask("$.Status");
  CHECK(status.written);
  REQUIRE(status.rules.size() == 1);
  CHECK(status.rules[0].place.line == 9);
  CHECK(status.rules[0].text == "- Status: {from: TrangThai, table: status}");
  REQUIRE(status.from.size() == 1);
  CHECK(status.from[0] == "$.TrangThai = chữ / text \"4\"");
  REQUIRE(status.through.size() == 1);
  CHECK(has(status.through[0], "status.csv:3) 4 -> DANG"));
  const auto day = ask("Day");
  REQUIRE(day.through.size() == 1);
  CHECK(has(day.through[0], "date type day: dd/MM/yyyy -> "));
  CHECK(ask("Files[1].Title").from[0] == "$.Tep[1].Ten = chữ / text \"y\"");
}

TEST_CASE("objects and lists: their rule, where they come from, what is below") {
  Asked ask(kDocument);
  const auto list = ask("$.Files");
  CHECK(list.rules[0].place.line == 12);
  CHECK(list.from[0] == "$.Tep = danh sách / list of 2");
  CHECK(list.below == std::vector<std::string>{"$.Files[0]", "$.Files[1]"});
  const auto item = ask("$.Files[1]");
  CHECK(item.from[0] == "$.Tep[1] = đối tượng / object");
  CHECK(item.below == std::vector<std::string>{"$.Files[1].Title", "$.Files[1].Level"});
}

TEST_CASE("a field nothing wrote: who would have, and why not") {
  Asked ask(kDocument);
  const auto when = ask("Kind");
  CHECK_FALSE(when.written);
  CHECK(when.rules[0].place.line == 11);
  CHECK(has(when.note, "`when`"));
  CHECK(when.nearest == "$");
  const auto absent = ask("$.Files[0].Level");
  CHECK(absent.rules[0].place.line == 16);
  CHECK(has(absent.note, "source absent: Cap"));
  CHECK(absent.nearest == "$.Files[0]");
  CHECK(has(ask("Files[5].Title").note, "no such item"));
  CHECK(has(ask("Other").note, "no rule writes it; lược đồ đích có trường này"));
  ask.file = &ask.entry.file;
  CHECK(has(ask("Other").note, "no rule writes it; ghi ở ignore / named in ignore: Other ("));
  CHECK(has(ask("Other").note, "m.map.yaml:17:19)"));
  const auto unknown = ask("Statu");
  CHECK(has(unknown.note, "no such field"));
  CHECK(has(unknown.note, "Status"));
  Asked empty(R"({"Ma":"A"})");
  CHECK(has(empty("Files[0].Title").note, "source absent: Tep"));
  CHECK(has(empty("Day").text(), "vì sao / why: nguồn vắng mặt / source absent: Ngay"));
}

TEST_CASE("a path that is none, and a document that is refused, are errors") {
  Asked ask(R"({"TrangThai":"77"})");
  const ExplainParts parts{ask.entry.mapping.get(), ask.entry.parts.target, ""};
  const auto run = [&](const char* path) {
    return explain(system_env(), parts, ask.source.root(), path, example_context());
  };
  CHECK(run("$.Id").error().code == Code::no_table_row);
  for (const char* path : {"$Id", "$.", "A..B", "A[x]", "A[1", "A.", "[\"a"})
    CHECK_MESSAGE(run(path).error().code == Code::usage, path);
}

TEST_CASE("every field of the outputs of the shipped examples has a rule, and one or more sources") {
  const std::string root = LT_SOURCE_DIR;
  const auto files = mapping_files(system_env(), root + "/mappings");
  REQUIRE(files);
  size_t asked = 0, rows = 0;
  for (const std::string& file : *files) {
    config::Diagnostics found;
    const auto entry = open_mapping(system_env(), {}, file, found);
    REQUIRE(entry);
    REQUIRE(entry->mapping);
    for (const mapping::Example& example : entry->file.examples) {
      if (!example.source || example.error || example.reverse) continue;
      const auto text = read_file(system_env(), file.substr(0, file.rfind('/') + 1) + example.source->text);
      REQUIRE(text);
      Tree source, target;
      REQUIRE(parse_document(entry->mapping->source_is_xml(), *text, "sample", source));
      REQUIRE(mapping::run(*entry->mapping, source.root(), target, example_context()));
      std::vector<const Node*> all;
      walk(target.root(), all);
      for (const Node* at : all) {
        if (at == target.root()) continue;
        const ExplainParts parts{entry->mapping.get(), entry->parts.target, entry->file.target.root.text};
        const auto one = explain(system_env(), parts, source.root(), path_of(at), example_context());
        REQUIRE_MESSAGE(one, path_of(at));
        CAPTURE(file);
        CAPTURE(one->text());
        CHECK(one->written);
        CHECK(one->path == path_of(at));
        REQUIRE_FALSE(one->rules.empty());
        CHECK(one->rules[0].place.line > 0);
        CHECK_FALSE(one->rules[0].text.empty());
        if (at->scalar()) CHECK_FALSE((one->from.empty() && one->through.empty()));
        for (const auto& step : one->through) rows += has(step, ".csv:") ? 1 : 0;
        ++asked;
      }
    }
  }
  CHECK(asked > 100);
  CHECK(rows > 3);
}

TEST_CASE("in reverse a field that does not come back names the ignore entry or the rule that drops it") {
  const Folder folder;
  const auto entry = folder.open(kHead + kTables +
                                 "rules:\n  - Id: Ma\n  - Status: {from: TrangThai, one_way: true}\n"
                                 "ignore:\n  source: [Loai, Ngay,\n           Tep, Ghi]\n"
                                 "  target: [Day, Kind, Other, Files]\n");
  const auto back = way_back(entry);
  REQUIRE(back);
  Tree source;
  REQUIRE(parse_document(false, R"({"Id":"A","Status":"MOI"})", "sample", source));
  const auto ask = [&](const std::string& path) {
    const ExplainParts parts{back->get(), entry.parts.source, "", &entry.file, &entry.reversal};
    auto found = explain(system_env(), parts, source.root(), path, example_context());
    REQUIRE(found);
    return found->note;
  };
  CHECK(has(ask("TrangThai"), "no rule writes it; luật chỉ có một chiều / the rule is one_way ("));
  CHECK(has(ask("TrangThai"), "m.map.yaml:9:5  - Status: {from: TrangThai, one_way: true})"));
  CHECK(has(ask("Ngay"), "named in ignore: Ngay ("));
  CHECK(has(ask("Ngay"), "m.map.yaml:11:18)"));
  CHECK(has(ask("Tep.Ten"), "named in ignore: Tep ("));
  CHECK(has(ask("Tep.Ten"), "m.map.yaml:12:12)"));
  CHECK(has(ask("Khac"), "no such field"));
}
