// Base64 (RFC 4648 section 4) over streams.
//
// The decoder skips CR, LF, blank and tab anywhere, wants the padding, and refuses everything else, the "-_" alphabet
// of section 5 included, with bad_base64 and the offset of the byte in the encoded text.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/stream.h"

namespace lt::codec {

// Bytes of the encoded form, without line breaks.
constexpr uint64_t base64_size(uint64_t plain) { return (plain + 2) / 3 * 4; }

std::string encode_base64(std::string_view plain);
Result<std::string> decode_base64(std::string_view encoded);

class Base64Encoder {
 public:
  void feed(std::string_view plain, std::string& out);  // appends
  void finish(std::string& out);                        // the last group and its padding

 private:
  uint32_t bits_ = 0;
  int held_ = 0;  // bytes in bits_
};

class Base64Decoder {
 public:
  Result<void> feed(std::string_view encoded, std::string& out);  // appends; after an error `out` is of no use
  Result<void> finish() const;                                    // error when the text ended inside a group

 private:
  tl::unexpected<Error> refuse(size_t at, const char* what) const;
  uint32_t bits_ = 0;
  int held_ = 0;     // characters in bits_, padding included
  int padding_ = 0;  // '=' seen
  bool ended_ = false;
  uint64_t offset_ = 0;
};

// The encoded form of a source.
class Base64EncodingSource final : public ByteSource {
 public:
  explicit Base64EncodingSource(std::unique_ptr<ByteSource> plain);
  Result<size_t> read(char* out, size_t size) override;
  std::optional<uint64_t> size() const override { return size_; }

 private:
  std::unique_ptr<ByteSource> plain_;
  std::optional<uint64_t> size_;
  Base64Encoder encoder_;
  std::string ready_;
  size_t at_ = 0;
  bool ended_ = false;
};

// The plain form of an encoded source.
class Base64DecodingSource final : public ByteSource {
 public:
  explicit Base64DecodingSource(std::unique_ptr<ByteSource> encoded) : encoded_(std::move(encoded)) {}
  Result<size_t> read(char* out, size_t size) override;

 private:
  std::unique_ptr<ByteSource> encoded_;
  Base64Decoder decoder_;
  std::string piece_, ready_;
  size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace lt::codec
