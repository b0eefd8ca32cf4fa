// Thousands of histories of one machine. LT_SIM_SEEDS: how many (1,000); LT_SIM_FIRST: the first seed (1).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

#include "core/base/log.h"
#include "test/sim/world.h"

using namespace lt::sim;

namespace {

uint64_t setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// The first seed of `seeds` whose history breaks a promise, and which; 0 when none does.
std::pair<uint64_t, std::string> first_broken(Sabotage sabotage, uint64_t seeds) {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    World world(seed, sabotage);
    auto broken = world.run();
    if (!broken.empty()) return {seed, broken};
  }
  return {0, ""};
}

}  // namespace

TEST_CASE("the promises hold under crashes, bad disks, bad partners and odd people") {
  const uint64_t first = setting("LT_SIM_FIRST", 1), seeds = setting("LT_SIM_SEEDS", 1'000);
  lt::log::set_level(lt::log::Level::error);  // the journal warns of each fault we make
  Tally sum;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    World world(seed, Sabotage::nothing);
    const std::string broken = world.run();
    const Tally& t = world.tally();
    sum.messages += t.messages;
    sum.deliveries += t.deliveries;
    sum.effects += t.effects;
    sum.crashes += t.crashes;
    sum.events += t.events;
    sum.facts += t.facts;
    if (!broken.empty()) {
      FAIL_CHECK(fmt::format("seed {}: {}\nRepeat with LT_SIM_FIRST={} LT_SIM_SEEDS=1. What led there:\n{}", seed,
                             broken, seed, world.story()));
      break;
    }
  }
  fmt::print(
      "simulated {} seeds: {} messages accepted, {} deliveries, {} effects at partners, {} facts, {} crashes, {} "
      "events\n",
      seeds, sum.messages, sum.deliveries, sum.effects, sum.facts, sum.crashes, sum.events);
  CHECK(sum.messages > 10 * seeds);
}

TEST_CASE("a broken runtime is found out") {
  // Each of these would lose, repeat or hide something; a simulation that does not notice is worth nothing.
  const std::pair<std::string, Sabotage> kinds[] = {{"an outcome is not written", Sabotage::forget_outcomes},
                                                    {"attempts are not recorded", Sabotage::skip_attempts},
                                                    {"answered before the sync", Sabotage::answer_early},
                                                    {"a request is sent twice", Sabotage::send_twice}};
  for (const auto& [name, sabotage] : kinds) {
    CAPTURE(name);
    const auto [seed, broken] = first_broken(sabotage, 50);
    CAPTURE(broken);
    CHECK(seed != 0);
  }
}
