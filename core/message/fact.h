// Facts: what the journal says happened. State is the fold of facts, in position order; there is no second truth.
//
// The engine decides (by policy, clock and chance) *before* it writes; a fact carries the decision, so folding it again
// under another configuration or at another time gives the same state.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/message/message.h"
#include "core/message/outcome.h"

namespace lt {

// States of a delivery. The first six are pending, the others final.
enum class DeliveryState : uint8_t {
  queued,     // waits for a permit
  in_flight,  // handed to the sink
  retry,      // waits until `next_at`
  held,       // waits for a fix on our side (cause)
  unknown,    // may have taken effect at a partner that cannot be asked: waits for a person
  behind,     // waits for an earlier delivery of its key
  delivered,
  dead,        // cannot be delivered (cause); parks its key until replayed or discarded
  discarded,   // by a named person, with a reason
  superseded,  // a later replay took its place
};
inline bool is_final(DeliveryState s) { return s >= DeliveryState::delivered; }
std::string_view state_name(DeliveryState state);  // "queued", "in_flight", ...
std::optional<DeliveryState> parse_state(std::string_view name);

// A message was accepted; its deliveries are queued - or, when `dead` is set, there are none: polled input that could
// not be decoded or routed is kept raw with its cause.
struct AcceptedFact {
  std::shared_ptr<const Message> message;
  std::vector<WatchChange> watches;
  std::optional<CursorChange> cursor;
  Code dead = Code::none;
  std::string dead_detail;
};

// About to send, to a partner where a doubt matters. Synced before the send.
struct AttemptFact {
  DeliveryId delivery;
  uint32_t attempt = 0;  // counts from 1
  Wall at{};
};

// One attempt ended and this is the state it left.
struct OutcomeFact {
  DeliveryId delivery;
  uint32_t attempt = 0;
  Wall at{};
  Outcome outcome;
  DeliveryState state = DeliveryState::delivered;
  Wall next_at{};  // for `retry`
};

enum class ActionKind : uint8_t {
  replay,   // send it again
  discard,  // give it up
  pause,    // accept and keep, send nothing
  resume,   // ends pause and drain
  drain,    // accept nothing more, send what is there
  confirm,  // it arrived: a person asked the partner
};
// What pause, resume and drain are about.
enum class ActionScope : uint8_t { destination, partner, route };

// A named person did something. replay, discard and confirm name a delivery, the others something of the configuration.
struct ActionFact {
  ActionKind kind = ActionKind::replay;
  DeliveryId delivery;
  std::string name;  // of the destination, partner or route
  std::string by;
  std::string why;
  Wall at{};
  ActionScope scope = ActionScope::destination;
  bool out_of_order = false;  // of a replay: although successors of its key were delivered
};
inline bool is_of_delivery(ActionKind kind) {
  return kind == ActionKind::replay || kind == ActionKind::discard || kind == ActionKind::confirm;
}
std::string_view action_name(ActionKind kind);   // "replay", ...
std::string_view scope_name(ActionScope scope);  // "destination", ...

// Watches and cursors changed without a message or an outcome.
struct WatchFact {
  std::vector<WatchChange> watches;
  std::optional<CursorChange> cursor;
  Wall at{};
};

// Somebody asks a partner and waits for the answer (an endpoint with `exchange`); durable before the call. Nobody
// carries it: it only gets answered. Its envelope has one delivery, ordinal 0: who is asked, for what.
struct AskedFact {
  std::shared_ptr<const Message> message;
  Position cached;  // not {}: what that earlier one was answered was given again; nobody was called, nothing follows
};

// How it ended. The reply itself is not kept (it is mostly about a person), only what proves which one it was.
struct AnsweredFact {
  OutcomeFact outcome;  // of its delivery; attempt: calls made; state: delivered, dead (no answer) or unknown
  int status = 0;       // HTTP status of the last reply; 0 = none came
  Sha256 reply_sha256{};
  uint64_t reply_bytes = 0;
  std::chrono::milliseconds took{0};
};

using Fact = std::variant<AcceptedFact, AttemptFact, OutcomeFact, ActionFact, WatchFact, AskedFact, AnsweredFact>;

// The header of the journal record for a fact (an inline body is the record's body, not in here).
std::string encode_fact_header(const Fact& fact);
// `body` is what the record carried. Error record_malformed. `type` is journal::RecordType's number.
Result<Fact> decode_fact(uint8_t type, std::string_view header, std::string_view body);
// The same without the record's body: an inline body then has its size and hash, but no bytes.
Result<Fact> decode_fact_header(uint8_t type, std::string_view header);
uint8_t fact_record_type(const Fact& fact);
bool is_fact(uint8_t record_type);
// The message that the fact brings with it, or null.
const Message* message_of(const Fact& fact);

}  // namespace lt
