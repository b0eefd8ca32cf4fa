// Which deliveries are kept whole, and which wait in the spill: see window.h.
#include <algorithm>

#include "core/engine/fold_state.h"

namespace lt::engine {
namespace {

// Of the spill, looked at for one fact. While a delivery is in the window, another fact of this lane is to come.
constexpr size_t kRefillMost = 1'024;

bool is_mover(const Delivery& d) { return d.state == DeliveryState::queued || d.state == DeliveryState::retry; }

}  // namespace

// --- where one belongs ---

FoldState::Place FoldState::place_of(const Lane& lane, const Spilled& entry, bool arrives) const {
  const Window& window = lane.window;
  if (arrives && !window.spill.empty()) return Place::spill;
  const Slot at = entry.key == 0 ? kNoSlot : chains.find(entry.key);
  if (at == kNoSlot) return !arrives || window.room_for_head(policy_.window) ? Place::window : Place::spill;
  const Chain& chain = chains[at];
  const bool behind = chain.waiting || (chain.movers > 0 && !window.room_for_follower(policy_.window));
  return behind ? Place::chain : Place::window;
}

// May one of them be spilled? Asked before the first is placed; on the safe side.
bool FoldState::crowded(const Envelope& envelope, size_t count) {
  return std::any_of(envelope.deliveries.begin(), envelope.deliveries.end(), [&](const DeliverySpec& spec) {
    const Window& window = lanes[lane_of(spec.destination)].window;
    return window.spilled() > 0 || window.movers + count > policy_.window;
  });
}

bool FoldState::spill(uint32_t lane, const Spilled& entry, Place place) {
  Window& window = lanes[lane].window;
  if (place == Place::spill) {
    window.spill.push(entry);
  } else if (place == Place::chain) {
    Chain& chain = chains[chains.find(entry.key)];
    if (!chain.waiting) chain.waiting = std::make_unique<SpillList>(entry.key);
    chain.waiting->push(entry);
    ++window.behind;
  }
  return place != Place::window;
}

// --- into the window ---

Slot FoldState::enter(uint32_t lane, const Spilled& entry, uint32_t message, DeliveryState state) {
  const Slot slot = deliveries.add(entry.id);
  Delivery& d = deliveries[slot];
  d.state = d.shown = state;
  d.lane = lane;
  d.message = message;
  d.chain_key = entry.key;
  d.accepted = d.since = entry.accepted;
  d.urgency = entry.urgency;
  d.spread = entry.spread;
  d.route = entry.route;
  d.suspended_s = entry.suspended_s;
  link(slot);
  messages.join(message);
  if (state != DeliveryState::dead && !d.spread) messages.pending(message, true);
  if (d.chain_key != 0) {
    d.chain = chains.find_or_add(d.chain_key);
    chains[d.chain].lane = lane;
    join_chain(slot, state == DeliveryState::dead);
  }
  tally(d, true);
  if (d.chain != kNoSlot) recount(d.chain);
  return slot;
}

Slot FoldState::promote(uint32_t lane, const Spilled& entry) {
  if (!entry.spread) messages.pending_elsewhere(false);
  return enter(lane, entry, messages.add(), DeliveryState::queued);
}

// Nearly always at the end; urgent ones came before their time.
void FoldState::link(Slot slot) {
  Delivery& d = deliveries[slot];
  Lane& lane = lanes[d.lane];
  Slot before = lane.last;
  while (before != kNoSlot && deliveries[before].id > d.id) before = deliveries[before].previous;
  d.previous = before;
  d.next = before == kNoSlot ? lane.first : deliveries[before].next;
  (before == kNoSlot ? lane.first : deliveries[before].next) = slot;
  (d.next == kNoSlot ? lane.last : deliveries[d.next].previous) = slot;
}

void FoldState::unlink(Slot slot) {
  const Delivery& d = deliveries[slot];
  Lane& lane = lanes[d.lane];
  (d.previous == kNoSlot ? lane.first : deliveries[d.previous].next) = d.next;
  (d.next == kNoSlot ? lane.last : deliveries[d.next].previous) = d.previous;
}

// --- counts ---

void FoldState::tally(const Delivery& d, bool more) {
  if (!is_mover(d)) return;
  const auto count = [more](auto& n) { more ? ++n : --n; };
  Window& window = lanes[d.lane].window;
  count(window.movers);
  if (d.chain != kNoSlot) return count(chains[d.chain].movers);
  count(window.of(head_of(d)));
}

void FoldState::recount(Slot at) {
  Chain& chain = chains[at];
  Window& window = lanes[chain.lane].window;
  Head head = Head::none;
  const Slot first = chain.live.front();
  const bool parked = first == kNoSlot || (chain.dead && deliveries[chain.dead->front()].id < deliveries[first].id);
  if (!parked && is_mover(deliveries[first])) {
    head = head_of(deliveries[first]);
  }
  if (chain.head != Head::none) --window.of(chain.head);
  if (head != Head::none) ++window.of(head);
  chain.head = head;
}

Head FoldState::head_of(const Delivery& d) const {
  if (route_paused(d.route)) return Head::parked;
  return d.state == DeliveryState::queued ? Head::queued : Head::retry;
}

void FoldState::recount_all() {
  for (Lane& lane : lanes) {
    Window& window = lane.window;
    window.queued = window.retry = window.parked = 0;
    for (Slot slot = lane.first; slot != kNoSlot; slot = deliveries[slot].next) {
      const Delivery& d = deliveries[slot];
      if (d.chain == kNoSlot && is_mover(d)) ++window.of(head_of(d));
    }
  }
  chains.each([this](Chain& chain) {
    chain.head = Head::none;
    recount(chains.find(chain.key));
  });
}

// --- out of the spill ---

void FoldState::refill(uint32_t lane, Slot chain, Change& change) {
  if (chain != kNoSlot) {
    refill_chain(chain, change);
    if (chains.over(chain)) chains.remove(chain);
  }
  refill_lane(lane, change);
}

// Behind whatever is parked one of the key stays ready to go, so that nothing has to be looked for when it may.
void FoldState::refill_chain(Slot at, Change& change) {
  Chain& chain = chains[at];
  Window& window = lanes[chain.lane].window;
  for (int n = 0; chain.waiting && (chain.movers == 0 || (n < 2 && window.room_for_follower(policy_.window))); ++n) {
    const Spilled entry = chain.waiting->pop();
    --window.behind;
    if (chain.waiting->empty()) chain.waiting.reset();
    change.added.push_back(promote(chain.lane, entry));
  }
}

void FoldState::refill_lane(uint32_t index, Change& change) {
  Lane& lane = lanes[index];
  Window& window = lane.window;
  for (size_t n = 0; !window.spill.empty() && window.room_for_head(policy_.window); ++n) {
    if (n >= kRefillMost && window.queued + window.retry > 0) return;
    const Spilled entry = window.spill.pop();
    if (!spill(index, entry, place_of(lane, entry, false))) change.added.push_back(promote(index, entry));
  }
}

// --- one by name ---

std::optional<uint32_t> FoldState::spilled_in(const DeliveryId& id) const {
  for (uint32_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i].window.spill.contains(id)) return i;
  }
  std::optional<uint32_t> found;
  chains.each([&](const Chain& chain) {
    if (!found && chain.waiting && chain.waiting->contains(id)) found = chain.lane;
  });
  return found;
}

