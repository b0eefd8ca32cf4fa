// Bugs on purpose in the engine itself: a simulation that does not find each of them is worth nothing.
#include <doctest/doctest.h>

#include "core/base/canary.h"
#include "test/sim/fleet.h"
#include "test/sim/shrink.h"

using namespace lt::sim;

TEST_CASE("each canary is found within 1,000 seeds, as the promise it breaks, and told in a short story") {
  struct Case {
    const char* name;
    const char* promises;  // any of these
    size_t lines;          // the story may have: segments are freed only after they were filled
  };
  const Case cases[] = {{"lost_outcome", "P2 P4", 120},  // a disk is filled first
                        {"double_send", "P3", 40},
                        {"reordered_key", "P5", 40},
                        {"trimmed_pending", "P2", 80},
                        {"forgotten_key", "P3", 200}};  // keys are sealed by the run only
  for (const auto& [name, promises, lines] : cases) {
    CAPTURE(name);
    REQUIRE(lt::choose_canary(name));
    Voyage voyage;
    voyage.seeds = 1'000;
    voyage.catalog_every = 0;
    const Landing landing = sail(voyage);
    REQUIRE(landing.broken);
    const std::string promise = promise_of(landing.what);
    const Shrunk shrunk = shrink(*landing.broken);
    fmt::print("canary {}: found at seed {} in {:.1f} s: {}\n  shrunk from {} decisions to {}, {} lines\n", name,
               landing.broken->seed, landing.seconds, landing.what, shrunk.decisions, shrunk.left, shrunk.story.size());
    CAPTURE(landing.what);
    CHECK(std::string_view(promises).find(promise) != std::string_view::npos);
    INFO(to_text(shrunk));
    CHECK(promise_of(shrunk.broken) == promise);
    CHECK(shrunk.story.size() <= lines);
  }
  lt::canary = lt::Canary::none;
}

TEST_CASE("without a canary the same engine keeps its promises") {
  Voyage voyage;
  voyage.seeds = 50;
  const Landing landing = sail(voyage);
  CAPTURE(landing.what);
  CHECK(!landing.broken);
}
