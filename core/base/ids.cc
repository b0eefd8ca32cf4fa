#include "core/base/ids.h"

#include <cstring>

#include "core/base/hash.h"

namespace lt {
namespace {
constexpr char kHexDigits[] = "0123456789abcdef";
constexpr uint16_t kSequenceEnd = 1 << 12;  // rand_a of RFC 9562 is our counter within one millisecond

// Moves (ms, sequence) strictly forward: to `now` if that is later, else to the next sequence, borrowing from the
// future when a millisecond is used up (RFC 9562 section 6.2, method 1).
void step(uint64_t now, uint64_t& ms, uint16_t& sequence) {
  if (now > ms) {
    ms = now;
    sequence = 0;
  } else if (++sequence == kSequenceEnd) {
    ++ms;
    sequence = 0;
  }
}

Id assemble(uint64_t ms, uint16_t sequence, uint64_t random) {
  Id id;
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<uint8_t>(0x70 | sequence >> 8);
  id.bytes[7] = static_cast<uint8_t>(sequence);
  for (int i = 0; i < 8; ++i) id.bytes[8 + i] = static_cast<uint8_t>(random >> (56 - 8 * i));
  id.bytes[8] = static_cast<uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

uint64_t ms_of(const Clock& clock) {
  const auto ms = clock.wall().time_since_epoch().count();
  return ms > 0 ? static_cast<uint64_t>(ms) : 0;
}

class SystemIds final : public IdSource {
 public:
  Id next() override {
    const std::lock_guard lock(mutex_);
    step(ms_of(system_clock()), last_ms_, sequence_);
    return assemble(last_ms_, sequence_, random());
  }

 private:
  // One system call serves many ids.
  uint64_t random() {
    if (used_ == pool_.size()) {
      pool_ = random_bytes(8 << 10);
      used_ = 0;
    }
    uint64_t value;
    std::memcpy(&value, pool_.data() + used_, sizeof value);
    used_ += sizeof value;
    return value;
  }

  std::mutex mutex_;
  uint64_t last_ms_ = 0;
  uint16_t sequence_ = 0;
  std::string pool_;
  size_t used_ = 0;
};
}  // namespace

std::string Id::text() const {
  std::string out(36, '-');
  size_t at = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    out[at++] = kHexDigits[bytes[i] >> 4];
    out[at++] = kHexDigits[bytes[i] & 15];
  }
  return out;
}

std::optional<Id> Id::parse(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  std::string digits, raw;
  for (const size_t start : {0, 9, 14, 19, 24}) digits += text.substr(start, text.find('-', start) - start);
  if (!parse_hex(digits, raw) || raw.size() != 16) return std::nullopt;
  Id id;
  std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

IdSource& system_ids() {
  static SystemIds ids;
  return ids;
}

Id SeededIds::next() {
  const std::lock_guard lock(mutex_);
  step(ms_of(clock_), last_ms_, sequence_);
  // SplitMix64 (Steele, Lea, Flood 2014).
  uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return assemble(last_ms_, sequence_, z ^ (z >> 31));
}

}  // namespace lt
