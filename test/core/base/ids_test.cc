#include "core/base/ids.h"

#include <doctest/doctest.h>

#include <thread>
#include <unordered_set>
#include <vector>

namespace lt {
using namespace std::chrono_literals;

namespace {
bool is_version_7(const Id& id) { return id.bytes[6] >> 4 == 7 && id.bytes[8] >> 6 == 2; }
int64_t ms_in(const Id& id) {
  int64_t ms = 0;
  for (int i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return ms;
}
}  // namespace

TEST_CASE("ids are UUIDv7 and carry the wall time") {
  ManualClock clock;
  SeededIds ids(clock, 1);
  clock.advance(5s);
  const Id id = ids.next();
  CHECK(is_version_7(id));
  CHECK(ms_in(id) == clock.wall().time_since_epoch().count());
  CHECK_FALSE(id.empty());
  CHECK(Id{}.empty());
}

TEST_CASE("100,000 ids in one millisecond rise strictly, and so do their texts") {
  ManualClock clock;
  SeededIds ids(clock, 7);
  Id last = ids.next();
  std::string last_text = last.text();
  for (int i = 1; i < 100'000; ++i) {
    const Id id = ids.next();
    const std::string text = id.text();
    REQUIRE(id > last);
    REQUIRE(text > last_text);
    REQUIRE(is_version_7(id));
    last = id;
    last_text = text;
  }
  // 4096 ids to a millisecond: the ids borrow 24 from the future and the clock then overtakes them.
  CHECK(ms_in(last) == clock.wall().time_since_epoch().count() + 24);
  clock.advance(25ms);
  CHECK(ms_in(ids.next()) == clock.wall().time_since_epoch().count());
}

TEST_CASE("ids rise when the clock steps back") {
  ManualClock clock;
  SeededIds ids(clock, 7);
  Id last = ids.next();
  const auto highest = ms_in(last);
  for (const auto by : {-1ms, -3'600'000ms, 10ms, -86'400'000ms, 1ms}) {
    clock.advance(by);
    for (int i = 0; i < 100; ++i) {
      const Id id = ids.next();
      REQUIRE(id > last);
      REQUIRE(ms_in(id) == highest);
      last = id;
    }
  }
  clock.advance(std::chrono::hours(48));
  CHECK(ms_in(ids.next()) == clock.wall().time_since_epoch().count());
}

TEST_CASE("seeded ids repeat with the seed and differ without") {
  ManualClock clock;
  SeededIds one(clock, 42), same(clock, 42), other(clock, 43);
  for (int i = 0; i < 100; ++i) {
    const Id id = one.next();
    CHECK(id == same.next());
    CHECK(id != other.next());
  }
}

TEST_CASE("system ids are unique across threads and rise within each") {
  constexpr int kThreads = 4, kEach = 20'000;
  std::vector<std::vector<Id>> made(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& own : made) {
      threads.emplace_back([&own] {
        for (int i = 0; i < kEach; ++i) own.push_back(system_ids().next());
      });
    }
  }
  std::unordered_set<Id> all;
  bool rising = true;
  for (const auto& own : made) {
    for (size_t i = 0; i < own.size(); ++i) {
      rising = rising && is_version_7(own[i]) && (i == 0 || own[i] > own[i - 1]);
      all.insert(own[i]);
    }
  }
  CHECK(rising);
  CHECK(all.size() == size_t{kThreads} * kEach);
}

TEST_CASE("an id's text is read back; anything else is refused") {
  // The example of RFC 9562 appendix A.6.
  const auto example = Id::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  REQUIRE(example.has_value());
  CHECK(example->text() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  CHECK(ms_in(*example) == 0x017F22E279B0);
  for (const char* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                           "017f22e2-79b0-7cc3-98c4-dc0c-c07398f", "017f22e2-79b0-7cc3-9-c4-dc0c0c07398f",
                           "017f22e2079b0-7cc3-98c4-dc0c0c07398f"}) {
    CAPTURE(text);
    CHECK_FALSE(Id::parse(text).has_value());
  }
}

}  // namespace lt
