#include "core/engine/key_chain.h"

#include "core/engine/hashing.h"

namespace lt::engine {

uint64_t chain_key(std::string_view destination, std::string_view order_key) {
  if (order_key.empty()) return 0;
  const uint64_t h = key_hash(key_hash(1, destination), order_key);
  return h == 0 ? 1 : h;
}

Slot Chains::find(uint64_t key) const {
  return index_.find(key, [&](Slot s) { return table_[s].key == key; });
}

Slot Chains::find_or_add(uint64_t key) {
  Slot slot = find(key);
  if (slot != kNoSlot) return slot;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
  } else {
    slot = static_cast<Slot>(table_.size());
    table_.emplace_back();
  }
  table_[slot].key = key;
  index_.insert(key, slot, [this](Slot s) { return table_[s].key; });
  return slot;
}

bool Chains::over(Slot slot) const {
  const Chain& chain = table_[slot];
  return chain.live.empty() && !chain.waiting && (!chain.dead || chain.dead->empty());
}

void Chains::remove(Slot slot) {
  index_.erase(table_[slot].key, slot, [this](Slot s) { return table_[s].key; });
  table_[slot] = Chain();
  free_.push_back(slot);
}

}  // namespace lt::engine
