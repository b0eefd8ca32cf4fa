// The idempotent receiver's memory: dedupe key -> where the original stands and what its body was.
//
// Kept in runs, each of one day of acceptance and at most CellPolicy::dedupe_run keys; the open one takes what is
// accepted, the closed ones wait to be written to disk ("sealed") and are then looked up there, by whoever asks for
// admission, before the cell is asked. No key can fall between the two:
// - sealed(p) is told only after all runs up to p are durable and visible to every later look-up on disk;
// - an admission says how far the disk it looked at reached; when that is less than what memory has let go of since, it
//   has to look again. What was accepted up to there is on the disk it looked at, what came after is still in memory.
//
// 44 bytes a key in memory. Without anybody to seal them runs stay until they are older than the window, or more than
// limits::kDedupeKeys: then the oldest goes early - the window shrinks, memory does not grow.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/engine/slot_index.h"
#include "core/message/position.h"
#include "core/message/wire.h"

namespace lt::engine {

// Two hashes of a key: what strangers choose must not meet what others chose.
struct DedupeKey {
  uint64_t high = 0, low = 0;
  auto operator<=>(const DedupeKey&) const = default;
};
DedupeKey dedupe_key_of(std::string_view text);
// As much of a body's digest as is remembered.
uint64_t dedupe_body(const Sha256& body);
// Days since 1970, UTC.
int32_t dedupe_day(Wall time);

// An earlier message of the same key.
struct DedupeSeen {
  Position position;
  bool same_body = false;
};

class DedupeRun {
 public:
  struct Entry {
    DedupeKey key;
    uint64_t body, offset;
  };
  DedupeRun(uint32_t partition, int32_t day, uint64_t after) : partition_(partition), day_(day), after_(after) {}
  // Of one key the youngest is found.
  void add(const Entry& entry);
  const Entry* find(const DedupeKey& key) const;

  uint32_t partition() const { return partition_; }
  int32_t day() const { return day_; }
  uint64_t after() const { return after_; }  // it knows all keys of that day accepted after this offset ...
  uint64_t last() const { return entries_.empty() ? after_ : entries_.back().offset; }  // ... up to this one
  const std::vector<Entry>& entries() const { return entries_; }                        // by offset

 private:
  uint32_t partition_;
  int32_t day_;
  uint64_t after_;
  std::vector<Entry> entries_;
  SlotIndex index_;
};

class DedupeIndex {
 public:
  struct Limits {
    std::chrono::milliseconds window;
    size_t run;  // keys
  };
  // False when it is on disk already. Forgets runs of days older than the window before this one's.
  bool add(std::string_view key, Position position, const Sha256& body, Wall accepted, const Limits& limits);
  // The youngest in memory, accepted at or after the day of `since`.
  std::optional<DedupeSeen> find(std::string_view key, const Sha256& body, Wall since) const;
  size_t size() const { return size_; }

  // Not yet sealed, oldest first; they do not change any more.
  const std::deque<std::shared_ptr<const DedupeRun>>& closed() const { return closed_; }
  // Everything up to `offset` is on disk: forgets it.
  void sealed(uint64_t offset);
  uint64_t sealed_to() const { return sealed_to_; }

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  void close();
  void drop_oldest();

  std::deque<std::shared_ptr<const DedupeRun>> closed_;
  std::shared_ptr<DedupeRun> open_;
  uint64_t sealed_to_ = 0, last_ = 0;  // last_: of the youngest run closed
  size_t size_ = 0;
};

}  // namespace lt::engine
