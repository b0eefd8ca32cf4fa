// From a failing seed to a short story: leaves out decision after decision as long as the same promise breaks.
#pragma once

#include <string>
#include <vector>

#include "test/sim/world.h"

namespace lt::sim {

struct Shrunk {
  std::string broken;              // what the small history breaks
  std::vector<std::string> story;  // all that happens in it
  size_t decisions = 0, left = 0;  // of the failing seed, and of the small history
  size_t replays = 0;
};

// `failing` breaks a promise. Deterministic; stops after `most` replays with what it has.
Shrunk shrink(const Scenario& failing, size_t most = 10'000);
// A numbered list, for people.
std::string to_text(const Shrunk& shrunk);

}  // namespace lt::sim
