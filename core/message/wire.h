// The small binary notation of journal records and fold states: varints, length-prefixed strings, fixed arrays.
//
// Little endian. A reader never reads past its input: after the first error every read gives zero and ok() is false.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace lt {

class WireWriter {
 public:
  explicit WireWriter(std::string& out) : out_(out) {}
  void u8(uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void varint(uint64_t v) {
    while (v >= 0x80) {
      u8(static_cast<uint8_t>(v | 0x80));
      v >>= 7;
    }
    u8(static_cast<uint8_t>(v));
  }
  void signed_varint(int64_t v) { varint(static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63)); }
  void text(std::string_view v) {
    varint(v.size());
    out_.append(v);
  }
  void raw(const void* bytes, size_t size) { out_.append(static_cast<const char*>(bytes), size); }

 private:
  std::string& out_;
};

class WireReader {
 public:
  explicit WireReader(std::string_view in) : in_(in) {}
  bool ok() const { return ok_; }
  bool done() const { return in_.empty(); }
  std::string_view rest() const { return in_; }
  uint8_t u8() {
    if (in_.empty()) return fail();
    const auto v = static_cast<uint8_t>(in_.front());
    in_.remove_prefix(1);
    return v;
  }
  uint64_t varint() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = u8();
      v |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (!(byte & 0x80)) return v;
    }
    return fail();
  }
  int64_t signed_varint() {
    const uint64_t v = varint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  std::string_view text() {
    const uint64_t size = varint();
    if (!ok_ || size > in_.size()) {
      fail();
      return {};
    }
    const auto v = in_.substr(0, size);
    in_.remove_prefix(size);
    return v;
  }
  // A count of items that each take at least one byte, so a lying count cannot make the caller reserve the world.
  size_t count() {
    const uint64_t n = varint();
    return n <= in_.size() ? static_cast<size_t>(n) : fail();
  }
  void raw(void* bytes, size_t size) {
    if (size > in_.size()) {
      std::memset(bytes, 0, size);
      fail();
      return;
    }
    std::memcpy(bytes, in_.data(), size);
    in_.remove_prefix(size);
  }

 private:
  uint8_t fail() {
    ok_ = false;
    in_ = {};
    return 0;
  }
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace lt
