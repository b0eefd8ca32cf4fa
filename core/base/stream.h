// Pull and push streams of bytes, synchronous, for bodies of any size in constant memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt {

// Gives bytes. read returns 0 only at the end.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<size_t> read(char* out, size_t size) = 0;
  // Total size when it is known before reading (for Content-Length).
  virtual std::optional<uint64_t> size() const { return std::nullopt; }
};

// Takes bytes. finish is called once after the last write.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<void> finish() { return {}; }
};

// A source over memory that outlives it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes), total_(bytes.size()) {}
  Result<size_t> read(char* out, size_t size) override {
    const size_t n = bytes_.copy(out, size);
    bytes_.remove_prefix(n);
    return n;
  }
  std::optional<uint64_t> size() const override { return total_; }

 private:
  std::string_view bytes_;
  uint64_t total_;
};

// A sink into a string, refusing more than `limit` bytes (too_large).
class StringSink final : public ByteSink {
 public:
  StringSink(std::string& out, size_t limit) : out_(out), limit_(limit) {}
  Result<void> write(std::string_view bytes) override {
    if (bytes.size() > limit_ - out_.size())
      return fail(Code::too_large, "more than " + std::to_string(limit_) + " bytes");
    out_.append(bytes);
    return {};
  }

 private:
  std::string& out_;
  size_t limit_;
};

}  // namespace lt
