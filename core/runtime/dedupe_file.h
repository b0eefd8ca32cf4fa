// One sealed run of the dedupe index: `dedupe/<after>.ddx`. Written once, then only read.
//
//   header   64 bytes: "LTDDX1\r\n", partition u32, day i32, after u64, last u64, entries u64, filter bytes u32,
//            CRC-32C of the lookup part u32, 12 bytes 0, CRC-32C of the header u32
//   blocks   4,096 bytes each, 127 entries, sorted by key: key 16 bytes, SHA-256 prefix of the body 8, offset 8; then
//            the number of entries u32 and the CRC-32C of the block before that u32
//   lookup   the first half of the first key of each block, u64 each; then a Bloom filter of 12 bits an entry
//
// All little endian. Kept in memory: the lookup part. A look-up reads one block when the filter says yes - 1 of 300 for
// a key that is not there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/engine/dedupe.h"

namespace lt::runtime {

class DedupeFile {
 public:
  // Whole and durable under `path`, or not there. Errors: io_error, disk_full.
  static Result<void> write(Env& env, const std::string& path, const engine::DedupeRun& run);
  // Error dedupe_damaged when it is not what was written (blocks are checked when they are read).
  static Result<std::shared_ptr<const DedupeFile>> open(Env& env, const std::string& path);

  struct Found {
    uint64_t body, offset;
  };
  // The youngest entry of that key. Thread-safe. Errors: io_error, dedupe_damaged.
  Result<std::optional<Found>> find(const engine::DedupeKey& key) const;

  const std::string& path() const { return path_; }
  uint32_t partition() const { return partition_; }
  int32_t day() const { return day_; }
  uint64_t after() const { return after_; }
  uint64_t last() const { return last_; }
  uint64_t entries() const { return entries_; }

 private:
  Result<void> read_block(size_t block, std::string& out) const;

  std::string path_;
  std::unique_ptr<File> file_;
  uint32_t partition_ = 0;
  int32_t day_ = 0;
  uint64_t after_ = 0, last_ = 0, entries_ = 0;
  std::vector<uint64_t> firsts_, filter_;
};

}  // namespace lt::runtime
