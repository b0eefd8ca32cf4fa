#include "core/engine/hashing.h"

#include <bit>
#include <cstring>

namespace lt::engine {
namespace {

struct Sip {
  uint64_t a, b, c, d;
  void round() {
    a += b;
    b = std::rotl(b, 13) ^ a;
    a = std::rotl(a, 32);
    c += d;
    d = std::rotl(d, 16) ^ c;
    a += d;
    d = std::rotl(d, 21) ^ a;
    c += b;
    b = std::rotl(b, 17) ^ c;
    c = std::rotl(c, 32);
  }
  void take(uint64_t word) {
    d ^= word;
    round();
    round();
    a ^= word;
  }
};

}  // namespace

uint64_t key_hash(uint64_t seed, std::string_view text) {
  constexpr uint64_t kKey = 0x6C69656E74686F6EULL;
  Sip s{0x736F6D6570736575ULL ^ kKey, 0x646F72616E646F6DULL ^ seed, 0x6C7967656E657261ULL ^ kKey,
        0x7465646279746573ULL ^ seed};
  const size_t size = text.size();
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    s.take(word);
  }
  uint64_t last = static_cast<uint64_t>(size) << 56;
  for (size_t shift = 0; i < size; ++i, shift += 8) last |= uint64_t{static_cast<uint8_t>(text[i])} << shift;
  s.take(last);
  s.c ^= 0xFF;
  for (int n = 0; n < 4; ++n) s.round();
  return s.a ^ s.b ^ s.c ^ s.d;
}

}  // namespace lt::engine
