// Checkpoint files: whole or absent; the newest intact one that fits is found.
#include "core/journal/checkpoint.h"

#include <doctest/doctest.h>

#include "core/base/log.h"
#include "test/support/sim_env.h"

namespace lt::journal {
namespace {

constexpr Position kEnd{0, UINT64_MAX};

Checkpoint checkpoint(uint64_t offset) { return {{0, offset}, "state after " + std::to_string(offset)}; }

struct Place {
  test::SimEnv env;
  Place() {
    log::set_level(log::Level::error);
    REQUIRE(env.make_directories("j"));
  }
  void write(uint64_t offset) { REQUIRE(write_checkpoint(env, "j", checkpoint(offset))); }
  uint64_t newest(Position from = {}, Position below = kEnd) {
    const auto found = newest_checkpoint(env, "j", from, below);
    REQUIRE(found);
    if (!*found) return 0;
    CHECK((*found)->state == checkpoint((*found)->position.offset).state);
    return (*found)->position.offset;
  }
};

}  // namespace

TEST_CASE("the newest two checkpoints are kept, and the newest within bounds is found") {
  Place place;
  CHECK(place.newest() == 0);
  for (const uint64_t offset : {600, 5'000, 70'000}) place.write(offset);
  CHECK(place.env.files().size() == 2);
  CHECK(place.newest() == 70'000);
  CHECK(place.newest({}, {0, 70'000}) == 5'000);
  CHECK(place.newest({0, 5'001}, {0, 70'000}) == 0);
  CHECK(*intact_checkpoints(place.env, "j", 0) == std::vector<Position>{{0, 70'000}, {0, 5'000}});
  REQUIRE(drop_checkpoints_from(place.env, "j", {0, 5'001}));
  CHECK(place.newest() == 5'000);
}

TEST_CASE("a damaged checkpoint is passed over: the older one is used") {
  Place place;
  place.write(600);
  place.write(5'000);
  const std::string path = place.env.files().back();
  const std::string whole = place.env.contents(path);
  SUBCASE("any byte of it") {
    for (size_t i = 0; i < whole.size(); ++i) {
      CAPTURE(i);
      place.env.flip(path, i, 0x10);
      CHECK(place.newest() == 600);
      place.env.flip(path, i, 0x10);
    }
    CHECK(place.newest() == 5'000);
  }
  SUBCASE("cut anywhere") {
    for (size_t size = 0; size < whole.size(); ++size) {
      place.env.set_contents(path, whole.substr(0, size));
      CHECK(place.newest() == 600);
    }
  }
  SUBCASE("under the name of another place") {
    REQUIRE(place.env.rename(path, "j/checkpoint-0000000000009999.ckp"));
    CHECK(place.newest() == 600);
    CHECK(place.newest({0, 601}) == 0);
  }
  CHECK(place.newest({}, {0, 5'000}) == 600);
}

TEST_CASE("a power cut at any step of writing a checkpoint leaves the old one or the new one, whole") {
  for (uint64_t steps = 0;; ++steps) {
    Place place;
    place.write(600);
    place.env.power_off_after(steps);
    const auto written = write_checkpoint(place.env, "j", checkpoint(5'000));
    const bool whole = !place.env.powered_off();
    place.env.crash(steps);
    CAPTURE(steps);
    const uint64_t newest = place.newest();
    CHECK((newest == 5'000 || (!written && newest == 600)));
    place.write(9'000);
    CHECK(place.newest() == 9'000);
    CHECK(place.env.files().size() <= 2);  // nothing half written is left
    if (whole) break;
  }
}

}  // namespace lt::journal
