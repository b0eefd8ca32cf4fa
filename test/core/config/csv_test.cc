#include "core/config/csv.h"

#include <doctest/doctest.h>

using namespace lt;
using namespace lt::config;

namespace {

std::string places(const Diagnostics& diagnostics) {
  std::string out;
  for (const auto& f : diagnostics.findings()) {
    out += (out.empty() ? "" : " ") + std::to_string(static_cast<int>(f.code)) + "@" + std::to_string(f.place.line) +
           ":" + std::to_string(f.place.column);
  }
  return out;
}

}  // namespace

TEST_CASE("fields, quotes, line ends and their places") {
  Diagnostics d;
  const auto t = parse_csv(
      "\xEF\xBB\xBFmã,tên\r\n# remark, with a comma\n\nH49,\"Quảng \"\"Ninh\"\", tỉnh\"\n\"a\nb\",ệ\n", "t.csv", d);
  CHECK(d.text() == "");
  REQUIRE(t.rows.size() == 2);
  CHECK(t.column("tên") == 1);
  CHECK(t.column("x") == CsvTable::npos);
  CHECK(t.rows[0][1].text == "Quảng \"Ninh\", tỉnh");
  CHECK(t.place(t.rows[0][1]).text() == "t.csv:4:5");
  CHECK(t.rows[1][0].text == "a\nb");
  CHECK(t.place(t.rows[1][1]).text() == "t.csv:6:4");
}

TEST_CASE("an empty last field and a missing last line end") {
  Diagnostics d;
  const auto t = parse_csv("a,b\n1,", "t.csv", d);
  CHECK(d.ok());
  REQUIRE(t.rows.size() == 1);
  CHECK(t.rows[0][1].text.empty());
}

TEST_CASE("damage is reported with line and column") {
  struct Case {
    const char* text;
    const char* places;
  };
  const Case cases[] = {
      {"a,b\n1\n1,2,3\n4,5\n", "1003@2:1 1003@3:1"},
      {"a,b\nx,y\"z\n", "1011@2:4"},
      {"a,b\nệ,\"y\n\n", "1011@2:3"},
      {"a,b\n\"x\"y,z\n", "1011@2:4"},
      {"a,a\n1,2\n", "1005@1:3"},
      {"a,b\n1,\xFF\n", "1011@2:3"},
      {"a,b\n1\r2,3\n", "1011@2:3"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text);
    Diagnostics d;
    parse_csv(each.text, "t.csv", d);
    CHECK(places(d) == each.places);
  }
}
