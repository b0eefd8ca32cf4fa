#include "core/base/clock.h"

#include <doctest/doctest.h>

#include <random>
#include <thread>

namespace lt {
using namespace std::chrono_literals;

namespace {
Wall ms(int64_t count) { return Wall(std::chrono::milliseconds(count)); }
}  // namespace

TEST_CASE("RFC 3339 is written in Vietnam time with milliseconds") {
  CHECK(format_rfc3339(ms(0)) == "1970-01-01T07:00:00.000+07:00");
  CHECK(format_rfc3339(ms(-1)) == "1970-01-01T06:59:59.999+07:00");
  CHECK(format_rfc3339(ms(1'795'138'200'123)) == "2026-11-20T08:30:00.123+07:00");
}

TEST_CASE("RFC 3339 is read with any offset and fraction") {
  const Wall expected = ms(1'795'138'200'123);
  for (const char* text : {"2026-11-20T08:30:00.123+07:00", "2026-11-20T01:30:00.123Z", "2026-11-20t01:30:00.123z",
                           "2026-11-19T20:00:00.123-05:30", "2026-11-20T01:30:00.123999999999-00:00"}) {
    CAPTURE(text);
    const auto read = parse_rfc3339(text);
    REQUIRE(read.has_value());
    CHECK(*read == expected);
  }
  CHECK(parse_rfc3339("2026-11-20T01:30:00Z").value() == ms(1'795'138'200'000));
  CHECK(parse_rfc3339("2026-11-20T01:30:00.5Z").value() == ms(1'795'138'200'500));
  CHECK(parse_rfc3339("1969-12-31T23:59:59.999Z").value() == ms(-1));
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z").has_value());
  CHECK(parse_rfc3339("2000-02-29T00:00:00Z").has_value());
}

TEST_CASE("a leap second is read only where one can be") {
  CHECK(parse_rfc3339("2016-12-31T23:59:60Z").value() == parse_rfc3339("2017-01-01T00:00:00Z").value());
  CHECK(parse_rfc3339("2017-01-01T06:59:60+07:00").value() == parse_rfc3339("2017-01-01T00:00:00Z").value());
  CHECK_FALSE(parse_rfc3339("2016-12-30T23:59:60Z").has_value());
  CHECK_FALSE(parse_rfc3339("2016-12-31T23:58:60Z").has_value());
}

TEST_CASE("RFC 3339 refusals") {
  for (const char* text : {"",
                           "2026",
                           "2026-02-30T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-11-20T08:30:00",
                           "2026-11-20T08:30:00.123",
                           "2026-11-20T08:30:00.Z",
                           "2026-11-20T08:30Z",
                           "2026-11-20 08:30:00Z",
                           "20/11/2026",
                           "2026-11-20",
                           "2026-11-20T08:30:00+7:00",
                           "2026-11-20T08:30:00+0700",
                           "2026-11-20T08:30:00+24:00",
                           "2026-11-20T08:30:00+07:60",
                           "2026-11-20T08:30:00+07:00x",
                           "2026-11-20T08:30:00 07:00",
                           "+026-11-20T08:30:00Z",
                           "2026-1-20T08:30:00Z",
                           "2026-11-20T08:30:00,5Z",
                           "9999-12-31T23:00:00Z",
                           "0000-01-01T00:00:00+23:59"}) {
    CAPTURE(text);
    const auto read = parse_rfc3339(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == Code::bad_date);
    CHECK_FALSE(read.error().detail.empty());
  }
}

TEST_CASE("what is written is read back the same, years 0000 to 9999") {
  std::mt19937_64 random(20261120);
  std::uniform_int_distribution<int64_t> any(-62'167'244'400'000, 253'402'275'599'999);
  for (int i = 0; i < 20'000; ++i) {
    const Wall time = ms(any(random));
    const std::string text = format_rfc3339(time);
    CAPTURE(text);
    REQUIRE(text.size() == 29);
    REQUIRE(parse_rfc3339(text).value() == time);
  }
}

TEST_CASE("a manual clock moves only when told, from any thread") {
  ManualClock clock(ms(1'000));
  CHECK(clock.wall() == ms(1'000));
  clock.advance(1500us);
  CHECK(clock.wall() == ms(1'001));
  CHECK(clock.mono().time_since_epoch() == 1500us);
  {
    const auto push = [&] {
      for (int i = 0; i < 1000; ++i) clock.advance(1us);
    };
    std::jthread one(push), two(push);
  }
  CHECK(clock.mono().time_since_epoch() == 3500us);
}

}  // namespace lt
