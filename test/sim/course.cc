// The course of a history: trouble for a while, then calm, and everything must come to its end.
#include <algorithm>

#include "test/sim/bookshelf.h"
#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;
using std::chrono::milliseconds;

void World::plan() {
  // Most histories are short: they find as much, and are told sooner. A few carry a backlog.
  const bool large = fate_.roll(12, Kind::size, 2) == 0;
  const uint64_t clients = large ? 200 + fate_.roll(600, Kind::size, 3) : 30 + fate_.roll(90, Kind::size, 3);
  const auto span = milliseconds(2'000 + fate_.roll(60'000, Kind::size, 4));
  const auto sometime = [&](Kind kind, uint64_t number) {
    return std::chrono::microseconds(fate_.time(static_cast<uint64_t>(span.count()) * 1'000, kind, number, 1 << 20));
  };
  // The kinds' own names make each one's time and doings independent of how many others there are.
  const auto schedule = [&](Kind kind, uint64_t count, auto what) {
    for (uint64_t i = 0; i < count; ++i) {
      if (fate_.strikes(1, kind, i)) in(sometime(kind, i), [i, what] { what(i); });
    }
  };
  if (fate_.strikes(0.4, Kind::dead_partner)) {
    dead_ = std::next(partners_.begin(), static_cast<ptrdiff_t>(fate_.roll(3, Kind::dead_partner)))->first;
    partners_.at(dead_).set_down(true);
    tell("{} is dead until the end", dead_);
  }
  schedule(Kind::message, clients, [this](uint64_t i) { client_arrives(i); });
  schedule(Kind::operation, fate_.roll(25, Kind::size, 5), [this](uint64_t i) { operator_acts(i); });
  schedule(Kind::crash, fate_.roll(5, Kind::size, 6), [this](uint64_t) {
    if (cell_) crash("the process is killed");
  });
  schedule(Kind::disk, fate_.roll(4, Kind::size, 7), [this](uint64_t i) { disk_trouble(i); });
  schedule(Kind::reconfiguration, fate_.roll(3, Kind::size, 9), [this](uint64_t i) { reconfigure(i); });
  schedule(Kind::retention, fate_.roll(12, Kind::size, 10), [this](uint64_t i) { retain(i); });
  schedule(Kind::weather, fate_.roll(12, Kind::size, 8), [this](uint64_t i) {
    Partner& p = std::next(partners_.begin(), static_cast<ptrdiff_t>(fate_.roll(3, Kind::weather, i, 1)))->second;
    p.set_down(p.name() == dead_ || fate_.roll(2, Kind::weather, i, 2) == 0);
    p.set_slow(fate_.roll(3, Kind::weather, i, 3) == 0);
    tell("{} is {}{}", p.name(), p.down() ? "down" : "up", p.slow() ? " and slow" : "");
  });
  run_until([] { return false; }, span);
}

// Nobody interferes any more.
void World::calm_down() {
  calm_ = true;
  tell("calm{}{}", dead_.empty() ? "" : ", but dead is ", dead_);
  if (cell_ && fate_.strikes(0.5, Kind::crash, 1'000)) crash("one last time");
  for (auto& [name, partner] : partners_) {
    partner.behave();
    partner.set_down(name == dead_);
    if (!policy_.destinations.contains(name)) policy_.destinations[name] = make_policy(partner, 0);
  }
  run_until([this] { return cell_ != nullptr; }, std::chrono::minutes(1));
  if (!violation_.empty()) return;
  apply_policy();
  resume_all();
}

bool World::settled(const std::string& except) const {
  if (!cell_ || cell_->appending() > 0 || !asked_.empty()) return false;
  if (!cell_->controls().empty()) return false;
  for (const auto& lane : cell_->lanes(clock_.wall())) {
    if (lane.destination != except && lane.queued + lane.in_flight + lane.retry > 0) return false;
  }
  return true;
}

void World::tell_lanes() {
  for (const auto& l : cell_ ? cell_->lanes(clock_.wall()) : std::vector<LaneStatus>()) {
    tell("lane {}: {} queued, {} in flight, {} retry, {} behind, breaker {}{}", l.destination, l.queued, l.in_flight,
         l.retry, l.behind, static_cast<int>(l.breaker), l.paused ? ", paused" : "");
  }
  tell("{} clients wait for an answer", asked_.size());
}

// Office hours of a minute or two come again the next day.
milliseconds World::patience() const {
  const bool hours = std::any_of(policy_.destinations.begin(), policy_.destinations.end(),
                                 [](const auto& entry) { return entry.second.office_hours.has_value(); });
  return hours ? milliseconds(std::chrono::hours(100)) : milliseconds(std::chrono::minutes(30));
}

std::string World::run() {
  ++tally_.seeds;
  env_.limit_space(64 << 20);
  open();
  plan();
  if (violation_.empty()) calm_down();
  // With one partner still dead, everything for the others comes to its end.
  if (!run_until([&] { return settled(dead_); }, patience())) {
    tell_lanes();
    violate("P4: a dead partner holds up others");
  }
  if (!dead_.empty()) {
    tell("{} is well again", dead_);
    partners_.at(dead_).set_down(false);
  }
  if (!run_until([&] { return settled("") && cell_->idle(); }, patience())) {
    tell_lanes();
    violate("P4: something is pending for ever");
  }
  if (violation_.empty()) check_end();
  return violation_;
}

}  // namespace lt::sim
