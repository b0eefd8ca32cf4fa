// Days that are not in the calendar, and texts that are not dates. What a mapping answers (LT-2104 with line and path)
// is in operators_test: "dates: any pattern to any other, and the calendar is checked both ways".
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "core/mapping/date_pattern.h"

using namespace lt;
using namespace lt::mapping;

namespace {

bool reads(std::string_view pattern, std::string_view text) {
  const auto parsed = DatePattern::parse(pattern);
  REQUIRE(parsed);
  Moment moment;
  return parsed->read(text, moment);
}

}  // namespace

TEST_CASE("29 February is a day of leap years only") {
  for (const char* leap : {"29/02/2024", "29/02/2000", "29/02/2400", "29/02/0004"})
    CHECK_MESSAGE(reads("dd/MM/yyyy", leap), leap);
  for (const char* common :
       {"29/02/2023", "29/02/2025", "29/02/2026", "29/02/1900", "29/02/2100", "30/02/2024", "31/02/2024"})
    CHECK_MESSAGE(!reads("dd/MM/yyyy", common), common);
}

TEST_CASE("day and month 00, month 13 and days beyond the month are refused") {
  for (const char* bad : {"00/00/2026", "00/01/2026", "01/00/2026", "01/13/2026", "32/01/2026", "31/04/2026",
                          "31/06/2026", "31/09/2026", "31/11/2026", "01/01/0000", "00/00/0000", "99/99/9999"})
    CHECK_MESSAGE(!reads("dd/MM/yyyy", bad), bad);
  CHECK(reads("dd/MM/yyyy", "31/12/9999"));
  CHECK(reads("dd/MM/yyyy", "01/01/0001"));
}

TEST_CASE("a year has four digits: no century is guessed") {
  CHECK(DatePattern::parse("dd/MM/yy").error().code == Code::pattern_error);
  for (const char* bad : {"01/02/26", "01/02/026", "01/02/20260", "01/02/ 026", "01/02/-026"})
    CHECK_MESSAGE(!reads("dd/MM/yyyy", bad), bad);
}

TEST_CASE("hours, minutes, seconds, fractions and offsets have their bounds") {
  for (const char* good : {"2026-01-01T00:00:00Z", "2026-01-01T23:59:59.999999999+14:59", "2026-01-01T00:00:00-14:00"})
    CHECK_MESSAGE(reads("iso-datetime", good), good);
  for (const char* bad :
       {"2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T23:59:60Z", "2026-01-01T00:00:00+15:00",
        "2026-01-01T00:00:00+07:60", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00+0700", "2026-01-01T00:00:00 +07:00", "2026-01-01 00:00:00Z", "2026-01-01"})
    CHECK_MESSAGE(!reads("iso-datetime", bad), bad);
}

TEST_CASE("other digits, blanks and NULs are no digits") {
  for (const std::string_view bad :
       {std::string_view("\xD9\xA0\xD9\xA1/01/2026"), std::string_view("1 /01/2026"), std::string_view("+1/01/2026"),
        std::string_view("01/01/2026\0", 11), std::string_view("")})
    CHECK(!reads("dd/MM/yyyy", bad));
}

TEST_CASE("a pattern that could read one text as two days is refused") {
  for (const char* bad : {"yyyyMd", "dMyyyy", "d/Myyyy", "yyyy-M'1'd", "yyyy-MM-dHH", "yyyy/dMM"}) {
    const auto pattern = DatePattern::parse(bad);
    REQUIRE_MESSAGE(!pattern, bad);
    CHECK(pattern.error().code == Code::pattern_error);
  }
  for (const char* good : {"d/M/yyyy", "yyyy-M-d", "yyyy-M-d'T'HH:mm", "yyyyMMdd", "yyyy/M/dXXX"})
    CHECK_MESSAGE(DatePattern::parse(good), good);
}

TEST_CASE("a moment that another zone puts outside the years 1 to 9999 cannot be moved there") {
  const auto iso = DatePattern::parse("iso-datetime"), day = DatePattern::parse("yyyy-MM-dd");
  for (const char* edge : {"9999-12-31T20:00:00+00:00", "0001-01-01T00:00:00+14:00"}) {
    Moment moment;
    REQUIRE(iso->read(edge, moment));
    const int year = moment.year;
    CHECK_FALSE(adapt(moment, *day, year == 1 ? -60 : 7 * 60));
    CHECK(moment.year == year);
    CHECK(adapt(moment, *iso, 7 * 60));
  }
}
