// Byte sources for the codec tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>

#include "core/base/stream.h"

namespace lt::test {

inline std::string fixture(const std::string& path) {
  std::ifstream in(std::string(LT_SOURCE_DIR) + "/test/fixtures/" + path, std::ios::binary);
  REQUIRE_MESSAGE(in, path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

// Hands a text out in pieces of pseudo-random size from 1 to `most`.
class PiecesSource final : public ByteSource {
 public:
  PiecesSource(std::string_view bytes, size_t most, uint64_t seed = 1) : bytes_(bytes), most_(most), state_(seed) {}
  Result<size_t> read(char* out, size_t size) override {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    const size_t n = bytes_.copy(out, std::min(size, 1 + (state_ >> 33) % most_));
    bytes_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view bytes_;
  size_t most_;
  uint64_t state_;
};

// head, then `count` times `unit`, then tail, made on the fly.
class GeneratedSource final : public ByteSource {
 public:
  GeneratedSource(std::string head, std::string unit, uint64_t count, std::string tail)
      : head_(std::move(head)), unit_(std::move(unit)), tail_(std::move(tail)), middle_(count * unit_.size()) {}
  Result<size_t> read(char* out, size_t size) override {
    size_t done = 0;
    while (done < size && at_ < head_.size() + middle_ + tail_.size()) {
      if (at_ < head_.size()) {
        done += step(head_.copy(out + done, size - done, at_));
      } else if (at_ < head_.size() + middle_) {
        const uint64_t into = at_ - head_.size();
        const size_t from = into % unit_.size();
        const uint64_t left = middle_ - into;
        done += step(unit_.copy(out + done, std::min<uint64_t>(size - done, left), from));
      } else {
        done += step(tail_.copy(out + done, size - done, at_ - head_.size() - middle_));
      }
    }
    return done;
  }

 private:
  size_t step(size_t n) {
    at_ += n;
    return n;
  }
  std::string head_, unit_, tail_;
  uint64_t middle_, at_ = 0;
};

// Reads a source to its end.
inline Result<std::string> drain(ByteSource& source, size_t piece = 4096) {
  std::string all, buffer(piece, '\0');
  for (;;) {
    LT_ASSIGN(const size_t n, source.read(buffer.data(), buffer.size()));
    if (n == 0) return all;
    all.append(buffer, 0, n);
  }
}

// Peak resident memory of this process so far, in bytes.
inline size_t peak_memory() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  return 0;
}

}  // namespace lt::test
