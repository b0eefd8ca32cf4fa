// Thousands of histories of one machine. LT_SIM_SEEDS: how many (1,000); LT_SIM_FIRST: the first seed (1).
#include <doctest/doctest.h>

#include <cstdlib>

#include "test/sim/fleet.h"
#include "test/sim/shrink.h"

using namespace lt::sim;

namespace {

uint64_t setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

TEST_CASE("the promises hold under crashes, bad disks, bad partners, odd people and other policies") {
  Voyage voyage;
  voyage.first = setting("LT_SIM_FIRST", 1);
  voyage.seeds = setting("LT_SIM_SEEDS", 1'000);
  const Landing landing = sail(voyage);
  fmt::print("{}", to_text(landing));
  if (landing.broken) {
    FAIL_CHECK(fmt::format("seed {}: {}\nRepeat: ./dev sim --from {} --seeds 1\n{}", landing.broken->seed, landing.what,
                           landing.broken->seed, to_text(shrink(*landing.broken))));
  }
  CHECK(landing.sum.messages > 10 * voyage.seeds);
}

TEST_CASE("a seed is a history: told twice it is the same to the word") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Scenario scenario;
    scenario.seed = seed;
    scenario.record = true;
    World first(scenario), second(scenario);
    CHECK(first.run() == second.run());
    CHECK(first.story() == second.story());
    // Held to the decisions that struck, it is the same history again.
    Fate::Chosen all;
    for (const Decision& decision : first.struck()) all.insert(decision.id);
    scenario.only = &all;
    World held(scenario);
    CHECK(held.run() == "");
    CHECK(held.story() == first.story());
  }
}

TEST_CASE("a broken runtime is found out, and told in a short story") {
  // Each of these would lose, repeat or hide something; a simulation that does not notice is worth nothing.
  for (const auto& [name, sabotage] : {std::pair("an outcome is not written", Sabotage::forget_outcomes),
                                       {"attempts are not recorded", Sabotage::skip_attempts},
                                       {"answered before the sync", Sabotage::answer_early},
                                       {"a request is sent twice", Sabotage::send_twice}}) {
    CAPTURE(name);
    Voyage voyage;
    voyage.seeds = 50;
    voyage.sabotage = sabotage;
    voyage.catalog_every = 0;
    const Landing landing = sail(voyage);
    REQUIRE(landing.broken);
    CAPTURE(landing.what);
    const Shrunk shrunk = shrink(*landing.broken);
    INFO(to_text(shrunk));
    CHECK(promise_of(shrunk.broken) == promise_of(landing.what));
    CHECK(shrunk.story.size() <= 60);
  }
}

TEST_CASE("a catalog that misses outcomes is found out") {
  Voyage voyage;
  voyage.seeds = 50;
  voyage.sabotage = Sabotage::starve_catalog;
  voyage.catalog_every = 1;
  const Landing landing = sail(voyage);
  REQUIRE(landing.broken);
  CHECK(promise_of(landing.what) == "catalog");
}
