#include "test/sim/fleet.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "core/base/log.h"

namespace lt::sim {
namespace {

class Fleet {
 public:
  explicit Fleet(const Voyage& voyage)
      : voyage_(voyage), next_(voyage.first), began_(std::chrono::steady_clock::now()) {}

  Landing sail() {
    log::set_level(log::Level::error);  // the journal and the catalog warn of each fault we make
    const unsigned wanted = voyage_.threads ? voyage_.threads : std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::thread> crew;
    for (unsigned i = 0; i < wanted; ++i) crew.emplace_back([this] { work(); });
    for (auto& one : crew) one.join();
    landing_.seconds = passed();
    return std::move(landing_);
  }

 private:
  double passed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

  void work() {
    Tally sum;
    for (;;) {
      const uint64_t seed = next_++;
      // After a failure only lower seeds are still of interest, and those have begun.
      if (seed - voyage_.first >= voyage_.seeds || failed_) break;
      if (voyage_.at_most.count() > 0 && passed() * 1'000 > static_cast<double>(voyage_.at_most.count())) break;
      Scenario scenario;
      scenario.seed = seed;
      scenario.sabotage = voyage_.sabotage;
      scenario.catalog = voyage_.catalog_every > 0 && seed % voyage_.catalog_every == 0;
      World world(scenario);
      const std::string broken = world.run();
      sum.add(world.tally());
      if (!broken.empty()) note(scenario, broken);
      if (const uint64_t done = ++done_; voyage_.log && done % 1'000 == 0) voyage_.log(done);
    }
    const std::lock_guard lock(mutex_);
    landing_.sum.add(sum);
  }

  void note(const Scenario& scenario, const std::string& broken) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (landing_.broken && landing_.broken->seed < scenario.seed) return;
    landing_.broken = scenario;
    landing_.what = broken;
  }

  const Voyage& voyage_;
  std::atomic<uint64_t> next_, done_{0};
  std::atomic<bool> failed_{false};
  const std::chrono::steady_clock::time_point began_;
  std::mutex mutex_;
  Landing landing_;
};

}  // namespace

Landing sail(const Voyage& voyage) { return Fleet(voyage).sail(); }

std::string to_text(const Landing& landing) {
  const Tally& t = landing.sum;
  return fmt::format(
      "{} seeds: {} messages, {} deliveries, {} effects at partners, {} facts, {} crashes, {} disk faults, {} "
      "operators' "
      "actions, {} reconfigurations, {} starts from a checkpoint, {} trims freed {} segments, {} catalogs audited, {} "
      "events\n"
      "{:.1f} s, {:.0f} messages/s\n",
      t.seeds, t.messages, t.deliveries, t.effects, t.facts, t.crashes, t.faults, t.operations, t.reconfigurations,
      t.checkpoints, t.trims, t.segments_freed, t.catalogs, t.events, landing.seconds,
      static_cast<double>(t.messages) / std::max(landing.seconds, 1e-9));
}

}  // namespace lt::sim
