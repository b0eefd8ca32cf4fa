// Random histories of a cell with tiny windows, compared with what the facts say.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "core/engine/retry.h"
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {

struct Known {
  std::string destination, key;
  DeliveryState state = DeliveryState::queued;
};

// All that is unfinished, by the facts alone.
class Model {
 public:
  void follow(const std::vector<std::pair<Position, Fact>>& log) {
    for (; read_ < log.size(); ++read_)
      std::visit([&](const auto& f) { take(log[read_].first, f); }, log[read_].second);
  }
  const std::map<DeliveryId, Known>& unfinished() const { return unfinished_; }
  size_t pending_messages() const {
    std::set<Position> seen;
    for (const auto& [id, d] : unfinished_) {
      if (d.state != DeliveryState::dead) seen.insert(id.message);
    }
    return seen.size();
  }
  // An older one of its key at that destination that has to go first.
  bool has_elder(const DeliveryId& id, bool dead_too) const {
    const Known& mine = unfinished_.at(id);
    if (mine.key.empty()) return false;
    for (const auto& [other, d] : unfinished_) {
      if (!(other < id)) return false;
      if (d.destination == mine.destination && d.key == mine.key && (dead_too || d.state != DeliveryState::dead))
        return true;
    }
    return false;
  }

 private:
  void take(Position p, const AcceptedFact& f) {
    const Envelope& e = f.message->envelope;
    if (f.dead != Code::none) {
      unfinished_[{p, 0}] = {"", "", DeliveryState::dead};
      return;
    }
    for (size_t i = 0; i < e.deliveries.size(); ++i) {
      unfinished_[{p, static_cast<uint16_t>(i)}] = {e.deliveries[i].destination, e.order_key, DeliveryState::queued};
    }
  }
  void take(Position, const OutcomeFact& f) {
    if (is_final(f.state) && f.state != DeliveryState::dead) {
      unfinished_.erase(f.delivery);
    } else {
      unfinished_.at(f.delivery).state = f.state;
    }
  }
  void take(Position, const ActionFact& f) {
    if (f.kind == ActionKind::discard) unfinished_.erase(f.delivery);
    if (f.kind == ActionKind::replay) unfinished_.at(f.delivery).state = DeliveryState::queued;
  }
  template <class Other>
  void take(Position, const Other&) {}

  std::map<DeliveryId, Known> unfinished_;
  size_t read_ = 0;
};

bool parked(DeliveryState s) {
  return s == DeliveryState::held || s == DeliveryState::unknown || s == DeliveryState::dead;
}

class History {
 public:
  explicit History(uint64_t seed) : chance_(seed), policy_(random_policy()), b_(policy_) {}

  void run() {
    for (int i = 0; i < 250; ++i) {
      act();
      check();
    }
    finish();
  }

 private:
  uint64_t roll(uint64_t below) { return chance_.next() % below; }

  CellPolicy random_policy() {
    CellPolicy p;
    p.window = 1 + roll(5);
    p.dedupe_run = 1 + roll(4);
    p.pressure_wait = milliseconds(0);
    p.appending_most = 1'000;
    for (const auto& [name, sink] : {std::pair("a", SinkClass::partner_idempotent),
                                     {"b", SinkClass::probe},
                                     {"c", SinkClass::none},
                                     {"d", SinkClass::partner_idempotent}}) {
      DestinationPolicy d = destination(sink, static_cast<uint32_t>(1 + roll(4)));
      d.order = roll(4) == 0 ? Order::none : Order::key;
      d.after_dead = roll(3) == 0 ? AfterDead::go_on : AfterDead::park;
      d.breaker.failures = 3;
      p.destinations[name] = d;
    }
    return p;
  }

  void act() {
    switch (roll(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        for (uint64_t n = 1 + roll(8); n > 0; --n) admit();
        return;
      case 5:
        return b_.pass(milliseconds(roll(20'000)));
      case 6:
        return b_.restart();
      case 7:
        return b_.reload();
      case 8:
        b_.control(roll(3) ? ActionKind::resume : ActionKind::pause, name());
        b_.control(roll(3) ? ActionKind::resume : ActionKind::pause, route(), ActionScope::route);
        return;
      case 9:
      case 10:
        return operate();
      default:
        for (uint64_t n = 1 + roll(4); n > 0 && !b_.sent.empty(); --n) reply(false);
    }
  }

  std::string route() { return std::string(1, static_cast<char>('r' + roll(3))); }
  std::string name() { return std::string(1, static_cast<char>('a' + roll(4))); }

  void admit() {
    Ask ask;
    if (roll(10) < 7) ask.order_key = "k" + std::to_string(roll(6));
    if (roll(3) == 0) ask.dedupe_key = "d" + std::to_string(roll(1'000));
    if (roll(3) == 0) ask.urgency = static_cast<Urgency>(roll(6));
    ask.route = route();
    ask.to = {name()};
    while (roll(3) == 0) ask.to.push_back(name());
    if (roll(40) == 0) ask.to.push_back("gone");
    AcceptedFact fact = b_.accepted(ask);
    if (roll(60) == 0) fact.dead = Code::bad_json;
    b_.admit_fact(std::move(fact));
  }

  void reply(bool well) {
    const size_t i = roll(b_.sent.size());
    const Deliver d = b_.sent[i];
    b_.sent.erase(b_.sent.begin() + static_cast<ptrdiff_t>(i));
    Outcome o = outcome(OutcomeKind::delivered);
    if (!well && roll(3) == 0) {
      const OutcomeKind kinds[] = {OutcomeKind::retry, OutcomeKind::permanent, OutcomeKind::held,
                                   OutcomeKind::ambiguous, OutcomeKind::redo_as};
      o.kind = kinds[roll(d.probe ? 4 : 5)];
      if (o.kind == OutcomeKind::retry && roll(4) == 0) o.scope = RetryScope::lane;
    }
    if (d.probe && roll(2)) o.kind = OutcomeKind::absent;
    b_.reply(d, std::move(o));
  }

  void operate() {
    const auto pending = b_.cell().pending(SIZE_MAX);
    if (pending.empty()) return;
    const auto& d = pending[roll(pending.size())];
    b_.operate(roll(3) == 0 ? ActionKind::discard : ActionKind::replay, d.id);
  }

  void check() {
    model_.follow(b_.log);
    const auto pending = b_.cell().pending(SIZE_MAX);
    REQUIRE(pending.size() == model_.unfinished().size());
    std::map<std::string, size_t> by_lane;
    auto known = model_.unfinished().begin();
    for (const auto& d : pending) {  // both in order of acceptance
      REQUIRE(d.id == known->first);
      REQUIRE(d.destination == known->second.destination);
      ++by_lane[d.destination];
      if (parked(known->second.state)) REQUIRE(d.state == known->second.state);
      ++known;
    }
    REQUIRE(b_.cell().pending_messages() == model_.pending_messages());
    for (const auto& l : b_.cell().lanes(Wall{})) {
      REQUIRE(l.queued + l.in_flight + l.retry + l.held + l.unknown + l.behind + l.dead == by_lane[l.destination]);
    }
    check_sent();
    Cell again(policy_, 1);
    for (const auto& [position, fact] : b_.log) again.fold(position, fact);
    REQUIRE(again.save() == b_.cell().save());
  }

  void check_sent() {
    std::set<std::pair<std::string, std::string>> keys;
    for (const Deliver& d : b_.sent) {
      const DestinationPolicy& p = policy_.destinations.at(d.destination);
      if (p.order == Order::none) continue;
      REQUIRE_FALSE(model_.has_elder(d.delivery, p.after_dead == AfterDead::park));
      const std::string& key = model_.unfinished().at(d.delivery).key;
      if (!key.empty()) REQUIRE(keys.insert({d.destination, key}).second);
    }
  }

  // Partners are well: everything that nobody parked comes to its end, and then all the rest.
  void finish() {
    for (const char* lane : {"a", "b", "c", "d"}) b_.control(ActionKind::resume, lane);
    for (const char* name : {"r", "s", "t"}) b_.control(ActionKind::resume, name, ActionScope::route);
    settle();
    for (const auto& d : b_.cell().pending(SIZE_MAX)) {
      const bool at_rest = parked(d.state) || (d.state == DeliveryState::behind && parked(b_.status(d.behind).state));
      REQUIRE(at_rest);
    }
    CHECK(b_.cell().idle());
    for (auto rest = b_.cell().pending(SIZE_MAX); !rest.empty(); rest = b_.cell().pending(SIZE_MAX)) {
      b_.operate(roll(2) ? ActionKind::discard : ActionKind::replay, rest.front().id);
      if (b_.operator_answers.back().error) b_.operate(ActionKind::discard, rest.front().id);
      settle();
    }
    CHECK(b_.cell().pending_messages() == 0);
  }

  void settle() {
    for (int i = 0; i < 2'000; ++i) {
      while (!b_.sent.empty()) reply(true);
      check();
      size_t moving = 0;
      for (const auto& l : b_.cell().lanes(Wall{})) moving += l.queued + l.retry + l.in_flight;
      if (moving == 0) return;
      b_.pass(milliseconds(30'000));
    }
    FAIL("it does not come to rest");
  }

  Chance chance_;
  CellPolicy policy_;
  Bench b_;
  Model model_;
};

}  // namespace

TEST_CASE("cells with tiny windows keep order, lose nothing and come to rest") {
  const char* first = std::getenv("LT_SPILL_SEED");
  const uint64_t from = first ? std::strtoull(first, nullptr, 10) : 1;
  for (uint64_t seed = from; seed < from + (first ? 1 : 60); ++seed) {
    CAPTURE(seed);
    History(seed).run();
  }
}
