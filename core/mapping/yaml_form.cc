#include "core/mapping/yaml_form.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/units.h"

namespace lt::mapping {

bool YamlForm::keys(const Value& value, const std::vector<std::string>& known, std::string_view what) {
  if (!keys_free(value, what)) return false;
  for (const Member& at : value.members)
    if (std::find(known.begin(), known.end(), at.key) == known.end())
      out_.error(Code::unknown_key, at.place(), fmt::format("unknown key \"{}\" in {}", at.key, what),
                 config::suggestion(at.key, known));
  return true;
}

bool YamlForm::keys_free(const Value& value, std::string_view what) {
  if (value.is_map()) return true;
  out_.error(Code::wrong_type, value.place(), fmt::format("{} must be a map, not {}", what, value.shown()));
  return false;
}

void YamlForm::require(const Value& value, const char* key, std::string_view what) {
  if (!value.member(key)) out_.error(Code::missing_key, value.place(), fmt::format("{} needs \"{}\"", what, key));
}

bool YamlForm::text(const Value& value, Text& into) {
  into.place = value.place();
  if (!value.is_scalar()) {
    out_.error(Code::wrong_type, value.place(), fmt::format("must be a text, not {}", value.shown()));
    return false;
  }
  into.text = value.text;
  into.quoted = value.quoted;
  return true;
}

void YamlForm::optional_text(const Value& value, std::optional<Text>& into) {
  Text read;
  if (text(value, read)) into = std::move(read);
}

void YamlForm::literal(const Value& value, Text& into) {
  if (value.is_null()) {
    into.place = value.place();
    into.null = true;
  } else {
    text(value, into);
  }
}

void YamlForm::number(const Value& value, int least, int& into) {
  const auto read = value.is_scalar() && !value.quoted ? config::parse_integer(value.text) : std::nullopt;
  if (!read)
    out_.error(Code::wrong_type, value.place(), fmt::format("must be a whole number, not {}", value.shown()));
  else if (*read < least || *read > 1'000'000'000)
    out_.error(Code::out_of_range, value.place(), fmt::format("must be at least {}", least));
  else
    into = static_cast<int>(*read);
}

void YamlForm::pairs(const Value& value, std::string_view what, std::vector<std::pair<Text, Text>>& into) {
  if (!keys_free(value, what)) return;
  for (const Member& at : value.members) {
    Text read;
    literal(at.value, read);
    into.emplace_back(Text{at.key, at.place()}, std::move(read));
  }
}

bool YamlForm::is_one_of(const Value& value, const std::vector<std::string>& names) {
  if (value.is_scalar() && std::find(names.begin(), names.end(), value.text) != names.end()) return true;
  out_.error(Code::out_of_range, value.place(),
             fmt::format("{} is not one of {}", value.shown(), fmt::join(names, ", ")),
             value.is_scalar() ? config::suggestion(value.text, names) : std::string());
  return false;
}

bool YamlForm::rest(const Value& value) {
  bool keep = false;
  choice<bool>(value, {{"keep", true}, {"drop", false}}, keep);
  return keep;
}

}  // namespace lt::mapping
