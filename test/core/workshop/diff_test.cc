// Two versions of a mapping over the same documents.
#include "core/workshop/diff.h"

#include "core/workshop/examples.h"
#include "test/core/workshop/bench.h"

using namespace lt;
using namespace lt::workshop;
using namespace lt::workshop::test;

namespace {

const std::string kNewRules =
    "rules:\n"
    "  - Id: Ma\n"
    "  - Status: {from: TrangThai, table: status}\n"
    "  - Day: {from: Ngay, match: '^[0-9/]*$'}\n"
    "  - Other: Ghi\n"
    "  - Kind: Loai\n"
    "  - Files:\n      each: Tep\n      rules:\n        - Title: Ten\n        - Level: Cap\n";

struct Two {
  Folder folder;
  mapping::MappingStore::Entry before = folder.open(kHead + kTables + kRules + kIgnore, "maps/old.map.yaml");
  mapping::MappingStore::Entry after = folder.open(kHead + kTables + kNewRules, "maps/new.map.yaml");
  DiffSummary summary;

  DocumentDiff operator()(const std::string& document) {
    Tree tree;
    REQUIRE(parse_document(false, document, "d", tree));
    auto one = diff(*before.mapping, *after.mapping, tree.root(), "d", example_context());
    summary.add(one);
    return one;
  }
};

}  // namespace

TEST_CASE("changed paths with old and new value, each with the rule that makes it") {
  Two two;
  CHECK(two(R"({"Ma":"A","TrangThai":"4"})").verdict == Verdict::same);
  CHECK_FALSE(two.summary.changed());
  const auto changed = two(R"({"Ma":"A","Ngay":"01/07/2026","Ghi":"g"})");
  CHECK(changed.verdict == Verdict::changed);
  REQUIRE(changed.changes.size() == 2);
  CHECK(changed.changes[0].path == "$.Day");
  CHECK(changed.changes[0].before == "\"2026-07-01\"");
  CHECK(changed.changes[0].after == "\"01/07/2026\"");
  CHECK(has(changed.changes[0].rule, "new.map.yaml:10:5 Day"));
  CHECK(has(changed.changes[1].rule, "new.map.yaml:11:5 Other"));
  CHECK(has(changed.text(), "$.Day: \"2026-07-01\" -> \"01/07/2026\""));
  CHECK(two.summary.changed());
}

TEST_CASE("newly failing, newly passing, and failing as before") {
  Two two;
  const auto failing = two(R"({"Ngay":"x"})");  // fails in both, otherwise than before
  CHECK(failing.verdict == Verdict::changed);
  CHECK(has(failing.before_error, "LT-2104"));
  CHECK(has(failing.after_error, "LT-2102"));
  CHECK(two(R"({"TrangThai":"5"})").verdict == Verdict::same);  // refused alike
  const auto passing = two(R"({"Ngay":"31/02/2026"})");
  CHECK(passing.verdict == Verdict::newly_passing);
  CHECK(has(passing.changes[0].rule, "old.map.yaml:10:5 Day"));
  std::swap(two.before, two.after);
  CHECK(two(R"({"Ngay":"31/02/2026"})").verdict == Verdict::newly_failing);
  const std::string all = two.summary.text();
  CHECK(has(all, "same: 1; "));
  CHECK(has(all, "newly failing: 1; "));
  CHECK(has(all, "newly passing: 1"));
}
