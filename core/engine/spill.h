// What waits for a lane beyond its window: about 13 bytes a delivery, whatever the message and its receivers are.
//
// Only a delivery that nothing happened to yet is spilled: queued, never attempted. Everything else about it is read
// again from the journal when its turn comes.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/message/message.h"
#include "core/message/wire.h"

namespace lt::engine {

inline constexpr size_t kUrgencies = 5;  // 0 normal ... 4 timed express; anything above counts as 4

struct Spilled {
  DeliveryId id;
  Wall accepted{};
  uint64_t key = 0;  // of its chain; 0: no order
  Urgency urgency = 0;
  uint16_t route = 0;        // number of its route's name
  bool spread = false;       // how much of its message is pending is counted in Spread
  uint32_t suspended_s = 0;  // live, not saved: at most the lane's suspension when its age began
};

// What an entry is told from, of the one before it.
struct Before {
  Position position;
  Wall accepted{};
  uint16_t route = 0;
};
inline Before before_next(const Spilled& entry) { return {entry.id.message, entry.accepted, entry.route}; }

// A queue in ascending order of delivery id, packed in chunks of at most 4 KiB.
class SpillList {
 public:
  // `key`: the one key of all its members, which is then not stored; 0: each member brings its own.
  explicit SpillList(uint64_t key = 0) : key_(key) {}

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // `entry` stands behind all others.
  void push(const Spilled& entry);
  Spilled front() const { return Cursor(*this).at(); }
  Spilled pop();
  bool contains(const DeliveryId& id) const;
  // Out of the middle.
  std::optional<Spilled> take(const DeliveryId& id);

  // Walks from the front. Valid until the list changes.
  class Cursor {
   public:
    explicit Cursor(const SpillList& list) : list_(&list) { next(); }
    bool done() const { return done_; }
    const Spilled& at() const { return entry_; }
    void next();

   private:
    const SpillList* list_;
    size_t chunk_ = 0, byte_ = 0, left_ = 0;
    Spilled entry_;
    Before before_;
    bool done_ = false;
  };

  void save(WireWriter& out) const;
  bool load(WireReader& in);  // into an empty one
  size_t bytes() const { return bytes_; }

 private:
  struct Chunk {
    Before before;  // the first entry left
    uint32_t count = 0, read = 0;
    uint32_t suspended_s = 0;
    std::vector<char> bytes;
  };
  void append(Chunk& chunk, const Spilled& entry, Before& before) const;
  std::vector<Spilled> unpack(const Chunk& chunk) const;
  // The chunk and the index in it.
  std::optional<std::pair<size_t, size_t>> find(const DeliveryId& id, std::vector<Spilled>& unpacked) const;

  uint64_t key_;
  std::deque<Chunk> chunks_;
  Before last_;  // the next entry
  size_t size_ = 0, bytes_ = 0;
};

// Which keys may stand in a list: Bloom filters, one behind the other, each forgotten when all that entered it has
// left.
class KeyFilter {
 public:
  void add(uint64_t key, Position position);
  bool may_hold(uint64_t key) const;
  void forget_before(Position position);  // nothing older is left
  void clear() { parts_.clear(); }
  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  struct Part {
    Position last;
    uint32_t added = 0;
    std::vector<uint64_t> bits;
  };
  std::deque<Part> parts_;
};

// The spill of one lane. Urgent keys come out first, and of one key the oldest: all entries of a key stand in one list
// at a time. Urgency is lost, never order, when a key only may stand in the list of the normal ones, or when too many
// keys are urgent to know each.
class Spill {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  void push(const Spilled& entry);
  Spilled pop();
  std::optional<Spilled> oldest() const;
  bool contains(const DeliveryId& id) const;
  std::optional<Spilled> take(const DeliveryId& id);
  const std::array<SpillList, kUrgencies>& lists() const { return lists_; }
  size_t bytes() const;

  void save(WireWriter& out) const;
  bool load(WireReader& in);  // into an empty one

 private:
  struct Urgent {
    uint8_t list;
    uint32_t count;
  };
  size_t list_for(const Spilled& entry) const;
  void left(size_t list, const Spilled& entry);

  std::array<SpillList, kUrgencies> lists_;
  std::unordered_map<uint64_t, Urgent> urgent_;  // keys in the lists above the first
  KeyFilter normal_;                             // keys in the first
  size_t size_ = 0;
};

}  // namespace lt::engine
