// What belongs together and what people stopped: partners, routes, controls.
#include <utility>

#include "core/engine/cell_state.h"

namespace lt::engine {

void Cell::State::arrange() {
  for (auto& [name, group] : groups) {
    group.policy = nullptr;
    group.lanes.clear();
    group.out = 0;
  }
  for (uint32_t i = 0; i < f().lanes.size(); ++i) {
    Lane& lane = lane_at(i);
    const auto found = policy.destinations.find(lane.name);
    lane.policy = found == policy.destinations.end() ? nullptr : &found->second;
    lane.group = nullptr;
    if (!lane.policy) continue;
    lane.tokens.set(lane.policy->rate, lane.policy->burst);
    const auto partner = policy.partners.find(lane.policy->partner);
    if (partner == policy.partners.end()) continue;
    Group& group = groups[partner->first];
    group.name = partner->first;
    group.policy = &partner->second;
    group.tokens.set(partner->second.rate, partner->second.burst);
    group.lanes.push_back(i);
    group.out += lane.out;
    group.turn = 0;
    lane.group = &group;
  }
  std::erase_if(groups, [](const auto& entry) { return entry.second.policy == nullptr; });
  for (RouteState& route : routes) {
    route.known = false;
    // Whoever calls this looks at every delivery afterwards.
    for (const auto& [slot, id] : std::exchange(route.parked, {})) {
      if (f().deliveries.is(slot, id)) unready(at(slot));
    }
  }
  heed_controls();
}

void Cell::State::heed_controls() {
  const Controls& controls = f().controls;
  for (Lane& lane : f().lanes) {
    lane.paused = controls.paused(ActionScope::destination, lane.name) ||
                  (lane.group && controls.paused(ActionScope::partner, lane.group->name));
    lane.standing.set(lane.stands(), now.mono);
  }
  for (size_t i = 0; i < routes.size(); ++i) {
    RouteState& route = routes[i];
    const bool was_paused = route.paused;
    route.paused = i != RouteNames::kNone && controls.paused(ActionScope::route, f().routes[static_cast<uint16_t>(i)]);
    route.standing.set(route.paused, now.mono);
    if (!was_paused || route.paused) continue;
    for (const auto& [slot, id] : std::exchange(route.parked, {})) {
      if (f().deliveries.is(slot, id)) settle(slot);
    }
  }
}

// After its breaker, or that of its session, may have changed.
void Cell::State::note_standing(Lane& lane) {
  if (!lane.group) return lane.standing.set(lane.stands(), now.mono);
  for (const uint32_t i : lane.group->lanes) lane_at(i).standing.set(lane_at(i).stands(), now.mono);
}

RouteState& Cell::State::route_of(const Delivery& d) {
  if (d.route >= routes.size()) routes.resize(d.route + size_t{1});
  RouteState& route = routes[d.route];
  if (std::exchange(route.known, true)) return route;
  const std::string& name = f().routes[d.route];
  const auto found = policy.routes.find(name);
  route.after_dead = found == policy.routes.end() ? std::nullopt : found->second.after_dead;
  route.paused = d.route != RouteNames::kNone && f().controls.paused(ActionScope::route, name);
  route.standing.set(route.paused, now.mono);
  return route;
}

// Does this dead one stop those behind it?
bool Cell::State::parks(Slot dead) {
  const Delivery& d = at(dead);
  const Lane& lane = lane_of(d);
  return lane.policy && route_of(d).after_dead.value_or(lane.policy->after_dead) == AfterDead::park;
}

// The oldest dead one that stops its key.
Slot Cell::State::parking(const Chain& chain) {
  return chain.dead ? chain.dead->first([this](Slot dead) { return parks(dead); }) : kNoSlot;
}

// Time its age stood still, since an arbitrary start. Where lane and route stood at once it counts twice: too long a
// life is the smaller mistake.
milliseconds Cell::State::stood(const Delivery& d) {
  return lane_of(d).standing.total(now.mono) + route_of(d).standing.total(now.mono);
}

void Cell::State::start_age(Delivery& d) {
  d.suspended_s = static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(stood(d)).count());
}

}  // namespace lt::engine
