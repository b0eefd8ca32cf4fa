// What people ask the catalog, and what it answers. Plain values.
//
// Everything here comes from envelopes, outcomes and actions; bodies and attachment names never reach the catalog, so
// no answer can carry a personal field. States are those the journal tells: `behind` is known to the engine only, such
// a delivery is `queued` here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/catalog/reach.h"
#include "core/message/fact.h"

namespace lt::catalog {

// Compared folded (lower case, no tone marks, đ = d): "1234/qd-ubnd" finds "1234/QĐ-UBND".
enum class Match : uint8_t { exact, prefix, substring };
struct KeyFilter {
  std::string text;
  Match match = Match::exact;
  std::string name;  // only keys of that name, e.g. "MaHoSo"; "" = any
};

// Every member that is set must hold.
struct MessageFilter {
  std::optional<KeyFilter> key;
  std::string from, to;  // agency code: that agency and all below it; `to` also takes a destination's name
  std::string type;      // "onestop/dossier", or a whole system: "onestop/"
  std::string endpoint;
  std::string destination;
  std::optional<DeliveryState> state;  // some delivery is in it ...
  bool worst = false;                  // ... and none in a worse one
  Code code = Code::none;              // the last error of some delivery
  std::optional<Wall> since, until;    // accepted: since <= t < until
};

struct PageRequest {
  size_t limit = 50;   // 1 .. limits::kCatalogPage
  std::string cursor;  // "" = newest first; else `next_cursor` of the page before, with the same filter
};

struct MessageRow {
  Id id;
  Position position;
  Wall accepted{};
  std::string type, endpoint, principal, from, order_key, correlates;
  std::vector<BusinessKey> keys;
  std::vector<std::string> to;  // receivers, or destinations where these are the receivers; the first 20
  uint32_t deliveries = 0;
  DeliveryState state = DeliveryState::delivered;  // the worst of its deliveries
  Code code = Code::none;                          // of that delivery
  std::string detail;
  uint16_t ordinal = 0;  // of that delivery
};
struct MessagePage {
  std::vector<MessageRow> items;  // newest first: accept time, then id, falling
  std::string next_cursor;        // "" = that was all. May be set with fewer than `limit` items: a query walks a
                                  // bounded number of days, and the next one goes on from there
};

struct ReceiverRow {
  std::string receiver;
  std::string outcome;  // name of an OutcomeKind; "" = as the whole delivery
  std::string detail;
  std::optional<AnswerRow> answer;  // what stands of all it answered: refused before read before noted, then the latest
};
struct DeliveryRow {
  uint16_t ordinal = 0;
  uint16_t part = 0;        // of a message that was split, counted from 1; 0 = the whole
  std::string order_key;    // of that part
  std::string destination;  // "" = kept at intake: it could not be decoded or routed
  std::string operation, mapping, mapping_version;
  DeliveryState state = DeliveryState::queued;
  uint32_t attempts = 0;
  Wall changed{};
  std::optional<Wall> next_at;  // of a retry
  Code code = Code::none;
  std::string detail, reference;
  std::vector<ReceiverRow> receivers;
  std::string sent_sha256;  // hex; "" = nothing was sent yet
  uint64_t sent_bytes = 0;
};
struct MessageDetails {
  MessageRow message;
  std::string content_type, trace, body_sha256;
  uint64_t body_size = 0;
  Urgency urgency = 0;
  uint32_t attachments = 0;
  std::vector<DeliveryRow> deliveries;
  Reach reach;
  std::vector<AnswerRow> strangers;  // answers of those it was not addressed to, or that name nobody
  std::vector<Id> answers;           // messages that answer this one, oldest first
};

struct TimelineEvent {
  // refused: kept at intake with its cause. queued: sent again at once in another way. The last five are of questions
  // whose caller waits: cached: answered without asking; unsure: no answer, and the partner may have acted.
  enum class What : uint8_t {
    accepted,
    refused,
    attempt,
    delivered,
    duplicate,
    retry,
    held,
    unknown,
    dead,
    queued,
    superseded,
    replay,
    discard,
    confirm,
    asked,
    cached,
    answered,
    unanswered,
    unsure
  };
  Wall at{};
  Position position;  // of its fact: orders events of one instant
  Id message;
  std::string type, from, to, destination;
  What what = What::accepted;
  uint32_t attempt = 0;
  Code code = Code::none;
  std::string detail, reference, by;
  std::string vi, en;  // one sentence for people
};
struct Timeline {
  std::string key;
  std::vector<Id> messages;           // oldest first
  std::vector<TimelineEvent> events;  // in time order
  bool truncated = false;             // more than limits::kCatalogTimeline events or messages
};

struct StateCount {
  std::string destination;
  DeliveryState state = DeliveryState::queued;
  uint64_t count = 0;
};

// Deliveries that wait for a person for one reason: same code, destination and detail (longer tokens with digits as
// '#').
struct CauseGroup {
  DeliveryState state = DeliveryState::dead;
  Code code = Code::none;
  std::string destination, detail;
  uint64_t count = 0;
  Wall first_seen{}, last_seen{};
  std::vector<Id> samples;  // up to 5, newest first
};

// Whole Vietnam days, by accept time.
struct Span {
  std::optional<Wall> since, until;
};

}  // namespace lt::catalog
