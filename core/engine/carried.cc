#include "core/engine/carried.h"

#include <algorithm>
#include <vector>

namespace lt::engine {

void Carried::save(WireWriter& out) const {
  std::vector<std::pair<uint64_t, uint64_t>> sorted(at_.begin(), at_.end());
  std::sort(sorted.begin(), sorted.end());
  out.varint(sorted.size());
  for (const auto& [message, stored] : sorted) {
    out.varint(message);
    out.varint(stored);
  }
}

bool Carried::load(WireReader& in) {
  at_.clear();
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    const uint64_t message = in.varint();
    at_[message] = in.varint();
  }
  return in.ok();
}

}  // namespace lt::engine
