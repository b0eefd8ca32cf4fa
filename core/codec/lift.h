// Lifting: takes long strings out of a JSON body before any parser sees them (claim check).
//
// A scanner reads the body once, in constant memory, and writes a *skeleton*: the same JSON in which every string
// longer than `longest` is replaced by "". What was taken out is known by its place in the skeleton, not by its
// content, so no sender can forge a marker. core/codec/json.h turns the skeleton into a tree with Kind::blob nodes. XML
// is lifted inside parse_xml in the same manner.
//
// Lifted strings are checked here (UTF-8, escapes, no control characters). One with an escape (\n, \/, \u1ea1) is a
// range marked `escaped`: the bytes as received, core/codec/json_escape.h undoes them while they are read. The base64
// of PHP's json_encode is such a case.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
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

// Sees the text of long strings as it passes, escapes undone: what needs all of a body can be had while it comes in.
// XML of core/codec/xml.h is shown in the same manner. Strings come one after another, each begun and ended unless the
// body breaks off.
class LiftedText {
 public:
  virtual ~LiftedText() = default;
  virtual void begin(uint64_t offset) = 0;  // of its range in the body
  virtual void text(std::string_view part) = 0;
  virtual void end() = 0;
};

// Takes a body in pieces. Errors bad_encoding, bad_json (bad escape or control character in, or end of the body inside,
// a lifted string) and too_large, with line and column. After an error it is of no more use.
class JsonLifter {
 public:
  explicit JsonLifter(const LiftOptions& options = {}, LiftedText* watcher = nullptr);
  ~JsonLifter();
  Result<void> feed(std::string_view piece);
  Result<Lifted> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads `body` to its end. Errors as above, and those of `body`.
Result<Lifted> lift_json(ByteSource& body, const LiftOptions& options = {});

}  // namespace lt::codec
