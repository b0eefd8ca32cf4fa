#include "test/sim/world.h"

#include <utility>

#include "core/message/carried.h"
#include "test/sim/bookshelf.h"

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;

void Tally::add(const Tally& o) {
  seeds += o.seeds;
  messages += o.messages;
  deliveries += o.deliveries;
  effects += o.effects;
  facts += o.facts;
  events += o.events;
  crashes += o.crashes;
  faults += o.faults;
  operations += o.operations;
  reconfigurations += o.reconfigurations;
  trims += o.trims;
  segments_freed += o.segments_freed;
  checkpoints += o.checkpoints;
  catalogs += o.catalogs;
}

std::string promise_of(const std::string& violation) {
  return violation.substr(0, std::min(violation.find_first_of(":"), violation.find_first_of("0123456789", 2)));
}

World::World(const Scenario& scenario)
    : scenario_(scenario),
      recording_(scenario.record),
      fate_(scenario.seed, scenario.only, scenario.record, scenario.twist),
      // Some histories pass midnight in Vietnam.
      clock_(Wall(std::chrono::seconds(1'790'000'000 + fate_.roll(86'400, Kind::size, 1)))),
      ids_(clock_, scenario.seed) {
  uint64_t number = 0;
  make_shared_policy();
  for (const auto& [name, sink_class] :
       {std::pair("idem", SinkClass::partner_idempotent), {"probe", SinkClass::probe}, {"none", SinkClass::none}}) {
    const Partner& partner = partners_.try_emplace(name, fate_, number++, name, sink_class).first->second;
    agree_limits(partner);
    policy_.destinations[name] = make_policy(partner, 0);
    tell_policy(partner);
  }
  policy_.appending_most = 4 + fate_.roll(30, Kind::policy, 1);
  policy_.hot_bytes_most = fate_.roll(20'000, Kind::policy, 2);
  policy_.lane_pressure = 2 + fate_.roll(8, Kind::policy, 3);
  if (fate_.roll(4, Kind::policy, 4) > 0) policy_.window = 1 + fate_.roll(6, Kind::policy, 5);
  policy_.seal_dedupe = fate_.roll(3, Kind::policy, 11) > 0;
  policy_.dedupe_run = 1 + fate_.roll(12, Kind::policy, 12);
  if (scenario.catalog) books_ = std::make_unique<Bookshelf>(clock_);
}

World::~World() {
  if (books_) books_->close();
}

void World::in(microseconds wait, std::function<void()> what) {
  due_.push({clock_.mono() + wait, ++order_, std::move(what)});
}

void World::in_this_life(microseconds wait, std::function<void()> what) {
  in(wait, [this, life = life_, what = std::move(what)] {
    if (life == life_) what();
  });
}

bool World::run_until(const std::function<bool()>& done, std::chrono::milliseconds most) {
  const Mono end = clock_.mono() + most;
  for (uint64_t i = 0; violation_.empty(); ++i) {
    const bool over = due_.empty() || due_.top().at > end;
    if ((over || i % 16 == 0) && done()) return true;  // looking costs more than an event
    if (over) return false;
    // A moved-from function does not change the order of the queue.
    auto what = std::move(const_cast<Due&>(due_.top()).what);
    const Mono at = due_.top().at;
    due_.pop();
    if (at > clock_.mono()) clock_.advance(at - clock_.mono());
    ++tally_.events;
    what();
  }
  return true;
}

void World::note(std::string line) {
  story_.push_back(fmt::format("{:>9.3f} s  {}", static_cast<double>(clock_.mono().time_since_epoch().count()) / 1e6,
                               std::move(line)));
}

void World::violate(std::string what) {
  if (!violation_.empty()) return;
  tell("BROKEN {}", what);
  violation_ = std::move(what);
}

// For people: "message 3 (0:1234/0)".
std::string World::called(const DeliveryId& id) const {
  if (const auto at = answered_.find(id.message.offset); at != answered_.end()) {
    return fmt::format("message {} ({})", numbers_.at(at->second) / kMostTries, id.text());
  }
  const auto known = accepted_.find(id.message.offset);  // durable, and nobody was told
  return known == accepted_.end() ? id.text() : fmt::format("message {} ({})", known->second.number, id.text());
}

void World::step(Event event) {
  Actions actions;
  stopped_ = cell_->controls();
  cell_->step(std::move(event), now(), actions);
  act(actions);
}

void World::act(Actions& actions) {
  for (Action& action : actions) std::visit([this](auto& a) { act(a); }, action);
}

void World::act(Append& a) {
  ++tally_.facts;
  const bool forget = (scenario_.sabotage == Sabotage::forget_outcomes && a.fact.index() == 2) ||
                      (scenario_.sabotage == Sabotage::skip_attempts && a.fact.index() == 1);
  if (forget) {  // tell the cell it is durable, and do not write it
    inbox_.push_back(Committed{journal_->end(), std::move(a.fact), a.ticket});
    return in_this_life(microseconds(10), [this] { work_inbox(); });
  }
  journal::Record record;
  record.type = static_cast<journal::RecordType>(fact_record_type(a.fact));
  record.header = encode_fact_header(a.fact);
  if (const auto* accepted = std::get_if<AcceptedFact>(&a.fact)) record.body = accepted->message->body.view();
  if (scenario_.sabotage == Sabotage::answer_early && a.fact.index() == 0 &&
      fate_.roll(10, Kind::pause, ++pauses_) == 0) {
    answered_[journal_->end().offset + 1] = std::get<AcceptedFact>(a.fact).message->envelope.id;
  }
  auto fact = std::make_shared<Fact>(std::move(a.fact));
  journal_->append(std::move(record), [this, fact, ticket = a.ticket](Result<Position> position) {
    if (position) {
      if (books_ && !(scenario_.sabotage == Sabotage::starve_catalog && fact->index() == 2)) {
        books_->note(*position, clock_.wall(), *fact);
      }
      inbox_.push_back(Committed{*position, std::move(*fact), ticket});
    } else {
      tell("the journal refuses a record: {}", position.error().text());
      inbox_.push_back(AppendFailed{std::move(*fact), ticket, std::move(position).error()});
    }
  });
  kick_journal();
}

void World::kick_journal() {
  if (!std::exchange(journal_stepping_, true)) {
    in_this_life(microseconds(100 + pause(4'000)), [this] { step_journal(); });
  }
}

void World::step_journal() {
  journal_stepping_ = false;
  journal_->step();
  if (journal_->figures().failed || env_.powered_off())
    in_this_life(microseconds(pause(3'000)), [this] { crash("the journal failed"); });
  if (journal_->waiting() > 0) {
    journal_stepping_ = true;
    in_this_life(microseconds(100 + pause(4'000)), [this] { step_journal(); });
  }
  if (!std::exchange(inbox_due_, true)) {
    in_this_life(microseconds(1 + pause(500)), [this] { work_inbox(); });
  }
}

void World::work_inbox() {
  inbox_due_ = false;
  if (books_) books_->hand_over();
  while (!inbox_.empty()) {
    auto next = std::move(inbox_.front());
    inbox_.pop_front();
    if (auto* event = std::get_if<Event>(&next)) {
      step(std::move(*event));
    } else {
      take(std::get<Carried>(next));
    }
  }
}

void World::act(WakeAt& a) {
  const auto wait = std::max(microseconds(0), a.at - clock_.mono());
  in_this_life(wait, [this, wake = ++wake_] {
    if (wake == wake_) step(Tick{});
  });
}

void World::act(Deliver& a) {
  if (a.message == nullptr) {  // as the runtime does: from the journal
    const auto read = journal_->read_at(a.stored, [&](const journal::RecordView& view) {
      auto message = decode_message(static_cast<uint8_t>(view.type), view.header, view.body);
      if (message) a.message = std::move(*message);
    });
    if (!read && read.error().code == Code::io_error) {  // as the runtime does: later
      tell("{} cannot be read now", called(a.delivery));
      Outcome later;
      later.kind = OutcomeKind::retry;
      later.code = Code::io_error;
      return in_this_life(microseconds(1), [this, id = a.delivery, attempt = a.attempt, probe = a.probe, later] {
        step(Attempted{id, attempt, probe, later});
      });
    }
    if (!read) return violate("P2: a delivery cannot be read: " + read.error().text());
    if (!a.message) return violate("P2: no message stands at " + a.stored.text());
  }
  check_send(a);
  if (recording_ && a.probe) tell("ask {} about {}, attempt {}", a.destination, called(a.delivery), a.attempt);
  if (recording_ && !a.probe) tell("send {} to {}, attempt {}", called(a.delivery), a.destination, a.attempt);
  // The request travels on whether we live or not.
  const uint64_t number = numbers_.at(a.message->envelope.id);
  const auto travel =
      microseconds(500 + fate_.time(20'000, Kind::delay, number, a.delivery.ordinal, 1'000 + a.attempt));
  in(travel, [this, number, life = life_, d = std::move(a)] {
    if (scenario_.sabotage == Sabotage::send_twice && !d.probe && fate_.roll(20, Kind::pause, number) == 0)
      reach(d, life);
    reach(d, life);
  });
}

void World::reach(const Deliver& d, uint64_t life) {
  Partner& partner = partners_.at(d.destination);
  const Envelope& envelope = d.message->envelope;
  const Effect request{envelope.id, numbers_.at(envelope.id), d.delivery.message.offset,
                       envelope.deliveries.at(d.delivery.ordinal).part, life};
  const Reply reply = d.probe ? partner.probe(request) : partner.send(request, d.operation);
  if (recording_ && reply.took_effect) tell("{} takes {}", d.destination, called(d.delivery));
  in(reply.after,
     [this, life, &partner, id = d.delivery, attempt = d.attempt, probe = d.probe, outcome = reply.outcome] {
       if (life != life_) return;
       --outstanding_[partner.name()];
       if (recording_) {
         static constexpr const char* kWords[] = {"delivered", "duplicate", "retry",  "permanent",
                                                  "ambiguous", "redo_as",   "absent", "held"};
         tell("the answer about {}, attempt {}: {}{}{}", called(id), attempt, kWords[static_cast<size_t>(outcome.kind)],
              outcome.detail.empty() ? "" : ", ", outcome.detail);
       }
       step(Attempted{id, attempt, probe, outcome});
     });
}

}  // namespace lt::sim
