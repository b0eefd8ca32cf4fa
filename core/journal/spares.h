// Files waiting to become segments: zero-filled once, so that a sync into them never allocates blocks, or recycled.
//
// Their contents are never trusted. A file becomes a segment in this order, and may be interrupted after any step:
// header written, synced, renamed to its segment name, directory synced; only then the first batch. Not thread-safe
// but for `offer`.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/journal/format.h"

namespace lt::journal {

class Spares {
 public:
  // `free_files`: names found in the directory. Those of `segment_bytes` are used again, others are removed.
  static Result<Spares> open(Env& env, std::string directory, uint64_t segment_bytes,
                             const std::vector<std::string>& free_files);

  bool ready() const;
  // Gives a file of `segment_bytes` to be used again, by its name in the directory. Thread-safe. False: there are
  // enough.
  bool wants_more() const;
  void offer(std::string name);
  // Zero-fills about `bytes` more of the next spare (at least 64 KiB); nothing when one is ready.
  Result<void> prepare(uint64_t bytes);
  // Turns a spare into the segment of `header`, preparing it first if none is ready.
  Result<std::unique_ptr<File>> take(const format::SegmentHeader& header, const std::string& path);
  // The directory could not be synced after a rename: what is on disk is unknown, the journal must stop.
  bool poisoned() const { return poisoned_; }

 private:
  Spares(Env& env, std::string directory, uint64_t segment_bytes)
      : env_(env), directory_(std::move(directory)), segment_bytes_(segment_bytes) {}
  Result<void> fill(const std::string& name, uint64_t size, uint64_t upto);
  void forget(const std::string& name);
  Result<void> drop_filling(const std::string& name, Error error);

  Env& env_;
  std::string directory_;
  uint64_t segment_bytes_;
  struct Ready {
    mutable std::mutex mutex;
    std::vector<std::string> names;
  };
  std::unique_ptr<Ready> ready_ = std::make_unique<Ready>();
  std::unique_ptr<File> filling_;  // the file being zero-filled
  uint64_t filled_ = 0;
  bool poisoned_ = false;
};

}  // namespace lt::journal
