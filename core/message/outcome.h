// What became of one attempt to deliver: the answer of a sink, in words the engine understands.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/message/message.h"

namespace lt {

// How far a partner lets us go towards "effectively once" (declared by each sink).
enum class SinkClass : uint8_t {
  partner_idempotent,  // a repeat has no second effect there: send again after any doubt
  probe,               // it can be asked whether a message arrived: ask before sending again
  none,                // neither: a doubt becomes `unknown` and waits for a person
};

enum class OutcomeKind : uint8_t {
  delivered,  // the partner has it; `reference` is its number for it, when it gives one
  duplicate,  // the partner says it already had it: as good as delivered
  retry,      // not now; nothing took effect
  permanent,  // never: becomes dead with the cause
  ambiguous,  // bytes were sent and no answer came: it may have taken effect
  redo_as,    // the partner wants another operation (create -> update); sent again at once as `operation`
  absent,     // answer of a probe only: the partner does not have it
  held,       // our side cannot send it as it is (a table row is missing): waits for a fix
};

// What a retry holds back: this delivery, everything to that destination, or the session with that partner.
enum class RetryScope : uint8_t { delivery, lane, session };

// A durable request to poll: opened when a partner took work it will answer later, kept until the answer is final.
struct WatchChange {
  std::string set;      // the polling source it is for
  std::string key;      // the partner's key, e.g. MaHoSo
  std::string context;  // whatever the source needs to go on; small, no personal data
  bool open = true;     // false closes it
};

// How far a listing source has read. Replaces the cursor of that source.
struct CursorChange {
  std::string source;
  std::string value;
};

struct ReceiverOutcome {
  std::string receiver;
  OutcomeKind kind = OutcomeKind::delivered;
  std::string detail;
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::delivered;
  Code code = Code::none;              // why not, from the catalogue
  std::string detail;                  // partner's words or ours, redacted; shown to people
  std::string reference;               // partner's number
  std::string operation;               // for redo_as
  std::chrono::milliseconds after{0};  // for retry: not before; 0 = the policy decides
  RetryScope scope = RetryScope::delivery;
  bool unasked = false;  // it did not get as far as the partner, and so tells nothing of it; not kept
  Sha256 sent_sha256{};  // of the bytes on the wire
  uint64_t sent_bytes = 0;
  std::string mapping_version;             // "<mapping>@<version>" that made them
  std::vector<ReceiverOutcome> receivers;  // where they differ from the whole
  std::vector<WatchChange> watches;
};

}  // namespace lt
