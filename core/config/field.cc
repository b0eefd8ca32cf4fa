#include "core/config/field.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/config/units.h"

namespace lt::config {
namespace {

std::string kind_text(const FieldSpec& field) {
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::secret:
      return "text";
    case FieldKind::boolean:
      return "true or false";
    case FieldKind::integer:
      return "a whole number";
    case FieldKind::duration:
      return "a duration such as 250ms, 5s, 2m, 1h or 90d";
    case FieldKind::size:
      return "a size such as 64KiB or 10MB";
    case FieldKind::choice:
      return fmt::format("one of {}", fmt::join(field.choices, ", "));
    case FieldKind::parsed:
      return field.form;
    case FieldKind::path:
      return "a path";
    case FieldKind::list:
      return "a list";
    case FieldKind::map:
      return "a map of names";
    case FieldKind::object:
      return "a map";
    case FieldKind::raw:
      return "anything";
  }
  return {};
}

Quote quote_of(const FieldSpec& field, const Value& value) {
  return field.kind == FieldKind::secret || value.secret ? Quote::none : Quote::line;
}

void wrong_type(const FieldSpec& field, const Value& value, Diagnostics& diagnostics, std::string hint = {}) {
  if (field.kind == FieldKind::secret) value.secret = true;
  if (value.unresolved) return;
  diagnostics.error(Code::wrong_type, value.place(),
                    fmt::format("{}: expected {}, found {}", field.name, kind_text(field), value.shown()),
                    std::move(hint), quote_of(field, value));
}

std::string bound_text(const FieldSpec& field, int64_t bound) {
  if (field.kind == FieldKind::duration) return format_duration(std::chrono::milliseconds(bound));
  if (field.kind == FieldKind::size) return format_size(bound);
  return std::to_string(bound);
}

bool in_range(const FieldSpec& field, const Value& value, int64_t number, std::string_view what,
              Diagnostics& diagnostics) {
  const auto& about = field.about;
  if (number >= about.least && number <= about.most) return true;
  const bool low = number < about.least;
  diagnostics.error(
      Code::out_of_range, value.place(),
      fmt::format("{}: {}{} is {} than {}", field.name, what, value.secret ? "it" : bound_text(field, number),
                  low ? "less" : "more", bound_text(field, low ? about.least : about.most)),
      {}, quote_of(field, value));
  return false;
}

}  // namespace

std::optional<std::string> read_text(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  if (!value.is_scalar() || value.unresolved) {
    wrong_type(field, value, diagnostics);
    return std::nullopt;
  }
  if (field.kind == FieldKind::secret) value.secret = true;
  const auto length = static_cast<int64_t>(count_code_points(value.text));
  if (field.about.required && value.text.empty() && field.about.least < 0) {
    diagnostics.error(Code::out_of_range, value.place(), fmt::format("{}: may not be empty", field.name));
    return std::nullopt;
  }
  if (!in_range(field, value, length, "length ", diagnostics)) return std::nullopt;
  return value.text;
}

std::optional<bool> read_bool(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  const auto got = value.is_scalar() && !value.quoted ? parse_bool(value.text) : std::nullopt;
  if (!got) wrong_type(field, value, diagnostics);
  return got;
}

std::optional<int64_t> read_number(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  std::optional<int64_t> got;
  if (value.is_scalar() && field.kind == FieldKind::duration) {
    if (const auto duration = parse_duration(value.text)) got = duration->count();
  } else if (value.is_scalar() && field.kind == FieldKind::size) {
    got = parse_size(value.text);
  } else if (value.is_scalar() && !value.quoted) {
    got = parse_integer(value.text);
  }
  if (!got) {
    const bool bare = field.kind == FieldKind::duration && value.is_scalar() && parse_integer(value.text);
    wrong_type(field, value, diagnostics, bare ? "add the unit: ms, s, m, h or d" : "");
    return std::nullopt;
  }
  if (!in_range(field, value, *got, "", diagnostics)) return std::nullopt;
  return got;
}

std::optional<size_t> read_choice(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  if (value.is_scalar()) {
    const auto found = std::find(field.choices.begin(), field.choices.end(), value.text);
    if (found != field.choices.end()) return static_cast<size_t>(found - field.choices.begin());
  }
  wrong_type(field, value, diagnostics,
             value.is_scalar() && !value.secret ? suggestion(value.text, field.choices) : std::string());
  return std::nullopt;
}

std::optional<std::string> read_path(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  auto text = read_text(field, value, diagnostics);
  if (!text || text->empty() || text->front() == '/' || !value.file) return text;
  const size_t slash = value.file->rfind('/');
  return slash == std::string::npos ? *text : value.file->substr(0, slash + 1) + *text;
}

bool read_list(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  if (!value.is_list() && !value.is_null()) {
    wrong_type(field, value, diagnostics, value.is_scalar() ? "write it as a list: [ ... ]" : "");
    return false;
  }
  return in_range(field, value, static_cast<int64_t>(value.items.size()), "number of items ", diagnostics);
}

bool read_map(const FieldSpec& field, const Value& value, Diagnostics& diagnostics) {
  if (!value.is_map() && !value.is_null()) {
    wrong_type(field, value, diagnostics);
    return false;
  }
  return in_range(field, value, static_cast<int64_t>(value.members.size()), "number of items ", diagnostics);
}

void report_unparsed(const FieldSpec& field, const Value& value, const Error& error, Diagnostics& diagnostics) {
  diagnostics.error(Code::wrong_type, value.place(),
                    fmt::format("{}: {} is no {}{}", field.name, value.shown(), field.form,
                                error.detail.empty() || value.secret ? std::string() : ": " + error.detail),
                    error.hint, quote_of(field, value));
}

bool ObjectSpec::read_into(const Value& value, const Place& place, void* target, Diagnostics& diagnostics) const {
  if (place_) place_(place, target);
  if (value.unresolved) return false;
  if (!value.is_map() && !value.is_null()) {
    diagnostics.error(Code::wrong_type, value.place(),
                      fmt::format("expected a map with the keys of {}, found {}", name_, value.shown()), {},
                      value.secret ? Quote::none : Quote::line);
    return false;
  }
  bool good = true;
  Value rest;
  for (const auto& member : value.members) {
    const auto known =
        std::find_if(fields_.begin(), fields_.end(), [&](const FieldSpec& field) { return field.name == member.key; });
    if (known != fields_.end()) continue;
    if (rest_) {
      rest.members.push_back(member);
      continue;
    }
    good = false;
    std::vector<std::string> names;
    for (const auto& field : fields_) {
      if (!value.member(field.name)) names.push_back(field.name);
    }
    diagnostics.error(Code::unknown_key, member.place(), fmt::format("unknown key \"{}\" in {}", member.key, name_),
                      suggestion(member.key, names), Quote::key_only);
  }
  for (const auto& field : fields_) {
    if (const auto* member = value.member(field.name)) {
      good = field.read(*member, target, diagnostics) && good;
    } else if (field.about.required) {
      good = false;
      diagnostics.error(Code::missing_key, place, fmt::format("{} lacks the key \"{}\"", name_, field.name),
                        fmt::format("add {}: {}", field.name, kind_text(field)), Quote::key_only);
    }
  }
  if (rest_) {
    rest.kind = Value::Kind::map;
    rest.file = value.file;
    rest.line = place.line;
    rest.column = place.column;
    rest_(std::move(rest), target);
  }
  if (!good) return false;
  for (const auto& check : checks_) good = check(value, target, diagnostics) && good;
  return good;
}

}  // namespace lt::config
