// Saving and loading of the fold. The bytes depend on the facts only: two cells that folded the same facts save the
// same.
#include <algorithm>

#include "core/engine/fold_state.h"

namespace lt::engine {
namespace {

constexpr uint8_t kVersion = 3;

void put(WireWriter& w, Position p) {
  w.varint(p.partition);
  w.varint(p.offset);
}
Position get_position(WireReader& r) {
  Position p;
  p.partition = static_cast<uint32_t>(r.varint());
  p.offset = r.varint();
  return p;
}
void put(WireWriter& w, Wall v) { w.signed_varint(v.time_since_epoch().count()); }
Wall get_wall(WireReader& r) { return Wall(Wall::duration(r.signed_varint())); }
void put(WireWriter& w, const std::unique_ptr<std::string>& text) { w.text(text ? *text : std::string_view()); }
std::unique_ptr<std::string> get_boxed(WireReader& r) {
  const auto text = r.text();
  return text.empty() ? nullptr : std::make_unique<std::string>(text);
}

}  // namespace

void FoldState::save(std::string& out) const {
  WireWriter w(out);
  w.u8(kVersion);
  put(w, last);
  size_t count = 0;
  for (const Lane& lane : lanes) count += lane.first != kNoSlot;
  controls.save(w);
  routes.save(w);
  w.varint(count);
  for (const auto& [name, index] : lane_by_name) {
    const Lane& lane = lanes[index];
    if (lane.first != kNoSlot) save_lane(lane, w);
  }
  std::vector<std::pair<uint64_t, uint64_t>> passed;
  chains.each([&](const Chain& c) {
    if (c.last_passed != 0) passed.emplace_back(c.key, c.last_passed);
  });
  std::sort(passed.begin(), passed.end());
  w.varint(passed.size());
  for (const auto& [key, offset] : passed) {
    w.raw(&key, sizeof key);
    w.varint(offset);
  }
  dedupe.save(w);
  watches.save(w);
  carried.save(w);
}

void FoldState::save_lane(const Lane& lane, WireWriter& w) const {
  w.text(lane.name);
  size_t count = 0;
  for (Slot s = lane.first; s != kNoSlot; s = deliveries[s].next) ++count;
  w.varint(count);
  for (Slot s = lane.first; s != kNoSlot; s = deliveries[s].next) {
    const Delivery& d = deliveries[s];
    put(w, d.id.message);
    w.varint(d.id.ordinal);
    w.u8(static_cast<uint8_t>(d.state));
    put(w, d.accepted);
    put(w, d.since);
    put(w, d.next_at);
    w.raw(&d.chain_key, sizeof d.chain_key);
    put(w, d.detail);
    put(w, d.operation);
    w.varint(d.attempt);
    w.varint(d.tries);
    w.varint(static_cast<uint64_t>(d.code));
    w.u8(d.urgency);
    w.varint(d.route);
    w.u8(d.redone);
    w.u8(d.probes);
    w.u8(static_cast<uint8_t>(d.open_attempt | d.in_doubt << 1));
  }
}

Result<void> FoldState::load(std::string_view bytes) {
  const auto malformed = [] { return fail(Code::record_malformed, "checkpoint of the cell"); };
  WireReader r(bytes);
  if (r.u8() != kVersion) return fail(Code::record_malformed, "checkpoint of the cell: unknown version");
  last = get_position(r);
  if (!controls.load(r) || !routes.load(r)) return malformed();
  std::unordered_map<Position, uint32_t> seen;
  for (size_t n = r.count(); n > 0; --n) {
    if (!load_lane(r, seen)) return malformed();
  }
  for (size_t n = r.count(); n > 0 && r.ok(); --n) {
    uint64_t key = 0;
    r.raw(&key, sizeof key);
    const uint64_t offset = r.varint();
    const Slot chain = chains.find(key);
    if (chain == kNoSlot) return malformed();
    chains[chain].last_passed = offset;
  }
  if (!r.ok() || !dedupe.load(r) || !watches.load(r) || !carried.load(r) || !r.done()) return malformed();
  return {};
}

bool FoldState::load_lane(WireReader& r, std::unordered_map<Position, uint32_t>& seen) {
  const uint32_t lane = lane_of(r.text());
  for (size_t n = r.count(); n > 0; --n) {
    if (!load_delivery(r, lane, seen)) return false;
  }
  return r.ok();
}

bool FoldState::load_delivery(WireReader& r, uint32_t lane, std::unordered_map<Position, uint32_t>& seen) {
  DeliveryId id;
  id.message = get_position(r);
  id.ordinal = static_cast<uint16_t>(r.varint());
  const uint8_t state = r.u8();
  const Wall accepted = get_wall(r), since = get_wall(r), next_at = get_wall(r);
  uint64_t key = 0;
  r.raw(&key, sizeof key);
  if (!r.ok() || state > static_cast<uint8_t>(DeliveryState::dead) || deliveries.find(id) != kNoSlot) return false;
  const auto [at, fresh] = seen.try_emplace(id.message, 0);
  if (fresh) at->second = messages.add();
  Delivery& d = deliveries[add_delivery(id, lane, at->second, key, static_cast<DeliveryState>(state))];
  d.accepted = accepted;
  d.since = since;
  d.next_at = next_at;
  d.detail = get_boxed(r);
  d.operation = get_boxed(r);
  d.attempt = static_cast<uint32_t>(r.varint());
  d.tries = static_cast<uint16_t>(r.varint());
  d.code = static_cast<Code>(r.varint());
  d.urgency = r.u8();
  const uint64_t route = r.varint();
  if (route >= routes.size()) return false;
  d.route = static_cast<uint16_t>(route);
  d.redone = r.u8();
  d.probes = r.u8();
  const uint8_t flags = r.u8();
  d.open_attempt = flags & 1;
  d.in_doubt = flags & 2;
  return r.ok();
}

}  // namespace lt::engine
