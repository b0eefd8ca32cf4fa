// Clients that repeat, contradict themselves and give up; operators that act on whatever they see.
#include <fmt/format.h>

#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;

void World::client_arrives() {
  auto client = std::make_shared<Client>();
  if (happens(0.6)) client->order_key = fmt::format("k{}", roll(5));
  if (happens(0.6)) client->dedupe_key = fmt::format("d{}", roll(60));
  client->body = fmt::format("body {}", roll(3)) + std::string(roll(400), '.');
  client->urgency = static_cast<Urgency>(roll(5));
  for (const auto& [name, partner] : partners_) {
    if (happens(0.45)) client->to.push_back(name);
  }
  if (happens(0.03)) client->to.push_back("removed");
  ask(std::move(client));
}

void World::ask(std::shared_ptr<Client> client) {
  if (!cell_) return in(std::chrono::milliseconds(500), [this, client] { ask_again(client); });
  auto message = std::make_shared<Message>();
  Envelope& e = message->envelope;
  e.id = ids_.next();
  e.order_key = client->order_key;
  e.dedupe_key = client->dedupe_key;
  e.urgency = client->urgency;
  e.accepted = clock_.wall();
  for (const auto& name : client->to) e.deliveries.push_back({name, {}, "", ""});
  message->body = Body::of(client->body);
  AcceptedFact fact;
  if (roll(40) == 0) {
    fact.dead = Code::bad_json;
    fact.dead_detail = "not JSON";
  }
  if (roll(10) == 0) fact.cursor = CursorChange{"inbox", fmt::format("{}", tickets_)};
  if (roll(10) == 0) fact.watches.push_back({"poll", client->order_key, "context", roll(2) == 0});
  const Asked asked{client, e.id, message->body.sha256};
  fact.message = std::move(message);
  const Ticket ticket = ++tickets_;
  asked_[ticket] = asked;
  step(Admit{ticket, std::move(fact)});
}

void World::ask_again(const std::shared_ptr<Client>& client) {
  if (++client->tries > 6) return;  // gives up
  in(std::chrono::milliseconds(1 + roll(2'000)), [this, client] { ask(client); });
}

void World::act(AdmitAnswer& a) {
  const auto at = asked_.find(a.ticket);
  if (at == asked_.end()) return violate("an answer nobody waits for");
  const Asked asked = std::move(at->second);
  asked_.erase(at);
  using Kind = AdmitAnswer::Kind;
  const auto& key = asked.client->dedupe_key;
  switch (a.kind) {
    case Kind::accepted:
      tell(fmt::format("accepted {} order {} dedupe {}", a.position.text(), asked.client->order_key, key));
      answered_[a.position.offset] = asked.id;
      ++tally_.messages;
      tally_.deliveries += asked.client->to.size();
      if (happens(0.15)) ask_again(asked.client);  // the answer was lost on its way
      return;
    case Kind::duplicate:
    case Kind::conflict: {
      bool right = false;
      const auto read = journal_->read_at(a.position, [&](const journal::RecordView& view) {
        const auto fact = decode_fact(static_cast<uint8_t>(view.type), view.header, view.body);
        if (!fact || fact->index() != 0) return;
        const Message& original = *std::get<AcceptedFact>(*fact).message;
        right =
            original.envelope.dedupe_key == key && (original.body.sha256 == asked.body) == (a.kind == Kind::duplicate);
      });
      if (!read || !right) violate("wrongly called a duplicate or a conflict of " + a.position.text());
      return;
    }
    case Kind::busy:
    case Kind::failed:
      return ask_again(asked.client);
  }
}

void World::operator_acts() {
  if (!cell_) return;
  Operate event;
  event.ticket = ++tickets_;
  ActionFact& fact = event.fact;
  fact.by = "lan";
  fact.why = "because";
  fact.at = clock_.wall();
  const auto pending = cell_->pending(200);
  if (roll(4) == 0) {
    fact.kind = roll(2) ? ActionKind::pause : ActionKind::resume;
    fact.destination = std::next(partners_.begin(), static_cast<ptrdiff_t>(roll(partners_.size())))->first;
  } else if (!pending.empty()) {
    const DeliveryStatus& d = pending[roll(pending.size())];
    const bool stuck =
        d.state == DeliveryState::held || d.state == DeliveryState::unknown || d.state == DeliveryState::dead;
    if (!stuck && roll(3) != 0) return;
    fact.kind = roll(4) == 0 ? ActionKind::discard : ActionKind::replay;
    fact.delivery = d.id;
    event.out_of_order = roll(3) == 0;
    if (fact.kind == ActionKind::replay && event.out_of_order) {
      const auto known = accepted_.find(d.id.message.offset);
      if (known != accepted_.end()) {
        reordered_.insert({d.destination, known->second.order_key});
      } else {  // accepted since the last start: its key is not known here
        for (int i = 0; i < 5; ++i) reordered_.insert({d.destination, fmt::format("k{}", i)});
      }
    }
  } else {
    return;
  }
  tell(fmt::format("operator: {} {} {}{}", static_cast<int>(fact.kind), fact.delivery.text(), fact.destination,
                   event.out_of_order ? " out of order" : ""));
  step(std::move(event));
}

void World::act(OperatorAnswer& a) {
  if (!a.error) return;
  tell("operator was refused: " + a.error->text());
  if (calm_) in(std::chrono::seconds(1), [this] { resume_all(); });  // the disk was not well yet
}

void World::resume_all() {
  for (const auto& [name, partner] : partners_) {
    if (!cell_) return in(std::chrono::seconds(1), [this] { resume_all(); });
    ActionFact resume;
    resume.kind = ActionKind::resume;
    resume.destination = name;
    step(Operate{++tickets_, std::move(resume), false});
  }
}

}  // namespace lt::sim
