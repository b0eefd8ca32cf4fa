// Reading single rows of a day file into the values of query.h. Shared by the queries.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/catalog/reader.h"

namespace lt::catalog {

// For SELECT: what read_message expects, in its order, of a table `message m`.
inline constexpr std::string_view kMessageColumns =
    "m.pos, m.id, m.accepted, m.type, m.endpoint, m.principal, m.sender, m.order_key, m.correlates, m.keys";

Id id_of(std::string_view bytes);
inline std::string_view bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

MessageRow read_message(const Statement& row, uint32_t partition);
// Fills what comes from the deliveries: to, deliveries, state, code, detail.
Result<void> add_deliveries(Database& database, MessageRow& message);

struct Found {
  Day day = 0;
  MessageRow message;
};
// Looks first where the time in the id points. None: no such message.
Result<std::optional<Found>> find_message(ReadFiles& files, const Id& id);

// Messages in this file that name `request` as the one they answer, oldest first.
Result<std::vector<Id>> answers_in(Database& database, const Id& request);
// Ties the answers that came in to the receivers of a message and counts: fills `reach`, `strangers`, `answers` and the
// answers of the receivers. `asks` is the column of that name. Which request an answer is for, when there were several
// of one key: the latest before it; the first when it came before them all. So it does not matter in which order
// messages and answers came in, nor when this is asked.
Result<void> add_answers(ReadFiles& files, std::string_view asks, MessageDetails& details);

// Higher is worse: what people should see of a message first.
int badness(DeliveryState state);

}  // namespace lt::catalog
