#include "core/engine/carried.h"

#include <algorithm>
#include <vector>

namespace lt::engine {

void Carried::save(WireWriter& out) const {
  std::vector<std::pair<uint64_t, Place>> sorted(at_.begin(), at_.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  out.varint(sorted.size());
  for (const auto& [message, place] : sorted) {
    out.varint(message);
    out.varint(place.stored);
    out.varint(place.deliveries);
  }
}

bool Carried::load(WireReader& in) {
  at_.clear();
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    const uint64_t message = in.varint();
    const uint64_t stored = in.varint();
    at_[message] = {stored, static_cast<uint16_t>(in.varint())};
  }
  return in.ok();
}

}  // namespace lt::engine
