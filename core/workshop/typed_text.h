// A mapping file while somebody types in it: read as far as it can be, and where the cursor stands. For complete.cc.
//
// Knows the YAML that mapping files are written in - indentation, "- ", flow maps and lists, quotes, comments, folded
// texts - and refuses nothing: what is not closed ends with its line, or with the last line that is indented more.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lt::workshop {

struct TypedNode {
  std::string key, text;  // unquoted; a node without a key is an item of a list, or a key that is being typed
  bool item = false;      // began with "- ", or stands in [ ]
  std::vector<std::unique_ptr<TypedNode>> members;

  const TypedNode* find(std::string_view name) const;
  // The text of that member, "" without one.
  std::string_view text_of(std::string_view name) const;
};

struct TypedText {
  TypedNode root;
  std::vector<const TypedNode*> path;  // from the root to the node at the cursor; empty when it stands in no node
  bool in_key = false;                 // of that node; else in its text
  std::string typed;                   // of the key or text, up to the cursor
};

// Line and column from 1; columns count code points.
TypedText read_typed(std::string_view text, int line, int column);

}  // namespace lt::workshop
