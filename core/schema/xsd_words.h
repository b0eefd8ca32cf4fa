// How a tree reads as XML, and the words of xsd_checker.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/message/tree.h"

namespace lt::schema {

inline constexpr size_t kNamesShown = 10;

bool all_blank(std::string_view text);
inline bool is_attribute(const Node* node) { return node->name.substr(0, 1) == "@"; }
// The text of a scalar as it is written in XML; of a blob "".
std::string_view written(const Node* node);
// Does it write nothing at all?
bool nothing(const Node* node);

// Calls visit(element, name) for each child element, an array as its items. False when it returned false.
template <class Visit>
bool each_element(const Node* node, const Visit& visit) {
  for (const Node* child = node->first; child != nullptr; child = child->next) {
    if (is_attribute(child) || child->name == "#text") continue;
    const bool list = child->kind == Kind::array;
    for (const Node* item = list ? child->first : child; item != nullptr; item = list ? item->next : nullptr)
      if (!visit(item, child->name)) return false;
  }
  return true;
}

std::string in_namespace(std::string_view ns);
// "one of <A>, <B> and 3 more"
std::string listed(const std::vector<std::string>& names);
// `did you mean "x"?`, or ""
std::string near(std::string_view name, const std::vector<std::string>& names);

}  // namespace lt::schema
