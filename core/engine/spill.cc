#include "core/engine/spill.h"

#include <algorithm>
#include <bit>

#include "core/base/limits.h"

namespace lt::engine {
namespace {

constexpr size_t kEntryMost = 4 + 10 + 10 + 3 + 8;
constexpr uint32_t kPartFirst = 1'024, kPartMost = 1 << 20;  // keys of one filter
constexpr size_t kBitsPerKey = 8, kHashes = 4;

// Small lists are many (one per busy key): they start small.
size_t chunk_bytes(size_t entries) { return entries < 8 ? 64 : entries < 64 ? 512 : 4'096; }

uint32_t part_keys(size_t part) { return std::min<uint32_t>(kPartMost, kPartFirst << std::min<size_t>(part * 2, 10)); }

// `key` is a strong hash already.
template <class Bit>
bool each_bit(uint64_t key, size_t bits, Bit bit) {
  const uint64_t step = std::rotl(key, 32) | 1;
  for (size_t i = 0; i < kHashes; ++i, key += step) {
    if (!bit(key % bits)) return false;
  }
  return true;
}

// --- entries: header (ordinal, other route, urgency, spread, has a key), offset and time since the one before, route
// unless it is that of the one before, key ---

void write(WireWriter& w, const Spilled& e, bool with_key, Before& before) {
  const bool keyed = with_key && e.key != 0, other = e.route != before.route;
  w.varint(uint64_t{e.id.ordinal} << 6 | uint64_t{other} << 5 | uint64_t{e.urgency} << 2 | uint64_t{e.spread} << 1 |
           uint64_t{keyed});
  w.varint(e.id.message.offset - before.position.offset);
  w.signed_varint((e.accepted - before.accepted).count());
  if (other) w.varint(e.route);
  if (keyed) w.raw(&e.key, sizeof e.key);
  before = before_next(e);
}

Spilled read(WireReader& r, uint64_t shared_key, const Before& before) {
  Spilled e;
  const uint64_t header = r.varint();
  e.id.ordinal = static_cast<uint16_t>(header >> 6);
  e.urgency = static_cast<Urgency>(header >> 2 & 7);
  e.spread = header & 2;
  e.id.message = {before.position.partition, before.position.offset + r.varint()};
  e.accepted = before.accepted + Wall::duration(r.signed_varint());
  e.route = header & 32 ? static_cast<uint16_t>(r.varint()) : before.route;
  e.key = shared_key;
  if (header & 1) r.raw(&e.key, sizeof e.key);
  return e;
}

}  // namespace

// --- SpillList ---

void SpillList::append(Chunk& chunk, const Spilled& entry, Before& before) const {
  std::string packed;  // short enough to stay on the stack, as a rule
  WireWriter w(packed);
  write(w, entry, key_ == 0, before);
  chunk.bytes.insert(chunk.bytes.end(), packed.begin(), packed.end());
  ++chunk.count;
}

void SpillList::push(const Spilled& entry) {
  const bool follows = !chunks_.empty() && entry.id.message.partition == last_.position.partition &&
                       chunks_.back().bytes.size() + kEntryMost <= chunks_.back().bytes.capacity();
  if (!follows) {
    Chunk& fresh = chunks_.emplace_back();
    fresh.bytes.reserve(chunk_bytes(size_));
    bytes_ += fresh.bytes.capacity() + sizeof(Chunk);
    fresh.before = last_ = before_next(entry);
    fresh.suspended_s = entry.suspended_s;
  }
  append(chunks_.back(), entry, last_);
  ++size_;
}

Spilled SpillList::pop() {
  Chunk& chunk = chunks_.front();
  const std::string_view rest = std::string_view(chunk.bytes.data(), chunk.bytes.size()).substr(chunk.read);
  WireReader r(rest);
  Spilled entry = read(r, key_, chunk.before);
  entry.suspended_s = chunk.suspended_s;
  chunk.read += static_cast<uint32_t>(rest.size() - r.rest().size());
  chunk.before = before_next(entry);
  --size_;
  if (--chunk.count == 0) {
    bytes_ -= chunk.bytes.capacity() + sizeof(Chunk);
    chunks_.pop_front();
  }
  return entry;
}

void SpillList::Cursor::next() {
  while (left_ == 0) {
    if (chunk_ == list_->chunks_.size()) {
      done_ = true;
      return;
    }
    const Chunk& chunk = list_->chunks_[chunk_++];
    left_ = chunk.count;
    byte_ = chunk.read;
    before_ = chunk.before;
  }
  const Chunk& chunk = list_->chunks_[chunk_ - 1];
  const std::string_view rest = std::string_view(chunk.bytes.data(), chunk.bytes.size()).substr(byte_);
  WireReader r(rest);
  entry_ = read(r, list_->key_, before_);
  before_ = before_next(entry_);
  byte_ += rest.size() - r.rest().size();
  --left_;
}

std::vector<Spilled> SpillList::unpack(const Chunk& chunk) const {
  std::vector<Spilled> out;
  out.reserve(chunk.count);
  WireReader r(std::string_view(chunk.bytes.data(), chunk.bytes.size()).substr(chunk.read));
  Before before = chunk.before;
  for (uint32_t i = 0; i < chunk.count; ++i) {
    out.push_back(read(r, key_, before));
    out.back().suspended_s = chunk.suspended_s;
    before = before_next(out.back());
  }
  return out;
}

std::optional<std::pair<size_t, size_t>> SpillList::find(const DeliveryId& id, std::vector<Spilled>& unpacked) const {
  auto chunk = std::upper_bound(chunks_.begin(), chunks_.end(), id.message,
                                [](const Position& p, const Chunk& c) { return p < c.before.position; });
  while (chunk != chunks_.begin()) {
    --chunk;
    unpacked = unpack(*chunk);
    const auto at = std::lower_bound(unpacked.begin(), unpacked.end(), id,
                                     [](const Spilled& e, const DeliveryId& wanted) { return e.id < wanted; });
    if (at != unpacked.end() && at->id == id) return std::pair(chunk - chunks_.begin(), at - unpacked.begin());
    if (chunk->before.position != id.message) break;  // else it may be at the end of the chunk before
  }
  return std::nullopt;
}

bool SpillList::contains(const DeliveryId& id) const {
  std::vector<Spilled> unpacked;
  return find(id, unpacked).has_value();
}

std::optional<Spilled> SpillList::take(const DeliveryId& id) {
  std::vector<Spilled> unpacked;
  const auto at = find(id, unpacked);
  if (!at) return std::nullopt;
  const Spilled entry = unpacked[at->second];
  Chunk& chunk = chunks_[at->first];
  --size_;
  if (chunk.count == 1) {
    bytes_ -= chunk.bytes.capacity() + sizeof(Chunk);
    chunks_.erase(chunks_.begin() + static_cast<ptrdiff_t>(at->first));
    // The next one pushed begins a chunk or counts from the end of the last one; both know where that is.
    if (!chunks_.empty() && at->first == chunks_.size()) {
      last_ = before_next(unpack(chunks_.back()).back());
    }
    return entry;
  }
  // What comes after it counts from what came before it. A sum of varints is never longer than they were.
  chunk.count = 0;
  chunk.read = 0;
  chunk.bytes.clear();
  Before before = chunk.before;
  for (size_t i = 0; i < unpacked.size(); ++i) {
    if (i != at->second) append(chunk, unpacked[i], before);
  }
  if (at->first + 1 == chunks_.size()) {
    last_ = before;
  }
  return entry;
}

// One run of entries, each counted from the one before.
void SpillList::save(WireWriter& out) const {
  out.varint(size_);
  Before before;
  for (Cursor c(*this); !c.done(); c.next()) {
    if (before.position.offset == 0) {
      out.varint(c.at().id.message.partition);
      before.position.partition = c.at().id.message.partition;
    }
    write(out, c.at(), key_ == 0, before);
  }
}

bool SpillList::load(WireReader& in) {
  const size_t n = in.count();
  Before before;
  if (n > 0) before.position.partition = static_cast<uint32_t>(in.varint());
  DeliveryId last;
  for (size_t i = 0; i < n; ++i) {
    const Spilled e = read(in, key_, before);
    if (!in.ok() || e.urgency >= kUrgencies || !(last < e.id)) return false;
    push(e);
    last = e.id;
    before = before_next(e);
  }
  return in.ok();
}

// --- KeyFilter ---

void KeyFilter::add(uint64_t key, Position position) {
  if (parts_.empty() || parts_.back().added == parts_.back().bits.size() * 64 / kBitsPerKey) {
    const size_t keys = part_keys(parts_.size());
    parts_.emplace_back().bits.assign(keys * kBitsPerKey / 64, 0);
  }
  Part& part = parts_.back();
  part.last = position;
  ++part.added;
  each_bit(key, part.bits.size() * 64, [&part](uint64_t bit) {
    part.bits[bit / 64] |= uint64_t{1} << bit % 64;
    return true;
  });
}

bool KeyFilter::may_hold(uint64_t key) const {
  return std::any_of(parts_.begin(), parts_.end(), [key](const Part& part) {
    return each_bit(key, part.bits.size() * 64, [&part](uint64_t bit) { return part.bits[bit / 64] >> bit % 64 & 1; });
  });
}

void KeyFilter::forget_before(Position position) {
  while (!parts_.empty() && parts_.front().last < position) parts_.pop_front();
}

void KeyFilter::save(WireWriter& out) const {
  out.varint(parts_.size());
  for (const Part& part : parts_) {
    out.varint(part.last.partition);
    out.varint(part.last.offset);
    out.varint(part.added);
    out.text(std::string_view(reinterpret_cast<const char*>(part.bits.data()), part.bits.size() * sizeof(uint64_t)));
  }
}

bool KeyFilter::load(WireReader& in) {
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    Part& part = parts_.emplace_back();
    part.last.partition = static_cast<uint32_t>(in.varint());
    part.last.offset = in.varint();
    part.added = static_cast<uint32_t>(in.varint());
    const auto bits = in.text();
    if (bits.empty() || bits.size() % sizeof(uint64_t) != 0) return false;
    part.bits.resize(bits.size() / sizeof(uint64_t));
    std::memcpy(part.bits.data(), bits.data(), bits.size());
  }
  return in.ok();
}

// --- Spill ---

size_t Spill::list_for(const Spilled& e) const {
  const size_t wanted = e.urgency;
  if (e.key == 0) return wanted;
  if (const auto at = urgent_.find(e.key); at != urgent_.end()) return at->second.list;
  return wanted == 0 || urgent_.size() >= limits::kUrgentKeys || normal_.may_hold(e.key) ? 0 : wanted;
}

void Spill::push(const Spilled& entry) {
  const size_t list = list_for(entry);
  lists_[list].push(entry);
  ++size_;
  if (entry.key == 0) return;
  if (list == 0) return normal_.add(entry.key, entry.id.message);
  Urgent& known = urgent_[entry.key];
  known.list = static_cast<uint8_t>(list);
  ++known.count;
}

Spilled Spill::pop() {
  size_t list = kUrgencies - 1;
  while (lists_[list].empty()) --list;
  const Spilled entry = lists_[list].pop();
  left(list, entry);
  return entry;
}

void Spill::left(size_t list, const Spilled& entry) {
  --size_;
  if (list == 0) {
    if (lists_[0].empty()) return normal_.clear();
    return normal_.forget_before(lists_[0].front().id.message);
  }
  if (entry.key == 0) return;
  const auto at = urgent_.find(entry.key);
  if (at != urgent_.end() && --at->second.count == 0) urgent_.erase(at);
}

std::optional<Spilled> Spill::oldest() const {
  std::optional<Spilled> out;
  for (const SpillList& list : lists_) {
    if (list.empty()) continue;
    const Spilled first = list.front();
    if (!out || first.id < out->id) out = first;
  }
  return out;
}

bool Spill::contains(const DeliveryId& id) const {
  return std::any_of(lists_.begin(), lists_.end(), [&id](const SpillList& list) { return list.contains(id); });
}

std::optional<Spilled> Spill::take(const DeliveryId& id) {
  for (size_t i = 0; i < lists_.size(); ++i) {
    auto entry = lists_[i].take(id);
    if (!entry) continue;
    left(i, *entry);
    return entry;
  }
  return std::nullopt;
}

size_t Spill::bytes() const {
  size_t sum = 0;
  for (const SpillList& list : lists_) sum += list.bytes();
  return sum;
}

void Spill::save(WireWriter& out) const {
  for (const SpillList& list : lists_) list.save(out);
  normal_.save(out);
}

bool Spill::load(WireReader& in) {
  for (size_t i = 0; i < lists_.size(); ++i) {
    if (!lists_[i].load(in)) return false;
    size_ += lists_[i].size();
    if (i == 0) continue;
    for (SpillList::Cursor c(lists_[i]); !c.done(); c.next()) {
      if (c.at().key == 0) continue;
      Urgent& known = urgent_[c.at().key];
      known.list = static_cast<uint8_t>(i);
      ++known.count;
    }
  }
  return normal_.load(in);
}

}  // namespace lt::engine
