#include "core/mapping/compare.h"

#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/mapping/blob.h"
#include "core/mapping/shown.h"
#include "core/message/tree.h"

namespace lt::mapping {
namespace {

std::string shown(const Node* node) {
  if (!node) return "nothing";
  switch (node->kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return node->flag ? "true" : "false";
    case Kind::number:
      return std::string(node->text);
    case Kind::text:
      return fmt::format("\"{}\"{}", shown_code(node->text), node->text.size() > limits::kShownCode ? "..." : "");
    case Kind::blob:
      return fmt::format("a blob of {} bytes", node->blob.length);
    case Kind::array:
      return fmt::format("an array of {}", node->count);
    case Kind::object:
      return "an object";
  }
  return {};
}

class Comparison {
 public:
  Comparison(bool xml, size_t most) : xml_(xml), most_(most) {}
  std::vector<Difference> out;

  void nodes(const Node* a, const Node* b) {
    if (out.size() >= most_) return;
    if (!a || !b) return differ(a, b);
    if (a->kind != b->kind || (xml_ && (a->name != b->name || a->ns != b->ns))) {
      // An element without attributes and children is a text, with them an object: the same name says which.
      if (a->name != b->name || a->ns != b->ns)
        out.push_back({path_of(a), fmt::format("{{{}}}{}", a->ns, a->name), fmt::format("{{{}}}{}", b->ns, b->name)});
      else
        differ(a, b);
      return;
    }
    switch (a->kind) {
      case Kind::object:
        return xml_ ? element(a, b) : members(a, b);
      case Kind::array:
        return in_order(a->first, b->first);
      case Kind::boolean:
        return a->flag == b->flag ? void() : differ(a, b);
      case Kind::null:
        return;
      case Kind::blob:
        return alike(*a, *b) ? void() : differ(a, b);
      default:
        return a->text == b->text ? void() : differ(a, b);
    }
  }

 private:
  void differ(const Node* a, const Node* b) { out.push_back({path_of(a ? a : b), shown(a), shown(b)}); }
  static bool attribute(const Node* node) { return node->name.substr(0, 1) == "@"; }

  void members(const Node* a, const Node* b) {
    for (const Node* child = a->first; child; child = child->next) nodes(child, b->find(child->name));
    for (const Node* child = b->first; child; child = child->next)
      if (out.size() < most_ && !a->find(child->name)) differ(nullptr, child);
  }
  void element(const Node* a, const Node* b) {
    const auto attributes = [&](const Node* from, const Node* to, bool both) {
      for (const Node* child = from->first; child; child = child->next) {
        if (!attribute(child) || out.size() >= most_) continue;
        const Node* other = to->find(child->name);
        if (both)
          nodes(child, other);
        else if (!other)
          differ(nullptr, child);
      }
    };
    attributes(a, b, true);
    attributes(b, a, false);
    in_order(skip(a->first), skip(b->first));
  }
  const Node* skip(const Node* node) const {
    while (xml_ && node && attribute(node)) node = node->next;
    return node;
  }
  void in_order(const Node* a, const Node* b) {
    while ((a || b) && out.size() < most_) {
      nodes(a, b);
      a = a ? skip(a->next) : nullptr;
      b = b ? skip(b->next) : nullptr;
    }
  }

  bool xml_;
  size_t most_;
};

}  // namespace

std::vector<Difference> compare(const Node* expected, const Node* got, bool xml, size_t most) {
  Comparison comparison(xml, most);
  comparison.nodes(expected, got);
  return std::move(comparison.out);
}

}  // namespace lt::mapping
