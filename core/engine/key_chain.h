// Key chains: the unfinished deliveries of one (destination, order key), in order of acceptance.
//
// The fold keeps them whatever the configuration says; whether they bind (order: key) and whether a dead member stops
// them (after_dead) is asked when the cell decides, so another configuration folds to the same state.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "core/engine/slot_index.h"
#include "core/engine/window.h"
#include "core/message/position.h"

namespace lt::engine {

// Slots in ascending order of a rank. Leaving at the front is cheap; joining anywhere else than at the end is rare.
class SlotQueue {
 public:
  bool empty() const { return begin_ == slots_.size(); }
  size_t size() const { return slots_.size() - begin_; }
  Slot front() const { return empty() ? kNoSlot : slots_[begin_]; }
  template <class Wanted>
  Slot first(Wanted wanted) const {
    for (size_t i = begin_; i < slots_.size(); ++i) {
      if (wanted(slots_[i])) return slots_[i];
    }
    return kNoSlot;
  }
  template <class Rank>
  void insert(Slot slot, Rank rank) {
    slots_.insert(slots_.begin() + static_cast<ptrdiff_t>(lower(rank(slot), rank)), slot);
  }
  template <class Rank>
  void erase(Slot slot, Rank rank) {
    const size_t i = lower(rank(slot), rank);
    if (i == slots_.size() || slots_[i] != slot) return;
    if (i == begin_) {
      if (++begin_ < 32 || begin_ * 2 < slots_.size()) return;
      slots_.erase(slots_.begin(), slots_.begin() + static_cast<ptrdiff_t>(begin_));
      begin_ = 0;
    } else {
      slots_.erase(slots_.begin() + static_cast<ptrdiff_t>(i));
    }
  }

 private:
  template <class Value, class Rank>
  size_t lower(const Value& value, Rank rank) const {
    if (empty() || rank(slots_.back()) < value) return slots_.size();
    size_t low = begin_, high = slots_.size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (rank(slots_[middle]) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  std::vector<Slot> slots_;
  size_t begin_ = 0;
};

// In the order of acceptance: parts of one message may share a key. Journals do not reach 2^48 bytes.
inline uint64_t rank_of(const DeliveryId& id) { return id.message.offset << 16 | id.ordinal; }

struct Chain {
  uint64_t key = 0;
  SlotQueue live;                      // may still be sent
  std::unique_ptr<SlotQueue> dead;     // may be replayed
  std::unique_ptr<SpillList> waiting;  // younger than all in `live`, of which one at least is queued or retry
  uint64_t last_passed = 0;            // rank of its youngest member that was, or may have been, delivered
  uint32_t lane = 0;
  uint32_t movers = 0;  // of `live`: queued or retry
  Head head = Head::none;
  Slot out = kNoSlot;  // live: the member that is being sent or decided
};

// 0 when there is no order.
uint64_t chain_key(std::string_view destination, std::string_view order_key);

class Chains {
 public:
  Slot find_or_add(uint64_t key);
  Slot find(uint64_t key) const;
  bool over(Slot slot) const;
  void remove(Slot slot);
  Chain& operator[](Slot slot) { return table_[slot]; }
  const Chain& operator[](Slot slot) const { return table_[slot]; }
  template <class Visit>
  void each(Visit visit) {
    for (Chain& c : table_) {
      if (c.key != 0) visit(c);
    }
  }
  template <class Visit>
  void each(Visit visit) const {
    for (const Chain& c : table_) {
      if (c.key != 0) visit(c);
    }
  }

 private:
  std::deque<Chain> table_;
  std::vector<Slot> free_;
  SlotIndex index_;
};

}  // namespace lt::engine
