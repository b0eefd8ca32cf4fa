#include "core/engine/cell.h"

#include "core/engine/cell_state.h"

namespace lt::engine {

Cell::Cell(CellPolicy policy, uint64_t seed) : state_(std::make_unique<State>(std::move(policy), seed)) {}
Cell::~Cell() = default;

void Cell::fold(Position position, const Fact& fact) {
  std::visit([&](const auto& f) { state_->f().fold(position, f, state_->change); }, fact);
}

void Cell::carried(Position position, Position message, uint16_t deliveries) {
  state_->f().carry(position, message, deliveries);
}

Position Cell::folded() const { return state_->fold_state->last; }

void Cell::sealed(uint64_t offset) { state_->f().dedupe.sealed(offset); }

uint64_t Cell::sealed_to() const { return state_->fold_state->dedupe.sealed_to(); }

std::shared_ptr<const DedupeRun> Cell::closed_run() const {
  const auto& closed = state_->f().dedupe.closed();
  return closed.empty() ? nullptr : closed.front();
}

void Cell::start(Now now, Actions& out) {
  state_->enter(now, out);
  state_->start();
  state_->leave();
}

void Cell::step(Event event, Now now, Actions& out) {
  State& s = *state_;
  s.enter(now, out);
  s.run_timers();
  std::visit([&s](auto& e) { s.on(std::move(e)); }, event);
  s.leave();
}

void Cell::reconfigure(CellPolicy policy, Now now, Actions& out) {
  state_->enter(now, out);
  state_->reconfigure(std::move(policy));
  state_->leave();
}

std::string Cell::save() const {
  std::string out;
  state_->fold_state->save(out);
  return out;
}

Result<void> Cell::load(std::string_view bytes) {
  auto loaded = std::make_unique<FoldState>(state_->policy);
  LT_TRY(loaded->load(bytes));
  state_->fold_state = std::move(loaded);
  return {};
}

void Cell::State::enter(Now at_time, Actions& actions) {
  now = at_time;
  out = &actions;
}

void Cell::State::leave() {
  unpark();
  auto earliest = timers.earliest();
  const auto sooner = [&earliest](std::optional<Mono> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  sooner(admission.parked_until());
  sooner(journal_retry_at);
  if (earliest && earliest != wake_asked) emit(WakeAt{*earliest});
  wake_asked = earliest;
  out = nullptr;
}

void Cell::State::run_timers() {
  // First whose time has come, then the lanes: of two that become free at once the older one goes first.
  woken.clear();
  while (const auto timer = timers.pop_due(now.mono)) {
    if (timer->kind == Timer::Kind::lane) {
      woken.push_back(timer->index);
    } else if (f().deliveries.is(timer->index, timer->delivery)) {
      const Delivery& d = at(timer->index);
      if (d.phase != Phase::still || d.state != DeliveryState::retry) continue;
      // A timer of an earlier wait may come while a later one runs; the wall clock may have been set back meanwhile.
      settle(timer->index, timer->at >= d.due_at);
      woken.push_back(d.lane);
    }
  }
  for (const uint32_t lane : woken) pump(lane);
  if (journal_retry_at && *journal_retry_at <= now.mono) retry_journal();
}

void Cell::State::on(Committed&& event) {
  // Watch facts are appended by the runtime itself.
  if (!std::holds_alternative<WatchFact>(event.fact) && appending > 0) --appending;
  std::visit([&](auto& fact) { committed(event.position, fact, event.ticket); }, event.fact);
}

void Cell::State::on(AppendFailed&& event) {
  if (!std::holds_alternative<WatchFact>(event.fact) && appending > 0) --appending;
  std::visit([&](auto& fact) { failed(std::move(fact), event.ticket, std::move(event.error)); }, event.fact);
}

void Cell::State::committed(Position position, const WatchFact& fact, Ticket) { f().fold(position, fact, change); }

void Cell::State::on(Sealed&& event) { f().dedupe.sealed(event.offset); }

void Cell::State::start() {
  arrange();
  if (policy.seal_dedupe) {
    for (const auto& run : f().dedupe.closed()) emit(SealRun{run});
  }
  end_unanswered();
  // Doubts first: they hold their keys.
  for (Lane& lane : f().lanes) {
    for (Slot s = lane.first; s != kNoSlot; s = at(s).next) {
      show(s);
      if (doubtful(s)) resolve_doubt(s);
    }
  }
  for (const Lane& lane : f().lanes) {
    for (Slot s = lane.first; s != kNoSlot; s = at(s).next) {
      settle(s);
      reshow(s);
    }
  }
  pump_all();
}

// A life before this one was about to send it, and its sink can neither be asked nor recognises repeats.
bool Cell::State::doubtful(Slot slot) {
  const Delivery& d = at(slot);
  const DestinationPolicy* found = lane_of(d).policy;
  const bool sendable = d.state == DeliveryState::queued || d.state == DeliveryState::retry;
  return found && found->sink_class == SinkClass::none && d.open_attempt && sendable && !is_out(d.phase) &&
         d.phase != Phase::acting;
}

void Cell::State::reconfigure(CellPolicy next) {
  policy = std::move(next);
  for (auto& [name, destination] : policy.destinations) f().lane_of(name);
  arrange();
  for (const Lane& lane : f().lanes) {
    // At the start its destination may have been gone, or of a kind that can be asked.
    for (Slot s = lane.first; s != kNoSlot; s = at(s).next) {
      if (!doubtful(s)) continue;
      unready(at(s));
      resolve_doubt(s);
    }
    for (Slot s = lane.first; s != kNoSlot; s = at(s).next) {
      settle(s);
      reshow(s);
    }
  }
  pump_all();
}

}  // namespace lt::engine
