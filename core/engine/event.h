// What the cell is told, and what it asks for. Plain values: no thread, no clock, no file, no socket in sight.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/engine/dedupe.h"
#include "core/message/fact.h"

namespace lt::engine {

// Names one waiting caller; chosen by the runtime, never reused while it waits.
using Ticket = uint64_t;

// --- events ---

// A decoded, validated, routed message asks to be accepted.
struct Admit {
  Ticket ticket = 0;
  AcceptedFact fact;
  std::optional<Error> refuse = {};  // unless it is a repeat, which gets its receipt, answer this
  // What was found on disk about its dedupe key (see dedupe.h), and up to which offset the disk was known.
  std::optional<DedupeSeen> seen = {};
  uint64_t looked_to = 0;
};
// All closed runs up to `offset` are durable, and everybody who asks for admission from now on has looked there.
struct Sealed {
  uint64_t offset = 0;
};
// The fact that an Append action handed over is durable at `position`. In position order.
struct Committed {
  Position position;
  Fact fact;
  Ticket ticket = 0;  // of the Append action
};
// The journal refused the fact of an Append action (disk full, failed sync): it never happened.
struct AppendFailed {
  Fact fact;
  Ticket ticket = 0;
  Error error;
};
// The sink (or the mapping before it) answered a Deliver or Probe action.
struct Attempted {
  DeliveryId delivery;
  uint32_t attempt = 0;
  bool probe = false;
  Outcome outcome;
};
// Time passed; `now` of step() says how much.
struct Tick {};
// A person asks. Answered by OperatorAnswer.
struct Operate {
  Ticket ticket = 0;
  ActionFact fact;
};
// A partner is about to be asked. Answered by AdmitAnswer, never a duplicate; refused while an operator stopped its
// destination or partner, unless the answer is cached.
struct AskNow {
  Ticket ticket = 0;
  AskedFact fact;
};
// What came of it.
struct AskEnded {
  AnsweredFact fact;
};
using Event = std::variant<Admit, Committed, AppendFailed, Attempted, Tick, Operate, Sealed, AskNow, AskEnded>;

// --- actions ---

struct Append {
  Fact fact;
  Ticket ticket = 0;  // 0 when nobody waits
};
struct AdmitAnswer {
  Ticket ticket = 0;
  enum class Kind : uint8_t {
    accepted,    // durable at `position`
    duplicate,   // the original stands at `position`: answer its receipt
    conflict,    // same key, another body (duplicate_key_conflict)
    busy,        // no credit: 503 + Retry-After `after`
    refused,     // an operator stopped acceptance: `error`
    failed,      // the journal could not take it: `error`
    look_again,  // the dedupe index on disk reaches further than when it was looked at
  } kind = Kind::accepted;
  Position position;
  std::chrono::milliseconds after{0};
  std::optional<Error> error;
};
// Hand this delivery to the sink of `destination`, or (probe) ask the partner whether it has it.
struct Deliver {
  DeliveryId delivery;
  uint32_t attempt = 0;
  bool probe = false;
  std::string destination;
  std::string operation;                   // overrides the DeliverySpec's after redo_as
  std::shared_ptr<const Message> message;  // null: read it from the journal, at `stored`
  Position stored;                         // of its record: where it was accepted, or where it was carried to
};
// Call step(Tick) no later than this. Replaces an earlier one.
struct WakeAt {
  Mono at;
};
struct OperatorAnswer {
  Ticket ticket = 0;
  std::optional<Error> error;  // none: done and durable
};
// Write this run of dedupe keys to disk, then tell Sealed. Runs come in order, each once per life of the cell.
struct SealRun {
  std::shared_ptr<const DedupeRun> run;
};
using Action = std::variant<Append, AdmitAnswer, Deliver, WakeAt, OperatorAnswer, SealRun>;
using Actions = std::vector<Action>;

}  // namespace lt::engine
