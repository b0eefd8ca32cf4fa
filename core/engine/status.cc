// Reading the cell between steps.
#include <algorithm>

#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

bool is_dead(const Delivery& d) { return d.state == DeliveryState::dead; }

// A list of deliveries in order of acceptance: of a window by slots, or spilled.
struct Source {
  DeliveryId id;  // its next one
  Slot slot = kNoSlot;
  FoldState::SpilledRun run{};
  std::optional<SpillList::Cursor> cursor;
};
bool later(const Source& a, const Source& b) { return a.id > b.id; }

void say_gone(DeliveryStatus& v) {
  v.code = Code::destination_gone;
  v.detail = "destination \"" + v.destination + "\" is not in the configuration";
}

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
    // What waits beyond the window never was tried: it is queued, and behind where its key is in the window.
    const bool bound = lane.policy && lane.policy->order == Order::key;
    (bound ? v.behind : lane.policy ? v.queued : v.held) += lane.window.behind;
    (lane.policy ? v.queued : v.held) += lane.window.spill.size();
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
    // Of a chain the oldest is in the window.
    const auto spilled = lane.window.spill.oldest();
    if (spilled && (oldest == kNoSlot || spilled->id < s.at(oldest).id)) v.oldest = spilled->accepted;
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

// Windows and spills merged by acceptance.
std::vector<DeliveryStatus> Cell::pending(size_t most) const {
  State& s = *state_;
  std::vector<Source> sources;
  for (const Lane& lane : s.f().lanes) {
    if (lane.first != kNoSlot) sources.push_back({s.at(lane.first).id, lane.first, {}, {}});
  }
  for (const FoldState::SpilledRun& run : s.f().spilled_runs()) {
    SpillList::Cursor cursor(*run.list);
    sources.push_back({cursor.at().id, kNoSlot, run, cursor});
  }
  std::make_heap(sources.begin(), sources.end(), later);
  std::vector<DeliveryStatus> out;
  while (!sources.empty() && out.size() < most) {
    std::pop_heap(sources.begin(), sources.end(), later);
    Source& source = sources.back();
    if (source.slot != kNoSlot) {
      out.push_back(s.status_of(source.slot));
      source.slot = s.at(source.slot).next;
      if (source.slot != kNoSlot) source.id = s.at(source.slot).id;
    } else {
      out.push_back(s.status_of(source.cursor->at(), source.run));
      source.cursor->next();
      if (!source.cursor->done()) source.id = source.cursor->at().id;
    }
    if (source.slot == kNoSlot && (!source.cursor || source.cursor->done())) {
      sources.pop_back();
    } else {
      std::push_heap(sources.begin(), sources.end(), later);
    }
  }
  return out;
}

// The window first; the spill of a lane is younger, but for what was urgent.
void Cell::each_unfinished(const std::function<bool(const Unfinished&)>& visit) const {
  State& s = *state_;
  const auto tell = [&](const DeliveryId& id, Wall accepted, bool dead) {
    return visit({id.message, s.f().carried.of(id.message), accepted, dead});
  };
  for (const Lane& lane : s.f().lanes) {
    for (Slot slot = lane.first; slot != kNoSlot; slot = s.at(slot).next) {
      if (!tell(s.at(slot).id, s.at(slot).accepted, is_dead(s.at(slot)))) break;
    }
  }
  for (const FoldState::SpilledRun& run : s.f().spilled_runs()) {
    for (SpillList::Cursor c(*run.list); !c.done(); c.next()) {
      if (!tell(c.at().id, c.at().accepted, false)) break;
    }
  }
}

void Cell::State::say_paused(DeliveryStatus& v, uint16_t route) {
  const std::string& name = f().routes[route];
  const Control* control = f().controls.find(ActionScope::route, name);
  v.code = Code::paused_by_operator;
  v.detail = "route \"" + name + '"' + (control ? ": " + control->why : "");
}

DeliveryStatus Cell::State::status_of(Slot slot) {
  const Delivery& d = at(slot);
  DeliveryStatus v;
  v.id = d.id;
  v.destination = lane_of(d).name;
  v.state = visible(slot);
  v.attempts = d.attempt;
  if (d.state == DeliveryState::retry) v.next_at = d.next_at;
  v.code = d.code;
  if (d.detail) v.detail = *d.detail;
  if (d.operation) v.operation = *d.operation;
  if (d.doubt) {
    v.sent_at = d.doubt->at;
    v.sent_bytes = d.doubt->sent_bytes;
    v.mapping_version = d.doubt->mapping_version;
  }
  if (d.phase == Phase::parked) {
    say_paused(v, d.route);
  } else if (v.state == DeliveryState::held && d.state != DeliveryState::held) {
    say_gone(v);
  }
  if (v.state == DeliveryState::behind) v.behind = blocker(f().chains[d.chain]);
  return v;
}

DeliveryStatus Cell::State::status_of(const Spilled& entry, const FoldState::SpilledRun& run) {
  const Lane& lane = lane_at(run.lane);
  DeliveryStatus v;
  v.id = entry.id;
  v.destination = lane.name;
  v.state = DeliveryState::queued;
  if (!lane.policy) {
    v.state = DeliveryState::held;
    say_gone(v);
  } else if (f().route_paused(entry.route)) {
    v.state = DeliveryState::held;
    say_paused(v, entry.route);
  } else if (run.chain != kNoSlot && lane.policy->order == Order::key) {
    v.state = DeliveryState::behind;
    v.behind = blocker(f().chains[run.chain]);
  }
  return v;
}

// Of those behind: which one the key waits for.
DeliveryId Cell::State::blocker(const Chain& chain) {
  const Slot dead = parking(chain);
  const bool parked = dead != kNoSlot && at(dead).id < at(chain.live.front()).id;
  return at(parked ? dead : chain.out != kNoSlot ? chain.out : chain.live.front()).id;
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
