#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/schema/decimal.h"
#include "core/schema/text_pattern.h"
#include "core/schema/xsd_reader.h"

namespace lt::schema {
namespace {

struct BuiltIn {
  std::string_view name;
  Scalar scalar;
  std::string_view least = {}, most = {};
};
constexpr BuiltIn kBuiltIn[] = {{"string", Scalar::string},
                                {"normalizedString", Scalar::string},
                                {"token", Scalar::string},
                                {"language", Scalar::string},
                                {"Name", Scalar::string},
                                {"NCName", Scalar::string},
                                {"NMTOKEN", Scalar::string},
                                {"ID", Scalar::string},
                                {"IDREF", Scalar::string},
                                {"QName", Scalar::string},
                                {"gMonth", Scalar::string},
                                {"gDay", Scalar::string},
                                {"gMonthDay", Scalar::string},
                                {"boolean", Scalar::boolean},
                                {"decimal", Scalar::decimal},
                                {"float", Scalar::decimal},
                                {"double", Scalar::decimal},
                                {"integer", Scalar::integer},
                                {"nonNegativeInteger", Scalar::integer, "0"},
                                {"positiveInteger", Scalar::integer, "1"},
                                {"nonPositiveInteger", Scalar::integer, "", "0"},
                                {"negativeInteger", Scalar::integer, "", "-1"},
                                {"long", Scalar::integer, "-9223372036854775808", "9223372036854775807"},
                                {"int", Scalar::integer, "-2147483648", "2147483647"},
                                {"short", Scalar::integer, "-32768", "32767"},
                                {"byte", Scalar::integer, "-128", "127"},
                                {"unsignedLong", Scalar::integer, "0", "18446744073709551615"},
                                {"unsignedInt", Scalar::integer, "0", "4294967295"},
                                {"unsignedShort", Scalar::integer, "0", "65535"},
                                {"unsignedByte", Scalar::integer, "0", "255"},
                                {"date", Scalar::date},
                                {"time", Scalar::time},
                                {"dateTime", Scalar::date_time},
                                {"duration", Scalar::duration},
                                {"gYear", Scalar::year},
                                {"gYearMonth", Scalar::year_month},
                                {"base64Binary", Scalar::base64},
                                {"hexBinary", Scalar::hex},
                                {"anyURI", Scalar::uri},
                                {"anySimpleType", Scalar::any},
                                {"anyType", Scalar::any}};

}  // namespace

TypeId XsdReader::built_in(const Node* node, std::string_view name) {
  if (const auto known = built_in_.find(name); known != built_in_.end()) return known->second;
  for (const BuiltIn& entry : kBuiltIn) {
    if (entry.name != name) continue;
    Type type;
    type.kinds = name == "anyType" ? kAnyKind : kString;
    type.scalar = entry.scalar;
    type.name = "xs:" + std::string(name);
    if (name != "anyType") type.built_in = entry.name;
    if (name != "anyType" && name != "anySimpleType" && name != "string") type.blanks = Blanks::collapse;
    if (name == "normalizedString") type.blanks = Blanks::replace;
    if (!entry.least.empty()) type.minimum = Bound{std::string(entry.least), false};
    if (!entry.most.empty()) type.maximum = Bound{std::string(entry.most), false};
    model_.types.push_back(std::move(type));
    return built_in_[std::string(name)] = static_cast<TypeId>(model_.types.size() - 1);
  }
  std::vector<std::string> names;
  for (const BuiltIn& entry : kBuiltIn) names.emplace_back(entry.name);
  refuse(Code::schema_reference, node, fmt::format("no built-in type \"{}\"", name), config::suggestion(name, names));
  return kNoType;
}

TypeId XsdReader::named_type(const Node* node, std::string_view attribute) {
  const auto name = name_of(node, attribute);
  if (!name) return kNoType;
  const std::string built_in_mark = fmt::format("{{{}}}", kXsd);
  if (name->compare(0, built_in_mark.size(), built_in_mark) == 0)
    return built_in(node, name->substr(built_in_mark.size()));
  const bool complex = globals_.count("complexType " + *name) != 0;
  const Global* global = find(node, complex ? "complexType" : "simpleType", attribute);
  if (global == nullptr) return kNoType;
  const Document* outer = document_;
  document_ = global->document;
  const TypeId id = complex ? complex_type(global->node) : simple_type(global->node);
  document_ = outer;
  return id;
}

TypeId XsdReader::simple_type(const Node* node) {
  if (const auto known = known_.find(node); known != known_.end()) {
    if (known->second == kNoType) refuse(Code::schema_reference, node, "this type is derived from itself");
    return known->second;
  }
  known_[node] = kNoType;
  Type type;
  for (const Node* child = node->first; child != nullptr; child = child->next) {
    if (is_aside(child)) continue;
    if (child->name != "restriction") {
      refuse_element(child);
      continue;
    }
    const Node* inner = child->find("simpleType");
    const TypeId base = inner != nullptr ? simple_type(inner) : named_type(child, "base");
    if (base != kNoType) type = model_.types[base];
    facets(child, type);
  }
  type.name = std::string(attribute_of(node, "name"));
  type.title = documentation_of(node);
  if (std::string codes = codes_of(node); !codes.empty()) type.codes = std::move(codes);
  type.place = files_.place(document_->file, node);
  model_.types.push_back(std::move(type));
  return known_[node] = static_cast<TypeId>(model_.types.size() - 1);
}

// The code list that xs:annotation/xs:appinfo names, below the schemas root.
std::string XsdReader::codes_of(const Node* node) {
  const Node* annotation = node->find("annotation");
  const Node* appinfo = annotation == nullptr ? nullptr : annotation->find("appinfo");
  const Node* said = appinfo == nullptr ? nullptr : appinfo->find("codes");
  if (said == nullptr || said->ns != kOwn) return {};
  const Node* text = said->kind == Kind::object ? said->find("#text") : said;
  const auto name = SchemaFiles::resolve(document_->file, text == nullptr ? std::string_view() : text->text);
  if (!name) {
    refuse(Code::schema_reference, said, name.error().detail);
  } else if (!files_.text(*name)) {
    refuse(Code::file_missing, said, fmt::format("there is no code list {}", *name));
  } else {
    return *name;
  }
  return {};
}

// The type of an element or attribute that says itself which list its values are of: a type of its own then.
TypeId XsdReader::with_codes(const Node* node, TypeId type) {
  std::string codes = codes_of(node);
  if (codes.empty() || type == kNoType) return type;
  if (model_.types[type].may_be(kObject)) {
    refuse(Code::schema_keyword, node, "only a simple value is of a code list");
    return type;
  }
  Type own = model_.types[type];
  own.codes = std::move(codes);
  model_.types.push_back(std::move(own));
  return static_cast<TypeId>(model_.types.size() - 1);
}

void XsdReader::facets(const Node* restriction, Type& type) {
  std::string pattern;
  std::vector<Literal> allowed;
  for (const Node* facet = restriction->first; facet != nullptr; facet = facet->next) {
    if (is_aside(facet) || facet->name == "simpleType" || facet->name == "attribute" ||
        facet->name == "attributeGroup" || facet->name == "anyAttribute")
      continue;
    const std::string value(attribute_of(facet, "value"));
    const auto number = plain_integer(value);
    auto count = [&] {
      if (!number || *number < 0)
        refuse(Code::schema_keyword, facet, fmt::format("<{}> needs a whole number", facet->name));
      return static_cast<uint64_t>(number.value_or(0));
    };
    const std::string_view name = facet->name;
    if (name == "pattern") {
      auto converted = xsd_to_re2(value);
      if (converted)
        pattern += (pattern.empty() ? "" : "|") + *converted;
      else
        refuse(Code::schema_pattern, facet, converted.error().detail);
    } else if (name == "enumeration") {
      allowed.push_back({nullptr, value});
    } else if (name == "length") {
      type.min_length = type.max_length = count();
    } else if (name == "minLength") {
      type.min_length = count();
    } else if (name == "maxLength") {
      type.max_length = count();
    } else if (name == "totalDigits") {
      type.total_digits = static_cast<uint32_t>(count());
    } else if (name == "fractionDigits") {
      type.fraction_digits = static_cast<uint32_t>(count());
    } else if (name == "whiteSpace") {
      if (value != "preserve") type.blanks = value == "replace" ? Blanks::replace : Blanks::collapse;
    } else if (name == "minInclusive" || name == "minExclusive") {
      type.minimum = Bound{value, name == "minExclusive"};
    } else if (name == "maxInclusive" || name == "maxExclusive") {
      type.maximum = Bound{value, name == "maxExclusive"};
    } else {
      refuse_element(facet);
    }
  }
  if (!allowed.empty()) type.allowed = std::move(allowed);
  if (pattern.empty()) return;
  if (auto compiled = TextPattern::compile(pattern); !compiled)
    refuse(Code::schema_pattern, restriction, compiled.error().detail);
  type.patterns.push_back(std::move(pattern));
}

}  // namespace lt::schema
