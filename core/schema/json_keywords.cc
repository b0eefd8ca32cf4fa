#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/schema/decimal.h"
#include "core/schema/json_reader.h"
#include "core/schema/text_format.h"
#include "core/schema/text_pattern.h"

namespace lt::schema {
namespace {

constexpr std::string_view kAnnotations[] = {"title",     "description",     "$comment",
                                             "default",   "examples",        "readOnly",
                                             "writeOnly", "contentEncoding", "contentMediaType"};
constexpr std::string_view kKeywords[] = {"type",
                                          "enum",
                                          "const",
                                          "minLength",
                                          "maxLength",
                                          "pattern",
                                          "format",
                                          "minimum",
                                          "maximum",
                                          "exclusiveMinimum",
                                          "exclusiveMaximum",
                                          "multipleOf",
                                          "properties",
                                          "required",
                                          "additionalProperties",
                                          "patternProperties",
                                          "propertyNames",
                                          "minProperties",
                                          "maxProperties",
                                          "dependencies",
                                          "items",
                                          "additionalItems",
                                          "minItems",
                                          "maxItems",
                                          "uniqueItems",
                                          "contains",
                                          "allOf",
                                          "anyOf",
                                          "oneOf",
                                          "not",
                                          "if",
                                          "then",
                                          "else",
                                          "definitions",
                                          "$defs",
                                          "$ref"};

}  // namespace

bool JsonReader::annotation(std::string_view keyword) {
  return keyword.substr(0, 2) == "x-" ||
         std::find(std::begin(kAnnotations), std::end(kAnnotations), keyword) != std::end(kAnnotations);
}

void JsonReader::check_header(const Node* root) {
  const Node* said = root->find("$schema");
  if (said == nullptr) return;
  const std::string_view uri = said->text.substr(0, said->text.find('#'));
  if (uri != "http://json-schema.org/draft-07/schema" && uri != "https://json-schema.org/draft-07/schema")
    refuse(Code::schema_keyword, said, fmt::format("$schema \"{}\": only draft-07 is read", said->text),
           "convert the schema and write http://json-schema.org/draft-07/schema#");
}

void JsonReader::keyword(const Node* value, Type& type) {
  const std::string_view name = value->name;
  if (name == "x-codes") return read_codes(value, type);
  if (annotation(name)) return;
  const bool at_root = value->parent->parent == nullptr;
  if ((name == "$schema" || name == "$id") && at_root) return;
  if (name == "type") {
    type.kinds = kinds_of(value);
  } else if (name == "enum" || name == "const") {
    std::vector<Literal> allowed;
    if (name == "const")
      allowed.push_back({value, literal_text(value)});
    else if (value->kind != Kind::array || value->count == 0)
      refuse(Code::schema_keyword, value, "\"enum\" is a list of values, not empty");
    else
      for (const Node* item = value->first; item != nullptr; item = item->next)
        allowed.push_back({item, literal_text(item)});
    if (type.allowed) refuse(Code::schema_keyword, value, "\"enum\" beside \"const\": keep one of them");
    type.allowed = std::move(allowed);
  } else if (name == "definitions" || name == "$defs") {
    for (const Node* each = value->first; each != nullptr; each = each->next)
      if (const TypeId id = read(each); id != kNoType) names_.emplace_back(id, std::string(each->name));
  } else if (!text_keyword(value, type) && !number_keyword(value, type) && !object_keyword(value, type) &&
             !array_keyword(value, type) && !combining_keyword(value, type)) {
    unknown_keyword(value);
  }
}

void JsonReader::unknown_keyword(const Node* value) {
  std::string hint = config::suggestion(value->name, {std::begin(kKeywords), std::end(kKeywords)});
  if (value->name == "id" || value->name == "$id")
    hint = "leave it out: references are file names below the schemas folder";
  if (value->name == "unevaluatedProperties" || value->name == "dependentRequired" || value->name == "prefixItems")
    hint = "that is a later draft; write the schema in draft-07";
  refuse(Code::schema_keyword, value, fmt::format("unknown keyword \"{}\"", value->name), std::move(hint));
}

// The list itself is read once for all schemas, by the store; here only that it is there.
void JsonReader::read_codes(const Node* value, Type& type) {
  if (value->kind != Kind::text)
    return refuse(Code::schema_keyword, value, "\"x-codes\" is the path of a code list, seen from this file");
  const auto name = SchemaFiles::resolve(file_, value->text);
  if (!name) return refuse(Code::schema_reference, value, name.error().detail);
  if (const auto text = files_.text(*name); !text)
    return refuse(Code::file_missing, value, fmt::format("there is no code list {}", *name));
  type.codes = *name;
}

std::optional<uint64_t> JsonReader::count_of(const Node* value) {
  const auto number = value->kind == Kind::number ? plain_integer(value->text) : std::nullopt;
  if (number && *number >= 0) return static_cast<uint64_t>(*number);
  refuse(Code::schema_keyword, value, fmt::format("\"{}\" is a whole number from 0", value->name));
  return std::nullopt;
}

std::optional<Bound> JsonReader::bound_of(const Node* value, bool exclusive) {
  if (value->kind == Kind::number) return Bound{std::string(value->text), exclusive};
  const bool draft4 = exclusive && value->kind == Kind::boolean;
  refuse(Code::schema_keyword, value, fmt::format("\"{}\" is a number", value->name),
         draft4 ? "true/false is draft-4; in draft-07 write the limit itself, e.g. \"exclusiveMinimum\": 0" : "");
  return std::nullopt;
}

std::vector<std::string> JsonReader::names_of(const Node* value) {
  std::vector<std::string> out;
  bool good = value->kind == Kind::array;
  for (const Node* item = value->first; good && item != nullptr; item = item->next) {
    good = item->kind == Kind::text;
    out.emplace_back(item->text);
  }
  if (!good) refuse(Code::schema_keyword, value, fmt::format("\"{}\" is a list of names", value->name));
  return out;
}

std::vector<TypeId> JsonReader::list_of(const Node* value) {
  std::vector<TypeId> out;
  if (value->kind != Kind::array || value->count == 0)
    refuse(Code::schema_keyword, value, fmt::format("\"{}\" is a list of schemas, not empty", value->name));
  else
    for (const Node* item = value->first; item != nullptr; item = item->next) out.push_back(read(item));
  return out;
}

void JsonReader::add_pattern(const Node* at, std::string_view pattern, std::vector<std::string>& out) {
  out.push_back(ecma_to_re2(pattern));
  if (auto compiled = TextPattern::compile(out.back()); !compiled)
    refuse(Code::schema_pattern, at, compiled.error().detail);
}

bool JsonReader::text_keyword(const Node* value, Type& type) {
  const std::string_view name = value->name;
  if (name == "minLength")
    type.min_length = count_of(value);
  else if (name == "maxLength")
    type.max_length = count_of(value);
  else if (name == "pattern" && value->kind == Kind::text)
    add_pattern(value, value->text, type.patterns);
  else if (name == "format" && value->kind == Kind::text) {
    type.format = std::string(value->text);
    if (!text_format(value->text))
      refuse(Code::schema_keyword, value, fmt::format("unknown format \"{}\"", value->text),
             "checked formats: date, time, date-time, email, uri, uuid; or write a pattern");
  } else if (name == "pattern" || name == "format") {
    refuse(Code::schema_keyword, value, fmt::format("\"{}\" is text", name));
  } else {
    return false;
  }
  return true;
}

bool JsonReader::number_keyword(const Node* value, Type& type) {
  const std::string_view name = value->name;
  // Of `minimum` and `exclusiveMinimum` together the stricter one counts.
  auto tighten = [&](std::optional<Bound>& held, bool exclusive, int stricter) {
    auto bound = bound_of(value, exclusive);
    if (!bound) return;
    const int order = held ? compare(*Decimal::parse(bound->text), *Decimal::parse(held->text)) : stricter;
    if (order == stricter || (order == 0 && exclusive)) held = bound;
  };
  if (name == "minimum" || name == "exclusiveMinimum")
    tighten(type.minimum, name != "minimum", 1);
  else if (name == "maximum" || name == "exclusiveMaximum")
    tighten(type.maximum, name != "maximum", -1);
  else if (name == "multipleOf") {
    const auto of = value->kind == Kind::number ? Decimal::parse(value->text) : std::nullopt;
    if (!of || of->negative || of->digits.empty() || of->digits.size() > 18)
      refuse(Code::schema_keyword, value, "\"multipleOf\" is a number above 0 of at most 18 digits");
    else
      type.multiple_of = std::string(value->text);
  } else {
    return false;
  }
  return true;
}

void JsonReader::read_properties(const Node* value, Type& type) {
  if (value->kind != Kind::object) return refuse(Code::schema_keyword, value, "\"properties\" is an object of schemas");
  for (const Node* each = value->first; each != nullptr; each = each->next) {
    Field field;
    field.name = std::string(each->name);
    field.type = read(each);
    field.place = place(each);
    auto text_of = [&](const char* keyword) {
      const Node* said = each->kind == Kind::object ? each->find(keyword) : nullptr;
      return said != nullptr && said->scalar() ? std::optional(literal_text(said)) : std::nullopt;
    };
    const bool read_already = field.type != kNoType;
    field.title = text_of("title").value_or(read_already ? model_.types[field.type].title : "");
    field.description = text_of("description").value_or(read_already ? model_.types[field.type].description : "");
    field.fallback = text_of("default");
    type.fields.push_back(std::move(field));
  }
}

void JsonReader::read_dependencies(const Node* value, Type& type) {
  if (value->kind != Kind::object) return refuse(Code::schema_keyword, value, "\"dependencies\" is an object");
  for (const Node* each = value->first; each != nullptr; each = each->next) {
    Dependency dependency;
    dependency.name = std::string(each->name);
    dependency.place = place(each);
    if (each->kind == Kind::array)
      dependency.required = names_of(each);
    else
      dependency.type = read(each);
    type.dependencies.push_back(std::move(dependency));
  }
}

bool JsonReader::object_keyword(const Node* value, Type& type) {
  const std::string_view name = value->name;
  if (name == "properties")
    read_properties(value, type);
  else if (name == "required")
    type.required = names_of(value);
  else if (name == "minProperties")
    type.min_fields = count_of(value);
  else if (name == "maxProperties")
    type.max_fields = count_of(value);
  else if (name == "propertyNames")
    type.names = read(value);
  else if (name == "dependencies")
    read_dependencies(value, type);
  else if (name == "additionalProperties") {
    if (value->kind == Kind::boolean)
      type.open = value->flag;
    else
      type.additional = read(value);
  } else if (name == "patternProperties") {
    for (const Node* each = value->first; each != nullptr; each = each->next) {
      std::vector<std::string> pattern;
      add_pattern(each, each->name, pattern);
      const TypeId id = read(each);
      type.pattern_fields.push_back({pattern[0], id, place(each)});
    }
  } else {
    return false;
  }
  return true;
}

bool JsonReader::array_keyword(const Node* value, Type& type) {
  const std::string_view name = value->name;
  if (name == "items") {
    if (value->kind == Kind::array)
      type.tuple = list_of(value);
    else
      type.items = read(value);
  } else if (name == "additionalItems") {
    const Node* items = value->parent->find("items");
    if (items == nullptr || items->kind != Kind::array)
      refuse(Code::schema_keyword, value, "\"additionalItems\" does nothing unless \"items\" is a list of schemas");
    else if (value->kind == Kind::boolean)
      type.more_items = value->flag;
    else
      type.items = read(value);
  } else if (name == "minItems") {
    type.min_items = count_of(value);
  } else if (name == "maxItems") {
    type.max_items = count_of(value);
  } else if (name == "contains") {
    type.contains = read(value);
  } else if (name == "uniqueItems") {
    if (value->kind != Kind::boolean) refuse(Code::schema_keyword, value, "\"uniqueItems\" is true or false");
    type.unique = value->flag;
  } else {
    return false;
  }
  return true;
}

bool JsonReader::combining_keyword(const Node* value, Type& type) {
  const std::string_view name = value->name;
  if (name == "allOf")
    type.all_of = list_of(value);
  else if (name == "anyOf")
    type.any_of = list_of(value);
  else if (name == "oneOf")
    type.one_of = list_of(value);
  else if (name == "not")
    type.never = read(value);
  else if (name == "if")
    type.when = read(value);
  else if (name == "then")
    type.then = read(value);
  else if (name == "else")
    type.otherwise = read(value);
  else
    return false;
  return true;
}

}  // namespace lt::schema
