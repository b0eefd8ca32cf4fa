#include "core/engine/admission.h"

#include <algorithm>

namespace lt::engine {

bool Admission::credit_for(uint64_t bytes, const CellPolicy& policy) const {
  if (holders_ >= policy.appending_most) return false;
  // A single message larger than the whole credit must still be able to pass when nothing else is on its way.
  return holders_ == 0 || bytes_ + bytes <= policy.appending_bytes_most;
}

void Admission::hold(uint64_t bytes) {
  ++holders_;
  bytes_ += bytes;
}

void Admission::give_back(uint64_t bytes) {
  if (holders_ > 0) --holders_;
  bytes_ -= std::min(bytes_, bytes);
}

std::vector<Admit> Admission::release(uint64_t key) {
  std::vector<Admit> waiting;
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return waiting;
  waiting = std::move(at->second);
  by_key_.erase(at);
  return waiting;
}

Admit Admission::unpark() {
  Admit admit = std::move(parked_.front().admit);
  parked_.pop_front();
  return admit;
}

}  // namespace lt::engine
