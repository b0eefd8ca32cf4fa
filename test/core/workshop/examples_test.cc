// Examples in both directions, their coverage, and the reports of them.
#include "core/codec/xml.h"
#include "core/workshop/test_report.h"
#include "test/core/workshop/bench.h"

using namespace lt;
using namespace lt::workshop;
using namespace lt::workshop::test;

namespace {

const std::string kDocument = R"({"Ma":"A","TrangThai":"4","Ngay":"01/07/2026","Tep":[{"Ten":"x","Cap":"1"}]})";
const std::string kResult = R"({"Id":"A","Status":"DANG","Day":"2026-07-01","Files":[{"Title":"x","Level":"1"}]})";

TestReport test_of(const Folder& folder, const mapping::MappingStore::Entry& entry) {
  ManualClock clock;
  static_cast<void>(folder);
  return test_mapping(system_env(), clock, entry);
}
TestReport test_of(const Folder& folder, mapping::MappingStore::Entry&& gone) = delete;  // reports refer to it

std::string outcome(const TestReport& report) {
  std::string out;
  for (const auto& at : report.results)
    out += at.name + " " + std::string(name_of(at.way)) +
           (at.passed     ? " ok; "
            : at.unusable ? " unusable; "
                          : " failed; ");
  return out;
}

}  // namespace

TEST_CASE("examples run forward, in reverse, and there and back") {
  Folder folder;
  folder.put("maps/s.json", kDocument);
  folder.put("maps/t.json", kResult);
  const auto entry =
      folder.open(kHead + kTables + kRules + kIgnore +
                  "examples:\n  - {name: a, source: s.json, target: t.json, round_trip: canonical}\n"
                  "  - {name: b, source: s.json, target: t.json, round_trip: exact}\n"
                  "  - {name: c, direction: reverse, target: t.json, source: s.json, round_trip: exact}\n"
                  "  - {name: d, like: a, set: {TrangThai: \"7\"}, error: LT-2103 at Status}\n"
                  "  - {name: e, direction: reverse, like: c, set: {Status: KHAC}, error: LT-2103 at TrangThai}\n");
  const auto report = test_of(folder, entry);
  CHECK_MESSAGE(report.passed(), text(report));
  CHECK(outcome(report) ==
        "a forward ok; a round trip ok; b forward ok; b round trip ok; c reverse ok; c round trip ok; d forward ok; e "
        "reverse ok; ");
  CHECK(report.examples() == 5);
  CHECK(report.examples_passed() == 5);
  CHECK(has(report.reversal, "lossy"));  // Ghi and Loai come back only when Loai is TC
}

