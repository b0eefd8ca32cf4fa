// The messages of unfinished deliveries: how many deliveries are left of each, and - as long as memory allows - the
// message itself, so that a delivery does not have to re-read the journal.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "core/engine/slot_index.h"
#include "core/message/message.h"

namespace lt::engine {

class Messages {
 public:
  uint32_t add();
  // One more delivery that is not over, one less.
  void join(uint32_t message) { ++table_[message].deliveries; }
  bool leave(uint32_t message);  // true: that was the last
  // One more delivery that is pending (a dead one is not), one less.
  void pending(uint32_t message, bool more);
  // The same for a message that is counted elsewhere: one that has only spilled deliveries, or a spread one.
  void pending_elsewhere(bool more) { more ? ++pending_ : --pending_; }
  size_t pending_messages() const { return pending_; }

  // Keeps `body` in memory for `sends` first sends on `lane` (and others). When that takes more than `most` bytes, the
  // oldest one kept goes, if its lane `stands`; else this one is not kept, for the older ones are sent before it.
  template <class Stands>
  void keep(uint32_t message, std::shared_ptr<const Message> body, uint32_t sends, uint32_t lane, uint64_t most,
            Stands stands) {
    const uint64_t size = weight(*body);
    while (hot_bytes_ + size > most && oldest_ != kNoSlot && stands(table_[oldest_].lane)) cool(oldest_);
    if (hot_bytes_ + size <= most) heat(message, std::move(body), sends, lane, size);
  }
  // For a send: the message, or null when it has to be read. The last first send takes it along.
  std::shared_ptr<const Message> take(uint32_t message);
  void cool(uint32_t message);  // it will not be sent soon
  uint64_t hot_bytes() const { return hot_bytes_; }
  // Bytes a message takes in memory, roughly.
  static uint64_t weight(const Message& message);

 private:
  struct Entry {
    std::shared_ptr<const Message> hot;
    uint32_t deliveries = 0, pending = 0, sends = 0, lane = 0;
    uint32_t older = kNoSlot, younger = kNoSlot;  // hot ones, by age
  };
  void heat(uint32_t message, std::shared_ptr<const Message> body, uint32_t sends, uint32_t lane, uint64_t size);

  std::deque<Entry> table_;
  std::vector<uint32_t> free_;
  uint32_t oldest_ = kNoSlot, youngest_ = kNoSlot;
  uint64_t hot_bytes_ = 0;
  size_t pending_ = 0;
};

}  // namespace lt::engine