std::optional<std::pair<uint32_t, Spilled>> FoldState::take_spilled(const DeliveryId& id) {
  for (uint32_t i = 0; i < lanes.size(); ++i) {
    if (const auto entry = lanes[i].window.spill.take(id)) return std::pair(i, *entry);
  }
  std::optional<std::pair<uint32_t, Spilled>> found;
  chains.each([&](Chain& chain) {
    if (found || !chain.waiting) return;
    const auto entry = chain.waiting->take(id);
    if (!entry) return;
    found = std::pair(chain.lane, *entry);
    --lanes[chain.lane].window.behind;
    if (chain.waiting->empty()) chain.waiting.reset();
  });
  return found;
}

// A fact about it was written while it was in the window. It is there now too, unless windows were larger then.
Slot FoldState::bring(const DeliveryId& id, Change& change) {
  Slot slot = deliveries.find(id);
  if (slot != kNoSlot) return slot;
  const auto found = take_spilled(id);
  if (!found) return kNoSlot;
  slot = promote(found->first, found->second);
  change.added.push_back(slot);
  return slot;
}

void FoldState::drop_spilled(const DeliveryId& id) {
  const auto found = take_spilled(id);
  if (!found) return;
  if (!found->second.spread || spread.leave(id.message) == 0) messages.pending_elsewhere(false);
  forget_carried(id);
}

std::vector<FoldState::SpilledRun> FoldState::spilled_runs() const {
  std::vector<SpilledRun> out;
  for (uint32_t i = 0; i < lanes.size(); ++i) {
    for (const SpillList& list : lanes[i].window.spill.lists()) {
      if (!list.empty()) out.push_back({i, kNoSlot, &list});
    }
  }
  chains.each([&](const Chain& chain) {
    if (chain.waiting) out.push_back({chain.lane, chains.find(chain.key), chain.waiting.get()});
  });
  return out;
}

}  // namespace lt::engine
