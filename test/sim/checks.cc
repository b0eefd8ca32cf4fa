// The promises, checked against the journal and against what partners really did.
#include <algorithm>

#include "test/sim/bookshelf.h"
#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;

// From what the journal holds: P1 at every start, and no dedupe key accepted twice.
void World::learn(const Log& log) {
  std::map<uint64_t, Known> accepted;
  std::set<std::string_view> keys;
  over_.clear();
  replays_.clear();
  confirmed_.clear();
  for (const auto& [position, what] : log) {
    const auto* known_fact = std::get_if<Fact>(&what);
    if (!known_fact) continue;
    const Fact& fact = *known_fact;
    if (const auto* f = std::get_if<AcceptedFact>(&fact)) {
      const Envelope& e = f->message->envelope;
      Known known{e.id, 0, {}};
      if (const auto number = numbers_.find(e.id); number != numbers_.end()) {
        known.number = number->second / kMostTries;
      } else {
        violate("the journal holds a message that nobody sent: " + position.text());
      }
      if (f->dead != Code::none) {
        known.deliveries.emplace_back();
      } else {
        for (const auto& d : e.deliveries) known.deliveries.push_back({d.destination, order_key_of(e, d), d.part});
      }
      if (!e.dedupe_key.empty() && !keys.insert(e.dedupe_key).second) {
        violate("P3: dedupe key " + e.dedupe_key + " was accepted twice");
      }
      accepted.emplace_hint(accepted.end(), position.offset, std::move(known));
    } else if (const auto* o = std::get_if<OutcomeFact>(&fact)) {
      if (over_.contains(o->delivery)) violate("P2: an outcome after the end of " + o->delivery.text());
      if (is_final(o->state) && o->state != DeliveryState::dead) over_[o->delivery] = o->state;
    } else if (const auto* a = std::get_if<ActionFact>(&fact)) {
      if (a->kind == ActionKind::confirm) {  // what a person says is not ours to answer for
        over_[a->delivery] = DeliveryState::delivered;
        confirmed_.insert(a->delivery);
      }
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
  env_.clear_faults();
  const Log log = read_log();
  learn(log);
  Cell again(policy_, 1);
  fold(again, log, 0, log.size());
  again.sealed(cell_->sealed_to());
  if (again.save() != cell_->save()) violate("P2: the living cell is not the fold of its journal");

  std::map<DeliveryId, DeliveryStatus> pending;
  for (auto& d : cell_->pending(SIZE_MAX)) pending.emplace_hint(pending.end(), d.id, d);
  std::map<DeliveryId, DeliveryState> states;
  for (const auto& [offset, known] : accepted_) {
    for (size_t i = 0; i < known.deliveries.size(); ++i) {
      const DeliveryId id{{0, offset}, static_cast<uint16_t>(i)};
      const auto over = over_.find(id);
      const auto waits = pending.find(id);
      if ((over == over_.end()) == (waits == pending.end())) {
        violate(fmt::format("P2: {} is {}", called(id), over == over_.end() ? "nowhere" : "over and pending"));
        continue;
      }
      states[id] = over == over_.end() ? waits->second.state : over->second;
    }
  }
  for (const auto& [id, d] : pending) {
    const auto stuck = [](DeliveryState s) {
      return s == DeliveryState::held || s == DeliveryState::unknown || s == DeliveryState::dead;
    };
    if (stuck(d.state)) continue;
    const auto head = pending.find(d.behind);
    if (d.state != DeliveryState::behind || head == pending.end() || !stuck(head->second.state)) {
      violate(fmt::format("P4: {} is {} for ever", called(id), state_name(d.state)));
    }
  }
  check_effects();
  for (const auto& [name, partner] : partners_) check_order(partner);
  if (!books_ || !violation_.empty()) return;
  ++tally_.catalogs;
  std::map<uint64_t, Id> ids;
  for (const auto& [offset, known] : accepted_) ids.emplace_hint(ids.end(), offset, known.id);
  if (const auto wrong = books_->audit(*journal_, history_.get(), ids, states); !wrong.empty())
    violate("catalog: " + wrong);
}

void World::check_effects() {
  for (const auto& [offset, known] : accepted_) {
    for (size_t i = 0; i < known.deliveries.size(); ++i) {
      const Expected& expected = known.deliveries[i];
      const auto partner = partners_.find(expected.to);
      if (partner == partners_.end()) continue;
      const DeliveryId id{{0, offset}, static_cast<uint16_t>(i)};
      const size_t effects = partner->second.count(known.id, expected.part);
      tally_.effects += effects;
      const auto end = over_.find(id);
      if (end != over_.end() && end->second == DeliveryState::delivered && effects == 0 && !confirmed_.contains(id)) {
        violate("P3: " + called(id) + " is called delivered and had no effect");
      }
      // A partner without memory: once, and once more each time a person said so.
      const bool blind = partner->second.sink_class() == SinkClass::none;
      const size_t most = blind && replays_.contains(id) ? 1 + replays_.at(id) : 1;
      if (effects > most) {
        violate(fmt::format("P3: {} took effect {} times at {}", called(id), effects, expected.to));
      }
    }
  }
}

// Of one key in the order of acceptance, the parts of one message in theirs.
void World::check_order(const Partner& partner) {
  if (unordered_.contains(partner.name())) return;
  struct Last {
    DeliveryId id;
    bool exempt = false;
  };
  std::unordered_map<std::string_view, Last> latest;
  std::set<std::pair<Id, uint16_t>> seen;
  for (const Effect& e : partner.effects()) {
    const auto known = accepted_.find(e.offset);
    if (known == accepted_.end()) continue;
    const auto& deliveries = known->second.deliveries;
    const auto own = std::find_if(deliveries.begin(), deliveries.end(), [&](const Expected& expected) {
      return expected.to == partner.name() && expected.part == e.part;
    });
    if (own == deliveries.end() || own->order_key.empty()) continue;
    const DeliveryId id{{0, e.offset}, static_cast<uint16_t>(own - deliveries.begin())};
    const auto [last, fresh] = latest.try_emplace(own->order_key);
    if (fresh) last->second.exempt = reordered_.contains({partner.name(), own->order_key});
    if (last->second.exempt || !seen.emplace(e.identity, e.part).second) continue;
    if (id < last->second.id) {
      violate(fmt::format("P5: {} took effect at {} after {}, which came later with the same order key {}", called(id),
                          partner.name(), called(last->second.id), own->order_key));
    }
    last->second.id = std::max(last->second.id, id);
  }
}

}  // namespace lt::sim
