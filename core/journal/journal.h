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
};

// Which data key the body is sealed under, besides the day.
enum class KeyClass : uint8_t { none = 0, personal = 1, document = 2 };

struct Record {
  RecordType type = RecordType::accepted;
  KeyClass key_class = KeyClass::none;
  std::string header;
  std::string body;
};

// A record as read. Views are valid during the callback only.
struct RecordView {
  Position position;
  RecordType type;
  KeyClass key_class;
  Wall written;  // when its batch was written
  std::string_view header;
  std::string_view body;  // unsealed
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

  // One durable record. Error no_such_record when trimmed or never written. Thread-safe.
  virtual Result<void> read_at(Position position, const std::function<void(const RecordView&)>& visit) const = 0;

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
