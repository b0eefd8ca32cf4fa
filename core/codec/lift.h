// Lifting: takes long strings out of a JSON body before any parser sees them (claim check).
//
// A scanner reads the body once, in constant memory, and writes a *skeleton*: the same JSON in which every string
// longer than `longest` is replaced by "". What was taken out is known by its place in the skeleton, not by its
// content, so no sender can forge a marker. core/codec/json.h turns the skeleton into a tree with Kind::blob nodes. XML
// is lifted inside parse_xml in the same manner.
//
// Lifted strings are checked here (UTF-8, no control characters). A long string with an escape (\n, \/, \u1ea1) cannot
// be a range of the received bytes: it is refused with too_large and its offset. The base64 of PHP's json_encode is
// such a case; the sender passes JSON_UNESCAPED_SLASHES.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/base/stream.h"
#include "core/message/tree.h"

namespace lt::codec {

struct LiftedRange {
  size_t at = 0;         // of the first character inside the quotes in the skeleton
  BlobRange range;       // in the body
  uint64_t columns = 0;  // its code points
};

struct Lifted {
  std::string skeleton;
  std::vector<LiftedRange> ranges;  // in order
  uint64_t size = 0;                // bytes of the body
};

struct LiftOptions {
  size_t longest = limits::kLiftedString;  // bytes of a string that stays
  size_t skeleton = 64 << 20;              // too_large beyond
  uint64_t body = limits::kBody;           // too_large beyond
};

// Reads `body` to its end. Errors bad_encoding, bad_json (control character in, or end of the body inside, a lifted
// string) and too_large, with line and column; errors of `body`.
Result<Lifted> lift_json(ByteSource& body, const LiftOptions& options = {});

}  // namespace lt::codec
