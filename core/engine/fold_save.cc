// Saving and loading of the fold. The bytes depend on the facts only: two cells that folded the same facts save the
// same.
#include <algorithm>

#include "core/engine/fold_state.h"

namespace lt::engine {
namespace {

constexpr uint8_t kVersion = 5;

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

bool worth_saving(const Lane& lane) { return lane.first != kNoSlot || !lane.window.spill.empty(); }

}  // namespace

void FoldState::save(std::string& out) const {
  WireWriter w(out);
  w.u8(kVersion);
  put(w, last);
  size_t count = 0;
  for (const Lane& lane : lanes) count += worth_saving(lane);
  controls.save(w);
  routes.save(w);
  w.varint(count);
  for (const auto& [name, index] : lane_by_name) {
    const Lane& lane = lanes[index];
    if (worth_saving(lane)) save_lane(lane, w);
  }
  save_chains(w);
  spread.save(w);
  dedupe.save(w);
  watches.save(w);
  carried.save(w);
  w.varint(unanswered.size());
  for (const Position& position : unanswered) put(w, position);
}

void FoldState::save_chains(WireWriter& w) const {
  std::vector<const Chain*> told;
  chains.each([&](const Chain& c) {
    if (c.last_passed != 0 || c.waiting) told.push_back(&c);
  });
  std::sort(told.begin(), told.end(), [](const Chain* a, const Chain* b) { return a->key < b->key; });
  w.varint(told.size());
  for (const Chain* chain : told) {
    w.raw(&chain->key, sizeof chain->key);
    w.varint(chain->last_passed);
    (chain->waiting ? *chain->waiting : SpillList()).save(w);
  }
}

bool FoldState::load_chains(WireReader& r) {
  for (size_t n = r.count(); n > 0 && r.ok(); --n) {
    uint64_t key = 0;
    r.raw(&key, sizeof key);
    const Slot at = chains.find(key);
    if (key == 0 || at == kNoSlot) return false;
    Chain& chain = chains[at];
    chain.last_passed = r.varint();
    auto waiting = std::make_unique<SpillList>(key);
    if (chain.waiting || !waiting->load(r)) return false;
    if (waiting->empty()) continue;
    if (!count_lone(*waiting)) return false;
    lanes[chain.lane].window.behind += waiting->size();
    chain.waiting = std::move(waiting);
  }
  return r.ok();
}

// Of one destination each: a message that is pending. False when it is damaged.
bool FoldState::count_lone(const SpillList& list) {
  for (SpillList::Cursor c(list); !c.done(); c.next()) {
    if (c.at().route >= routes.size()) return false;
    if (!c.at().spread) messages.pending_elsewhere(true);
  }
  return true;
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
    w.u8(static_cast<uint8_t>(d.open_attempt | d.in_doubt << 1 | d.spread << 2 | (d.doubt != nullptr) << 3 |
                              d.maybe_there << 4));
    if (!d.doubt) continue;
    put(w, d.doubt->at);
    w.varint(d.doubt->sent_bytes);
    w.text(d.doubt->mapping_version);
  }
  lane.window.spill.save(w);
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
  if (!load_chains(r) || !spread.load(r)) return malformed();
  for (size_t n = spread.size(); n > 0; --n) messages.pending_elsewhere(true);
  if (!r.ok() || !dedupe.load(r) || !watches.load(r) || !carried.load(r)) return malformed();
  for (size_t n = r.count(); n > 0 && r.ok(); --n) unanswered.insert(get_position(r));
  if (!r.ok() || !r.done()) return malformed();
  return {};
}

bool FoldState::load_lane(WireReader& r, std::unordered_map<Position, uint32_t>& seen) {
  const uint32_t lane = lane_of(r.text());
  for (size_t n = r.count(); n > 0; --n) {
    if (!load_delivery(r, lane, seen)) return false;
  }
  Spill& spill = lanes[lane].window.spill;
  if (!r.ok() || !spill.empty() || !spill.load(r)) return false;
  return std::ranges::all_of(spill.lists(), [this](const SpillList& list) { return count_lone(list); });
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
  Spilled entry;
  entry.id = id;
  entry.key = key;
  entry.accepted = accepted;
  auto detail = get_boxed(r), operation = get_boxed(r);
  const auto attempt = static_cast<uint32_t>(r.varint());
  const auto tries = static_cast<uint16_t>(r.varint());
  const auto code = static_cast<Code>(r.varint());
  entry.urgency = r.u8();
  const uint64_t route = r.varint();
  if (route >= routes.size()) return false;
  entry.route = static_cast<uint16_t>(route);
  const uint8_t redone = r.u8(), probes = r.u8(), flags = r.u8();
  entry.spread = flags & 4;
  if (!r.ok()) return false;
  const auto [at, fresh] = seen.try_emplace(id.message, 0);
  if (fresh) at->second = messages.add();
  Delivery& d = deliveries[enter(lane, entry, at->second, static_cast<DeliveryState>(state))];
  d.since = since;
  d.next_at = next_at;
  d.detail = std::move(detail);
  d.operation = std::move(operation);
  d.attempt = attempt;
  d.tries = tries;
  d.code = code;
  d.redone = redone;
  d.probes = probes;
  d.open_attempt = flags & 1;
  d.in_doubt = flags & 2;
  d.maybe_there = flags & 16;
  if (flags & 8) {
    d.doubt = std::make_unique<Doubt>();
    d.doubt->at = get_wall(r);
    d.doubt->sent_bytes = r.varint();
    d.doubt->mapping_version = r.text();
  }
  return r.ok();
}

}  // namespace lt::engine
