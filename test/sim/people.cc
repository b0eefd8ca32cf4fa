// Clients that repeat, contradict themselves and give up; operators that act on whatever they see.
#include <fmt/ranges.h>

#include <algorithm>

#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;
using std::chrono::milliseconds;

void World::client_arrives(uint64_t number) {
  const auto roll = [&](uint64_t below, uint64_t what) { return fate_.roll(below, Kind::message, number, what); };
  auto client = std::make_shared<Client>();
  client->number = number;
  if (fate_.strikes(0.6, Kind::order_key, number)) client->order_key = 1 + roll(5, 2);
  if (fate_.strikes(0.6, Kind::dedupe_key, number)) client->dedupe_key = fmt::format("d{}", roll(60 + number / 4, 3));
  if (fate_.strikes(0.5, Kind::urgency, number)) client->urgency = static_cast<Urgency>(1 + roll(4, 4));
  client->body = fmt::format("body {}", roll(3, 5)) + std::string(roll(400, 6), '.');
  for (const auto& [name, partner] : partners_) {
    if (fate_.strikes(0.45, Kind::address, number, partner.number())) client->to.push_back(name);
  }
  if (const uint64_t route = roll(5, 7); route < 4) client->route = fmt::format("r{}", route / 2);
  if (fate_.strikes(0.03, Kind::address, number, 99)) client->to.push_back("removed");
  if (fate_.strikes(0.2, Kind::split, number)) {
    for (uint64_t i = 0; i < 6; ++i) {
      if (fate_.strikes(0.6, Kind::split, number, 20 + i)) client->parts.push_back(roll(4, 20 + i));
    }
  }
  ask(std::move(client));
}

// For whom, in which order, in how many parts; and what it asks or answers.
void World::address(const Client& client, uint64_t number, Envelope& e) {
  const auto add_key = [&e](const std::string& key) {
    const BusinessKey business{"MaHoSo", key};
    if (std::find(e.keys.begin(), e.keys.end(), business) == e.keys.end()) e.keys.push_back(business);
  };
  const bool answers = fate_.strikes(0.4, Kind::split, number, 1);
  const auto add_tie = [&](const std::string& key, uint16_t part) {
    const auto kind = static_cast<AnswerKind>(fate_.roll(3, Kind::split, number, 2, part));
    e.ties.push_back({":" + key, answers, part, answers ? kind : AnswerKind::noted, ""});
  };
  if (client.parts.empty()) {
    for (const auto& name : client.to) e.deliveries.push_back({name, {}, "", "", client.route});
    if (client.order_key == 0) return;
    e.order_key = fmt::format("k{}", client.order_key);
    add_key(e.order_key);
    return add_tie(e.order_key, 0);
  }
  e.split = "$.parts[]";
  for (const uint64_t key : client.parts) {
    Part& part = e.parts.emplace_back();
    const auto nth = static_cast<uint16_t>(e.parts.size());
    for (const auto& name : client.to) e.deliveries.push_back({name, {}, "", "", client.route, nth});
    if (key == 0) continue;
    part.order_key = fmt::format("k{}", key);
    part.keys = {{"MaHoSo", part.order_key}};
    add_key(part.order_key);
    add_tie(part.order_key, nth);
  }
}

