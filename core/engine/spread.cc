#include "core/engine/spread.h"

#include <algorithm>

namespace lt::engine {
namespace {

constexpr size_t kChunkMessages = 512;

}  // namespace

// The last chunk that begins at or before `offset`; chunks_.size() when there is none.
size_t Spread::chunk_of(uint64_t offset) const {
  const auto at =
      std::upper_bound(chunks_.begin(), chunks_.end(), offset, [](uint64_t o, const Chunk& c) { return o < c.base; });
  return at == chunks_.begin() ? chunks_.size() : static_cast<size_t>(at - chunks_.begin()) - 1;
}

uint16_t Spread::add(Position message, uint16_t deliveries) {
  partition_ = message.partition;
  const uint64_t offset = message.offset;
  size_t index = chunk_of(offset);
  const auto fits = [&](const Chunk& c) { return offset - c.base <= UINT32_MAX; };
  const bool youngest = index + 1 == chunks_.size() || chunks_.empty();
  if (index == chunks_.size() || !fits(chunks_[index]) ||
      (youngest && chunks_[index].deltas.size() >= kChunkMessages &&
       offset - chunks_[index].base > chunks_[index].deltas.back())) {
    const auto at =
        std::upper_bound(chunks_.begin(), chunks_.end(), offset, [](uint64_t o, const Chunk& c) { return o < c.base; });
    const auto fresh = chunks_.insert(at, Chunk());
    index = static_cast<size_t>(fresh - chunks_.begin());
    chunks_[index].base = offset;
  }
  Chunk& c = chunks_[index];
  const auto delta = static_cast<uint32_t>(offset - c.base);
  const auto at = std::lower_bound(c.deltas.begin(), c.deltas.end(), delta);
  const auto i = at - c.deltas.begin();
  if (at == c.deltas.end() || *at != delta) {
    c.deltas.insert(at, delta);
    c.counts.insert(c.counts.begin() + i, 0);
  }
  uint16_t& count = c.counts[static_cast<size_t>(i)];
  const uint16_t before = count;
  count = static_cast<uint16_t>(std::min<uint32_t>(uint32_t{count} + deliveries, UINT16_MAX));
  if (before == 0 && count > 0) {
    ++c.alive;
    ++size_;
  }
  return before;
}

uint16_t Spread::leave(Position message) {
  const size_t index = chunk_of(message.offset);
  if (index == chunks_.size() || message.offset - chunks_[index].base > UINT32_MAX) return 0;
  Chunk& c = chunks_[index];
  const auto delta = static_cast<uint32_t>(message.offset - c.base);
  const auto at = std::lower_bound(c.deltas.begin(), c.deltas.end(), delta);
  if (at == c.deltas.end() || *at != delta) return 0;
  uint16_t& count = c.counts[static_cast<size_t>(at - c.deltas.begin())];
  if (count == 0) return 0;
  const uint16_t after = --count;
  if (after > 0) return after;
  --size_;
  --c.alive;
  drop_zeros(index);
  return 0;
}

void Spread::drop_zeros(size_t index) {
  Chunk& c = chunks_[index];
  if (c.alive == 0) {
    chunks_.erase(chunks_.begin() + static_cast<ptrdiff_t>(index));
    return;
  }
  if (c.alive * 2 > c.deltas.size()) return;
  size_t kept = 0;
  for (size_t i = 0; i < c.deltas.size(); ++i) {
    if (c.counts[i] == 0) continue;
    c.deltas[kept] = c.deltas[i];
    c.counts[kept++] = c.counts[i];
  }
  c.deltas.resize(kept);
  c.counts.resize(kept);
  c.deltas.shrink_to_fit();
  c.counts.shrink_to_fit();
}

void Spread::save(WireWriter& out) const {
  out.varint(partition_);
  out.varint(size_);
  uint64_t last = 0;
  for (const Chunk& c : chunks_) {
    for (size_t i = 0; i < c.deltas.size(); ++i) {
      if (c.counts[i] == 0) continue;
      out.varint(c.base + c.deltas[i] - last);
      out.varint(c.counts[i]);
      last = c.base + c.deltas[i];
    }
  }
}

bool Spread::load(WireReader& in) {
  partition_ = static_cast<uint32_t>(in.varint());
  uint64_t last = 0;
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    last += in.varint();
    const auto count = static_cast<uint16_t>(in.varint());
    if (!in.ok() || count == 0) return false;
    add({partition_, last}, count);
  }
  return in.ok();
}

}  // namespace lt::engine
