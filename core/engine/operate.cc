// What people ask for: replay, discard, confirm; pause, drain, resume. Refused at once, or done when it is durable.
#include "core/engine/cell_state.h"

namespace lt::engine {
namespace {

constexpr std::string_view kReplayable = "only dead, held, unknown and retry can be replayed";
constexpr std::string_view kConfirmable = "only what may have arrived can be confirmed";

Error wrong_state(const DeliveryId& id, DeliveryState state, std::string_view wanted) {
  return Error(Code::wrong_state, "it is " + std::string(state_name(state)) + ", " + std::string(wanted),
               Place{{}, 0, 0, id.text()});
}

}  // namespace

void Cell::State::on(Operate&& event) {
  const bool of_delivery = is_of_delivery(event.fact.kind);
  const Slot slot = of_delivery ? f().deliveries.find(event.fact.delivery) : kNoSlot;
  auto error = of_delivery ? refusal(event.fact, slot) : target_refusal(event.fact);
  if (error) return emit(OperatorAnswer{event.ticket, std::move(error)});
  if (slot != kNoSlot) {
    unready(at(slot));
    at(slot).phase = Phase::acting;
  } else if (of_delivery) {
    acting.insert(event.fact.delivery);
  }
  append(std::move(event.fact), event.ticket);
}

// Of pause, resume and drain. What is stopped may be named although the configuration does not have it any more.
std::optional<Error> Cell::State::target_refusal(const ActionFact& fact) {
  const std::string& name = fact.name;
  if (name.empty()) return Error(Code::unknown_target, "no name is given");
  if (f().controls.find(fact.scope, name)) return std::nullopt;
  switch (fact.scope) {
    case ActionScope::destination:
      if (f().lane_by_name.contains(name)) return std::nullopt;
      return Error(Code::destination_gone, "destination \"" + name + '"');
    case ActionScope::partner:
      if (policy.partners.contains(name)) return std::nullopt;
      break;
    case ActionScope::route:
      if (policy.routes.contains(name) || f().routes.known(name)) return std::nullopt;
      break;
  }
  return Error(Code::unknown_target, std::string(scope_name(fact.scope)) + " \"" + name + '"');
}

std::optional<Error> Cell::State::refusal(const ActionFact& fact, Slot slot) {
  if (slot == kNoSlot) return spilled_refusal(fact);
  const Delivery& d = at(slot);
  if (is_out(d.phase)) return wrong_state(d.id, DeliveryState::in_flight, "wait for its outcome");
  if (d.phase == Phase::acting) return wrong_state(d.id, d.shown, "and somebody is acting on it");
  if (fact.kind == ActionKind::replay) return replay_refusal(fact, slot);
  return fact.kind == ActionKind::confirm ? confirm_refusal(slot) : std::nullopt;
}

// It was never sent, so there is nothing to replay.
std::optional<Error> Cell::State::spilled_refusal(const ActionFact& fact) {
  const auto lane = f().spilled_in(fact.delivery);
  if (!lane) return Error(Code::delivery_not_found, {}, Place{{}, 0, 0, fact.delivery.text()});
  if (acting.contains(fact.delivery)) {
    return wrong_state(fact.delivery, DeliveryState::queued, "and somebody is acting on it");
  }
  if (fact.kind == ActionKind::discard) return std::nullopt;
  if (!lane_at(*lane).policy) {
    return Error(Code::destination_gone, "destination \"" + lane_at(*lane).name + '"',
                 Place{{}, 0, 0, fact.delivery.text()});
  }
  return wrong_state(fact.delivery, DeliveryState::queued,
                     fact.kind == ActionKind::confirm ? kConfirmable : kReplayable);
}

// A person settles a doubt, not a delivery that surely did not arrive.
std::optional<Error> Cell::State::confirm_refusal(Slot slot) {
  const Delivery& d = at(slot);
  if (d.state == DeliveryState::unknown || d.in_doubt || d.open_attempt) return std::nullopt;
  return wrong_state(d.id, visible(slot), kConfirmable);
}

std::optional<Error> Cell::State::replay_refusal(const ActionFact& fact, Slot slot) {
  const Delivery& d = at(slot);
  const Lane& lane = lane_of(d);
  if (lane.name.empty()) return wrong_state(d.id, d.state, "and it has no delivery to replay");
  if (!lane.policy) {
    return Error(Code::destination_gone, "destination \"" + lane.name + '"', Place{{}, 0, 0, d.id.text()});
  }
  if (d.phase == Phase::parked) {
    return Error(Code::paused_by_operator, "route \"" + f().routes[d.route] + '"', Place{{}, 0, 0, d.id.text()});
  }
  const DeliveryState state = visible(slot);
  if (state != DeliveryState::dead && state != DeliveryState::held && state != DeliveryState::unknown &&
      state != DeliveryState::retry) {
    return wrong_state(d.id, state, kReplayable);
  }
  if (fact.out_of_order || d.chain == kNoSlot || lane.policy->order == Order::none || state == DeliveryState::retry) {
    return std::nullopt;
  }
  const Chain& chain = f().chains[d.chain];
  const auto passed = [&](Slot other) {  // it was sent, or may have been
    return other != kNoSlot && at(other).id > d.id &&
           (other == chain.out || at(other).maybe_there || at(other).open_attempt);
  };
  const bool overtaken = chain.last_passed > rank_of(d.id) || passed(chain.out) || passed(chain.live.front());
  if (!overtaken) return std::nullopt;
  return Error(Code::would_reorder, "later deliveries of its key were, or may have been, delivered",
               Place{{}, 0, 0, d.id.text()});
}

void Cell::State::committed(Position position, const ActionFact& fact, Ticket ticket) {
  if (!is_of_delivery(fact.kind)) {
    f().fold(position, fact, change);
    heed_controls();
    welcome();
    emit(OperatorAnswer{ticket, std::nullopt});
    return pump_all();
  }
  const Slot slot = f().deliveries.find(fact.delivery);
  Slot head = kNoSlot;  // of its key, before
  uint32_t index = kNoSlot;
  if (slot != kNoSlot) {
    Delivery& d = at(slot);
    index = d.lane;
    if (d.chain != kNoSlot) head = f().chains[d.chain].live.front();
    d.phase = Phase::still;
    hide(slot);
    lane_at(index).delivered += fact.kind == ActionKind::confirm;
  }
  acting.erase(fact.delivery);
  f().fold(position, fact, change);
  if (slot != kNoSlot && change.touched == slot) {
    start_age(at(slot));
    show(slot);
    if (head != kNoSlot) settle(head);  // an older one may stand before it now
    settle(slot);
    reshow(slot);
  }
  welcome();
  emit(OperatorAnswer{ticket, std::nullopt});
  chain_moved(change.chain);
  if (index != kNoSlot) pump(index);
}

void Cell::State::failed(ActionFact&& fact, Ticket ticket, Error error) {
  emit(OperatorAnswer{ticket, std::move(error)});
  acting.erase(fact.delivery);
  const Slot slot = is_of_delivery(fact.kind) ? f().deliveries.find(fact.delivery) : kNoSlot;
  if (slot == kNoSlot || at(slot).phase != Phase::acting) return;
  at(slot).phase = Phase::still;
  settle(slot);
  reshow(slot);
  pump(at(slot).lane);
}

}  // namespace lt::engine
