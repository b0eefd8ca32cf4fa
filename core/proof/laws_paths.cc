#include <fmt/format.h>

#include <algorithm>

#include "core/proof/laws.h"

namespace lt::proof {
namespace {

void select_below(const Node* at, const std::vector<std::string_view>& steps, size_t step,
                  std::vector<const Node*>& out) {
  if (at->kind == Kind::array) {
    for (const Node* item = at->first; item != nullptr; item = item->next) select_below(item, steps, step, out);
    return;
  }
  if (step == steps.size()) return out.push_back(at);
  if (at->kind != Kind::object) {
    if (steps[step] == "#text" && step + 1 == steps.size()) out.push_back(at);
    return;
  }
  for (const Node* child = at->first; child != nullptr; child = child->next)
    if (child->name == steps[step]) select_below(child, steps, step + 1, out);
}

}  // namespace

std::string without_indexes(std::string_view path) {
  std::string out;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[' && i + 1 < path.size() && path[i + 1] != '"') {
      i = path.find(']', i);
      if (i == std::string_view::npos) break;
    } else {
      out += path[i];
    }
  }
  return out;
}

std::string shown_value(const Node* node) {
  if (node == nullptr) return "nothing";
  switch (node->kind) {
    case Kind::text:
      return fmt::format("\"{}\"", node->text);
    case Kind::number:
      return std::string(node->text);
    case Kind::boolean:
      return node->flag ? "true" : "false";
    case Kind::null:
      return "null";
    case Kind::blob:
      return "a blob";
    case Kind::array:
      return fmt::format("a list of {}", node->count);
    case Kind::object:
      return "an object";
  }
  return {};
}

std::vector<const Node*> select(const Node* root, std::string_view path) {
  std::vector<std::string_view> steps;
  if (path.starts_with("$")) path.remove_prefix(1);
  while (!path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    const size_t dot = std::min(path.find('.'), path.size());
    steps.push_back(path.substr(0, dot));
    path.remove_prefix(dot);
  }
  std::vector<const Node*> out;
  if (root != nullptr) select_below(root, steps, 0, out);
  return out;
}

}  // namespace lt::proof
