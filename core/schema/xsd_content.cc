#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/schema/decimal.h"
#include "core/schema/xsd_reader.h"

namespace lt::schema {
namespace {

constexpr size_t kParts = 5 * limits::kSchemaTypes;

uint32_t times(uint32_t a, uint32_t b) {
  if (a == 0 || b == 0) return 0;
  if (a == kUnbounded || b == kUnbounded) return kUnbounded;
  return static_cast<uint32_t>(std::min<uint64_t>(uint64_t{a} * b, kUnbounded - 1));
}

uint32_t occurs(const Node* node, std::string_view attribute) {
  const std::string_view text = attribute_of(node, attribute);
  if (text == "unbounded") return kUnbounded;
  const auto number = text.empty() ? std::optional<int64_t>(1) : plain_integer(text);
  return static_cast<uint32_t>(std::clamp<int64_t>(number.value_or(1), 0, kUnbounded - 1));
}

bool is_true(std::string_view text) { return text == "true" || text == "1"; }

bool is_group(const Node* node) {
  return node->ns == kXsd &&
         (node->name == "sequence" || node->name == "choice" || node->name == "all" || node->name == "group");
}

// Does a restriction take an attribute of its base away?
bool prohibits(const Node* restriction, std::string_view name) {
  for (const Node* child = restriction->first; child != nullptr; child = child->next) {
    if (child->name != "attribute" || attribute_of(child, "use") != "prohibited") continue;
    const std::string_view said =
        attribute_of(child, "ref").empty() ? attribute_of(child, "name") : attribute_of(child, "ref");
    if (said.substr(said.find(':') + 1) == name) return true;
  }
  return false;
}

}  // namespace

bool XsdReader::room(const Node* node) {
  const bool parts = ++parts_ <= kParts;
  if (parts && depth_ < limits::kSchemaDepth) return true;
  if (parts || parts_ == kParts + 1)
    refuse(Code::schema_keyword, node, "the schema is too large or nested too deeply, or a group contains itself");
  return false;
}

TypeId XsdReader::type_of_element(const Node* node) {
  if (!attribute_of(node, "type").empty()) return named_type(node, "type");
  if (const Node* inner = node->find("complexType")) return complex_type(inner);
  if (const Node* inner = node->find("simpleType")) return simple_type(inner);
  return built_in(node, node->name == "attribute" ? "anySimpleType" : "anyType");
}

Field XsdReader::read_element(const Node* node, bool global) {
  Field field;
  const Node* declared = node;
  const Document* outer = document_;
  if (!attribute_of(node, "ref").empty()) {
    const Global* target = find(node, "element", "ref");
    if (target == nullptr) return field;
    declared = target->node;
    document_ = target->document;
    global = true;
  }
  if (!attribute_of(declared, "substitutionGroup").empty() || is_true(attribute_of(declared, "abstract")))
    refuse(Code::schema_keyword, declared, "substitution groups and abstract elements are not supported");
  for (const Node* child = declared->first; child != nullptr; child = child->next)
    if (!is_aside(child) && child->name != "complexType" && child->name != "simpleType") refuse_element(child);
  field.name = std::string(attribute_of(declared, "name"));
  if (field.name.empty()) refuse(Code::schema_keyword, declared, "an element without name or ref");
  const std::string_view form = attribute_of(declared, "form");
  if (global || form == "qualified" || (form.empty() && document_->elements_qualified)) field.ns = document_->target_ns;
  field.type = with_codes(declared, type_of_element(declared));
  field.nillable = is_true(attribute_of(declared, "nillable"));
  field.fixed = optional_attribute(declared, "fixed");
  field.fallback = optional_attribute(declared, "default");
  field.title = documentation_of(declared);
  if (field.title.empty() && field.type != kNoType) field.title = model_.types[field.type].title;
  field.place = files_.place(document_->file, declared);
  document_ = outer;
  field.min_occurs = occurs(node, "minOccurs");
  field.max_occurs = occurs(node, "maxOccurs");
  field.required = field.min_occurs > 0;
  return field;
}

TypeId XsdReader::complex_type(const Node* node) {
  if (const auto known = known_.find(node); known != known_.end()) return known->second;
  const TypeId id = static_cast<TypeId>(model_.types.size());
  model_.types.emplace_back();
  known_[node] = id;
  if (++depth_ > limits::kSchemaDepth || model_.types.size() > limits::kSchemaTypes) {
    refuse(Code::schema_keyword, node, "the schema is too large or nested too deeply");
  } else {
    Type type;
    type.kinds = kObject;
    type.open = false;
    type.name = std::string(attribute_of(node, "name"));
    type.title = documentation_of(node);
    type.place = files_.place(document_->file, node);
    fill_complex(node, type);
    model_.types[id] = std::move(type);
  }
  --depth_;
  return id;
}

void XsdReader::fill_complex(const Node* node, Type& type) {
  if (is_true(attribute_of(node, "abstract"))) refuse(Code::schema_keyword, node, "abstract types are not supported");
  const Node* inner = node->find("complexContent");
  if (is_true(attribute_of(node, "mixed")) || (inner != nullptr && is_true(attribute_of(inner, "mixed")))) {
    Field text;
    text.name = "#text";
    text.type = built_in(node, "string");
    text.place = files_.place(document_->file, node);
    type.fields.push_back(std::move(text));
  }
  for (const Node* child = node->first; child != nullptr; child = child->next) {
    if (is_aside(child)) continue;
    if (child->name == "simpleContent")
      simple_content(child, type);
    else if (child->name == "complexContent")
      complex_content(child, type);
    else if (!content_part(child, type))
      refuse_element(child);
  }
}

// Attributes and groups, wherever content may be said.
bool XsdReader::content_part(const Node* node, Type& type) {
  if (!room(node)) return true;
  if (is_group(node)) {
    add_content(node, type);
  } else if (node->name == "attribute") {
    add_attribute(node, type);
  } else if (node->name == "attributeGroup") {
    const Global* group = find(node, "attributeGroup", "ref");
    if (group == nullptr) return true;
    const Document* outer = document_;
    document_ = group->document;
    ++depth_;
    for (const Node* child = group->node->first; child != nullptr; child = child->next)
      if (!is_aside(child) && !content_part(child, type)) refuse_element(child);
    document_ = outer;
    --depth_;
  } else if (node->name == "anyAttribute") {
    any_attribute(node, type);
  } else {
    return false;
  }
  return true;
}

void XsdReader::add_content(const Node* node, Type& type) {
  Context context;
  Particle added = particle(node, type, context);
  type.ordered = added.kind != Particle::Kind::all;
  if (!type.content) {
    type.content = std::move(added);
  } else {
    Particle both;
    both.children.push_back(std::move(*type.content));
    both.children.push_back(std::move(added));
    type.content = std::move(both);
  }
}

Particle XsdReader::particle(const Node* node, Type& type, Context context) {
  Particle out;
  out.min_occurs = occurs(node, "minOccurs");
  out.max_occurs = occurs(node, "maxOccurs");
  const Node* group = node;
  const Document* outer = document_;
  if (node->name == "group") {
    const Global* target = find(node, "group", "ref");
    if (target == nullptr) return out;
    document_ = target->document;
    group = nullptr;
    for (const Node* child = target->node->first; child != nullptr; child = child->next)
      if (is_group(child)) group = child;
    if (group == nullptr) return out;
  }
  ++depth_;
  out.kind = group->name == "choice" ? Particle::Kind::choice
             : group->name == "all"  ? Particle::Kind::all
                                     : Particle::Kind::sequence;
  context.required &= out.min_occurs > 0 && out.kind != Particle::Kind::choice;
  context.repeats = times(context.repeats, out.max_occurs);
  if (out.kind == Particle::Kind::choice) {
    context.choice = 0;
    for (const Field& field : type.fields) context.choice = std::max(context.choice, field.choice + 1);
  }
  int branch = -1;
  for (const Node* child = group->first; child != nullptr; child = child->next) {
    if (is_aside(child)) continue;
    if (!room(child)) break;
    if (out.kind == Particle::Kind::choice) context.branch = ++branch;
    if (child->name == "element") {
      Field field = read_element(child, false);
      Particle leaf;
      leaf.kind = Particle::Kind::element;
      leaf.min_occurs = field.min_occurs;
      leaf.max_occurs = field.max_occurs;
      leaf.field = static_cast<uint32_t>(type.fields.size());
      field.required &= context.required;
      field.max_occurs = times(field.max_occurs, context.repeats);
      if (!context.required) field.min_occurs = 0;
      field.choice = context.choice;
      field.branch = context.branch;
      type.fields.push_back(std::move(field));
      out.children.push_back(std::move(leaf));
    } else if (child->name == "any") {
      type.open = true;
      Particle any;
      any.kind = Particle::Kind::any;
      any.min_occurs = occurs(child, "minOccurs");
      any.max_occurs = occurs(child, "maxOccurs");
      any.wildcard = wildcard(child);
      out.children.push_back(std::move(any));
    } else if (is_group(child)) {
      out.children.push_back(particle(child, type, context));
    } else {
      refuse_element(child);
    }
  }
  --depth_;
  document_ = outer;
  return out;
}

void XsdReader::complex_content(const Node* node, Type& type) {
  for (const Node* child = node->first; child != nullptr; child = child->next) {
    if (is_aside(child)) continue;
    if (child->name != "extension" && child->name != "restriction") {
      refuse_element(child);
      continue;
    }
    const TypeId base = named_type(child, "base");
    std::optional<Wildcard> inherited;
    if (base != kNoType && model_.types[base].place.line == 0 && model_.types[base].name.empty()) {
      refuse(Code::schema_reference, child, "this type is derived from itself, or from one that holds it");
    } else if (base != kNoType && model_.types[base].kinds != kAnyKind) {
      const Type& from = model_.types[base];
      if (child->name == "extension") {
        type.fields = from.fields;
        type.content = from.content;
        type.ordered = from.ordered;
        type.open = from.open;
        inherited = from.any_attribute;
      } else {
        // A restriction says its content anew and keeps the attributes it does not mention.
        for (const Field& field : from.fields)
          if (field.name[0] == '@' && !prohibits(child, field.name.substr(1))) type.fields.push_back(field);
      }
    } else if (base != kNoType && child->name == "extension") {
      refuse(Code::schema_keyword, child, "an extension of xs:anyType is not supported");
    }
    for (const Node* part = child->first; part != nullptr; part = part->next)
      if (!is_aside(part) && !content_part(part, type)) refuse_element(part);
    if (!inherited) continue;
    const auto all = [](const Wildcard& wildcard) { return wildcard.except && wildcard.namespaces.empty(); };
    if (!type.any_attribute || (all(*inherited) && !all(*type.any_attribute)))
      type.any_attribute = std::move(inherited);
    else if (!all(*type.any_attribute))
      refuse(Code::schema_keyword, child, "an anyAttribute beside that of the base type is not supported");
  }
}

// Text with attributes: the tree has it as "#text" beside "@name".
void XsdReader::simple_content(const Node* node, Type& type) {
  for (const Node* child = node->first; child != nullptr; child = child->next) {
    if (is_aside(child)) continue;
    if (child->name != "extension" && child->name != "restriction") {
      refuse_element(child);
      continue;
    }
    const TypeId base = named_type(child, "base");
    if (base == kNoType) continue;
    Type held = model_.types[base];
    TypeId text_type = base;
    if (held.may_be(kObject) && held.kinds != kAnyKind) {
      for (const Field& field : held.fields)
        if (field.name[0] != '@' || !prohibits(child, field.name.substr(1))) type.fields.push_back(field);
      if (child->name == "extension") type.any_attribute = held.any_attribute;
      type.open = type.any_attribute.has_value();
      for (const Field& field : type.fields)
        if (field.name == "#text") text_type = field.type;
    }
    if (child->name == "restriction" && text_type != kNoType) {
      const Node* inner = child->find("simpleType");
      if (const TypeId said = inner == nullptr ? kNoType : simple_type(inner); said != kNoType) text_type = said;
      Type narrowed = model_.types[text_type];
      facets(child, narrowed);
      model_.types.push_back(std::move(narrowed));
      text_type = static_cast<TypeId>(model_.types.size() - 1);
    }
    Field text;
    text.name = "#text";
    text.type = text_type;
    text.required = true;
    text.min_occurs = 1;
    text.place = files_.place(document_->file, child);
    auto same =
        std::find_if(type.fields.begin(), type.fields.end(), [](const Field& field) { return field.name == "#text"; });
    if (same == type.fields.end())
      type.fields.push_back(std::move(text));
    else
      *same = std::move(text);
    for (const Node* part = child->first; part != nullptr; part = part->next)
      if (part->name == "attribute" || part->name == "attributeGroup" || part->name == "anyAttribute")
        content_part(part, type);
  }
}

// xs:any or xs:anyAttribute.
Wildcard XsdReader::wildcard(const Node* node) {
  Wildcard out;
  const std::string_view process = attribute_of(node, "processContents");
  if (process == "lax" || process == "skip")
    out.process = process == "lax" ? Wildcard::Process::lax : Wildcard::Process::skip;
  std::string_view rest = optional_attribute(node, "namespace") ? attribute_of(node, "namespace") : "##any";
  if (rest == "##any") return out;
  if (rest == "##other") {
    out.namespaces = {document_->target_ns, ""};
    return out;
  }
  out.except = false;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
    const std::string_view name = rest.substr(0, end);
    if (name == "##targetNamespace")
      out.namespaces.push_back(document_->target_ns);
    else if (name == "##local" || !name.empty())
      out.namespaces.emplace_back(name == "##local" ? "" : name);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

void XsdReader::any_attribute(const Node* node, Type& type) {
  if (type.any_attribute) refuse(Code::schema_keyword, node, "a second anyAttribute in one type is not supported");
  type.any_attribute = wildcard(node);
  type.open = true;
}

std::optional<Field> XsdReader::read_attribute(const Node* node, bool global) {
  const Node* declared = node;
  const Document* outer = document_;
  if (!attribute_of(node, "ref").empty()) {
    const Global* target = find(node, "attribute", "ref");
    if (target == nullptr) return std::nullopt;
    declared = target->node;
    document_ = target->document;
    global = true;
  }
  if (attribute_of(declared, "name").empty())
    refuse(Code::schema_keyword, declared, "an attribute without name or ref");
  Field field;
  field.name = "@" + std::string(attribute_of(declared, "name"));
  const std::string_view form = attribute_of(declared, "form");
  if (global || form == "qualified" || (form.empty() && document_->attributes_qualified))
    field.ns = document_->target_ns;
  field.type = with_codes(declared, type_of_element(declared));
  field.required = attribute_of(node, "use") == "required";
  field.min_occurs = field.required ? 1 : 0;
  for (const Node* said : {declared, node}) {
    if (auto value = optional_attribute(said, "fixed")) field.fixed = std::move(value);
    if (auto value = optional_attribute(said, "default")) field.fallback = std::move(value);
  }
  field.title = documentation_of(declared);
  field.place = files_.place(document_->file, declared);
  document_ = outer;
  return field;
}

void XsdReader::add_attribute(const Node* node, Type& type) {
  if (attribute_of(node, "use") == "prohibited") return;
  auto field = read_attribute(node, false);
  if (!field) return;
  // A restriction says an attribute of its base anew. Indexes of particles stay right: an attribute of the base stands
  // before every element.
  const auto same = std::find_if(type.fields.begin(), type.fields.end(), [&](const Field& other) {
    return other.name == field->name && other.ns == field->ns;
  });
  if (same != type.fields.end())
    *same = std::move(*field);
  else
    type.fields.push_back(std::move(*field));
}

}  // namespace lt::schema
