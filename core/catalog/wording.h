// What happened, in one sentence for people, Vietnamese and English.
#pragma once

#include <optional>

#include "core/catalog/query.h"

namespace lt::catalog {

// Fills `vi` and `en` from the other members. `endpoint` is where the message came in, `next_at` when a retry is due.
void describe(TimelineEvent& event, std::string_view endpoint, std::optional<Wall> next_at);

}  // namespace lt::catalog
