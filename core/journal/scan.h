// Walking the bytes of segment files: shared by reader, recovery and verify.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/journal/format.h"

namespace lt::journal {

// The bytes of one segment file below `limit`, read ahead in large pieces. `file` outlives it.
class SegmentBytes {
 public:
  SegmentBytes(const File& file, uint64_t limit) : file_(file), limit_(limit) {}
  // Up to `size` bytes at `offset` in the file, fewer only at the limit or the end. Valid until the next call.
  Result<std::string_view> at(uint64_t offset, uint64_t size);

 private:
  const File& file_;
  uint64_t limit_;
  uint64_t start_ = 0;  // of buffer_
  std::string buffer_;
};

// What has been found so far while the log is walked from batch to batch and segment to segment.
struct Trail {
  uint64_t position = 0;      // logical offset after the last good batch
  format::Epoch epoch = 0;    // of the last good batch or segment header
  Sha256 chain{};             // SHA-256 of the last good batch
  uint64_t last_batch = 0;    // where the last good batch began
  uint64_t first_record = 0;  // of the segment at hand: logical offset; 0 = none yet
  int64_t first_wall_ms = 0;  // of the segment at hand: when its first batch was written
  uint64_t batches = 0, records = 0;
};

struct BatchBytes {
  format::BatchHeader header;
  std::string_view bytes;
};

// The batch at logical `position` if a whole one of this place and of `lowest` epoch or later stands there. Else none,
// and `why` says what is there instead.
Result<std::optional<BatchBytes>> batch_at(SegmentBytes& bytes, const format::SegmentHeader& segment, uint64_t position,
                                           format::Epoch lowest, std::string& why);

// Each record of a batch: header, clear text, stored body. False: the records do not fill the batch as its header says,
// or one is damaged.
bool each_record(const BatchBytes& batch,
                 const std::function<bool(const format::RecordHeader&, std::string_view, std::string_view)>& visit);

// Follows the batches of a segment from trail.position until none stands there; `why` says what does. `seen` gets the
// position of each batch.
Result<void> follow(SegmentBytes& bytes, const format::SegmentHeader& segment, Trail& trail, std::string& why,
                    const std::function<void(uint64_t)>& seen);

// The first whole batch at or after `position`, if any: what tells corruption from a torn tail.
Result<std::optional<BatchBytes>> find_batch(SegmentBytes& bytes, const format::SegmentHeader& segment,
                                             uint64_t position, format::Epoch lowest);

// Checks the header of a segment against its name, its file and the trail so far (not checked when `first`).
Result<format::SegmentHeader> open_segment_header(const File& file, const std::string& path, uint64_t base,
                                                  const Trail* before);

// LT-6020 at a place in a segment file, with what to do.
Error corrupt(const std::string& path, uint64_t offset_in_file, std::string what);

}  // namespace lt::journal
