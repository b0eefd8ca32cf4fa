// The segments of an open journal, shared by its writer and its readers. Thread-safe.
//
// Bytes below a segment's `end` are durable and never change; nobody reads above it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/journal/format.h"
#include "core/journal/recovery.h"

namespace lt::journal {

struct Segment {
  format::SegmentHeader header;
  std::string path;
  std::atomic<uint64_t> end{0};      // logical offset after the last durable batch
  std::atomic<int64_t> begun_ms{0};  // wall time of its first batch
};

class Segments {
 public:
  Segments(Env& env, uint32_t partition) : env_(env), partition_(partition) {}

  void load(const FoundLog& log);  // once, before anything else
  void begin_segment(const format::SegmentHeader& header, std::string path, std::shared_ptr<File> file);
  // A batch became durable: readers see it from now on. `first_record` = 0 for a mark.
  void publish(uint64_t batch, uint64_t end, uint64_t first_record, int64_t wall_ms);
  // Takes the oldest segment out when it ends at or before `to` and is not the last. Readers that hold it go on.
  std::shared_ptr<Segment> take_oldest(uint64_t to);
  std::vector<SegmentSpan> spans() const;

  uint32_t partition() const { return partition_; }
  Position oldest() const;
  Position end() const;
  // Segments that hold bytes at or after `offset`, oldest first.
  std::vector<std::shared_ptr<Segment>> from(uint64_t offset) const;
  // The segment whose durable bytes include `offset`, or null.
  std::shared_ptr<Segment> holding(uint64_t offset) const;
  // Where to start reading batches to meet all records at or after `offset`.
  uint64_t batch_before(const Segment& segment, uint64_t offset) const;
  // Opened when needed; the last few stay open. Error no_such_record when it was freed meanwhile.
  Result<std::shared_ptr<File>> file(const Segment& segment) const;

 private:
  struct Entry {
    std::shared_ptr<Segment> segment;
    std::vector<uint64_t> marks;
    uint64_t first_record = 0;  // 0 = none
  };
  const Entry* entry_of(uint64_t offset) const;

  Env& env_;
  uint32_t partition_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  mutable std::vector<std::pair<uint64_t, std::shared_ptr<File>>> open_;  // by base, least recently used first
};

}  // namespace lt::journal
