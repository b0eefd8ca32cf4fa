// The bytes of the journal: encoders and decoders of the three headers. The page beside this file, format.md, says what
// they mean. All numbers are little endian. Every header begins with its CRC32C, which covers all that follows it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/hash.h"
#include "core/journal/journal.h"

namespace lt::journal::format {

inline constexpr uint64_t kSector = 512;     // segment headers and batches start on this boundary
inline constexpr size_t kBatchHeader = 80;   // bytes before the first record of a batch
inline constexpr size_t kRecordHeader = 48;  // bytes before the header text of a record
inline constexpr size_t kRecordAlign = 8;

constexpr uint64_t round_up(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

// One life of a writer: a counter in the upper 32 bits, raised at each open, and a random salt below, so that neither a
// recycled file nor a restored backup can ever meet the same epoch again.
using Epoch = uint64_t;
constexpr uint32_t epoch_counter(Epoch epoch) { return static_cast<uint32_t>(epoch >> 32); }
constexpr Epoch make_epoch(uint32_t counter, uint32_t salt) { return uint64_t{counter} << 32 | salt; }

// First sector of a segment file. Offsets are logical: bytes of the partition's endless stream.
struct SegmentHeader {
  uint32_t partition = 0;
  Epoch epoch = 0;            // of the writer that began the segment
  uint64_t base = 0;          // logical offset of the first byte of the file
  uint64_t capacity = 0;      // bytes of the file; the next segment's base is base + capacity
  uint64_t previous_end = 0;  // where the batches of the segment before ended
  Sha256 previous_chain{};    // chain after the last batch before this segment
};

struct BatchHeader {
  Epoch epoch = 0;
  uint64_t position = 0;  // logical offset of this header
  uint32_t length = 0;    // header, records and padding: a multiple of kSector
  uint32_t count = 0;     // records; 0 in the marks written at open and close
  int64_t wall_ms = 0;
  uint64_t synced = 0;      // everything before this offset was known synced when the batch was written
  Sha256 previous_chain{};  // SHA-256 of all bytes of the batch before
};

struct RecordHeader {
  RecordType type = RecordType::accepted;
  KeyClass key_class = KeyClass::none;
  bool sealed = false;  // the body is AES-256-GCM ciphertext + tag
  Epoch epoch = 0;
  uint64_t position = 0;  // logical offset of this header = Position.offset of the record
  int64_t wall_ms = 0;
  uint32_t key_day = 0;  // with key_class: the data key
  uint32_t header_size = 0;
  uint32_t body_size = 0;  // as stored
  uint64_t size() const { return round_up(kRecordHeader + uint64_t{header_size} + body_size, kRecordAlign); }
};

// A whole sector.
std::string encode_segment(const SegmentHeader& header);
// False when `sector` is not a segment header or was altered.
bool decode_segment(std::string_view sector, SegmentHeader& out);

// Appends kBatchHeader bytes; the CRC comes with finish_batch, once `batch` holds everything up to the padding.
void append_batch(std::string& out, const BatchHeader& header);
void finish_batch(std::string& batch);
// Reads the fields, checks only the magic and that the length can be true. `bytes` >= kBatchHeader.
bool decode_batch(std::string_view bytes, BatchHeader& out);
bool batch_intact(std::string_view batch);  // CRC of the whole batch

// Appends kRecordHeader bytes; finish_record fills in the CRC of the record that starts at `at` and ends with `out`,
// and pads it to kRecordAlign.
void append_record(std::string& out, const RecordHeader& header);
void finish_record(std::string& out, size_t at);
void decode_record(std::string_view bytes, RecordHeader& out);  // `bytes` >= kRecordHeader
bool record_intact(std::string_view record, const RecordHeader& header);

// Segment files are named by their base: 16 hex digits + ".seg"; files waiting to become one end in ".free".
std::string segment_name(uint64_t base);
bool parse_segment_name(std::string_view name, uint64_t& base);

}  // namespace lt::journal::format
