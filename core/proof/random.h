// A small seeded generator: the same numbers everywhere, so that a seed says all about a document.
#pragma once

#include <cstdint>

namespace lt::proof {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From 0 to n - 1; 0 when n is 0. The bias of the remainder does not matter here.
  uint64_t below(uint64_t n) { return n == 0 ? 0 : next() % n; }

 private:
  uint64_t state_;
};

// Numbers for the details of one text. Variety 0 is the plainest: always 0.
class Variety {
 public:
  explicit Variety(uint64_t variety) : plain_(variety == 0), random_(variety) {}
  bool plain() const { return plain_; }
  uint64_t below(uint64_t n) { return plain_ ? 0 : random_.below(n); }

 private:
  bool plain_;
  Random random_;
};

}  // namespace lt::proof
