// The promises, checked against the journal and against what partners really did.
#include <fmt/format.h>

#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;

// From what the journal holds: P1 at every start, and no dedupe key accepted twice.
void World::learn(const std::vector<std::pair<Position, Fact>>& facts) {
  std::map<uint64_t, Known> accepted;
  std::map<std::string, uint64_t> keys;
  over_.clear();
  replays_.clear();
  for (const auto& [position, fact] : facts) {
    if (const auto* f = std::get_if<AcceptedFact>(&fact)) {
      const Envelope& e = f->message->envelope;
      Known known{e.id, f->message->body.sha256, {}, e.order_key, e.dedupe_key};
      if (f->dead != Code::none) {
        known.to.push_back("");
      } else {
        for (const auto& d : e.deliveries) known.to.push_back(d.destination);
      }
      if (!e.dedupe_key.empty() && !keys.emplace(e.dedupe_key, position.offset).second) {
        violate("dedupe key " + e.dedupe_key + " was accepted twice");
      }
      accepted.emplace(position.offset, std::move(known));
    } else if (const auto* o = std::get_if<OutcomeFact>(&fact)) {
      if (over_.contains(o->delivery)) violate("an outcome after the end of " + o->delivery.text());
      if (is_final(o->state) && o->state != DeliveryState::dead) over_[o->delivery] = o->state;
    } else if (const auto* a = std::get_if<ActionFact>(&fact)) {
      if (a->kind == ActionKind::discard) over_[a->delivery] = DeliveryState::discarded;
      if (a->kind == ActionKind::replay) ++replays_[a->delivery];
    }
  }
  for (const auto& [offset, id] : answered_) {
    const auto at = accepted.find(offset);
    if (at == accepted.end() || at->second.id != id) {
      violate(fmt::format("P1: 0:{} was answered as accepted and is not in the journal", offset));
    }
  }
  accepted_ = std::move(accepted);
}

void World::check_end() {
  const auto facts = read_journal();
  learn(facts);
  Cell again(policy_, 1);
  for (const auto& [position, fact] : facts) again.fold(position, fact);
  if (again.save() != cell_->save()) violate("the living cell is not the fold of its journal");

  std::map<DeliveryId, DeliveryStatus> pending;
  for (auto& d : cell_->pending(SIZE_MAX)) pending.emplace(d.id, d);
  for (const auto& [offset, known] : accepted_) {
    for (size_t i = 0; i < known.to.size(); ++i) {
      const DeliveryId id{{0, offset}, static_cast<uint16_t>(i)};
      if (over_.contains(id) == pending.contains(id)) {
        violate(fmt::format("P2: {} is {}", id.text(), over_.contains(id) ? "over and pending" : "nowhere"));
      }
    }
  }
  for (const auto& [id, d] : pending) {
    const auto stuck = [](DeliveryState s) {
      return s == DeliveryState::held || s == DeliveryState::unknown || s == DeliveryState::dead;
    };
    if (stuck(d.state)) continue;
    const auto head = pending.find(d.behind);
    if (d.state != DeliveryState::behind || head == pending.end() || !stuck(head->second.state)) {
      violate(fmt::format("P4: {} is {} for ever", id.text(), state_name(d.state)));
    }
  }
  check_effects();
  for (const auto& [name, partner] : partners_) check_order(partner);
}

void World::check_effects() {
  for (const auto& [offset, known] : accepted_) {
    for (size_t i = 0; i < known.to.size(); ++i) {
      const auto partner = partners_.find(known.to[i]);
      if (partner == partners_.end()) continue;
      const DeliveryId id{{0, offset}, static_cast<uint16_t>(i)};
      const size_t effects = partner->second.count(known.id.text());
      tally_.effects += effects;
      const auto end = over_.find(id);
      if (end != over_.end() && end->second == DeliveryState::delivered && effects == 0) {
        violate("P3: " + id.text() + " is called delivered and had no effect");
      }
      // A partner without memory: once, and once more each time a person said so.
      const bool blind = partner->second.sink_class() == SinkClass::none;
      const size_t most = blind && replays_.contains(id) ? 1 + replays_.at(id) : 1;
      if (effects > most) violate(fmt::format("P3: {} took effect {} times at {}", id.text(), effects, known.to[i]));
    }
  }
}

