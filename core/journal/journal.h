// The seam of the truth: an append-only log of records. Callback-based; knows nothing of what records mean.
//
// A record = type + header (clear text, kept for years in history) + body (encrypted under the data key of its day and
// class, so that destroying the key erases it). Positions rise in the order records were handed to append.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/result.h"
#include "core/message/position.h"

namespace lt::journal {

// What a record is, for whoever folds it. Values are on disk for ever. The engine owns their meaning (engine/facts.h).
enum class RecordType : uint8_t {
  accepted = 1,    // header: envelope; body: inline body, empty when the body is a blob
  attempt = 2,     // before a send to a partner that can neither be asked nor de-duplicates
  outcome = 3,     // of a delivery
  action = 4,      // of a named person: replay, discard, ...
  cursor = 5,      // how far a polled source has been read
  watch = 6,       // an open request to poll, opened or closed
  reference = 7,   // a partner's number tied to a message of ours
  checkpoint = 8,  // states of the folds
  carried = 9,     // an unfinished record copied forward out of a freed segment
  erasure = 10,    // a data key was destroyed by a named person
  asked = 11,      // a partner is about to be asked, and somebody waits for the answer; like `accepted`
  answered = 12,   // what came of it
};

// Which data key the body is sealed under, besides the day.
enum class KeyClass : uint8_t { none = 0, personal = 1, document = 2 };

struct Record {
  RecordType type = RecordType::accepted;
  KeyClass key_class = KeyClass::none;
  std::string header;
  std::string body;
  uint32_t key_day = 0;  // seal the body under the key of this day (see KeyId); 0 = of today
};

// A record as read. Views are valid during the callback only.
struct RecordView {
  Position position;
  RecordType type;
  KeyClass key_class;
  Wall written;  // when its batch was written
  std::string_view header;
  std::string_view body;  // unsealed; empty when it was not asked for, or is `gone`
  uint32_t key_day = 0;   // with key_class: the data key its body is sealed under
  uint64_t body_size = 0;
  bool gone = false;  // its data key was destroyed: the body can never be read again
};

// A segment as trimming and history see it. `base` .. `next` are logical offsets.
struct SegmentSpan {
  uint64_t base = 0, next = 0;
  Sha256 chain_before{}, chain_after{};  // of the hash chain; the last segment has no `after` yet
  Wall filled{};  // when the segment after it got its first batch: nothing in this one is younger. Of the last: zero
};

// Called in position order, on the journal's thread, once the record is durable - or with the error that says it never
// will be. Must be quick.
using Appended = std::function<void(Result<Position>)>;

class Journal {
 public:
  virtual ~Journal() = default;

  // Queues records; group commit. Never blocks on the disk. Thread-safe; the order of calls of one thread is kept.
  virtual void append(Record record, Appended done) = 0;

  // Reads durable records from `from` (inclusive; {p,0} = oldest kept) to the end as it was at the call, in order,
  // until `visit` returns false. Thread-safe, independent of append.
  virtual Result<void> read(Position from, const std::function<bool(const RecordView&)>& visit) const = 0;

  // One durable record. Error no_such_record when trimmed or never written, key_destroyed when its body was erased.
  // Thread-safe.
  virtual Result<void> read_at(Position position, const std::function<void(const RecordView&)>& visit) const = 0;

  // The same without bodies: nothing is unsealed, and an erased body is no obstacle.
  virtual Result<void> read_headers(Position from, const std::function<bool(const RecordView&)>& visit) const {
    return read(from, visit);
  }
  virtual Result<void> read_header_at(Position position, const std::function<void(const RecordView&)>& visit) const {
    return read_at(position, visit);
  }

  // Segments kept, oldest first; the last is being written.
  virtual std::vector<SegmentSpan> segments() const { return {}; }
  // Frees whole segments below `to`, oldest first, never the last one. What they held is the caller's care: history,
  // carried records and a checkpoint at or after `to` must be durable. A crash in between leaves a journal that opens.
  // Thread-safe; readers at work go on or meet no_such_record.
  virtual Result<void> trim(Position /*to*/) { return {}; }

  virtual Position oldest() const = 0;  // first kept record
  virtual Position end() const = 0;     // where the next record will stand; all before it is durable

  // Waits until everything appended so far is durable or failed. Not from the Appended callback.
  virtual void flush() = 0;

  struct Figures {
    uint64_t records = 0, batches = 0, syncs = 0, bytes = 0;
    bool failed = false;  // a sync failed: nothing is accepted any more, the process must restart and recover
  };
  virtual Figures figures() const = 0;
};

}  // namespace lt::journal
