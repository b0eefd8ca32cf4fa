#include "core/route/agency_set.h"

#include <doctest/doctest.h>

#include <random>

#include "test/core/route/support.h"

using namespace lt;
using namespace lt::route;

namespace {

// Codes over few letters and groups, so that prefixes are common.
std::string random_code(std::mt19937& random) {
  static const char* const kGroups[] = {"01", "02", "1", "011", "0"};
  std::string code = std::string(1, "GHK"[random() % 3]) + std::to_string(random() % 3);
  for (auto depth = random() % 4; depth > 0; --depth) code += std::string(".") + kGroups[random() % 5];
  return code;
}

// The plain definition: the matching pattern with the most groups.
std::optional<uint32_t> longest_by_search(const std::vector<AgencyPattern>& patterns, const Agency& agency) {
  std::optional<uint32_t> best;
  long best_rank = -1;
  for (uint32_t i = 0; i < patterns.size(); ++i) {
    const auto& text = patterns[i].text;
    long rank = 0;
    if (patterns[i].kind == AgencyPattern::Kind::letter) rank = 1;
    if (patterns[i].kind == AgencyPattern::Kind::code) rank = 2 + std::count(text.begin(), text.end(), '.');
    const auto code = agency.code.text() + ".";
    const bool matches = text == "*" || (rank == 1 ? code[0] == text[0] : code.rfind(text + ".", 0) == 0);
    if (matches && rank > best_rank) {
      best_rank = rank;
      best = i;
    }
  }
  return best;
}

}  // namespace

TEST_CASE("property: the table finds the longest prefix, whatever the order of insertion") {
  config::Diagnostics d;
  const AgencyDirectory empty;
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<AgencyPattern> patterns;
    AgencyTable table;
    for (int i = 0; i < 12; ++i) {
      std::string text = random_code(random);
      if (random() % 10 == 0) text = "*";
      if (random() % 10 == 0) text = std::string(1, "GHK"[random() % 3]) + "*";
      auto pattern = parse_pattern(text, empty).value();
      const bool fresh = !table.add(pattern, static_cast<uint32_t>(patterns.size()));
      const bool known = std::any_of(patterns.begin(), patterns.end(), [&](auto& p) { return p.text == pattern.text; });
      REQUIRE(fresh != known);
      if (fresh) patterns.push_back(pattern);
    }
    for (int i = 0; i < 50; ++i) {
      const auto agency = empty.resolve(random_code(random)).value();
      CAPTURE(agency.text());
      REQUIRE(table.longest(agency) == longest_by_search(patterns, agency));
      for (const auto& pattern : patterns) {
        AgencyTable one;
        one.add(pattern, 0);
        REQUIRE(pattern.matches(agency) == one.longest(agency).has_value());
      }
    }
  }
}

TEST_CASE("property: a set that covers another contains all that the other contains") {
  const AgencyDirectory empty;
  config::Diagnostics d;
  int covered = 0;
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto make = [&](int size) {
      std::vector<std::string> texts;
      for (int i = 0; i < size; ++i) {
        texts.push_back(random() % 6 ? random_code(random) : std::string(1, "GHK"[random() % 3]) + "*");
      }
      return AgencySet::compile(test::located(texts), empty, d);
    };
    const auto large = make(5);
    const auto small = make(1);
    bool all = true;
    for (int i = 0; i < 200; ++i) {
      const auto agency = empty.resolve(random_code(random)).value();
      if (small.contains(agency) && !large.contains(agency)) all = false;
    }
    if (large.covers(small)) {
      ++covered;
      REQUIRE(all);
    }
  }
  CHECK(d.ok());
  CHECK(covered > 20);
}

TEST_CASE("a prefix ends at a dot, an old form is the same agency, a free text only itself") {
  config::Diagnostics d;
  const auto directory = test::shipped_directory(d);
  const auto set = AgencySet::compile(test::located({"000.00.02.H49", "vxp.saas.03", "G*"}), *directory, d);
  REQUIRE(d.ok());
  const auto has = [&](const char* text) { return set.contains(directory->resolve(text).value()); };
  CHECK(has("H49.02"));
  CHECK(has("H49.02.05"));
  CHECK(has("012.05.02.H49"));
  CHECK_FALSE(has("H49.021"));
  CHECK_FALSE(has("H49"));
  CHECK(has("vxp.saas.03"));
  CHECK(has("G22.04"));
  CHECK(set.text() == "H49.02, vxp.saas.03, G*");
}

TEST_CASE("what is no agency is reported with a suggestion") {
  config::Diagnostics d;
  const auto directory = test::shipped_directory(d);
  std::vector<config::Located<std::string>> texts{{"vxp.saas.3", {"r.yaml", 3, 7, {}}}};
  AgencySet::compile(texts, *directory, d);
  CHECK(test::places(d) == "LT-1007@r.yaml:3:7");
  CHECK(d.text().find("did you mean \"vxp.saas.03\"?") != std::string::npos);
}

TEST_CASE("message types") {
  config::Diagnostics d;
  const auto set = TypeSet::compile(test::located({"onestop/*", "axis/status"}), {"onestop/dossier", "axis/status"}, d);
  CHECK(d.ok());
  CHECK(set.contains("onestop/dossier"));
  CHECK(set.contains("axis/status"));
  CHECK_FALSE(set.contains("axis/document"));
  CHECK_FALSE(set.contains("onestopx/dossier"));
  TypeSet::compile(test::located({"onestop/dosier", "portal/*"}), {"onestop/dossier", "axis/status"}, d);
  CHECK(d.errors() == 2);
  CHECK(d.text().find("did you mean \"onestop/dossier\"?") != std::string::npos);
}
