#include "core/schema/same_value.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "core/schema/checker.h"
#include "core/schema/decimal.h"

namespace lt::schema {
namespace {

size_t mix(size_t seed, size_t value) { return (seed ^ value) * 0x9e3779b97f4a7c15ULL + (seed >> 29); }

// Equal values hash equally: numbers by value, members in any order.
size_t hash_of(const Node* node) {
  size_t out = static_cast<size_t>(node->kind) + 1;
  switch (node->kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      out = mix(out, node->flag);
      break;
    case Kind::number:
      if (const auto value = Decimal::parse(node->text))
        out = mix(mix(out, std::hash<std::string>()(value->digits)), static_cast<size_t>(value->exponent));
      break;
    case Kind::text:
      out = mix(out, std::hash<std::string_view>()(node->text));
      break;
    case Kind::blob:
      out = mix(out, node->blob.offset);
      break;
    case Kind::array:
      for (const Node* item = node->first; item != nullptr; item = item->next) out = mix(out, hash_of(item));
      break;
    case Kind::object:
      for (const Node* child = node->first; child != nullptr; child = child->next)
        out += mix(std::hash<std::string_view>()(child->name), hash_of(child));
      break;
  }
  return out;
}

bool same_number(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto left = Decimal::parse(a), right = Decimal::parse(b);
  return left && right && compare(*left, *right) == 0;
}

std::vector<const Node*> members_by_name(const Node* object) {
  std::vector<const Node*> out;
  out.reserve(object->count);
  for (const Node* child = object->first; child != nullptr; child = child->next) out.push_back(child);
  std::sort(out.begin(), out.end(), [](const Node* a, const Node* b) { return a->name < b->name; });
  return out;
}

bool same_members(const Node* a, const Node* b) {
  const std::vector<const Node*> left = members_by_name(a), right = members_by_name(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Node* x, const Node* y) { return x->name == y->name && same_value(x, y); });
}

}  // namespace

bool same_value(const Node* a, const Node* b) {
  if (a->kind != b->kind || a->count != b->count) return false;
  switch (a->kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a->flag == b->flag;
    case Kind::number:
      return same_number(a->text, b->text);
    case Kind::text:
      return a->text == b->text;
    case Kind::blob:
      return a->blob.offset == b->blob.offset && a->blob.length == b->blob.length;
    case Kind::array:
      for (const Node *x = a->first, *y = b->first; x != nullptr; x = x->next, y = y->next)
        if (!same_value(x, y)) return false;
      return true;
    case Kind::object:
      return same_members(a, b);
  }
  return false;
}

bool all_different(const Node* array) {
  std::vector<std::pair<size_t, const Node*>> items;
  items.reserve(array->count);
  for (const Node* item = array->first; item != nullptr; item = item->next) items.emplace_back(hash_of(item), item);
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < items.size(); ++i)
    for (size_t j = i + 1; j < items.size() && items[j].first == items[i].first; ++j)
      if (same_value(items[i].second, items[j].second)) return false;
  return true;
}

}  // namespace lt::schema
