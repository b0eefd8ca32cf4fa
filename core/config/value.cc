#include "core/config/value.h"

#include <algorithm>

#include "core/base/ascii.h"
#include "core/base/text.h"

namespace lt::config {
namespace {

constexpr size_t kShown = 60;

Place make_place(const std::shared_ptr<const std::string>& file, int line, int column) {
  Place place;
  if (file) place.file = *file;
  place.line = line;
  place.column = column;
  return place;
}

// Length before text, so that no two contents give the same bytes.
void put(std::string& out, char tag, std::string_view text) {
  out += tag;
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void normalise_into(const Value& value, bool secret, std::string& out) {
  switch (value.kind) {
    case Value::Kind::null:
      out += 'n';
      return;
    case Value::Kind::scalar:
      if (!value.written.empty()) {
        put(out, 'r', value.written);
      } else {
        put(out, 's', value.secret || secret ? std::string_view("<secret>") : std::string_view(value.text));
      }
      return;
    case Value::Kind::list:
      put(out, 'l', std::to_string(value.items.size()));
      for (const auto& item : value.items) normalise_into(item, secret, out);
      return;
    case Value::Kind::map: {
      std::vector<const Value::Member*> sorted;
      sorted.reserve(value.members.size());
      for (const auto& member : value.members) sorted.push_back(&member);
      std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key < b->key; });
      put(out, 'm', std::to_string(sorted.size()));
      for (const auto* member : sorted) {
        put(out, 'k', member->key);
        normalise_into(member->value, secret || names_secret(member->key), out);
      }
      return;
    }
  }
}

}  // namespace

Place Value::place() const { return make_place(file, line, column); }

Place Value::Member::place() const { return make_place(value.file, line, column); }

const Value::Member* Value::member(std::string_view key) const {
  for (const auto& candidate : members) {
    if (candidate.key == key) return &candidate;
  }
  return nullptr;
}

const Value* Value::find(std::string_view key) const {
  const auto* found = member(key);
  return found ? &found->value : nullptr;
}

std::string Value::shown() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::scalar:
      break;
  }
  if (secret) return "<secret>";
  const std::string_view shown = cut_text(text, kShown);
  std::string out = "\"";
  for (const char c : shown) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  out += shown.size() < text.size() ? "...\"" : "\"";
  return out;
}

bool names_secret(std::string_view key) {
  static constexpr std::string_view kNames[] = {"password", "passwd", "secret", "token", "api_key", "private_key"};
  std::string lower = ascii_lower(key);
  std::replace(lower.begin(), lower.end(), '-', '_');
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return lower.find(name) != std::string::npos; });
}

Sha256 content_hash(const Value& value) {
  std::string bytes;
  normalise_into(value, false, bytes);
  return sha256(bytes);
}

}  // namespace lt::config
