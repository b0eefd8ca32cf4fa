#include "core/mapping/file_room.h"

#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/mapping/blob.h"

namespace lt::mapping {
namespace {

constexpr size_t kFile = 64 << 20;                               // bytes of one file in memory
constexpr std::string_view kAddress = "https://files.example/";  // RFC 2606: nobody's

std::string address_of(const BlobWay& way) {
  return fmt::format("{}{}/{}", kAddress, percent_encode(way.source ? path_of(way.source) : "$"),
                     percent_encode(file_name(way.name)));
}

}  // namespace

Result<std::string> FileRoom::nothing_else(Apart where, std::string_view name) {
  return where == Apart::part ? fail(Code::no_such_part, fmt::format("there is no part \"{}\"", name))
                              : fail(Code::fetch_not_allowed, fmt::format("nothing is fetched here: {}", name));
}

Result<std::string> FileRoom::bytes_of(Apart where, std::string_view name) const {
  const auto given = given_.find(name);
  return given != given_.end() ? given->second : elsewhere_(where, name);
}

Result<void> FileRoom::settle(Tree& target) {
  size_t parts = 0;
  return target.root() ? settle(target, *target.root(), parts) : Result<void>();
}

Result<void> FileRoom::settle(Tree& target, Node& node, size_t& parts) {
  for (Node* child = node.first; child; child = child->next) LT_TRY(settle(target, *child, parts));
  const auto way = way_of(node);
  if (!way || way->lifted) return {};
  const auto settled = [&]() -> Result<std::string> {
    std::string text(way->text);
    if (stands_apart(way->from)) {
      LT_ASSIGN(text, bytes_of(way->from == BlobForm::part ? Apart::part : Apart::address, way->text));
    }
    LT_ASSIGN(text, converted(text, way->from, way->to, way->name, kFile));
    if (!stands_apart(way->to)) return text;
    std::string name = way->to == BlobForm::part ? fmt::format("file-{}", ++parts) : address_of(*way);
    given_[name] = std::move(text);
    return name;
  }();
  if (!settled) {
    Error why = settled.error();
    if (why.place.path.empty() && way->source) why.place.path = path_of(way->source);
    return fail(std::move(why));
  }
  node.kind = Kind::text;
  node.text = target.copy(*settled);
  return {};
}

}  // namespace lt::mapping