void World::ask(std::shared_ptr<Client> client) {
  if (!cell_) return in(milliseconds(500), [this, client] { ask_again(client); });
  auto message = std::make_shared<Message>();
  Envelope& e = message->envelope;
  e.id = ids_.next();
  const uint64_t number = client->number * kMostTries + client->tries;
  numbers_.emplace(e.id, number);
  e.type = "sim/message";
  e.endpoint = "clients";
  e.dedupe_key = client->dedupe_key;
  e.urgency = client->urgency;
  e.accepted = clock_.wall();
  address(*client, number, e);
  message->body = Body::of(client->body);
  AcceptedFact fact;
  if (fate_.strikes(0.025, Kind::undecodable, number)) {
    fact.dead = Code::bad_json;
    fact.dead_detail = "not JSON";
    e.deliveries.clear();
  }
  if (fate_.strikes(0.1, Kind::side_fact, number, 1)) fact.cursor = CursorChange{"inbox", fmt::format("{}", tickets_)};
  if (fate_.strikes(0.1, Kind::side_fact, number, 2)) {
    fact.watches.push_back({"poll", e.order_key, "context", fate_.roll(2, Kind::side_fact, number) == 0});
  }
  const Asked asked{client, e.id, message->body.sha256};
  fact.message = std::move(message);
  const Ticket ticket = ++tickets_;
  asked_[ticket] = asked;
  Admit admit{ticket, std::move(fact)};
  look(admit);
  if (fate_.roll(2, Kind::pause, number) == 0) return step(std::move(admit));
  // Meanwhile more may go to the disk.
  in_this_life(microseconds(pause(50'000)), [this, admit = std::move(admit)]() mutable { step(std::move(admit)); });
}

void World::ask_again(const std::shared_ptr<Client>& client) {
  if (client->tries + 1 >= kMostTries) return;  // gives up
  ++client->tries;
  const auto wait = milliseconds(1 + fate_.time(2'000, Kind::delay, client->number, client->tries));
  in(wait, [this, client] { ask(client); });
}

void World::act(AdmitAnswer& a) {
  const auto at = asked_.find(a.ticket);
  if (at == asked_.end()) return violate("an answer nobody waits for");
  const Asked asked = std::move(at->second);
  asked_.erase(at);
  using Answer = AdmitAnswer::Kind;
  const auto& client = asked.client;
  const auto& key = client->dedupe_key;
  switch (a.kind) {
    case Answer::accepted: {
      answered_[a.position.offset] = asked.id;
      if (recording_) {
        std::string to;
        for (const auto& name : client->to) to += (to.empty() ? "" : ", ") + name;
        tell("message {} is accepted ({}) for {}{}{}", client->number, a.position.text(), to.empty() ? "nobody" : to,
             !client->parts.empty() ? fmt::format(", in parts of keys {}", fmt::join(client->parts, " "))
             : client->order_key    ? fmt::format(", order key k{}", client->order_key)
                                    : "",
             key.empty() ? "" : ", dedupe key " + key);
      }
      ++tally_.messages;
      tally_.deliveries += client->to.size() * std::max<size_t>(1, client->parts.size());
      if (fate_.strikes(0.15, Kind::lost_answer, client->number, client->tries)) {
        tell("that answer is lost on its way to the client");
        ask_again(client);
      }
      return;
    }
    case Answer::duplicate:
    case Answer::conflict: {
      bool right = false;
      const auto look = [&](const journal::RecordView& view) {
        const auto fact = decode_fact_header(static_cast<uint8_t>(view.type), view.header);
        if (!fact || fact->index() != 0) return;
        const Message& original = *std::get<AcceptedFact>(*fact).message;
        right = original.envelope.dedupe_key == key &&
                (original.body.sha256 == asked.body) == (a.kind == Answer::duplicate);
      };
      const auto read = journal::WholeLog(*journal_, history_.get()).read_at(a.position, look);
      if (!read && read.error().code == Code::io_error) return ask_again(client);  // the disk is not well
      if (!read || !right) violate("P3: wrongly called a duplicate or a conflict of " + a.position.text());
      return;
    }
    case Answer::busy:
    case Answer::refused:
    case Answer::failed:
      return ask_again(client);
    case Answer::look_again:
      return ask(client);
  }
}

void World::operator_acts(uint64_t number) {
  if (!cell_) return;
  const auto roll = [&](uint64_t below, uint64_t what) { return fate_.roll(below, Kind::operation, number, what); };
  Operate event;
  event.ticket = ++tickets_;
  ActionFact& fact = event.fact;
  fact.by = "lan";
  fact.why = "because";
  fact.at = clock_.wall();
  const auto pending = cell_->pending(200);
  if (roll(3, 2) == 0) {
    static constexpr ActionKind kKinds[] = {ActionKind::pause, ActionKind::drain, ActionKind::resume,
                                            ActionKind::resume};
    const auto targets = all_targets();
    fact.kind = kKinds[roll(4, 3)];
    std::tie(fact.scope, fact.name) = targets[roll(targets.size(), 4)];
    tell("an operator says: {} {} {}", action_name(fact.kind), scope_name(fact.scope), fact.name);
  } else if (!pending.empty()) {
    const DeliveryStatus& d = pending[roll(pending.size(), 5)];
    const bool stuck =
        d.state == DeliveryState::held || d.state == DeliveryState::unknown || d.state == DeliveryState::dead;
    if (!stuck && roll(3, 6) != 0) return;
    fact.kind = roll(4, 7) == 0 ? ActionKind::discard : roll(4, 9) == 0 ? ActionKind::confirm : ActionKind::replay;
    fact.delivery = d.id;
    fact.out_of_order = fact.kind == ActionKind::replay && roll(3, 8) == 0;
    if (fact.out_of_order) {
      const auto known = accepted_.find(d.id.message.offset);
      if (known != accepted_.end()) {
        reordered_.insert({d.destination, known->second.deliveries.at(d.id.ordinal).order_key});
      } else {  // accepted since the last start: its key is not known here
        for (int i = 1; i <= 5; ++i) reordered_.insert({d.destination, fmt::format("k{}", i)});
      }
    }
    tell("an operator says: {} {}{}, which is {}", action_name(fact.kind), called(d.id),
         fact.out_of_order ? " out of order" : "", state_name(d.state));
  } else {
    return;
  }
  ++tally_.operations;
  step(std::move(event));
}

void World::act(OperatorAnswer& a) {
  if (!a.error) return;
  tell("the operator is refused: {}", a.error->text());
  if (calm_) in(std::chrono::seconds(1), [this] { resume_all(); });  // the disk was not well yet
}

// What can be paused or drained.
std::vector<World::Target> World::all_targets() const {
  std::vector<Target> targets = {{ActionScope::partner, "gov"}, {ActionScope::route, "r0"}, {ActionScope::route, "r1"}};
  for (const auto& [name, partner] : partners_) targets.emplace_back(ActionScope::destination, name);
  return targets;
}

void World::resume_all() {
  for (const auto& [scope, name] : all_targets()) {
    if (!cell_) return in(std::chrono::seconds(1), [this] { resume_all(); });
    ActionFact resume;
    resume.kind = ActionKind::resume;
    resume.scope = scope;
    resume.name = name;
    resume.at = clock_.wall();
    step(Operate{++tickets_, std::move(resume)});
  }
}

}  // namespace lt::sim
