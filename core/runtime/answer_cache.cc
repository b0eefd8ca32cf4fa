#include "core/runtime/answer_cache.h"

#include <cstring>

namespace lt::runtime {
namespace {

constexpr uint64_t kPerEntry = 256;  // of list, index and allocations

uint64_t weight(const AnswerCache::Kept& answer) { return kPerEntry + answer.content_type.size() + answer.body.size(); }

}  // namespace

size_t AnswerCache::Hash::operator()(const Sha256& key) const noexcept {
  size_t out = 0;
  std::memcpy(&out, key.data(), sizeof out);
  return out;
}

std::shared_ptr<const AnswerCache::Kept> AnswerCache::find(const Sha256& question, Mono now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_question_.find(question);
  if (found == by_question_.end()) return nullptr;
  if (now - found->second->answer->at >= time_) {
    drop(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->answer;
}

void AnswerCache::keep(const Sha256& question, Kept answer) {
  const uint64_t size = weight(answer);
  const std::lock_guard lock(mutex_);
  if (const auto old = by_question_.find(question); old != by_question_.end()) drop(old->second);
  if (size > bytes_most_) return;
  while (!entries_.empty() && (entries_.size() >= entries_most_ || bytes_ + size > bytes_most_))
    drop(std::prev(entries_.end()));
  entries_.push_front({question, std::make_shared<const Kept>(std::move(answer))});
  by_question_.emplace(question, entries_.begin());
  bytes_ += size;
}

void AnswerCache::drop(Entries::iterator entry) {
  bytes_ -= weight(*entry->answer);
  by_question_.erase(entry->question);
  entries_.erase(entry);
}

}  // namespace lt::runtime
