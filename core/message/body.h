// A body as it was received, and byte ranges of it (claim check).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hash.h"

namespace lt {

// Address of a stored blob: keyed hash of its content (see core/blob). Text form: 64 hex digits.
struct BlobId {
  Sha256 bytes{};
  auto operator<=>(const BlobId&) const = default;
  bool empty() const { return *this == BlobId{}; }
};

// How the bytes of a range are wrapped inside the body. `part`: not at all, they are a part of a multipart body.
enum class Carrier : uint8_t { plain, base64, base64_zip, part };

// Some of the bytes of a body.
struct BodyRange {
  uint64_t offset = 0;
  uint64_t length = 0;
  bool empty() const { return length == 0; }
};

// A file inside a body: a range of the received bytes, never a copy.
struct Attachment {
  std::string name;          // as the sender wrote it, after checks against path tricks
  std::string content_type;  // as declared; partners declare it wrongly
  std::string path;          // where it stood, e.g. "$.toKhai.fileHoSo[0].noiDungFile"
  uint64_t offset = 0;       // of the wrapped text in the body
  uint64_t length = 0;       // of the wrapped text
  Carrier carrier = Carrier::plain;
  Sha256 sha256{};       // of the unwrapped bytes
  uint64_t size = 0;     // of the unwrapped bytes
  bool escaped = false;  // the wrapped text has JSON escapes (core/codec/json_escape.h)
};

// What was learnt of a body while it came in. Only who made it knows more of it; never stored.
class BodyScan {
 public:
  virtual ~BodyScan() = default;
};

// The received bytes: inline up to limits::kInlineBody, else in the blob store.
struct Body {
  std::shared_ptr<const std::string> inline_bytes;  // null when stored
  BlobId blob;                                      // empty when inline
  uint64_t size = 0;
  Sha256 sha256{};
  std::shared_ptr<BodyScan> scan;  // for the accept path, which drops it; may be null

  bool stored() const { return !blob.empty(); }
  std::string_view view() const { return inline_bytes ? std::string_view(*inline_bytes) : std::string_view(); }
  // An inline body with its hash computed.
  static Body of(std::string bytes);
};

}  // namespace lt
