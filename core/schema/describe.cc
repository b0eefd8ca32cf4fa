#include "core/schema/describe.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace lt::schema {
namespace {
constexpr size_t kValuesShown = 10;
}

uint8_t kind_bits(const Node* node) {
  switch (node->kind) {
    case Kind::null:
      return kNull;
    case Kind::boolean:
      return kBoolean;
    case Kind::number:
      return kNumber | kInteger;
    case Kind::text:
    case Kind::blob:
      return kString;
    case Kind::array:
      return kArray;
    case Kind::object:
      return kObject;
  }
  return 0;
}

std::string describe_actual(const Node* node) {
  switch (node->kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::number:
      return "a number";
    case Kind::text:
      return fmt::format("text of {} characters", count_code_points(node->text));
    case Kind::blob:
      return fmt::format("text of {} bytes", node->blob.length);
    case Kind::array:
      return fmt::format("a list of {} items", node->count);
    case Kind::object:
      return fmt::format("an object of {} fields", node->count);
  }
  return "";
}

std::string describe_kinds(uint8_t kinds) {
  if (kinds == 0) return "nothing at all";
  std::string out;
  auto add = [&](uint8_t bit, const char* name) {
    if ((kinds & bit) == 0) return;
    if (!out.empty()) out += " or ";
    out += name;
  };
  add(kString, "text");
  add(kNumber, "a number");
  if ((kinds & kNumber) == 0) add(kInteger, "a whole number");
  add(kBoolean, "true or false");
  add(kObject, "an object");
  add(kArray, "a list");
  add(kNull, "null");
  return out;
}

std::string describe_bound(const Bound& bound, const char* inclusive, const char* exclusive) {
  return bound.exclusive ? fmt::format("{} {}", exclusive, bound.text) : fmt::format("at {} {}", inclusive, bound.text);
}

std::string describe_count(std::optional<uint64_t> least, std::optional<uint64_t> most, const char* what) {
  if (least && most) return fmt::format("{} to {} {}", *least, *most, what);
  return least ? fmt::format("at least {} {}", *least, what) : fmt::format("at most {} {}", most.value_or(0), what);
}

std::string describe_length(std::optional<uint64_t> least, std::optional<uint64_t> most) {
  return "text of " + describe_count(least, most, "characters");
}

std::string describe_allowed(const std::vector<Literal>& allowed) {
  std::string out = allowed.size() == 1 ? "the value " : "one of ";
  for (size_t i = 0; i < allowed.size() && i < kValuesShown; ++i)
    out += fmt::format("{}\"{}\"", i > 0 ? ", " : "", allowed[i].text);
  if (allowed.size() > kValuesShown) out += fmt::format(" and {} more", allowed.size() - kValuesShown);
  return out;
}

}  // namespace lt::schema
