// A hash index of 4 bytes an entry over values that are kept elsewhere in a table: key -> slot.
//
// The table itself knows the key of each slot, so the index stores slots only. Grows by doubling, never shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lt::engine {

using Slot = uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

class SlotIndex {
 public:
  // `same(slot)`: is this the one looked for?
  template <class Same>
  Slot find(uint64_t hash, Same same) const {
    if (cells_.empty()) return kNoSlot;
    for (size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Slot s = cells_[i];
      if (s == kNoSlot) return kNoSlot;
      if (same(s)) return s;
    }
  }
  // `hash_of(slot)` is asked again when the index grows. The key must not be present.
  template <class HashOf>
  void insert(uint64_t hash, Slot slot, HashOf hash_of) {
    if ((size_ + 1) * 4 > cells_.size() * 3) grow(hash_of);
    place(hash, slot);
    ++size_;
  }
  template <class HashOf>
  void erase(uint64_t hash, Slot slot, HashOf hash_of) {
    if (cells_.empty()) return;
    size_t i = hash & mask();
    while (cells_[i] != slot) {
      if (cells_[i] == kNoSlot) return;
      i = (i + 1) & mask();
    }
    // Close the gap, so that no search needs tombstones.
    for (size_t j = (i + 1) & mask(); cells_[j] != kNoSlot; j = (j + 1) & mask()) {
      const size_t home = hash_of(cells_[j]) & mask();
      if (((j - home) & mask()) >= ((j - i) & mask())) {
        cells_[i] = cells_[j];
        i = j;
      }
    }
    cells_[i] = kNoSlot;
    --size_;
  }

 private:
  size_t mask() const { return cells_.size() - 1; }
  void place(uint64_t hash, Slot slot) {
    size_t i = hash & mask();
    while (cells_[i] != kNoSlot) i = (i + 1) & mask();
    cells_[i] = slot;
  }
  template <class HashOf>
  void grow(HashOf hash_of) {
    std::vector<Slot> old(cells_.empty() ? 64 : cells_.size() * 2, kNoSlot);
    old.swap(cells_);
    for (const Slot s : old) {
      if (s != kNoSlot) place(hash_of(s), s);
    }
  }

  std::vector<Slot> cells_;
  size_t size_ = 0;
};

}  // namespace lt::engine
