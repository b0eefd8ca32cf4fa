#include "core/message/position.h"

#include <charconv>

namespace lt {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  // One text per number: no leading zeros.
  return error == std::errc() && end == text.data() + text.size() && (text.size() == 1 || text.front() != '0');
}

}  // namespace

std::string Position::text() const { return std::to_string(partition) + ":" + std::to_string(offset); }

std::optional<Position> Position::parse(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Position position;
  if (!read_number(text.substr(0, colon), position.partition)) return std::nullopt;
  if (!read_number(text.substr(colon + 1), position.offset)) return std::nullopt;
  return position;
}

std::string DeliveryId::text() const { return message.text() + "/" + std::to_string(ordinal); }

std::optional<DeliveryId> DeliveryId::parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto position = Position::parse(text.substr(0, slash));
  DeliveryId id;
  if (!position || !read_number(text.substr(slash + 1), id.ordinal)) return std::nullopt;
  id.message = *position;
  return id;
}

}  // namespace lt
