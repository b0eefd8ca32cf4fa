// The seam of the catalog: a projection of the journal for people - search, details, timelines, causes, counts.
//
// It is built behind the hot path and may lag; it never slows, stops or decides anything, and nothing that decides
// reads it. What it holds can be made again from the journal. It projects one journal partition.
//
// Promises: apply never blocks and never fails - when the inbox is full, the disk is full or a file is damaged, the
// catalog notes that it lags and later reads what it missed from the journal by itself. Each fact counts once, however
// often it is handed over and wherever a crash falls. Queries are thread-safe, bounded, and answer from whole batches.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/catalog/query.h"
#include "core/message/fact.h"

namespace lt::catalog {

struct Entry {
  Position position;
  Wall written;  // of its journal record
  std::shared_ptr<const Fact> fact;
};

struct Status {
  Position applied;             // all facts up to here are in
  bool lagging = false;         // reads from the journal what it missed
  uint64_t lag_records = 0;     // handed over and not applied yet
  std::optional<Error> paused;  // why nothing is applied now (disk full ...); it is tried again every second
};

class Catalog {
 public:
  virtual ~Catalog() = default;  // applies what the inbox holds, then stops

  // Hands over durable facts, in position order without gaps, from one thread. Returns at once.
  virtual void apply(std::vector<Entry> batch) = 0;
  virtual Position applied() const = 0;
  virtual Status status() const = 0;
  // Blocks until applied() >= `position`. Not bounded in time: for tests and orderly ends.
  virtual void wait_until(Position position) = 0;
  // Drops everything the journal can give again and folds it anew, in the background; applied() falls at once. Days
  // that begin before the oldest journal record are kept: they could not be made again.
  virtual void rebuild() = 0;

  // Newest first. Error bad_cursor: not a cursor of this filter; usage: a limit or filter out of range.
  virtual Result<MessagePage> list(const MessageFilter& filter, const PageRequest& page) = 0;
  // Error no_such_message.
  virtual Result<MessageDetails> details(const Id& id) = 0;
  // Everything that happened to one dossier or document: all messages with this business key (compared folded; or of
  // this message id), the requests they answer and the answers they got. Empty when there are none.
  virtual Result<Timeline> timeline(std::string_view key) = 0;
  virtual Result<std::vector<StateCount>> counts(const Span& span) = 0;
  // Most deliveries first; at most `limit` groups. "" = every destination.
  virtual Result<std::vector<CauseGroup>> causes(const Span& span, std::string_view destination, size_t limit) = 0;
};

}  // namespace lt::catalog
