// Plays the journal, the partners and the clock for one cell, step by step.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/cell.h"

namespace lt::engine {

inline constexpr milliseconds kSecond{1'000};

inline DestinationPolicy destination(SinkClass sink_class, uint32_t in_flight = 8) {
  DestinationPolicy p;
  p.sink_class = sink_class;
  p.in_flight = in_flight;
  p.retry.first = kSecond;
  p.retry.most = milliseconds(60'000);
  p.retry.jitter = 0;
  return p;
}

inline CellPolicy policy_of(DestinationPolicy a) {
  CellPolicy p;
  p.destinations["a"] = a;
  return p;
}

struct Ask {
  std::string body = "x";
  std::string order_key = {};
  std::string dedupe_key = {};
  Urgency urgency = 0;
  std::vector<std::string> to = {"a"};
  std::string route = {};
};

inline Outcome outcome(OutcomeKind kind, RetryScope scope = RetryScope::delivery) {
  Outcome o;
  o.kind = kind;
  o.scope = scope;
  return o;
}

class Bench {
 public:
  explicit Bench(CellPolicy p) : policy_(std::move(p)), cell_(std::make_unique<Cell>(policy_, 1)) {
    cell_->start(now_, actions_);
    take();
  }

  // What the cell did.
  std::vector<Deliver> sent;  // not yet answered
  std::vector<AdmitAnswer> answers;
  std::vector<OperatorAnswer> operator_answers;
  std::vector<std::pair<Position, Fact>> log;
  std::deque<Append> appends;  // when `commit_by_hand`
  bool commit_by_hand = false;
  std::optional<Mono> wake;

  Cell& cell() { return *cell_; }
  Now now() const { return now_; }

  Ticket admit(const Ask& ask) { return admit_fact(accepted(ask)); }
  Ticket admit_fact(AcceptedFact fact) {
    step(Admit{++tickets_, std::move(fact)});
    return tickets_;
  }
  AcceptedFact accepted(const Ask& ask) const {
    auto m = std::make_shared<Message>();
    m->envelope.order_key = ask.order_key;
    m->envelope.dedupe_key = ask.dedupe_key;
    m->envelope.urgency = ask.urgency;
    m->envelope.accepted = now_.wall;
    for (const auto& d : ask.to) m->envelope.deliveries.push_back({d, {}, "", "", ask.route});
    m->body = Body::of(ask.body);
    AcceptedFact fact;
    fact.message = std::move(m);
    return fact;
  }
  // Answers the first delivery that is out.
  void reply(Outcome o) {
    REQUIRE_FALSE(sent.empty());
    const Deliver d = sent.front();
    sent.erase(sent.begin());
    reply(d, std::move(o));
  }
  void reply(OutcomeKind kind) { reply(outcome(kind)); }
  void reply(const Deliver& d, Outcome o) { step(Attempted{d.delivery, d.attempt, d.probe, std::move(o)}); }
  Ticket operate(ActionKind kind, DeliveryId delivery, bool out_of_order = false) {
    ActionFact fact;
    fact.kind = kind;
    fact.delivery = delivery;
    fact.out_of_order = out_of_order;
    return operate(std::move(fact));
  }
  // pause, resume, drain
  Ticket control(ActionKind kind, std::string name, ActionScope scope = ActionScope::destination) {
    ActionFact fact;
    fact.kind = kind;
    fact.scope = scope;
    fact.name = std::move(name);
    fact.why = "works on the line";
    return operate(std::move(fact));
  }
  Ticket operate(ActionFact fact) {
    fact.by = "lan";
    fact.at = now_.wall;
    step(Operate{++tickets_, std::move(fact)});
    return tickets_;
  }
  void commit() {
    REQUIRE_FALSE(appends.empty());
    Append a = std::move(appends.front());
    appends.pop_front();
    const Position p{0, ++offset_};
    log.emplace_back(p, a.fact);
    step(Committed{p, std::move(a.fact), a.ticket});
  }
  void refuse() {
    REQUIRE_FALSE(appends.empty());
    Append a = std::move(appends.front());
    appends.pop_front();
    step(AppendFailed{std::move(a.fact), a.ticket, Error(Code::disk_full)});
  }
  void commit_watch(WatchFact fact) {
    const Position p{0, ++offset_};
    log.emplace_back(p, fact);
    step(Committed{p, std::move(fact), 0});
  }
  // Lets time pass, waking the cell when it asked to be.
  void pass(milliseconds by) {
    const Mono end = now_.mono + by;
    while (wake && *wake <= end) {
      const Mono at = std::max(*wake, now_.mono);
      wake.reset();
      move_to(at);
      step(Tick{});
    }
    move_to(end);
    step(Tick{});
  }
  // Another process folds what the journal has.
  void restart() {
    sent.clear();
    appends.clear();
    wake.reset();
    cell_ = std::make_unique<Cell>(policy_, 2);
    for (const auto& [position, fact] : log) cell_->fold(position, fact);
    cell_->start(now_, actions_);
    take();
  }
  // Another process loads what this one saved.
  void reload() {
    sent.clear();
    appends.clear();
    wake.reset();
    const std::string saved = cell_->save();
    cell_ = std::make_unique<Cell>(policy_, 3);
    REQUIRE(cell_->load(saved));
    REQUIRE(cell_->save() == saved);
    cell_->start(now_, actions_);
    take();
  }
  void use(CellPolicy p) { policy_ = std::move(p); }
  void reconfigure(CellPolicy p) {
    policy_ = p;
    cell_->reconfigure(std::move(p), now_, actions_);
    take();
  }
  void step(Event e) {
    cell_->step(std::move(e), now_, actions_);
    take();
  }

  LaneStatus lane(std::string_view name = "a") const {
    for (auto& l : cell_->lanes(now_.wall)) {
      if (l.destination == name) return l;
    }
    FAIL("no lane");
    return {};
  }
  DeliveryStatus status(DeliveryId id) const {
    for (auto& d : cell_->pending(SIZE_MAX)) {
      if (d.id == id) return d;
    }
    return {id, "", DeliveryState::delivered, 0, {}, {}, Code::none, ""};
  }
  DeliveryState state(uint64_t offset, uint16_t ordinal = 0) const { return status({{0, offset}, ordinal}).state; }

 private:
  void move_to(Mono at) {
    now_.wall += std::chrono::duration_cast<milliseconds>(at - now_.mono);
    now_.mono = at;
  }
  void take() {
    Actions actions;
    actions.swap(actions_);
    for (Action& action : actions) {
      if (auto* a = std::get_if<Append>(&action)) appends.push_back(std::move(*a));
      if (auto* a = std::get_if<AdmitAnswer>(&action)) answers.push_back(std::move(*a));
      if (auto* a = std::get_if<Deliver>(&action)) sent.push_back(std::move(*a));
      if (auto* a = std::get_if<WakeAt>(&action)) wake = a->at;
      if (auto* a = std::get_if<OperatorAnswer>(&action)) operator_answers.push_back(std::move(*a));
    }
    if (!commit_by_hand && !taking_) {
      taking_ = true;
      while (!appends.empty()) commit();
      taking_ = false;
    }
  }

  CellPolicy policy_;
  Now now_{Wall(std::chrono::seconds(1'790'000'000)), Mono(std::chrono::seconds(5))};
  Actions actions_;
  Ticket tickets_ = 0;
  uint64_t offset_ = 0;
  bool taking_ = false;
  std::unique_ptr<Cell> cell_;
};

}  // namespace lt::engine
