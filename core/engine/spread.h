// How many deliveries of a message are pending, for messages to several destinations of which one was spilled: 6 bytes
// a message. Those of one destination need no count.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/message/position.h"
#include "core/message/wire.h"

namespace lt::engine {

class Spread {
 public:
  // The count before.
  uint16_t add(Position message, uint16_t deliveries);
  // One less; the count after.
  uint16_t leave(Position message);
  size_t size() const { return size_; }
  void save(WireWriter& out) const;
  bool load(WireReader& in);  // into an empty one

 private:
  struct Chunk {
    uint64_t base = 0;
    std::vector<uint32_t> deltas;
    std::vector<uint16_t> counts;
    size_t alive = 0;
  };
  size_t chunk_of(uint64_t offset) const;
  void drop_zeros(size_t index);

  std::deque<Chunk> chunks_;
  uint32_t partition_ = 0;
  size_t size_ = 0;
};

}  // namespace lt::engine
