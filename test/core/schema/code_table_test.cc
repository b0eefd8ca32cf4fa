#include "core/schema/code_table.h"

#include <doctest/doctest.h>

using namespace lt;
using namespace lt::schema;

namespace {
struct Loaded {
  config::Diagnostics diagnostics;
  CodeTable table;
  explicit Loaded(const std::string& text)
      : table(CodeTable::load(config::parse_csv(text, "t.csv", diagnostics), diagnostics)) {}
  std::string forward(const char* code, const char* day = "") const {
    const CodeRow* row = table.forward(code, parse_day(day));
    return row == nullptr ? "" : row->target;
  }
  std::string reverse(const char* code, const char* day = "") const {
    const CodeRow* row = table.reverse(code, parse_day(day));
    return row == nullptr ? "" : row->source;
  }
};
}  // namespace

TEST_CASE("days") {
  CHECK(parse_day("1970-01-02") == 1);
  CHECK(parse_day("2026-07-01T08:30:00+07:00") == parse_day("2026-07-01"));
  CHECK_FALSE(parse_day("2026-02-30"));
  CHECK_FALSE(parse_day("01/07/2026"));
}

TEST_CASE("a table that merges units on a day") {
  const Loaded loaded(
      "source,target,valid_from,valid_to,preferred,ten\n"
      "1,A,2020-01-01,2025-06-30,,cũ\n1,B,2025-07-01,,,mới\n2,B,2025-07-01,,yes,chính\n3,C,,,,\n");
  REQUIRE_MESSAGE(loaded.diagnostics.ok(), loaded.diagnostics.text());
  CHECK(loaded.table.dated());
  CHECK_FALSE(loaded.table.injective());
  CHECK(loaded.forward("1", "2025-06-30") == "A");
  CHECK(loaded.forward("1", "2025-07-01") == "B");
  CHECK(loaded.forward("1", "2019-12-31") == "");
  CHECK(loaded.forward("1") == "B");
  CHECK(loaded.reverse("B", "2026-01-01") == "2");
  CHECK(loaded.reverse("A", "2026-01-01") == "");
  CHECK(loaded.forward("9") == "");
}

TEST_CASE("ambiguity is refused with its line, a preferred row settles it") {
  const Loaded twice("source,target\n1,A\n2,A\n");
  CHECK(twice.diagnostics.text().find("t.csv:3:1: error LT-1185") != std::string::npos);
  CHECK(Loaded("source,target,preferred\n1,A,x\n2,A,\n").diagnostics.ok());
  CHECK_FALSE(Loaded("source,target,preferred\n1,A,x\n2,A,x\n").diagnostics.ok());
  CHECK_FALSE(Loaded("source,target\n1,A\n1,B\n").diagnostics.ok());
  CHECK(Loaded("source,target,valid_from,valid_to\n1,A,,2025-06-30\n1,B,2025-07-01,\n").table.injective());
}

TEST_CASE("bad rows are named") {
  const Loaded loaded(
      "source,target,valid_from,valid_to,preferred\n,A,,,\n1,B,2026-13-01,,\n2,C,2026-02-01,2026-01-01,\n3,D,,,"
      "maybe\n");
  CHECK(loaded.diagnostics.errors() == 4);
  CHECK(loaded.diagnostics.text().find("t.csv:3:5") != std::string::npos);
  CHECK(Loaded("source,ziel\n1,2\n").diagnostics.text().find("no column \"target\"") != std::string::npos);
}
