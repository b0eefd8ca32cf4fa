#include "core/workshop/editor_schema.h"

#include <fmt/format.h>

#include "core/base/json_text.h"
#include "core/workshop/keys.h"

namespace lt::workshop {
namespace {

constexpr std::string_view kText = R"("type": ["string", "number", "boolean"])";
constexpr std::string_view kLiteral = R"("type": ["string", "number", "boolean", "null"])";
constexpr std::string_view kPairs =
    R"("type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]})";

std::string reference(MapOf map) { return fmt::format(R"({{"$ref": "#/definitions/{}"}})", name_of(map)); }

std::string choice(std::string_view choices) {
  std::string out = "\"enum\": [";
  for (size_t at = 0; at < choices.size();) {
    const size_t end = std::min(choices.find(' ', at), choices.size());
    const std::string_view one = choices.substr(at, end - at);
    out += (at > 0 ? ", " : "") + quote_json(one);
    if (one == "null") out += ", null";  // without quotes YAML has no text there
    at = end + 1;
  }
  return out + "]";
}

// The members of the schema of what stands after a key.
std::string form(const KeyEntry& key) {
  switch (key.takes) {
    case Takes::text:
      return std::string(kText);
    case Takes::literal:
      return std::string(kLiteral);
    case Takes::choice:
      return choice(key.choices);
    case Takes::whole:
      return fmt::format(R"("type": "integer", "minimum": {}, "maximum": 1000000000)", key.name == "version" ? 1 : 0);
    case Takes::texts:
      return fmt::format(R"("type": "array", "items": {{{}}})", kText);
    case Takes::text_or_texts:
      return fmt::format(R"("anyOf": [{{{0}}}, {{"type": "array", "items": {{{0}}}}}])", kText);
    case Takes::map:
      return fmt::format(R"("allOf": [{}])", reference(key.of));
    case Takes::choice_or_map:
      return fmt::format(R"("anyOf": [{{{}}}, {}])", choice(key.choices), reference(key.of));
    case Takes::text_or_map:
      return fmt::format(R"("anyOf": [{{{}}}, {}])", kText, reference(key.of));
    case Takes::maps:
      return fmt::format(R"("type": "array", "items": {})", reference(key.of));
    case Takes::named_maps:
      return fmt::format(R"("type": "object", "additionalProperties": {})", reference(key.of));
    case Takes::named_maps_or_texts:
      return fmt::format(R"("type": "object", "additionalProperties": {{"anyOf": [{{{}}}, {}]}})", kText,
                         reference(key.of));
    case Takes::pairs:
      return std::string(kPairs);
    case Takes::named_pairs:
      return fmt::format(R"("type": "object", "additionalProperties": {{{}}})", kPairs);
    case Takes::rules:
      return R"("type": "array", "items": {"$ref": "#/definitions/rule"})";
    case Takes::normalize:
      return fmt::format(R"("anyOf": [{{{0}}}, {{"type": "array", "items": {{{0}}}}}])", choice(key.choices));
    case Takes::one_way:
      break;
  }
  return R"("anyOf": [{"type": ["string", "number"]}, {"enum": [true]}])";
}

// What belongs together, as the reader checks it.
std::string_view conditions(MapOf map) {
  switch (map) {
    case MapOf::file:
      return R"(,
      "oneOf": [{"required": ["rules"]}, {"required": ["xslt"]}])";
    case MapOf::body:
      return R"(,
      "anyOf": [{"required": ["from"]}, {"required": ["const"]}, {"required": ["one_way"]}, {"required": ["only_back"]},
                {"required": ["parts"]}, {"required": ["join"]}, {"required": ["blob"]}, {"required": ["index"]},
                {"required": ["envelope"]}, {"required": ["each"]}, {"required": ["items"]}, {"required": ["one_of"]},
                {"required": ["spread"]}, {"required": ["rules"]}],
      "not": {"required": ["type", "table"]},
      "dependencies": {"parts": ["pattern"], "join": ["pattern"], "where": ["each"], "match_on": ["each"],
                       "carrier": ["blob"], "name": ["blob"], "spread": ["rules"]})";
    default:
      return "";
  }
}

std::string map_schema(MapOf map) {
  std::string properties, required;
  for (const KeyEntry& key : keys_of(map)) {
    properties += fmt::format("{}\n        {}: {{\"description\": {}, {}}}", properties.empty() ? "" : ",",
                              quote_json(key.name), quote_json(fmt::format("{} / {}", key.vi, key.en)), form(key));
    if (key.required) required += (required.empty() ? "" : ", ") + quote_json(key.name);
  }
  return fmt::format(
      "{{\n      \"type\": \"object\",{}\n      \"additionalProperties\": false,\n      \"properties\": {{{}\n      "
      "}}{}\n    }}",
      required.empty() ? "" : fmt::format("\n      \"required\": [{}],", required), properties, conditions(map));
}

}  // namespace

std::string editor_schema() {
  std::string out =
      "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
      "  \"title\": \"Tệp ánh xạ Liên Thông / mapping file of Liên Thông\",\n"
      "  \"allOf\": [{\"$ref\": \"#/definitions/file\"}],\n  \"definitions\": {\n"
      "    \"rule\": {\n      \"description\": \"trường đích: trường nguồn hoặc toán tử / target field: source field "
      "or "
      "operators\",\n      \"type\": \"object\",\n      \"minProperties\": 1,\n      \"maxProperties\": 1,\n"
      "      \"additionalProperties\": {\"anyOf\": [{";
  out += fmt::format("{}}}, {}]}}\n    }}", kText, reference(MapOf::body));
  for (const MapOf map : kAllMaps) out += fmt::format(",\n    \"{}\": {}", name_of(map), map_schema(map));
  return out + "\n  }\n}\n";
}

}  // namespace lt::workshop
