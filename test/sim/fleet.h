// Many histories, on all cores. Each history runs on one thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "test/sim/world.h"

namespace lt::sim {

struct Voyage {
  uint64_t first = 1, seeds = 1'000;
  Sabotage sabotage = Sabotage::nothing;
  unsigned threads = 0;                    // 0 = one per core
  uint64_t catalog_every = 20;             // every so manieth history keeps a catalog; 0 = none
  std::chrono::milliseconds at_most{0};    // of real time; then no new history begins. 0 = no limit
  std::function<void(uint64_t done)> log;  // now and then, from any thread
};

struct Landing {
  Tally sum;
  double seconds = 0;
  std::optional<Scenario> broken;  // of the lowest failing seed
  std::string what;
};

Landing sail(const Voyage& voyage);
std::string to_text(const Landing& landing);

}  // namespace lt::sim