TEST_CASE("a file that a document only names is read from files/ beside the mapping, and found again on the way back") {
  Folder folder;
  folder.put("schemas/source.json",
             R"({"type":"object","properties":{"Ten":{"type":"string"},"Tep":{"type":"string"}}})");
  folder.put("schemas/target.json", R"({"type":"object","properties":{"N":{"type":"string"},"C":{"type":"string"}}})");
  folder.put("maps/a.json", R"({"Ten":"a.pdf","Tep":"https://motcua.example.vn/t/don.pdf?id=1"})");
  folder.put("maps/b.json", R"({"N":"a.pdf","C":"QUJD"})");
  folder.put("maps/files/don.pdf", "ABC");
  folder.put("maps/gone.json", R"({"Ten":"a.pdf","Tep":"https://motcua.example.vn/t/khac.pdf"})");
  folder.put("maps/out.json", R"({"Ten":"a.pdf","Tep":"https://motcua.example.vn/t/..%2F..%2Fschemas"})");
  const auto fetching = folder.open(kHead +
                                    "rules:\n  - N: Ten\n  - C: {blob: Tep, carrier: url, name: Ten}\n"
                                    "examples:\n  - {name: a, source: a.json, target: b.json, round_trip: canonical}\n"
                                    "  - {name: gone, source: gone.json, target: b.json}\n"
                                    "  - {name: out, source: out.json, target: b.json}\n");
  const auto in = test_of(folder, fetching);
  CHECK_MESSAGE(outcome(in) == "a forward ok; a round trip ok; gone forward unusable; out forward unusable; ",
                text(in));
  CHECK(has(text(in), "files/khac.pdf"));

  folder.put("maps/c.json", R"({"Ten":"a.pdf","Tep":"QUJD"})");
  folder.put("maps/d.json", R"({"N":"a.pdf","C":"https://files.example/%24.Tep/a.pdf"})");
  folder.put("maps/e.json", R"({"N":"a.pdf","C":"file-1"})");
  for (const auto& [as, target] : {std::pair("url", "d.json"), std::pair("part", "e.json")}) {
    const auto entry = folder.open(kHead + "rules:\n  - N: Ten\n  - C: {blob: Tep, as: " + as +
                                   ", name: Ten}\nexamples:\n  - {name: a, source: c.json, target: " + target +
                                   ", round_trip: exact}\n");
    const auto out = test_of(folder, entry);
    CHECK_MESSAGE(outcome(out) == "a forward ok; a round trip ok; ", text(out));
  }
}

TEST_CASE("each kind of failure is told with its differences") {
  Folder folder;
  folder.put("maps/s.json", kDocument);
  folder.put("maps/t.json", R"({"Id":"B","Status":"DANG","Day":"2026-07-01","Files":[]})");
  folder.put("maps/good.json", kResult);
  folder.put("maps/lost.json", R"({"Ma":"A","Loai":"KH","Ghi":"note"})");
  folder.put("maps/lost-to.json", R"({"Id":"A"})");
  folder.put("maps/bad.json", "{");
  const auto entry =
      folder.open(kHead + kTables + kRules + kIgnore +
                  "examples:\n  - {name: differs, source: s.json, target: t.json}\n"
                  "  - {name: no-error, source: s.json, error: LT-2103 at Status}\n"
                  "  - {name: other-place, source: s.json, set: {TrangThai: \"7\"}, error: LT-2103 at Day}\n"
                  "  - {name: loses, source: lost.json, target: lost-to.json, round_trip: exact}\n"
                  "  - {name: unread, source: bad.json, target: good.json}\n"
                  "  - {name: no-file, source: none.json, target: good.json}\n"
                  "  - {name: refused, source: s.json, set: {Ngay: 31/02/2026}, target: good.json}\n"
                  "  - {name: other-way, direction: reverse, like: differs, source: s.json}\n"
                  "  - {name: no-place, source: s.json, set: {\"Tep[7].Ten\": x}, target: good.json}\n"
                  "  - {name: no-path, source: s.json, set: {\"Ma[\": x}, target: good.json}\n");
  const auto report = test_of(folder, entry);
  CHECK(outcome(report) ==
        "differs forward failed; no-error forward failed; other-place forward failed; loses forward ok; loses round "
        "trip failed; unread forward unusable; no-file forward unusable; refused forward failed; other-way reverse "
        "unusable; no-place forward unusable; no-path forward unusable; ");
  CHECK(has(report.results[9].text(), "the source has no Tep[7].Ten"));
  CHECK(has(report.results[10].text(), "\"Ma[\" is no path"));
  CHECK(report.examples_passed() == 0);
  CHECK(has(report.results[0].text(), "$.Id expected \"B\", got \"A\""));
  CHECK(has(report.results[0].text(), "$.Files[0] expected nothing, got an object"));
  CHECK(has(report.results[4].text(), "$.Loai expected \"KH\", got nothing"));
  const std::string people = text(report);
  CHECK(has(people, "HỎNG / FAILED differs (forward) LT-1125 " + folder.at("maps/m.map.yaml") + ":19:"));
  CHECK(has(people, "m@2"));
}

TEST_CASE("coverage names rules and rows that no example exercised") {
  Folder folder;
  folder.put("maps/s.json", R"({"Ma":"A","TrangThai":"4","Tep":[]})");
  folder.put("maps/t.json", R"({"Id":"A","Status":"DANG","Files":[]})");
  const auto entry =
      folder.open(kHead + kTables + kRules + kIgnore + "examples:\n  - {name: a, source: s.json, target: t.json}\n");
  const auto report = test_of(folder, entry);
  CHECK_MESSAGE(report.passed(), text(report));
  CHECK(report.coverage.line() == "luật / rules 2/7; dòng bảng / table rows 1/3");
  const std::string all = report.coverage.text();
  for (const char* at : {":10:5  Day", ":11:5  Kind", ":12:5  Files", ":15:11  Files.Title", ":16:11  Files.Level"})
    CHECK_MESSAGE(has(all, at), all);
  CHECK_FALSE(has(all, "  Id:"));
  CHECK(has(all, "status.csv:2  1 -> MOI"));
  CHECK_FALSE(has(all, "status.csv:3"));
  CHECK(has(report.coverage.text(1), "and 1 more"));
}

TEST_CASE("JUnit: a suite for each mapping, a case for each example and way, texts escaped") {
  Folder folder;
  folder.put("maps/s.json", kDocument);
  folder.put("maps/t.json", R"({"Id":"a<b&\"c\"","Status":"DANG","Day":"2026-07-01","Files":[]})");
  const auto entry = folder.open(kHead + kTables + kRules + kIgnore +
                                 "examples:\n  - {name: \"x < y\", source: s.json, target: t.json}\n"
                                 "  - {name: none, source: none.json, target: t.json}\n"
                                 "  - {name: fine, source: s.json, set: {TrangThai: \"7\"}, error: LT-2103}\n");
  std::vector<TestReport> reports;
  reports.push_back(test_of(folder, entry));
  const std::string xml = to_junit(reports);
  Tree tree;
  REQUIRE(codec::parse_xml(std::string_view(xml), tree));
  const Node* root = tree.root();
  REQUIRE(root->name == "testsuites");
  const auto attribute = [](const Node* of, const char* name) {
    const Node* at = of->find(name);
    return at ? std::string(at->text) : std::string("missing");
  };
  const Node* suite = root->find("testsuite");
  REQUIRE(suite);
  for (const Node* at : {root, suite}) {
    CHECK(attribute(at, "@tests") == "3");
    CHECK(attribute(at, "@failures") == "1");
    CHECK(attribute(at, "@errors") == "1");
    CHECK(attribute(at, "@skipped") == "0");
    CHECK(attribute(at, "@time") != "missing");
    CHECK(attribute(at, "@name") != "missing");
  }
  std::vector<const Node*> cases;
  for (const Node* at = suite->first; at; at = at->next)
    if (at->name == "testcase") cases.push_back(at);
  REQUIRE(cases.size() == 3);
  for (const Node* at : cases) {
    CHECK(attribute(at, "@classname") == "m");
    CHECK(attribute(at, "@time") != "missing");
    CHECK(attribute(at, "@file") == folder.at("maps/m.map.yaml"));
  }
  CHECK(attribute(cases[0], "@name") == "x < y (forward)");
  const Node* failure = cases[0]->find("failure");
  REQUIRE(failure);
  CHECK(attribute(failure, "@type") == "LT-1125");
  CHECK(has(attribute(failure, "#text"), "$.Files[0] expected nothing"));
  CHECK(cases[1]->find("error"));
  CHECK_FALSE(cases[2]->find("failure"));
  const std::string json = to_json(reports);
  Tree parsed;
  REQUIRE(parse_document(false, json, "json", parsed));
  CHECK_FALSE(parsed.root()->find("ok")->flag);
  CHECK(parsed.root()->find("mappings")->first->find("results")->count == 3);
}

TEST_CASE("all shipped mappings pass their examples, and say how well they can be reversed") {
  const std::string root = LT_SOURCE_DIR;
  const auto files = mapping_files(system_env(), root + "/mappings");
  REQUIRE(files);
  REQUIRE(files->size() >= 6);
  ManualClock clock;
  for (const std::string& file : *files) {
    config::Diagnostics found;
    const auto entry = open_mapping(system_env(), {}, file, found);
    REQUIRE(entry);
    CHECK_MESSAGE(found.findings().empty(), found.text());
    REQUIRE(entry->mapping);
    const auto report = test_mapping(system_env(), clock, *entry);
    CHECK_MESSAGE(report.passed(), text(report));
    CHECK(report.examples() > 0);
    CHECK(report.coverage.exercised() > 0);
    CHECK_FALSE(report.reversal.empty());
    MESSAGE(report.name << ": " << report.reversal << "; " << report.coverage.line());
  }
}

TEST_CASE("mappings are found by file or name, schemas upwards") {
  Folder folder;
  folder.put("maps/deep/m.map.yaml", kHead + kTables);
  const MappingPlace place{folder.at("maps"), ""};
  CHECK(*mapping_file(system_env(), place, "m") == folder.at("maps/deep/m.map.yaml"));
  const auto wrong = mapping_file(system_env(), place, "n");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::unknown_mapping);
  CHECK(has(wrong.error().hint, "m"));
  CHECK_FALSE(mapping_file(system_env(), place, folder.at("maps/none.map.yaml")));
  CHECK(*schemas_for(system_env(), place, folder.at("maps/deep/m.map.yaml")) == folder.at("schemas"));
  CHECK(*schemas_for(system_env(), {"", "else"}, "x") == "else");
}
