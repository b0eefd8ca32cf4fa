#include "core/engine/dedupe.h"

#include <algorithm>
#include <cstring>

#include "core/base/limits.h"
#include "core/engine/hashing.h"

namespace lt::engine {
namespace {

int32_t day_of(Wall time) {
  return static_cast<int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

uint64_t prefix(const Sha256& body) {
  uint64_t v;
  std::memcpy(&v, body.data(), sizeof v);
  return v;
}

}  // namespace

uint64_t DedupeIndex::hash(std::string_view dedupe_key) { return key_hash(2, dedupe_key); }

DedupeIndex::Day& DedupeIndex::day(int32_t number) {
  auto at = std::lower_bound(days_.begin(), days_.end(), number, [](const Day& d, int32_t n) { return d.number < n; });
  if (at == days_.end() || at->number != number) {
    at = days_.emplace(at);
    at->number = number;
  }
  return *at;
}

void DedupeIndex::put(Day& day, const Entry& entry) {
  const auto key_of = [&day](Slot s) { return day.entries[s].key; };
  const Slot old = day.index.find(entry.key, [&](Slot s) { return day.entries[s].key == entry.key; });
  if (old != kNoSlot) day.index.erase(entry.key, old, key_of);
  day.entries.push_back(entry);
  day.index.insert(entry.key, static_cast<Slot>(day.entries.size() - 1), key_of);
  ++size_;
}

void DedupeIndex::add(uint64_t key, Position position, const Sha256& body, Wall accepted,
                      std::chrono::milliseconds window) {
  partition_ = position.partition;
  put(day(day_of(accepted)), {key, prefix(body), position.offset});
  const int32_t oldest = day_of(Wall(std::chrono::days(days_.back().number)) - window);
  while (days_.size() > 1 && (days_.front().number < oldest || size_ > limits::kDedupeKeys)) {
    size_ -= days_.front().entries.size();
    days_.pop_front();
  }
}

std::optional<DedupeIndex::Seen> DedupeIndex::find(uint64_t key, const Sha256& body, Wall since) const {
  const int32_t oldest = day_of(since);
  for (auto d = days_.rbegin(); d != days_.rend() && d->number >= oldest; ++d) {
    const Slot s = d->index.find(key, [&](Slot slot) { return d->entries[slot].key == key; });
    if (s == kNoSlot) continue;
    return Seen{{partition_, d->entries[s].offset}, d->entries[s].body == prefix(body)};
  }
  return std::nullopt;
}

void DedupeIndex::save(WireWriter& out) const {
  out.varint(partition_);
  out.varint(days_.size());
  for (const Day& d : days_) {
    out.signed_varint(d.number);
    out.varint(d.entries.size());
    for (const Entry& e : d.entries) {
      out.raw(&e.key, sizeof e.key);
      out.raw(&e.body, sizeof e.body);
      out.varint(e.offset);
    }
  }
}

bool DedupeIndex::load(WireReader& in) {
  partition_ = static_cast<uint32_t>(in.varint());
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    Day& d = day(static_cast<int32_t>(in.signed_varint()));
    for (size_t m = in.count(); m > 0 && in.ok(); --m) {
      Entry e{};
      in.raw(&e.key, sizeof e.key);
      in.raw(&e.body, sizeof e.body);
      e.offset = in.varint();
      if (in.ok()) put(d, e);
    }
  }
  return in.ok();
}

}  // namespace lt::engine
