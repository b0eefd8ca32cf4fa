#include "core/engine/messages.h"

namespace lt::engine {

uint32_t Messages::add() {
  if (free_.empty()) {
    table_.emplace_back();
    return static_cast<uint32_t>(table_.size() - 1);
  }
  const uint32_t message = free_.back();
  free_.pop_back();
  return message;
}

bool Messages::leave(uint32_t message) {
  if (--table_[message].deliveries > 0) return false;
  cool(message);
  table_[message] = Entry();
  free_.push_back(message);
  return true;
}

void Messages::pending(uint32_t message, bool more) {
  uint32_t& n = table_[message].pending;
  if (more) {
    if (n++ == 0) ++pending_;
  } else {
    if (--n == 0) --pending_;
  }
}

void Messages::heat(uint32_t message, std::shared_ptr<const Message> body, uint32_t sends, uint32_t lane,
                    uint64_t size) {
  Entry& e = table_[message];
  e.hot = std::move(body);
  e.sends = sends;
  e.lane = lane;
  e.older = youngest_;
  (youngest_ == kNoSlot ? oldest_ : table_[youngest_].younger) = message;
  youngest_ = message;
  hot_bytes_ += size;
}

std::shared_ptr<const Message> Messages::take(uint32_t message) {
  Entry& e = table_[message];
  auto hot = e.hot;
  if (hot && --e.sends == 0) cool(message);
  return hot;
}

void Messages::cool(uint32_t message) {
  Entry& e = table_[message];
  if (!e.hot) return;
  hot_bytes_ -= weight(*e.hot);
  e.hot.reset();
  (e.older == kNoSlot ? oldest_ : table_[e.older].younger) = e.younger;
  (e.younger == kNoSlot ? youngest_ : table_[e.younger].older) = e.older;
  e.older = e.younger = kNoSlot;
}

uint64_t Messages::weight(const Message& message) {
  return message.body.view().size() + 600 + 160 * message.envelope.deliveries.size();
}

}  // namespace lt::engine
