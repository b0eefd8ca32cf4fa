#include "core/schema/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "core/base/limits.h"
#include "core/schema/decimal.h"
#include "core/schema/json_reader.h"
#include "core/schema/text_format.h"
#include "core/schema/text_pattern.h"

namespace lt::schema {
namespace {

constexpr std::pair<std::string_view, uint8_t> kTypeNames[] = {
    {"null", kNull},     {"boolean", kBoolean}, {"integer", kInteger}, {"number", kNumber | kInteger},
    {"string", kString}, {"array", kArray},     {"object", kObject}};

std::optional<std::string> pointer_token(std::string_view written) {
  std::string out;
  for (size_t i = 0; i < written.size(); ++i) {
    const std::string_view rest = written.substr(i);
    if (rest[0] == '%' && rest.size() >= 3) {
      int byte = 0;
      for (char c : rest.substr(1, 2)) {
        const size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
        if (digit == std::string_view::npos) return std::nullopt;
        byte = byte * 16 + static_cast<int>(digit);
      }
      out += static_cast<char>(byte);
      i += 2;
    } else if (rest[0] == '~') {
      if (rest.size() < 2 || (rest[1] != '0' && rest[1] != '1')) return std::nullopt;
      out += rest[1] == '0' ? '~' : '/';
      ++i;
    } else {
      out += rest[0];
    }
  }
  return out;
}

const Node* follow_pointer(const Node* at, std::string_view pointer) {
  while (at != nullptr && !pointer.empty()) {
    if (pointer[0] != '/') return nullptr;
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    const auto token = pointer_token(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (!token) return nullptr;
    if (at->kind == Kind::object) {
      at = at->find(*token);
    } else if (at->kind == Kind::array) {
      const auto index = plain_integer(*token);
      if (!index || *index < 0 || *index >= static_cast<int64_t>(at->count)) return nullptr;
      at = at->first;
      for (int64_t i = 0; i < *index; ++i) at = at->next;
    } else {
      return nullptr;
    }
  }
  return at;
}

}  // namespace

std::string literal_text(const Node* node) {
  switch (node->kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return node->flag ? "true" : "false";
    case Kind::number:
    case Kind::text:
      return std::string(node->text);
    case Kind::array:
      return "[...]";
    case Kind::object:
      return "{...}";
    case Kind::blob:
      break;
  }
  return "";
}

void JsonReader::refuse(Code code, const Node* node, std::string message, std::string hint) {
  diagnostics_.error(code, place(node), std::move(message), std::move(hint));
}

TypeId JsonReader::read(const Node* schema) {
  if (auto known = known_.find(schema); known != known_.end()) return known->second;
  if (++depth_ > limits::kSchemaDepth || model_.types.size() >= limits::kSchemaTypes) {
    --depth_;
    if (!too_large_) refuse(Code::schema_keyword, schema, "the schema is too large or nested too deeply");
    too_large_ = true;
    return kNoType;
  }
  TypeId id = kNoType;
  if (schema->kind == Kind::object && schema->find("$ref") != nullptr) {
    id = read_reference(schema);
  } else {
    id = static_cast<TypeId>(model_.types.size());
    model_.types.emplace_back();
    known_[schema] = id;
    Type type;
    type.place = place(schema);
    if (schema->kind == Kind::boolean) {
      type.kinds = schema->flag ? kAnyKind : 0;
    } else if (schema->kind == Kind::object) {
      fill(schema, type);
    } else {
      refuse(Code::schema_keyword, schema, "a schema is an object, true or false");
    }
    model_.types[id] = std::move(type);
  }
  --depth_;
  return id;
}

TypeId JsonReader::read_reference(const Node* schema) {
  const Node* ref = schema->find("$ref");
  const auto idle = [&](std::string_view name) {
    return name == "x-codes" || (!annotation(name) && name != "$ref" && name != "definitions" && name != "$defs");
  };
  for (const Node* child = schema->first; child != nullptr; child = child->next)
    if (idle(child->name))
      refuse(Code::schema_keyword, child, fmt::format("\"{}\" beside $ref has no effect in draft-07", child->name),
             "put both into allOf");
  if (ref->kind != Kind::text) {
    refuse(Code::schema_reference, ref, "$ref must be text");
    return kNoType;
  }
  if (std::find(references_.begin(), references_.end(), schema) != references_.end()) {
    refuse(Code::schema_reference, ref, fmt::format("$ref \"{}\" leads back to itself", ref->text));
    return kNoType;
  }
  const std::string_view text = ref->text;
  const size_t hash = std::min(text.find('#'), text.size());
  const std::string_view file = text.substr(0, hash), pointer = hash < text.size() ? text.substr(hash + 1) : "";
  std::string name = file_;
  if (!file.empty()) {
    auto resolved = SchemaFiles::resolve(file_, file);
    if (!resolved) {
      refuse(Code::schema_reference, ref, resolved.error().detail);
      return kNoType;
    }
    name = *resolved;
  }
  const Node* target = root_of(name, ref);
  if (target == nullptr) return kNoType;
  target = follow_pointer(target, pointer);
  if (target == nullptr) {
    refuse(Code::schema_reference, ref, fmt::format("$ref \"{}\" leads nowhere in {}", text, name));
    return kNoType;
  }
  references_.push_back(schema);
  std::swap(file_, name);
  const TypeId id = read(target);
  std::swap(file_, name);
  references_.pop_back();
  if (id != kNoType) {
    known_[schema] = id;
    if (const size_t slash = pointer.rfind('/'); slash != pointer.npos && model_.types[id].name.empty())
      names_.emplace_back(id, std::string(pointer.substr(slash + 1)));
  }
  return id;
}

const Node* JsonReader::root_of(const std::string& name, const Node* said_at) {
  auto tree = files_.json(name);
  if (!tree) {
    if (said_at != nullptr)
      refuse(Code::schema_reference, said_at, tree.error().text());
    else
      diagnostics_.add(tree.error(), Place{files_.shown(name), 0, 0, {}});
    return nullptr;
  }
  if (std::find(model_.documents.begin(), model_.documents.end(), *tree) == model_.documents.end())
    model_.documents.push_back(*tree);
  return (*tree)->root();
}

void JsonReader::fill(const Node* schema, Type& type) {
  for (const Node* child = schema->first; child != nullptr; child = child->next) keyword(child, type);
  for (const char* title : {"title", "description"})
    if (const Node* node = schema->find(title); node != nullptr && node->kind == Kind::text)
      (title[0] == 't' ? type.title : type.description) = std::string(node->text);
  set_scalar(schema, type);
  if ((schema->find("then") || schema->find("else")) && !schema->find("if"))
    refuse(Code::schema_keyword, schema, "\"then\" and \"else\" do nothing without \"if\"");
  for (Field& field : type.fields)
    field.required = std::find(type.required.begin(), type.required.end(), field.name) != type.required.end();
}

void JsonReader::set_scalar(const Node* schema, Type& type) {
  const uint8_t scalars = type.kinds & static_cast<uint8_t>(~(kNull | kArray | kObject));
  const Node* encoding = schema->find("contentEncoding");
  if (scalars == kString) {
    type.scalar = Scalar::string;
    if (type.format == "date") type.scalar = Scalar::date;
    if (type.format == "time") type.scalar = Scalar::time;
    if (type.format == "date-time") type.scalar = Scalar::date_time;
    if (type.format == "email") type.scalar = Scalar::email;
    if (type.format == "uri") type.scalar = Scalar::uri;
    if (type.format == "uuid") type.scalar = Scalar::uuid;
    if (encoding != nullptr && encoding->text == "base64") type.scalar = Scalar::base64;
  } else if (scalars == kInteger) {
    type.scalar = Scalar::integer;
  } else if (scalars == (kNumber | kInteger)) {
    type.scalar = Scalar::decimal;
  } else if (scalars == kBoolean) {
    type.scalar = Scalar::boolean;
  }
}

uint8_t JsonReader::kinds_of(const Node* value) {
  auto one = [&](const Node* node) -> uint8_t {
    for (const auto& [name, kinds] : kTypeNames)
      if (node->kind == Kind::text && node->text == name) return kinds;
    refuse(Code::schema_keyword, node, fmt::format("\"{}\" is no type", literal_text(node)),
           "one of null, boolean, integer, number, string, array, object");
    return kAnyKind;
  };
  if (value->kind != Kind::array) return one(value);
  uint8_t kinds = 0;
  for (const Node* item = value->first; item != nullptr; item = item->next) kinds |= one(item);
  if (kinds == 0) refuse(Code::schema_keyword, value, "\"type\" lists no type");
  return kinds;
}

// allOf [A]: what A requires, the whole requires.
void JsonReader::spread_required() {
  for (Type& type : model_.types)
    for (TypeId part : type.all_of)
      for (Field& field : type.fields) {
        if (part == kNoType) continue;
        const auto& names = model_.types[part].required;
        field.required |= std::find(names.begin(), names.end(), field.name) != names.end();
      }
}

// Types that hold on the same node must not lead back to themselves, or checking would never end.
bool JsonReader::endless(TypeId id, std::vector<uint8_t>& seen) const {
  if (id == kNoType || seen[id] == 2) return false;
  if (seen[id] == 1) return true;
  seen[id] = 1;
  const Type& type = model_.types[id];
  for (const auto* list : {&type.all_of, &type.any_of, &type.one_of})
    for (TypeId next : *list)
      if (endless(next, seen)) return true;
  for (TypeId next : {type.never, type.when, type.then, type.otherwise})
    if (endless(next, seen)) return true;
  for (const Dependency& dependency : type.dependencies)
    if (endless(dependency.type, seen)) return true;
  seen[id] = 2;
  return false;
}

std::shared_ptr<const Model> JsonReader::run(const std::string& name) {
  const size_t before = diagnostics_.errors();
  file_ = name;
  model_.format = Format::json;
  model_.file = name;
  const Node* root = root_of(name, nullptr);
  if (root == nullptr) return nullptr;
  if (root->kind == Kind::object) check_header(root);
  const TypeId id = read(root);
  if (id != kNoType && diagnostics_.errors() == before) {
    std::vector<uint8_t> seen(model_.types.size(), 0);
    for (TypeId each = 0; each < model_.types.size(); ++each)
      if (endless(each, seen)) {
        diagnostics_.error(Code::schema_reference, model_.types[each].place,
                           "this schema contains itself without a level between");
        break;
      }
  }
  if (diagnostics_.errors() != before) return nullptr;
  for (auto& [type, definition] : names_)
    if (model_.types[type].name.empty()) model_.types[type].name = definition;
  spread_required();
  Field field;
  field.type = id;
  field.required = true;
  field.min_occurs = 1;
  field.title = model_.types[id].title;
  field.place = model_.types[id].place;
  model_.roots.push_back(std::move(field));
  return std::make_shared<const Model>(std::move(model_));
}

std::shared_ptr<const Model> read_json_schema(SchemaFiles& files, const std::string& name,
                                              config::Diagnostics& diagnostics) {
  return JsonReader(files, diagnostics).run(name);
}

}  // namespace lt::schema
