// Whose turn it is: keys, times, states - and the figures people see.
#include <algorithm>

#include "core/base/canary.h"
#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

// A retry is never waited for longer than this at a stretch, so that a wall clock that was set back cannot stall it.
constexpr milliseconds kLongestWait = std::chrono::hours(24);

}  // namespace

bool Cell::State::blocked(Slot slot) {
  const Delivery& d = at(slot);
  const Lane& lane = lane_of(d);
  if (d.chain == kNoSlot || !lane.policy || lane.policy->order == Order::none) return false;
  const Chain& chain = f().chains[d.chain];
  if (chain.out != kNoSlot && chain.out != slot) return true;
  if (chain.live.front() != slot) {
    return !LT_BUG(reordered_key) || at(chain.live.front()).state != DeliveryState::retry;
  }
  const Slot dead = parking(chain);
  return dead != kNoSlot && at(dead).id < d.id;
}

void Cell::State::settle(Slot slot, bool due) {
  Delivery& d = at(slot);
  if (is_out(d.phase) || d.phase == Phase::acting) return;
  Lane& lane = lane_of(d);
  const bool sendable = d.state == DeliveryState::queued || d.state == DeliveryState::retry;
  const bool turn = sendable && lane.policy && !blocked(slot);
  if (turn && d.phase == Phase::ready) return;
  if (!turn) {
    unready(d);
  } else if (d.state == DeliveryState::retry && !due && d.next_at > now.wall) {
    unready(d);
    d.due_at = now.mono + std::min(d.next_at - now.wall, kLongestWait);
    timers.add({d.due_at, Timer::Kind::delivery, slot, d.id});
  } else if (route_of(d).paused) {
    park(slot);
  } else {
    d.phase = Phase::ready;
    ++lane.ready_count;
    lane.ready.push(d.urgency, d.id.message.offset, slot);
  }
  reshow(slot);
}

void Cell::State::unready(Delivery& d) {
  if (d.phase == Phase::ready) --lane_of(d).ready_count;
  if (d.phase == Phase::ready || d.phase == Phase::parked) d.phase = Phase::still;
}

void Cell::State::park(Slot slot) {
  Delivery& d = at(slot);
  if (d.phase == Phase::parked) return;
  unready(d);
  d.phase = Phase::parked;
  route_of(d).parked.emplace_back(slot, d.id);
  f().messages.cool(d.message);
  reshow(slot);
}

void Cell::State::chain_moved(Slot chain) {
  if (chain == kNoSlot) return;
  const Slot head = f().chains[chain].live.front();
  if (head != kNoSlot) settle(head);
}

void Cell::State::welcome() {
  for (const Slot slot : change.added) {
    show(slot);
    if (acting.contains(at(slot).id)) at(slot).phase = Phase::acting;
    settle(slot);
  }
}

void Cell::State::let_go(Slot slot) {
  Delivery& d = at(slot);
  d.phase = Phase::still;
  if (d.chain != kNoSlot && f().chains[d.chain].out == slot) f().chains[d.chain].out = kNoSlot;
}

DeliveryState Cell::State::visible(Slot slot) {
  const Delivery& d = at(slot);
  if (d.state != DeliveryState::queued && d.state != DeliveryState::retry) return d.state;
  if (is_out(d.phase)) return DeliveryState::in_flight;
  if (!lane_of(d).policy) return DeliveryState::held;
  if (d.phase == Phase::ready) return DeliveryState::queued;
  if (d.phase == Phase::parked) return DeliveryState::held;
  if (blocked(slot)) return DeliveryState::behind;
  return d.state;
}

void Cell::State::show(Slot slot) {
  Delivery& d = at(slot);
  d.shown = visible(slot);
  ++lane_of(d).shown[static_cast<size_t>(d.shown)];
}

void Cell::State::hide(Slot slot) {
  const Delivery& d = at(slot);
  --lane_of(d).shown[static_cast<size_t>(d.shown)];
}

}  // namespace lt::engine
