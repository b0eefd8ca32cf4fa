// What people ask for: replay, discard, pause, resume. Refused at once, or done when it is durable.
#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

Error wrong_state(const DeliveryId& id, DeliveryState state, std::string_view wanted) {
  return Error(Code::wrong_state, "it is " + std::string(state_name(state)) + ", " + std::string(wanted),
               Place{{}, 0, 0, id.text()});
}

}  // namespace

void Cell::State::on(Operate&& event) {
  const bool of_lane = event.fact.kind == ActionKind::pause || event.fact.kind == ActionKind::resume;
  const Slot slot = of_lane ? kNoSlot : f().deliveries.find(event.fact.delivery);
  if (auto error = refusal(event, slot)) return emit(OperatorAnswer{event.ticket, std::move(error)});
  if (!of_lane) {
    unready(at(slot));
    at(slot).phase = Phase::acting;
  }
  append(std::move(event.fact), event.ticket);
}

std::optional<Error> Cell::State::refusal(const Operate& event, Slot slot) {
  const ActionFact& fact = event.fact;
  if (fact.kind == ActionKind::pause || fact.kind == ActionKind::resume) {
    const auto found = f().lane_by_name.find(fact.destination);
    if (found != f().lane_by_name.end() && !fact.destination.empty()) return std::nullopt;
    return Error(Code::destination_gone, "destination \"" + fact.destination + '"');
  }
  if (slot == kNoSlot) return Error(Code::delivery_not_found, {}, Place{{}, 0, 0, fact.delivery.text()});
  const Delivery& d = at(slot);
  if (is_out(d.phase)) return wrong_state(d.id, DeliveryState::in_flight, "wait for its outcome");
  if (d.phase == Phase::acting) return wrong_state(d.id, d.shown, "and somebody is acting on it");
  return fact.kind == ActionKind::replay ? replay_refusal(event, slot) : std::nullopt;
}

std::optional<Error> Cell::State::replay_refusal(const Operate& event, Slot slot) {
  const Delivery& d = at(slot);
  const Lane& lane = lane_of(d);
  if (lane.name.empty()) return wrong_state(d.id, d.state, "and it has no delivery to replay");
  if (!lane.policy) {
    return Error(Code::destination_gone, "destination \"" + lane.name + '"', Place{{}, 0, 0, d.id.text()});
  }
  const DeliveryState state = visible(slot);
  if (state != DeliveryState::dead && state != DeliveryState::held && state != DeliveryState::unknown &&
      state != DeliveryState::retry) {
    return wrong_state(d.id, state, "only dead, held, unknown and retry can be replayed");
  }
  if (event.out_of_order || d.chain == kNoSlot || lane.policy->order == Order::none || state == DeliveryState::retry) {
    return std::nullopt;
  }
  const Chain& chain = f().chains[d.chain];
  const auto passed = [&](Slot other) {  // it was sent, or may have been
    return other != kNoSlot && at(other).id > d.id &&
           (other == chain.out || at(other).in_doubt || at(other).open_attempt);
  };
  const bool overtaken = chain.last_passed > d.id.message.offset || passed(chain.out) || passed(chain.live.front());
  if (!overtaken) return std::nullopt;
  return Error(Code::would_reorder, "later deliveries of its key were, or may have been, delivered",
               Place{{}, 0, 0, d.id.text()});
}

void Cell::State::committed(Position position, const ActionFact& fact, Ticket ticket) {
  const bool of_lane = fact.kind == ActionKind::pause || fact.kind == ActionKind::resume;
  const Slot slot = of_lane ? kNoSlot : f().deliveries.find(fact.delivery);
  Slot head = kNoSlot;  // of its key, before
  uint32_t index = kNoSlot;
  if (slot != kNoSlot) {
    Delivery& d = at(slot);
    index = d.lane;
    if (d.chain != kNoSlot) head = f().chains[d.chain].live.front();
    d.phase = Phase::still;
    hide(slot);
  }
  f().fold(position, fact, change);
  if (of_lane) {
    index = change.lane;
    Lane& lane = lane_at(index);
    lane.suspend(lane.paused || lane.breaker.state() != Breaker::State::closed, now.mono);
  } else if (change.touched != kNoSlot) {
    Delivery& d = at(slot);
    d.suspended_s =
        static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(lane_of(d).suspended(now.mono)).count());
    show(slot);
    if (head != kNoSlot) settle(head);  // an older one may stand before it now
    settle(slot);
    reshow(slot);
  }
  emit(OperatorAnswer{ticket, std::nullopt});
  chain_moved(change.chain);
  if (index != kNoSlot) pump(index);
}

void Cell::State::failed(ActionFact&& fact, Ticket ticket, Error error) {
  emit(OperatorAnswer{ticket, std::move(error)});
  const Slot slot = f().deliveries.find(fact.delivery);
  const bool of_lane = fact.kind == ActionKind::pause || fact.kind == ActionKind::resume;
  if (of_lane || slot == kNoSlot || at(slot).phase != Phase::acting) return;
  at(slot).phase = Phase::still;
  settle(slot);
  reshow(slot);
  pump(at(slot).lane);
}

}  // namespace lt::engine
