// JSON Schema and reference pages out of field specs.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/json_text.h"
#include "core/config/field.h"
#include "core/config/units.h"

namespace lt::config {
namespace {

constexpr int64_t kNoLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kNoMost = std::numeric_limits<int64_t>::max();

std::string definition_name(const ObjectSpec& spec) {
  std::string name = spec.name();
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

// Every kind of object below `root`, each once, in the order met.
void collect(const ObjectSpec& root, std::vector<const ObjectSpec*>& found) {
  if (std::find(found.begin(), found.end(), &root) != found.end()) return;
  found.push_back(&root);
  for (const auto& field : root.fields()) {
    if (field.object) collect(*field.object, found);
    if (field.item && field.item->object) collect(*field.item->object, found);
  }
}

std::string bounds(const About& about, std::string_view least, std::string_view most) {
  std::string out;
  if (about.least != kNoLeast) out += fmt::format(",\"{}\":{}", least, about.least);
  if (about.most != kNoMost) out += fmt::format(",\"{}\":{}", most, about.most);
  return out;
}

// A scalar that is not text may also be written as a reference to a variable.
std::string or_reference(const std::string& schema) {
  return fmt::format("\"anyOf\":[{{{}}},{{\"$ref\":\"#/definitions/reference\"}}]", schema);
}

// The members of the schema object of a field, without braces.
std::string type_schema(const FieldSpec& field) {
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::secret:
    case FieldKind::parsed:
    case FieldKind::path:
      return "\"type\":[\"string\",\"number\",\"boolean\"]" + bounds(field.about, "minLength", "maxLength");
    case FieldKind::boolean:
      return or_reference("\"type\":\"boolean\"");
    case FieldKind::integer:
      return or_reference("\"type\":\"integer\"" + bounds(field.about, "minimum", "maximum"));
    case FieldKind::duration:
      return or_reference("\"type\":\"string\",\"pattern\":\"^[0-9]+(ms|s|m|h|d)$\"");
    case FieldKind::size:
      return or_reference("\"type\":[\"string\",\"integer\"],\"minimum\":0,\"pattern\":\"^[0-9]+([KMGT]i?)?B?$\"");
    case FieldKind::choice: {
      std::string choices;
      for (const auto& choice : field.choices) choices += (choices.empty() ? "" : ",") + quote_json(choice);
      return or_reference("\"enum\":[" + choices + "]");
    }
    case FieldKind::object:
      return fmt::format("\"$ref\":{}", quote_json("#/definitions/" + definition_name(*field.object)));
    case FieldKind::list:
      return fmt::format("\"type\":[\"array\",\"null\"],\"items\":{{{}}}{}", type_schema(*field.item),
                         bounds(field.about, "minItems", "maxItems"));
    case FieldKind::map:
      return fmt::format("\"type\":[\"object\",\"null\"],\"additionalProperties\":{{{}}}{}", type_schema(*field.item),
                         bounds(field.about, "minProperties", "maxProperties"));
    case FieldKind::raw:
      return {};
  }
  return {};
}

std::string field_schema(const FieldSpec& field) {
  std::string out = type_schema(field);
  const auto add = [&](const std::string& member) { out += (out.empty() ? "" : ",") + member; };
  // draft-07 ignores whatever stands beside a $ref.
  if (field.kind == FieldKind::object) out = "\"allOf\":[{" + out + "}]";
  const auto& about = field.about;
  if (!about.doc_en.empty() || !about.doc_vi.empty()) {
    const std::string both = about.doc_vi + (about.doc_en.empty() || about.doc_vi.empty() ? "" : " / ") + about.doc_en;
    add("\"description\":" + quote_json(both));
  }
  if (!field.default_text.empty()) {
    const bool bare = field.kind == FieldKind::integer || field.kind == FieldKind::boolean;
    add("\"default\":" + (bare ? field.default_text : quote_json(field.default_text)));
  }
  if (!about.example.empty()) add("\"examples\":[" + quote_json(about.example) + "]");
  return "{" + out + "}";
}

std::string object_schema(const ObjectSpec& spec) {
  std::string properties, required;
  for (const auto& field : spec.fields()) {
    properties += (properties.empty() ? "" : ",") + quote_json(field.name) + ":" + field_schema(field);
    if (field.about.required) required += (required.empty() ? "" : ",") + quote_json(field.name);
  }
  std::string out = required.empty() ? "\"type\":[\"object\",\"null\"]" : "\"type\":\"object\"";
  out += fmt::format(",\"additionalProperties\":{},\"properties\":{{{}}}", spec.open(), properties);
  if (!required.empty()) out += ",\"required\":[" + required + "]";
  return out;
}

std::string kind_name(const FieldSpec& field, bool vi) {
  switch (field.kind) {
    case FieldKind::text:
      return vi ? "chuỗi" : "text";
    case FieldKind::secret:
      return vi ? "chuỗi bí mật" : "secret text";
    case FieldKind::boolean:
      return "true / false";
    case FieldKind::integer:
      return vi ? "số nguyên" : "integer";
    case FieldKind::duration:
      return vi ? "khoảng thời gian" : "duration";
    case FieldKind::size:
      return vi ? "kích thước" : "size";
    case FieldKind::choice:
      return fmt::format("`{}`", fmt::join(field.choices, "`, `"));
    case FieldKind::parsed:
      return field.form;
    case FieldKind::path:
      return vi ? "đường dẫn" : "path";
    case FieldKind::object:
      return fmt::format("[{}](#{})", field.object->name(), definition_name(*field.object));
    case FieldKind::list:
      return fmt::format("{} {}", vi ? "danh sách" : "list of", kind_name(*field.item, vi));
    case FieldKind::map:
      return fmt::format("{} {}", vi ? "bảng tên →" : "map of name →", kind_name(*field.item, vi));
    case FieldKind::raw:
      return vi ? "tùy bộ nối" : "depends on the adapter";
  }
  return {};
}

std::string bound_text(const FieldSpec& field, int64_t bound) {
  if (field.kind == FieldKind::duration) return format_duration(std::chrono::milliseconds(bound));
  if (field.kind == FieldKind::size) return format_size(bound);
  return std::to_string(bound);
}

std::string range_text(const FieldSpec& field) {
  const auto& about = field.about;
  // Bounds that only say how wide the member is would tell a reader nothing.
  const bool least = about.least > 0;
  const bool most = about.most < (int64_t{1} << 31) - 1;
  if (!least && !most) return {};
  return fmt::format(" {}..{}", least ? bound_text(field, about.least) : "", most ? bound_text(field, about.most) : "");
}

std::string cell(std::string text) {
  for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

}  // namespace

std::string json_schema(const ObjectSpec& root, std::string_view title) {
  std::vector<const ObjectSpec*> specs;
  collect(root, specs);
  std::string definitions = "\"reference\":{\"type\":\"string\",\"pattern\":\"\\\\$\\\\{.+\\\\}\"}";
  for (const auto* spec : specs) {
    definitions += fmt::format(",{}:{{{}}}", quote_json(definition_name(*spec)), object_schema(*spec));
  }
  return fmt::format(
      "{{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"title\":{},\"allOf\":[{{\"$ref\":{}}}],"
      "\"definitions\":{{{}}}}}",
      quote_json(title), quote_json("#/definitions/" + definition_name(root)), definitions);
}

std::string reference_page(const ObjectSpec& root, bool vi) {
  std::vector<const ObjectSpec*> specs;
  collect(root, specs);
  std::string out;
  for (const auto* spec : specs) {
    out += fmt::format("<a id=\"{}\"></a>\n## {}\n\n{}\n|---|---|---|---|\n", definition_name(*spec), spec->name(),
                       vi ? "| Khóa | Kiểu | Mặc định | Ý nghĩa |" : "| Key | Type | Default | Meaning |");
    for (const auto& field : spec->fields()) {
      const auto& about = field.about;
      std::string given = field.default_text.empty() ? "" : "`" + field.default_text + "`";
      if (about.required) given = vi ? "**bắt buộc**" : "**required**";
      std::string meaning = vi && !about.doc_vi.empty() ? about.doc_vi : about.doc_en;
      if (!about.example.empty()) meaning += fmt::format(" ({} `{}`)", vi ? "ví dụ" : "e.g.", about.example);
      out += fmt::format("| `{}` | {}{} | {} | {} |\n", field.name, cell(kind_name(field, vi)), range_text(field),
                         cell(given), cell(meaning));
    }
    out += '\n';
  }
  return out;
}

}  // namespace lt::config
