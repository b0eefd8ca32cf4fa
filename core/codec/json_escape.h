// The escapes of a JSON string, undone over a text that arrives in pieces (RFC 8259 section 7).
//
// For strings that were lifted out of a body (core/codec/lift.h): their text stands between the quotes as it was
// received, escapes and all. PHP writes every '/' of base64 as "\/".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/stream.h"

namespace lt::codec {

class JsonUnescaper {
 public:
  struct Fault {
    size_t at;  // in the piece
    const char* what;
  };
  // Appends the text of `raw` to `out`. `raw` holds neither quotes of its own nor control characters.
  std::optional<Fault> feed(std::string_view raw, std::string& out);
  // What is wrong with ending here, or null.
  const char* finish() const;

 private:
  std::optional<const char*> step(char c, std::string& out);
  const char* unit(std::string& out);

  enum class State : uint8_t { plain, backslash, hex } state_ = State::plain;
  int digits_ = 0;      // of a \u escape so far
  uint32_t value_ = 0;  // of them
  uint32_t high_ = 0;   // a high surrogate that waits for its other half
};

// The text of a range with escapes. Error bad_json with the offset of what is no escape.
class JsonUnescapingSource final : public ByteSource {
 public:
  explicit JsonUnescapingSource(std::unique_ptr<ByteSource> raw) : raw_(std::move(raw)) {}
  Result<size_t> read(char* out, size_t size) override;

 private:
  std::unique_ptr<ByteSource> raw_;
  JsonUnescaper unescaper_;
  std::string piece_, ready_;
  uint64_t offset_ = 0;
  size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace lt::codec
