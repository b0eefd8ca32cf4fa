#include "core/codec/name_set.h"

#include <array>

#include "core/base/hash.h"

namespace lt::codec {
namespace {

// 64x64 -> 128 bit multiply, folded (the step of wyhash).
uint64_t mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

std::array<uint64_t, 2> make_secret() {
  std::array<uint64_t, 2> secret;
  const std::string bytes = random_bytes(sizeof secret);
  std::memcpy(secret.data(), bytes.data(), sizeof secret);
  return secret;
}

}  // namespace

uint64_t NameSet::hash(std::string_view name) {
  static const auto secret = make_secret();
  uint64_t h = secret[0] ^ name.size();
  while (!name.empty()) {
    uint64_t word = 0;
    const size_t n = name.size() < sizeof word ? name.size() : sizeof word;
    std::memcpy(&word, name.data(), n);
    h = mix(word ^ secret[1], h ^ secret[0]);
    name.remove_prefix(n);
  }
  return mix(h, secret[1] | 1);
}

bool NameSet::place(std::string_view name) {
  if (name.data() == nullptr) name = std::string_view("");
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash(name) & mask;; i = (i + 1) & mask) {
    if (slots_[i].data() == nullptr) {
      slots_[i] = name;
      return true;
    }
    if (slots_[i] == name) return false;
  }
}

void NameSet::grow() {
  std::vector<std::string_view> old(slots_.empty() ? 64 : slots_.size() * 2);
  old.swap(slots_);
  for (const auto name : old)
    if (name.data() != nullptr) place(name);
}

}  // namespace lt::codec
