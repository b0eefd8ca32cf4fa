// A message: what was accepted, from whom, for whom, under which keys. Immutable once accepted.
//
// Words: *message* what a sender handed us once; *delivery* that message to one destination (1..n receivers each).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/message/agency_code.h"
#include "core/message/body.h"
#include "core/message/position.h"

namespace lt {

// A key people search by: a dossier code (MaHoSo), document number, partner's number. Indexed at accept.
struct BusinessKey {
  std::string name;  // e.g. "MaHoSo", "DocumentId"
  std::string value;
  auto operator<=>(const BusinessKey&) const = default;
};

// 0 normal ... 4 timed express: OtherInfo/Priority of QCVN 102:2016. Reorders keys, never within one.
using Urgency = uint8_t;

// One destination of a message and whom it reaches there, fixed at accept.
struct DeliverySpec {
  std::string destination;             // a destination of the configuration
  std::vector<std::string> receivers;  // agency codes as addressed; may be empty (the destination is the receiver)
  std::string operation;               // what the sink is asked to do, e.g. "submit", "status"; "" is its default
  std::string mapping;                 // mapping to run at delivery; "" relays the body as received
  std::string route = {};              // that it came of; of several that came to the same, the first
  uint16_t part = 0;                   // it carries, counted from 1; 0 = the whole message
};

// One of the parts a message was split into, e.g. a step of a call of ten. It is delivered as if sent alone.
struct Part {
  std::string order_key;          // of it alone; "" = no order
  std::vector<BusinessKey> keys;  // its own, and those of the whole message
};

// What an answer says of what it answers, by its type file; a higher one stands against a lower that comes later.
enum class AnswerKind : uint8_t {
  noted,    // nothing of the two below: it arrived, it is being assigned
  read,     // taken up by its receiver
  refused,  // turned down by its receiver
};
// Ties an answer to what it answers, by a value both carry (type file: `correlation`).
struct Tie {
  std::string key;                      // "<space>:<value>"
  bool answer = false;                  // this message answers under the key; else answers to it come under the key
  uint16_t part = 0;                    // of this message; 0 = the whole
  AnswerKind kind = AnswerKind::noted;  // of an answer
  std::string code;                     // of an answer: its status as written
  auto operator<=>(const Tie&) const = default;
};

struct Envelope {
  Id id;                     // ours; sent to partners as event id
  std::string type;          // "<system>/<type>" of a type file, e.g. "onestop/dossier"
  std::string endpoint;      // source endpoint it came in by
  std::string principal;     // who sent it: name of an API key, or of a polled partner
  std::string from;          // sender agency as written (may be a test code); "" when the type has none
  std::string content_type;  // media type of the body
  std::string order_key;     // "<space>:<value>", "" = no order
  std::string dedupe_key;    // "" = none
  std::vector<BusinessKey> keys;
  Urgency urgency = 0;
  uint8_t key_class = 0;   // journal::KeyClass its body is sealed under
  Wall accepted{};         // when the source handed it over
  std::string trace;       // W3C traceparent of the sender, or ours
  std::string correlates;  // id text of the request this answers, "" when none is known
  std::vector<std::pair<std::string, std::string>> headers;  // few, declared by the endpoint; never credentials
  std::vector<Attachment> attachments;
  std::vector<DeliverySpec> deliveries;
  std::vector<Tie> ties;
  std::string split;        // path of the repeated group whose items are the parts; "" = the message is one
  std::vector<Part> parts;  // then not empty, and `order_key` is "": each part has its own
  BodyRange document;       // of a multipart body: where the document stands in it; empty = the body is the document
};
// Of one delivery: its part's, else the message's.
const std::string& order_key_of(const Envelope& envelope, const DeliverySpec& spec);
const std::vector<BusinessKey>& keys_of(const Envelope& envelope, const DeliverySpec& spec);

struct Message {
  Envelope envelope;
  Body body;
};

// Proof of acceptance. Re-read from the journal it is the same to the byte.
struct Receipt {
  std::string receipt_id;  // Id text of the message, then '-', then the first 8 hex digits of the body hash
  Id message_id;
  Position position;
  Sha256 body_sha256{};
  Wall accepted{};
};
Receipt make_receipt(const Envelope& envelope, const Sha256& body_sha256, Position position);
// {"receipt_id","message_id","position","sha256","accepted_at"}
std::string receipt_json(const Receipt& receipt);

// Binary form of an Envelope for the journal: versioned, self-describing enough to skip unknown trailing parts.
void encode(const Envelope& envelope, std::string& out);
Result<Envelope> decode_envelope(std::string_view bytes);

}  // namespace lt
