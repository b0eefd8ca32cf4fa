// The rules a cell goes by, made up at random, and changed amid work.
#include <algorithm>

#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;

// What was agreed with a partner; another configuration does not change it.
void World::agree_limits(const Partner& partner) {
  DestinationPolicy& p = agreed_[partner.name()];
  const auto roll = [&](uint64_t below, uint64_t what) {
    return fate_.roll(below, Kind::policy, 300 + partner.number(), what);
  };
  const auto agreed = [&](double share, uint64_t what) {
    return fate_.strikes(share, Kind::limit, partner.number(), what);
  };
  if (agreed(0.5, 1)) p.partner = "gov";
  p.burst = static_cast<uint32_t>(roll(4, 1));
  if (agreed(0.33, 2)) p.rate = {static_cast<uint32_t>(2 + roll(20, 2)), std::chrono::seconds(1)};
  if (!agreed(0.1, 3)) return;
  // They begin or end while trouble lasts.
  OfficeHours hours;
  hours.days = 0x7F;
  const Wall there = clock_.wall() + kVietnamOffset;
  const auto minute = std::chrono::floor<std::chrono::minutes>(there - std::chrono::floor<std::chrono::days>(there));
  hours.from = std::min(minute + std::chrono::minutes(roll(3, 3)), std::chrono::minutes(24 * 60 - 2));
  hours.to = hours.from + std::chrono::minutes(1 + roll(2, 4));
  if (roll(2, 5) == 0) hours.urgent = 3;
  p.office_hours = hours;
}

void World::make_shared_policy() {
  PartnerPolicy& gov = policy_.partners["gov"];
  if (fate_.strikes(0.8, Kind::limit, 100, 1))
    gov.in_flight = static_cast<uint32_t>(1 + fate_.roll(4, Kind::policy, 4));
  if (fate_.strikes(0.33, Kind::limit, 100, 2)) {
    gov.rate = {static_cast<uint32_t>(2 + fate_.roll(20, Kind::policy, 6)), std::chrono::seconds(1)};
  }
  gov.breaker.failures = static_cast<uint32_t>(1 + fate_.roll(4, Kind::policy, 7));
  gov.breaker.wait = milliseconds(200 + fate_.roll(2'000, Kind::policy, 8));
  gov.breaker.most = milliseconds(15'000);
  const std::optional<AfterDead> choices[] = {std::nullopt, AfterDead::park, AfterDead::go_on};
  policy_.routes["r0"].after_dead = choices[fate_.roll(3, Kind::policy, 9)];
  policy_.routes["r1"].after_dead = choices[fate_.roll(3, Kind::policy, 10)];
}

DestinationPolicy World::make_policy(const Partner& partner, uint64_t version) {
  uint64_t nth = 0;
  const auto roll = [&](uint64_t below) {
    return fate_.roll(below, Kind::policy, 100 + partner.number(), version, ++nth);
  };
  DestinationPolicy p = agreed_.at(partner.name());
  p.sink_class = partner.sink_class();
  // Whether there is an order is seldom changed: where it was without for a while, nothing can be said about order.
  p.order = fate_.roll(5, Kind::policy, 200 + partner.number(), version % 8 == 7 ? version : 0) == 0 ? Order::none
                                                                                                     : Order::key;
  p.after_dead = roll(3) == 0 ? AfterDead::go_on : AfterDead::park;
  p.in_flight = static_cast<uint32_t>(1 + roll(8));
  p.retry.first = milliseconds(50 + roll(1'000));
  p.retry.most = milliseconds(20'000);
  p.retry.attempts = roll(3) == 0 ? 4 : 0;
  p.breaker.failures = static_cast<uint32_t>(1 + roll(5));
  p.breaker.wait = milliseconds(200 + roll(2'000));
  p.breaker.most = milliseconds(15'000);
  if (p.order == Order::none) unordered_.insert(partner.name());
  return p;
}

void World::tell_policy(const Partner& partner) {
  const auto found = policy_.destinations.find(partner.name());
  if (found == policy_.destinations.end()) return tell("{} leaves the configuration", partner.name());
  const DestinationPolicy& p = found->second;
  tell("{}: {}, {} in flight, {}{}{}{}{}", partner.name(), p.order == Order::key ? "in the order of keys" : "no order",
       p.in_flight, p.after_dead == AfterDead::park ? "a dead message parks its key" : "dead messages hold up nothing",
       p.retry.attempts ? fmt::format(", {} attempts", p.retry.attempts) : "",
       p.partner.empty() ? "" : ", of partner " + p.partner,
       p.rate.count ? fmt::format(", {} a second", p.rate.count) : "",
       p.office_hours ? fmt::format(", open from minute {} to {} of the day", p.office_hours->from.count(),
                                    p.office_hours->to.count())
                      : "");
}

void World::apply_policy() {
  if (!cell_) return;  // the next life starts with it
  Actions actions;
  cell_->reconfigure(policy_, now(), actions);
  act(actions);
}

// Another policy for one partner, or none for a while: then all that is for it waits.
void World::reconfigure(uint64_t number) {
  if (calm_) return;
  Partner& partner =
      std::next(partners_.begin(), static_cast<ptrdiff_t>(fate_.roll(3, Kind::reconfiguration, number, 1)))->second;
  ++tally_.reconfigurations;
  if (fate_.roll(4, Kind::reconfiguration, number, 2) == 0) {
    policy_.destinations.erase(partner.name());
    in(std::chrono::milliseconds(fate_.roll(10'000, Kind::reconfiguration, number, 3)), [this, number, &partner] {
      policy_.destinations[partner.name()] = make_policy(partner, 1 + number);
      tell("{} is configured again", partner.name());
      apply_policy();
    });
  } else {
    policy_.destinations[partner.name()] = make_policy(partner, 1 + number);
    tell("reconfigured");
  }
  tell_policy(partner);
  apply_policy();
}

}  // namespace lt::sim
