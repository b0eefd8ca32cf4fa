// What people and limits forbid, checked at each send: nothing to whom is paused or closed, no more at once and no
// faster than agreed.
#include <fmt/format.h>

#include <algorithm>

#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;

void World::check_send(const Deliver& d) {
  const auto found = policy_.destinations.find(d.destination);
  if (found == policy_.destinations.end()) return violate("P4: sent to " + d.destination + ", which is not configured");
  const DestinationPolicy& policy = found->second;
  const Envelope& envelope = d.message->envelope;
  // A step first does what was due and then what happened: what was stopped in this very step may still have gone out.
  const auto now_stopped = cell_->controls();
  const auto paused = [&](ActionScope scope, const std::string& name) {
    const auto within = [&](const std::vector<ControlStatus>& controls) {
      return std::any_of(controls.begin(), controls.end(),
                         [&](const auto& c) { return c.paused && c.scope == scope && c.name == name; });
    };
    return within(stopped_) && within(now_stopped);
  };
  if (paused(ActionScope::destination, d.destination) || paused(ActionScope::partner, policy.partner) ||
      paused(ActionScope::route, envelope.deliveries.at(d.delivery.ordinal).route)) {
    violate("limits: " + called(d.delivery) + " was sent although somebody had paused it");
  }
  // Between the decision and the send lies the record of the attempt.
  const auto closed = [&](Wall at) { return !policy.office_hours->open(at); };
  if (policy.office_hours && envelope.urgency < policy.office_hours->urgent && closed(clock_.wall()) &&
      closed(clock_.wall() - std::chrono::seconds(5))) {
    violate("limits: " + called(d.delivery) + " was sent outside office hours");
  }
  ++outstanding_[d.destination];
  const auto partner = policy_.partners.find(policy.partner);
  // What was out when a destination left the configuration, or came back, counts for nothing here.
  if (partner != policy_.partners.end() && partner->second.in_flight > 0 && tally_.reconfigurations == 0) {
    size_t out = 0;
    for (const auto& [name, other] : policy_.destinations) {
      if (other.partner == policy.partner) out += outstanding_[name];
    }
    if (out > partner->second.in_flight) {
      violate(
          fmt::format("limits: {} deliveries at {}, agreed were {}", out, policy.partner, partner->second.in_flight));
    }
  }
  if (policy.rate.count == 0 || policy.sink_class != SinkClass::partner_idempotent) return;
  auto& sent = sent_[d.destination];
  while (!sent.empty() && clock_.mono() - sent.front() > policy.rate.per) sent.pop_front();
  sent.push_back(clock_.mono());
  const size_t most = policy.rate.count + (policy.burst > 0 ? policy.burst : policy.rate.count);
  if (sent.size() > most) violate(fmt::format("limits: {} sends to {} within a second", sent.size(), d.destination));
}

}  // namespace lt::sim
