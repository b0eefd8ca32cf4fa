// The writing side of a journal without threads: one call writes and syncs one batch. FileJournal runs it on a thread
// of its own, SteppedJournal wherever a simulation wants.
//
//   A batch is whole or absent after a crash. A failed write is withdrawn (its place is zeroed and synced) before
//   anybody is told, and writing goes on under a new epoch. A failed sync ends the writer: that file is never written
//   again.
//
// Calls come from one thread at a time; `reader`, `segments` and `figures` may be used from any thread meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/journal/reader.h"
#include "core/journal/sealing.h"
#include "core/journal/segments.h"
#include "core/journal/spares.h"

namespace lt::journal {

struct WriterOptions {
  std::string directory;
  uint32_t partition = 0;
  uint64_t segment_bytes = uint64_t{64} << 20;  // rounded up to a sector; at least 4 KiB
  uint64_t reserve_bytes = 0;                   // refuse accepted records (disk_full) when less is free
  std::function<uint32_t()> salt;               // random half of an epoch; empty = from the operating system
  uint64_t trusted = 0;                         // segments that end before it are not walked at open
};

class Writer {
 public:
  // Recovers, rewrites the last batch (a restart after a failed sync may have left it in memory only), writes the mark
  // that makes the new epoch durable. `env`, `clock`, `keys` (may be null), `metrics` outlive it.
  static Result<std::unique_ptr<Writer>> open(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics,
                                              WriterOptions options);

  // One batch: one write, one sync. Gives each record's position once durable, or why it never will be.
  std::vector<Result<Position>> write(std::span<const Record> records);
  // How many of `records`, from the first, make one batch of at most limits::kJournalBatch; at least one.
  static size_t batch_of(std::span<const Record> records);

  // Off the hot path: works a little on the next segment, once this one is half full. True: call again when idle.
  bool prepare(uint64_t bytes);
  // Writes the closing mark, which protects the last batch from being taken for a torn tail. Nothing may follow.
  void close();

  // Frees whole segments below `to`. Thread-safe. An error leaves a journal that goes on, with what is left.
  Result<void> trim(uint64_t to);

  bool failed() const;
  const Reader& reader() const { return reader_; }
  const Segments& segments() const { return segments_; }
  Journal::Figures figures() const;

 private:
  Writer(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics, WriterOptions options, Spares spares);
  Result<void> start(const FoundLog& log);
  Result<void> rewrite(const FoundSegment& last, const Trail& trail);
  Result<void> admit(const Record& record, KeyId key, bool& full);
  Result<void> ensure_room(uint64_t length);
  Result<void> put_batch(std::span<const Record> records, const std::vector<size_t>& chosen, Wall now,
                         std::vector<uint64_t>& offsets);
  Result<void> commit(uint32_t count, int64_t wall_ms);
  Error withdraw(Error error);
  uint64_t stored_size(const Record& record) const;
  void next_epoch();

  Env& env_;
  const Clock& clock_;
  WriterOptions options_;
  Segments segments_;
  Reader reader_;
  Sealing sealing_;
  Spares spares_;
  std::shared_ptr<File> file_;
  format::SegmentHeader segment_;
  uint64_t position_ = 0;  // logical offset of the next batch = durable end
  format::Epoch epoch_ = 0;
  Sha256 chain_{};
  std::string batch_;  // being built; keeps its memory

  std::mutex trim_mutex_;
  std::shared_ptr<Segment> leaving_;  // taken out, and not known to be off the disk
  bool leaving_failed_ = false;
  mutable std::mutex figures_mutex_;
  Journal::Figures figures_;
  Counter& syncs_;
  Counter& batches_;
  Counter& records_;
  Counter& bytes_;
  Histogram& sync_time_;
};

}  // namespace lt::journal
