// XML 1.0 with namespaces <-> the arena tree (shape: core/message/tree.h).
//
// Hardened: no DOCTYPE, hence no entities but the five of XML; nothing is ever loaded; UTF-8 only, whatever is
// declared. Depth, nodes, attributes, names and bytes are bounded. Namespace declarations are resolved, not kept:
// Node::ns holds the URI. Comments and processing instructions are dropped, so is blank text beside child elements;
// other text, blanks included, is kept. Text longer than `longest` never enters the tree: it becomes a blob, a range of
// the body (of an element with attributes, its "#text" child is the blob). Such text must stand in one piece: a long
// run with an entity, or with other text beside it, is refused with too_large.
//
// Errors: bad_xml, bad_encoding, doctype_refused, too_deep, too_large, with line and the path of the element. The
// column is exact (code points) where this room found the error and near it where libxml2 did. Values are never quoted.
#pragma once

#include <memory>
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

struct BlobHole;   // core/codec/holes.h
class LiftedText;  // core/codec/lift.h

struct XmlOptions {
  size_t depth = limits::kDocumentDepth;
  size_t nodes = limits::kDocumentNodes;       // elements, attributes and texts
  size_t attributes = limits::kXmlAttributes;  // of one element, namespace declarations included
  size_t longest = limits::kLiftedString;      // bytes of a text that enters the tree
  size_t text = 64 << 20;                      // bytes of one document without its long texts
  uint64_t body = limits::kBody;
};

// Takes a body in pieces; what parse_xml does, for a body that is pushed. `out` and `watcher` outlive it; `watcher`
// sees the text of blobs as it passes.
class XmlParser {
 public:
  explicit XmlParser(Tree& out, const XmlOptions& options = {}, LiftedText* watcher = nullptr);
  ~XmlParser();
  Result<void> feed(std::string_view piece);
  Result<void> finish();  // only now `out` has its root

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads `body` to its end in bounded memory and makes its root element the root of `out`, which is not cleared first.
// After an error the root is what it was before. Node::line is that of the end of the start tag.
Result<void> parse_xml(ByteSource& body, Tree& out, const XmlOptions& options = {});
Result<void> parse_xml(std::string_view body, Tree& out, const XmlOptions& options = {});

struct XmlPrefix {
  std::string ns;      // URI
  std::string prefix;  // "" makes it the default namespace
};

struct XmlWriteOptions {
  bool declaration = true;               // <?xml version="1.0" encoding="UTF-8"?>
  std::vector<XmlPrefix> prefixes = {};  // all declared at the root
  bool indent = false;                   // two blanks per level, except where text stands beside elements
};

// Appends the element `root`. Children named "@x" are attributes, "#text" is text; an array is written as its items,
// each an element of the array's name; null is an empty element. A blob is written as nothing and its place added to
// `holes` (core/codec/holes.h); without `holes` it is an error. Errors, with the path: bad_xml for names that are no
// XML names, characters XML 1.0 does not allow, a namespace without a prefix in `options`; too_deep. `out` is then as
// it was.
Result<void> write_xml(const Node* root, const XmlWriteOptions& options, std::string& out,
                       std::vector<BlobHole>* holes = nullptr);

}  // namespace lt::codec
