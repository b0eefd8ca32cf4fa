// Answers of the catalog as JSON, for the REST API and the command line: snake_case, RFC 3339 at +07:00, positions, ids
// and codes as text ("LT-5002"), absent values left out. Always valid UTF-8. A delivery has the `id` that replay,
// discard and confirm take; of a message `delivery` is the id of the one that its state and code are of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/catalog.h"

namespace lt::catalog {

std::string to_json(const MessageRow& row);
std::string to_json(const MessagePage& page);  // {"items":[...],"next_cursor":"..."}
std::string to_json(const MessageDetails& details);
std::string to_json(const Timeline& timeline);
std::string to_json(const std::vector<StateCount>& counts);  // {"items":[...]}
std::string to_json(const std::vector<CauseGroup>& groups);  // {"items":[...]}
std::string to_json(const Status& status);
std::string_view what_name(TimelineEvent::What what);  // "accepted", "delivered", ...
std::string_view outcome_name(OutcomeKind kind);       // "delivered", "retry", ...
std::string_view answer_name(AnswerKind kind);         // "noted", "read", "refused"

}  // namespace lt::catalog
