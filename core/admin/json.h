// What the engine and the journal say, as JSON: snake_case, RFC 3339 at +07:00, absent values left out.
#pragma once

#include <string>
#include <vector>

#include "core/engine/cell.h"

namespace lt::runtime {
class Bus;
struct ReloadReport;
}  // namespace lt::runtime

namespace lt::admin {

std::string to_json(const std::vector<engine::LaneStatus>& lanes);        // {"items":[...]}
std::string to_json(const std::vector<engine::DeliveryStatus>& pending);  // {"items":[...]}
std::string to_json(const std::vector<engine::ControlStatus>& controls);  // {"items":[...]}
// {"name","ready","code"?,"problem"?,"journal":{"oldest","end","records","failed"},"catalog":{...}}
std::string status_json(runtime::Bus& bus);
// What was done: {"action","delivery"|"destination"|"partner"|"route","by","why","at"}
std::string action_json(const ActionFact& fact);
// {"config_hash","added":[...],"removed":[...]}
std::string reload_json(const runtime::ReloadReport& report);
std::string_view breaker_name(engine::LaneStatus::Breaker breaker);  // "closed", "open", "trying"

}  // namespace lt::admin
