#include "core/route/agency_directory.h"

#include <doctest/doctest.h>

#include "test/core/config/memory_env.h"
#include "test/core/route/support.h"

using namespace lt;
using namespace lt::route;
using test::day;

TEST_CASE("the shipped tables are sound: 63 provinces, 34 open since 2025-07-01") {
  config::Diagnostics d;
  const auto directory = test::shipped_directory(d);
  CHECK(d.text() == "");
  int provinces = 0, before = 0, after = 0;
  for (const auto& [text, row] : directory->rows()) {
    if (text.front() != 'H') continue;
    ++provinces;
    before += !directory->lookup(text, day("2025-06-30"))->closed;
    after += !directory->lookup(text, day("2025-07-01"))->closed;
    if (row.valid_to) {
      REQUIRE(row.successors.size() == 1);
      CHECK_FALSE(directory->lookup(row.successors[0].text(), day("2026-01-01"))->closed);
    }
  }
  CHECK(provinces == 63);
  CHECK(before == 63);
  CHECK(after == 34);
  CHECK(directory->rows().at("H49").confidence == Confidence::deployed);
  CHECK(directory->rows().at("H01").confidence == Confidence::background);
  CHECK(directory->rows().at("H22").validity_confidence == Confidence::derived);
}

TEST_CASE("closed agencies are refused with their successors named") {
  config::Diagnostics d;
  const auto directory = test::shipped_directory(d);
  CHECK(directory->receiver("H22", day("2025-06-30")));
  const auto closed = directory->receiver("H22", day("2025-07-01"));
  REQUIRE_FALSE(closed);
  CHECK(closed.error().code == Code::agency_closed);
  CHECK(closed.error().detail == "H22 is closed since 2025-07-01, successor H60");
  CHECK(closed.error().hint == "send to H60");
  const auto below = directory->receiver("000.00.05.H22", day("2025-08-01"));
  REQUIRE_FALSE(below);
  CHECK(below.error().detail == "H22.05 below H22 is closed since 2025-07-01, successor H60");
  CHECK(below.error().hint == "ask H60 for the new code of the unit");
  CHECK(directory->receiver("G14.04", day("2026-01-01")).error().hint.find("G06") != std::string::npos);

  AgenciesConfig config;
  config.closed = ClosedAgency::accept;
  const auto accepting = test::shipped_directory(d, config);
  CHECK(accepting->receiver("H22", day("2025-08-01"))->closed);
}

TEST_CASE("aliases come before the algorithm, which comes before refusal") {
  test::MemoryEnv env;
  env.files["a.csv"] =
      "code,name_vi,valid_from,valid_to,successors,confidence,validity_confidence,note\n"
      "H49,Quảng Ninh,,,,C,D,\nH49.02,Sở A,2026-01-01,,,C,C,\n";
  env.files["b.csv"] = "alias,code\n000.00.07.H49,H49.77\nvxp.saas.03,\n";
  AgenciesConfig config;
  config.tables = {"a.csv"};
  config.alias_tables = {"b.csv"};
  config.aliases = {{"SoA", "000.00.02.H49"}, {"free text", ""}};
  config::Diagnostics d;
  const auto directory = AgencyDirectory::load(config, env, d);
  REQUIRE(d.text() == "");
  CHECK(directory->resolve("000.00.07.H49")->text() == "H49.77");
  CHECK(directory->resolve("000.05.02.H49")->text() == "H49.02.05");
  CHECK(directory->resolve("SoA")->text() == "H49.02");
  CHECK(directory->resolve("SoA")->written == "SoA");
  CHECK(directory->resolve("vxp.saas.03")->code.empty());
  CHECK(directory->resolve("free text")->text() == "free text");
  CHECK(directory->resolve("vxp.saas.04").error().code == Code::bad_agency_code);
  CHECK(directory->resolve("H49.02.05")->row->code.text() == "H49.02");
  CHECK(directory->resolve("H49.021")->row->code.text() == "H49");
  CHECK(directory->resolve("H4")->row == nullptr);
  CHECK(directory->lookup("H49.02.05", day("2025-12-31"))->early);
  CHECK(directory->receiver("H49.02", day("2025-12-31")).error().detail == "H49.02 is in force from 2026-01-01");
  CHECK(directory->receiver("H49.02", day("2026-01-01")));
}

TEST_CASE("mistakes in the tables are found at line and column, all at once") {
  test::MemoryEnv env;
  env.files["a.csv"] =
      "code,name_vi,valid_from,valid_to,successors,confidence,validity_confidence,note\n"
      "H1,a,2025-13-01,,,C,D,\n"
      "h2,b,,,,C,D,\n"
      "H3,c,2025-07-01,2025-06-30,,X,D,\n"
      "H1,d,,,,C,D,\n"
      "H4,e,,,H9 H1,C,D,\n";
  env.files["b.csv"] = "alias,code\nx,no code\ny,H1\ny,H3\n,H1\n";
  env.files["c.csv"] = "alias,note\n";
  AgenciesConfig config;
  config.tables = {"a.csv"};
  config.alias_tables = {"b.csv", "c.csv", "gone.csv"};
  config::Diagnostics d;
  AgencyDirectory::load(config, env, d);
  CHECK(test::places(d) ==
        "LT-1003@a.csv:2:6 LT-1003@a.csv:3:1 LT-1006@a.csv:4:17 LT-1003@a.csv:4:29 LT-1005@a.csv:5:1 LT-1007@a.csv:6:1 "
        "LT-1003@b.csv:2:1 LT-1005@b.csv:4:1 LT-1003@b.csv:5:1 LT-1004@c.csv:1:1 LT-1010@gone.csv");
}

TEST_CASE("dates are Vietnam's") {
  CHECK(date_text(vietnam_date(parse_rfc3339("2025-06-30T16:59:59Z").value())) == "2025-06-30");
  CHECK(date_text(vietnam_date(parse_rfc3339("2025-06-30T17:00:00Z").value())) == "2025-07-01");
  for (const char* bad :
       {"2025-02-29", "2025-7-01", "2025-07-1", "20250701", "2025-07-01T", "0000-00-00", "2025--701"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_date(bad));
  }
}
