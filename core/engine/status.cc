// Reading the cell between steps.
#include <algorithm>
#include <queue>

#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

bool is_dead(const Delivery& d) { return d.state == DeliveryState::dead; }

}  // namespace

std::vector<LaneStatus> Cell::lanes(Wall now) const {
  State& s = *state_;
  std::vector<LaneStatus> out;
  for (const auto& [name, index] : s.f().lane_by_name) {
    const Lane& lane = s.lane_at(index);
    if (!lane.policy && lane.first == kNoSlot) continue;
    const auto shown = [&lane](DeliveryState state) { return lane.shown[static_cast<size_t>(state)]; };
    LaneStatus& v = out.emplace_back();
    v.destination = name;
    v.queued = shown(DeliveryState::queued);
    v.in_flight = shown(DeliveryState::in_flight);
    v.retry = shown(DeliveryState::retry);
    v.held = shown(DeliveryState::held);
    v.unknown = shown(DeliveryState::unknown);
    v.behind = shown(DeliveryState::behind);
    v.dead = shown(DeliveryState::dead);
    v.breaker = lane.breaker_state();
    if (lane.group) v.partner = lane.group->name;
    const Controls& controls = s.f().controls;
    for (const Control* control : {lane.group ? controls.find(ActionScope::partner, lane.group->name) : nullptr,
                                   controls.find(ActionScope::destination, name)}) {
      if (!control) continue;
      v.paused = v.paused || control->paused;
      v.draining = v.draining || control->draining;
      v.stopped_by = control->by;
      v.stopped_why = control->why;
    }
    if (lane.policy && !lane.open(now)) v.opens = lane.policy->office_hours->next_opening(now);
    v.delivered = lane.delivered;
    v.last_error = lane.last_error;
    Slot oldest = lane.first;
    while (oldest != kNoSlot && is_dead(s.at(oldest))) oldest = s.at(oldest).next;
    if (oldest != kNoSlot) v.oldest = s.at(oldest).accepted;
  }
  return out;
}

std::vector<ControlStatus> Cell::controls() const {
  std::vector<ControlStatus> out;
  for (const auto& [key, c] : state_->f().controls.all()) {
    out.push_back({key.first, key.second, c.paused, c.draining, c.by, c.why, c.at});
  }
  return out;
}

// The lanes merged by acceptance.
std::vector<DeliveryStatus> Cell::pending(size_t most) const {
  State& s = *state_;
  const auto later = [&s](Slot a, Slot b) { return s.at(a).id > s.at(b).id; };
  std::priority_queue<Slot, std::vector<Slot>, decltype(later)> heads(later);
  for (const Lane& lane : s.f().lanes) {
    if (lane.first != kNoSlot) heads.push(lane.first);
  }
  std::vector<DeliveryStatus> out;
  while (!heads.empty() && out.size() < most) {
    const Slot slot = heads.top();
    heads.pop();
    const Delivery& d = s.at(slot);
    if (d.next != kNoSlot) heads.push(d.next);
    const Lane& lane = s.lane_of(d);
    DeliveryStatus& v = out.emplace_back();
    v.id = d.id;
    v.destination = lane.name;
    v.state = s.visible(slot);
    v.attempts = d.attempt;
    if (d.state == DeliveryState::retry) v.next_at = d.next_at;
    v.code = d.code;
    if (d.detail) v.detail = *d.detail;
    if (d.phase == Phase::parked) {
      const std::string& route = s.f().routes[d.route];
      const Control* control = s.f().controls.find(ActionScope::route, route);
      v.code = Code::paused_by_operator;
      v.detail = "route \"" + route + '"' + (control ? ": " + control->why : "");
    } else if (v.state == DeliveryState::held && d.state != DeliveryState::held) {
      v.code = Code::destination_gone;
      v.detail = "destination \"" + lane.name + "\" is not in the configuration";
    }
    if (v.state == DeliveryState::behind) {
      const Chain& chain = s.f().chains[d.chain];
      const Slot dead = s.parking(chain);
      const bool parked = dead != kNoSlot && s.at(dead).id < s.at(chain.live.front()).id;
      v.behind = s.at(parked ? dead : chain.out != kNoSlot ? chain.out : chain.live.front()).id;
    }
  }
  return out;
}

void Cell::each_unfinished(const std::function<bool(const Unfinished&)>& visit) const {
  State& s = *state_;
  for (const Lane& lane : s.f().lanes) {
    for (Slot slot = lane.first; slot != kNoSlot; slot = s.at(slot).next) {
      const Delivery& d = s.at(slot);
      if (!visit({d.id.message, s.f().carried.of(d.id.message), d.accepted, is_dead(d)})) break;
    }
  }
}

std::vector<WatchChange> Cell::watches(std::string_view set) const { return state_->f().watches.open(set); }
std::string Cell::cursor(std::string_view source) const { return state_->f().watches.cursor(source); }
size_t Cell::pending_messages() const { return state_->f().messages.pending_messages(); }
size_t Cell::appending() const { return state_->appending; }

bool Cell::idle() const {
  State& s = *state_;
  if (s.appending > 0 || !s.owed.empty() || !s.admission.empty()) return false;
  return std::all_of(s.f().lanes.begin(), s.f().lanes.end(), [](const Lane& lane) {
    const auto shown = [&lane](DeliveryState state) { return lane.shown[static_cast<size_t>(state)]; };
    if (shown(DeliveryState::in_flight) > 0) return false;
    return lane.paused || shown(DeliveryState::queued) + shown(DeliveryState::retry) == 0;
  });
}

}  // namespace lt::engine