void World::check_order(const Partner& partner) {
  if (policy_.destinations.at(partner.name()).order == Order::none) return;
  std::map<std::string, uint64_t> latest;
  std::set<std::string> seen;
  for (const Effect& e : partner.effects()) {
    if (e.order_key.empty() || reordered_.contains({partner.name(), e.order_key})) continue;
    if (!seen.insert(e.identity).second) continue;
    uint64_t& last = latest[e.order_key];
    if (e.offset < last) {
      violate(
          fmt::format("P5: 0:{} of key {} took effect at {} after 0:{}", e.offset, e.order_key, partner.name(), last));
    }
    last = std::max(last, e.offset);
  }
}

std::string World::run() {
  env_.limit_space(64 << 20);
  open();
  const std::string dead = happens(0.4) ? std::next(partners_.begin(), static_cast<ptrdiff_t>(roll(3)))->first : "";
  const uint64_t clients = 30 + roll(90);
  const auto span = std::chrono::milliseconds(2'000 + roll(60'000));
  const auto sometime = [&] { return std::chrono::microseconds(roll(static_cast<uint64_t>(span.count()) * 1'000)); };
  for (uint64_t i = 0; i < clients; ++i) in(sometime(), [this] { client_arrives(); });
  for (uint64_t i = roll(25); i > 0; --i) in(sometime(), [this] { operator_acts(); });
  for (uint64_t i = roll(5); i > 0; --i)
    in(sometime(), [this] {
      if (cell_) crash("at any moment");
    });
  for (uint64_t i = roll(4); i > 0; --i) in(sometime(), [this] { disk_trouble(); });
  for (uint64_t i = roll(12); i > 0; --i) {
    in(sometime(), [this, dead] {
      Partner& p = std::next(partners_.begin(), static_cast<ptrdiff_t>(roll(3)))->second;
      p.set_down(p.name() == dead || roll(2) == 0);
      p.set_slow(roll(3) == 0);
      tell(p.name() + (p.down() ? " is down" : " is up"));
    });
  }
  if (!dead.empty()) partners_.at(dead).set_down(true);
  run_until([] { return false; }, span);

  // Nobody interferes any more: with one partner still dead, everything for the others comes to its end.
  calm_ = true;
  tell("calm" + (dead.empty() ? "" : ", but " + dead + " is dead"));
  if (cell_ && happens(0.5)) crash("one last time");
  for (auto& [name, partner] : partners_) {
    partner.behave();
    partner.set_down(name == dead);
  }
  run_until([this] { return cell_ != nullptr; }, std::chrono::minutes(1));
  resume_all();
  const auto settled = [this](const std::string& except) {
    if (!cell_ || cell_->appending() > 0 || !asked_.empty()) return false;
    for (const auto& lane : cell_->lanes()) {
      if (lane.destination != except && lane.queued + lane.in_flight + lane.retry > 0) return false;
    }
    return true;
  };
  const auto tell_lanes = [this] {
    for (const auto& l : cell_ ? cell_->lanes() : std::vector<LaneStatus>()) {
      tell(fmt::format("lane {}: {} queued, {} in flight, {} retry, {} behind, breaker {}{}", l.destination, l.queued,
                       l.in_flight, l.retry, l.behind, static_cast<int>(l.breaker), l.paused ? ", paused" : ""));
    }
    tell(fmt::format("{} wait for an answer", asked_.size()));
  };
  if (!run_until([&] { return settled(dead); }, std::chrono::minutes(30))) {
    tell_lanes();
    violate("P4: a dead partner holds up others");
  }
  if (!dead.empty()) {
    tell(dead + " is well again");
    partners_.at(dead).set_down(false);
  }
  if (!run_until([&] { return settled("") && cell_->idle(); }, std::chrono::minutes(30))) {
    tell_lanes();
    violate("P4: something is pending for ever");
  }
  if (violation_.empty()) check_end();
  return violation_;
}

}  // namespace lt::sim
