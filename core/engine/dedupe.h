// The idempotent receiver's memory: dedupe key -> where the original stands and what its body was.
//
// By day of acceptance, so that forgetting is dropping a day. 32 bytes a key. When limits::kDedupeKeys is reached the
// oldest day goes early: the window shrinks, memory does not grow.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/engine/slot_index.h"
#include "core/message/position.h"
#include "core/message/wire.h"

namespace lt::engine {

class DedupeIndex {
 public:
  struct Seen {
    Position position;
    bool same_body = false;
  };
  static uint64_t hash(std::string_view dedupe_key);

  // Forgets the days older than `window` before the newest day.
  void add(uint64_t key, Position position, const Sha256& body, Wall accepted, std::chrono::milliseconds window);
  // The youngest entry of that key accepted at or after the day of `since`.
  std::optional<Seen> find(uint64_t key, const Sha256& body, Wall since) const;
  size_t size() const { return size_; }

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  struct Entry {
    uint64_t key, body, offset;
  };
  struct Day {
    int32_t number = 0;
    std::vector<Entry> entries;
    SlotIndex index;
  };
  Day& day(int32_t number);
  void put(Day& day, const Entry& entry);

  std::deque<Day> days_;  // ascending
  uint32_t partition_ = 0;
  size_t size_ = 0;
};

}  // namespace lt::engine
