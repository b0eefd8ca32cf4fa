#include "core/engine/delivery.h"

namespace lt::engine {
namespace {

uint64_t hash_of(const DeliveryId& id) {
  uint64_t h = (id.message.offset ^ (uint64_t{id.ordinal} << 48) ^ (uint64_t{id.message.partition} << 32)) *
               0x9E3779B97F4A7C15ULL;
  return h ^ h >> 32;
}

}  // namespace

Slot Deliveries::add(DeliveryId id) {
  Slot slot;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
    table_[slot] = Delivery();
    used_[slot] = true;
  } else {
    slot = static_cast<Slot>(table_.size());
    table_.emplace_back();
    used_.push_back(true);
  }
  table_[slot].id = id;
  index_.insert(hash_of(id), slot, [this](Slot s) { return hash_of(table_[s].id); });
  ++size_;
  return slot;
}

void Deliveries::remove(Slot slot) {
  index_.erase(hash_of(table_[slot].id), slot, [this](Slot s) { return hash_of(table_[s].id); });
  table_[slot].detail.reset();
  table_[slot].operation.reset();
  table_[slot].doubt.reset();
  used_[slot] = false;
  free_.push_back(slot);
  --size_;
}

Slot Deliveries::find(const DeliveryId& id) const {
  return index_.find(hash_of(id), [&](Slot s) { return table_[s].id == id; });
}

}  // namespace lt::engine
