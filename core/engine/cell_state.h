// The inside of a cell: the fold, and what is only true now - permits, timers, parked admits, facts on their way.
//
// One file per part: cell.cc (events in, wake out), admit.cc, send.cc (permits to attempts), settle.cc (whose turn it
// is), outcome.cc (answers of partners), operate.cc, ask.cc, arrange.cc (partners, routes, who is stopped), status.cc.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>

#include "core/engine/admission.h"
#include "core/engine/cell.h"
#include "core/engine/fold_state.h"
#include "core/engine/retry.h"
#include "core/engine/timers.h"

namespace lt::engine {

// A route as far as it matters now: its number is its place.
struct RouteState {
  bool known = false;  // what follows was looked up
  bool paused = false;
  std::optional<AfterDead> after_dead;
  Suspension standing;
  std::vector<std::pair<Slot, DeliveryId>> parked;  // some may have left since
};

struct Cell::State {
  State(CellPolicy p, uint64_t seed)
      : policy(std::move(p)), chance(seed), fold_state(std::make_unique<FoldState>(policy)) {}

  CellPolicy policy;
  Chance chance;
  std::unique_ptr<FoldState> fold_state;
  Admission admission;
  Timers timers;
  std::map<std::string, Group> groups;  // of partners, by name
  std::deque<RouteState> routes;
  FoldState::Change change;
  std::vector<uint32_t> woken;  // of run_timers; keeps its memory
  size_t appending = 0;
  std::set<DeliveryId> acting;           // spilled ones about which an ActionFact is being appended
  std::deque<OutcomeFact> owed;          // outcomes the journal refused; offered again until it takes them
  bool journal_ails = false;             // nothing is sent while its outcome could not be kept
  std::optional<Mono> journal_retry_at;  // when to try again
  std::optional<Mono> wake_asked;
  Now now{};
  Actions* out = nullptr;  // of the step under way

  FoldState& f() { return *fold_state; }
  Delivery& at(Slot slot) { return fold_state->deliveries[slot]; }
  Lane& lane_at(uint32_t index) { return fold_state->lanes[index]; }
  Lane& lane_of(const Delivery& d) { return fold_state->lanes[d.lane]; }
  template <class A>
  void emit(A action) {
    out->emplace_back(std::move(action));
  }
  template <class F>
  void append(F fact, Ticket ticket = 0) {
    ++appending;
    emit(Append{Fact(std::move(fact)), ticket});
  }

  // cell.cc
  void enter(Now at_time, Actions& actions);
  void leave();
  void run_timers();
  void on(Admit&& event);
  void on(Committed&& event);
  void on(AppendFailed&& event);
  void on(Attempted&& event);
  void on(Tick&&) {}
  void on(Operate&& event);
  void on(Sealed&& event);
  void on(AskNow&& event);
  void on(AskEnded&& event);
  void start();
  bool doubtful(Slot slot);
  void reconfigure(CellPolicy next);

  // arrange.cc
  void arrange();  // after the policy changed: groups, limits, routes
  void heed_controls();
  void note_standing(Lane& lane);
  RouteState& route_of(const Delivery& d);
  bool parks(Slot dead);
  Slot parking(const Chain& chain);
  milliseconds stood(const Delivery& d);
  void start_age(Delivery& d);

  // admit.cc
  std::optional<Error> drained(const AcceptedFact& fact);
  void consider(Admit admit, bool may_park);
  void unpark();
  bool pressed(const AcceptedFact& fact);
  std::optional<std::pair<AdmitAnswer::Kind, Position>> repeat(const Admit& admit);
  void answer(Ticket ticket, AdmitAnswer::Kind kind, Position position = {});
  void committed(Position position, const AcceptedFact& fact, Ticket ticket);
  void failed(AcceptedFact&& fact, Ticket ticket, Error error);
  void keep_hot(const std::shared_ptr<const Message>& message);

  // settle.cc: makes of every delivery what its state, its key and its lane allow.
  bool blocked(Slot slot);
  void settle(Slot slot, bool due = false);
  void chain_moved(Slot chain);
  void welcome();          // those that came into the window
  void let_go(Slot slot);  // it is not out any more: its key may move
  void unready(Delivery& d);
  void park(Slot slot);
  DeliveryState visible(Slot slot);
  void show(Slot slot);
  void hide(Slot slot);
  void reshow(Slot slot) {
    hide(slot);
    show(slot);
  }

  // status.cc
  DeliveryStatus status_of(Slot slot);
  DeliveryStatus status_of(const Spilled& entry, const FoldState::SpilledRun& run);
  void say_paused(DeliveryStatus& v, uint16_t route);
  DeliveryId blocker(const Chain& chain);

  // send.cc
  void pump(uint32_t lane);
  bool send_one(uint32_t lane);
  void set_alarm(uint32_t lane, Mono at);
  void pump_all();
  void begin(Slot slot);
  void hand_over(Slot slot, bool probe);
  uint32_t attempt_out(const Delivery& d);
  const DestinationPolicy& policy_of(const Delivery& d);
  void committed(Position position, const AttemptFact& fact, Ticket ticket);
  void failed(AttemptFact&& fact, Ticket ticket, Error error);

  // outcome.cc
  void learn(Lane& lane, uint32_t index, const Outcome& outcome);
  void blame(Lane& lane, uint32_t index, const Outcome& outcome);
  void journal_outcome(Slot slot, bool probe, Outcome outcome);
  void hold_lane(uint32_t lane, const OutcomeFact& fact);
  void resolve_doubt(Slot slot);
  void committed(Position position, const OutcomeFact& fact, Ticket ticket);
  void failed(OutcomeFact&& fact, Ticket ticket, Error error);
  void journal_failed();
  void retry_journal();
  void journal_works();

  // operate.cc
  std::optional<Error> target_refusal(const ActionFact& fact);
  std::optional<Error> refusal(const ActionFact& fact, Slot slot);
  std::optional<Error> replay_refusal(const ActionFact& fact, Slot slot);
  std::optional<Error> confirm_refusal(Slot slot);
  std::optional<Error> spilled_refusal(const ActionFact& fact);
  void committed(Position position, const ActionFact& fact, Ticket ticket);
  void failed(ActionFact&& fact, Ticket ticket, Error error);

  // ask.cc
  std::optional<Error> asking_refusal(const std::string& destination);
  void committed(Position position, const AskedFact& fact, Ticket ticket);
  void failed(AskedFact&& fact, Ticket ticket, Error error);
  void committed(Position position, const AnsweredFact& fact, Ticket ticket);
  void failed(AnsweredFact&&, Ticket, Error) {}  // the next life finds it unanswered
  void end_unanswered();

  void committed(Position position, const WatchFact& fact, Ticket ticket);
  void failed(WatchFact&&, Ticket, Error) {}
};

}  // namespace lt::engine
