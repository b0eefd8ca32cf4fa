#include "test/sim/world.h"

#include <fmt/format.h>

#include <utility>

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;

namespace {

DestinationPolicy random_policy(Chance& chance, SinkClass sink_class) {
  DestinationPolicy p;
  p.sink_class = sink_class;
  p.order = chance.next() % 5 == 0 ? Order::none : Order::key;
  p.after_dead = chance.next() % 3 == 0 ? AfterDead::go_on : AfterDead::park;
  p.in_flight = static_cast<uint32_t>(1 + chance.next() % 8);
  p.retry.first = milliseconds(50 + chance.next() % 1'000);
  p.retry.most = milliseconds(20'000);
  p.retry.attempts = chance.next() % 3 == 0 ? 4 : 0;
  p.breaker.failures = static_cast<uint32_t>(1 + chance.next() % 5);
  p.breaker.wait = milliseconds(200 + chance.next() % 2'000);
  p.breaker.most = milliseconds(15'000);
  return p;
}

}  // namespace

World::World(uint64_t seed, Sabotage sabotage)
    : seed_(seed), sabotage_(sabotage), chance_(seed * 0x9E3779B97F4A7C15ULL + 1), ids_(clock_, seed) {
  for (const auto& [name, sink_class] :
       {std::pair("idem", SinkClass::partner_idempotent), {"probe", SinkClass::probe}, {"none", SinkClass::none}}) {
    policy_.destinations[name] = random_policy(chance_, sink_class);
    partners_.emplace(name, Partner(name, sink_class, chance_.next()));
  }
  policy_.appending_most = 4 + roll(30);
  policy_.hot_bytes_most = roll(20'000);
  policy_.lane_pressure = 2 + roll(8);
}

World::~World() = default;

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
  while (violation_.empty()) {
    if (done()) return true;
    if (due_.empty() || due_.top().at > end) return false;
    const Due next = due_.top();
    due_.pop();
    if (next.at > clock_.mono()) clock_.advance(next.at - clock_.mono());
    ++tally_.events;
    next.what();
  }
  return true;
}

void World::tell(std::string line) {
  story_.push_back(fmt::format("{:>10.3f} s  {}", static_cast<double>(clock_.mono().time_since_epoch().count()) / 1e6,
                               std::move(line)));
  if (story_.size() > 120) story_.pop_front();
}

void World::violate(std::string what) {
  if (!violation_.empty()) return;
  tell("BROKEN: " + what);
  violation_ = std::move(what);
}

std::string World::story() const {
  std::string out;
  for (const auto& line : story_) out += line + '\n';
  return out;
}

void World::step(Event event) {
  Actions actions;
  cell_->step(std::move(event), now(), actions);
  act(actions);
}

void World::act(Actions& actions) {
  for (Action& action : actions) std::visit([this](auto& a) { act(a); }, action);
}

void World::act(Append& a) {
  ++tally_.facts;
  const bool forget = (sabotage_ == Sabotage::forget_outcomes && a.fact.index() == 2) ||
                      (sabotage_ == Sabotage::skip_attempts && a.fact.index() == 1);
  if (forget) {  // tell the cell it is durable, and do not write it
    inbox_.push_back(Committed{journal_->end(), std::move(a.fact), a.ticket});
    return in_this_life(microseconds(10), [this] { work_inbox(); });
  }
  journal::Record record;
  record.type = static_cast<journal::RecordType>(fact_record_type(a.fact));
  record.header = encode_fact_header(a.fact);
  if (const auto* accepted = std::get_if<AcceptedFact>(&a.fact)) record.body = accepted->message->body.view();
  if (sabotage_ == Sabotage::answer_early && a.fact.index() == 0 && roll(10) == 0) {
    answered_[journal_->end().offset + 1] = std::get<AcceptedFact>(a.fact).message->envelope.id;
  }
  auto fact = std::make_shared<Fact>(std::move(a.fact));
  journal_->append(std::move(record), [this, fact, ticket = a.ticket](Result<Position> position) {
    if (position) {
      inbox_.push_back(Committed{*position, std::move(*fact), ticket});
    } else {
      tell("append refused: " + position.error().text());
      inbox_.push_back(AppendFailed{std::move(*fact), ticket, std::move(position).error()});
    }
  });
  if (!std::exchange(journal_stepping_, true))
    in_this_life(microseconds(100 + roll(4'000)), [this] { step_journal(); });
}

void World::step_journal() {
  journal_stepping_ = false;
  journal_->step();
  if (journal_->figures().failed || env_.powered_off())
    in_this_life(microseconds(roll(3'000)), [this] { crash("the journal failed"); });
  if (journal_->waiting() > 0) {
    journal_stepping_ = true;
    in_this_life(microseconds(100 + roll(4'000)), [this] { step_journal(); });
  }
  if (!std::exchange(inbox_due_, true)) in_this_life(microseconds(1 + roll(500)), [this] { work_inbox(); });
}

void World::work_inbox() {
  inbox_due_ = false;
  while (!inbox_.empty()) {
    Event event = std::move(inbox_.front());
    inbox_.pop_front();
    step(std::move(event));
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
    auto message = std::make_shared<Message>();
    const auto read = journal_->read_at(a.delivery.message, [&](const journal::RecordView& view) {
      auto fact = decode_fact(static_cast<uint8_t>(view.type), view.header, view.body);
      if (fact && fact->index() == 0) *message = *std::get<AcceptedFact>(*fact).message;
    });
    if (!read) return violate("a delivery cannot be read: " + read.error().text());
    a.message = message;
  }
  tell(fmt::format("{} {} #{} to {} {}", a.probe ? "probe" : "send", a.delivery.text(), a.attempt, a.destination,
                   a.message->envelope.order_key));
  // The request travels on whether we live or not.
  in(microseconds(500 + roll(20'000)), [this, life = life_, d = a] {
    if (sabotage_ == Sabotage::send_twice && !d.probe && roll(20) == 0) reach(d, life);
    reach(d, life);
  });
}

void World::reach(const Deliver& d, uint64_t life) {
  Partner& partner = partners_.at(d.destination);
  const Envelope& envelope = d.message->envelope;
  const Reply reply =
      d.probe ? partner.probe(envelope.id.text())
              : partner.send({envelope.id.text(), envelope.order_key, d.delivery.message.offset}, d.operation);
  in(reply.after, [this, life, d, outcome = reply.outcome] {
    if (life != life_) return;
    tell(fmt::format("answer {} #{}: kind {} {}", d.delivery.text(), d.attempt, static_cast<int>(outcome.kind),
                     outcome.detail));
    step(Attempted{d.delivery, d.attempt, d.probe, outcome});
  });
}

}  // namespace lt::sim
