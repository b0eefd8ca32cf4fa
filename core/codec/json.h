// JSON (RFC 8259) <-> the arena tree.
//
// Strict: UTF-8 only (a UTF-8 BOM is skipped), no comments, no trailing commas, nothing after the value, no lone
// surrogate escapes, no member named twice in one object. Numbers keep their text; one whose value does not fit a
// double (1e400) is refused, because every partner would read it as something else. Nesting, nodes and names are
// bounded.
//
// Errors: bad_json, bad_encoding, too_deep, too_large. All carry line and column in the received text (columns count
// code points) and the path of the value they stand in; a member named twice is named in `detail`. Values are never
// quoted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.h"
#include "core/base/result.h"

namespace lt {
class ByteSource;
class Tree;
struct Node;
}  // namespace lt

namespace lt::codec {

struct Lifted;    // core/codec/lift.h
struct BlobHole;  // core/codec/holes.h

struct JsonOptions {
  size_t depth = limits::kDocumentDepth;
  size_t nodes = limits::kDocumentNodes;
  size_t text = 64 << 20;  // bytes of one document without its lifted strings
};

// Parses a document held in memory and makes it the root of `out`, which keeps `buffer`: texts are views into it. `out`
// is not cleared first. After an error the root is what it was before. Node::line stays 0.
Result<void> parse_json(std::string buffer, Tree& out, const JsonOptions& options = {});
// Parses a lifted document: lifted strings become Kind::blob.
Result<void> parse_json(Lifted lifted, Tree& out, const JsonOptions& options = {});
// Lifts, then parses: a body of any size in memory bounded by options.text.
Result<void> parse_json(ByteSource& body, Tree& out, const JsonOptions& options = {});

struct JsonWriteOptions {
  bool pretty = false;  // two blanks per level and a newline at the end
};

// Appends `node` and what is below. Names are written as they are ("@id", "#text"); namespaces are dropped; whether two
// children of one object share a name is the caller's business. A blob is written as "" and its place added to `holes`;
// without `holes` a blob is an error. Error bad_json with the path of a number whose text is not a JSON number, or of a
// text that is not UTF-8; `out` is then as it was.
Result<void> write_json(const Node* node, std::string& out, const JsonWriteOptions& options = {},
                        std::vector<BlobHole>* holes = nullptr);

// As RFC 8259 writes a number.
bool is_json_number(std::string_view text);

}  // namespace lt::codec
