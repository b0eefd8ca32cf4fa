// A path into documents, "$.ResponseFor[].DocumentId": what type files name fields with.
//
// Lists are entered by themselves, written "[]" or not, and repeated XML elements all count: a path selects any number
// of nodes, in document order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/message/tree.h"

namespace lt::schema {

class DocPath {
 public:
  DocPath() = default;
  // "$", "$.a.b[]", "a.b", "@id". Error unknown_path when it is none of these.
  static Result<DocPath> parse(std::string_view text);

  bool empty() const { return text_.empty(); }  // default-made: selects nothing
  const std::string& text() const { return text_; }
  // This path as seen from what `base` selects; none when it does not lead through there.
  std::optional<DocPath> below(const DocPath& base) const;

  // At most `most` nodes.
  std::vector<const Node*> all(const Node* root, size_t most) const;
  // The text of the first selected scalar that has one.
  std::optional<std::string_view> first_text(const Node* root) const;
  std::vector<std::string_view> texts(const Node* root, size_t most) const;

 private:
  std::string text_;
  std::vector<std::string> steps_;
};

// The text of a scalar: of a text, a number, true or false, or of an XML element with attributes. None for null, blobs,
// lists, objects and blank text.
std::optional<std::string_view> scalar_text(const Node* node);

}  // namespace lt::schema
