// Answers of partners given lately, to be given again. In memory only, never written; bounded by entries and bytes,
// what was not used for longest goes first. Thread-safe.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/message/position.h"

namespace lt::runtime {

class AnswerCache {
 public:
  struct Kept {
    std::string content_type, body;
    Position asked;  // whose answer it was
    Mono at{};       // when it came
  };
  AnswerCache(std::chrono::milliseconds time, uint64_t entries, uint64_t bytes)
      : time_(time), entries_most_(entries), bytes_most_(bytes) {}

  // Null: none, or too old.
  std::shared_ptr<const Kept> find(const Sha256& question, Mono now);
  // Larger than all there is room for: it is not kept.
  void keep(const Sha256& question, Kept answer);

 private:
  struct Entry {
    Sha256 question;
    std::shared_ptr<const Kept> answer;
  };
  using Entries = std::list<Entry>;  // the last used first
  struct Hash {
    size_t operator()(const Sha256& key) const noexcept;
  };
  void drop(Entries::iterator entry);

  const std::chrono::milliseconds time_;
  const uint64_t entries_most_, bytes_most_;
  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<Sha256, Entries::iterator, Hash> by_question_;
  uint64_t bytes_ = 0;
};

}  // namespace lt::runtime
