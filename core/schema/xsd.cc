#include "core/schema/xsd.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/schema/xsd_reader.h"

namespace lt::schema {
namespace {

constexpr std::string_view kGlobals[] = {"element", "complexType",    "simpleType",
                                         "group",   "attributeGroup", "attribute"};

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || static_cast<unsigned char>(c) > 127;
}

}  // namespace

std::string_view attribute_of(const Node* node, std::string_view name) {
  for (const Node* child = node->first; child != nullptr && child->name.substr(0, 1) == "@"; child = child->next)
    if (child->name.substr(1) == name && child->ns.empty()) return child->text;
  return {};
}

std::optional<std::string> optional_attribute(const Node* node, std::string_view name) {
  for (const Node* child = node->first; child != nullptr && child->name.substr(0, 1) == "@"; child = child->next)
    if (child->name.substr(1) == name && child->ns.empty()) return std::string(child->text);
  return std::nullopt;
}

bool is_aside(const Node* node) {
  return node->name.substr(0, 1) == "@" || node->name == "#text" || (node->ns == kXsd && node->name == "annotation");
}

std::string documentation_of(const Node* node) {
  const Node* annotation = node->find("annotation");
  const Node* said = annotation == nullptr ? nullptr : annotation->find("documentation");
  if (said != nullptr && said->kind == Kind::object) said = said->find("#text");
  return said == nullptr ? std::string() : std::string(said->text);
}

void XsdReader::refuse(Code code, const Node* node, std::string message, std::string hint) {
  diagnostics_.error(code, files_.place(document_ == nullptr ? model_.file : document_->file, node), std::move(message),
                     std::move(hint));
}

void XsdReader::refuse_element(const Node* node) {
  refuse(Code::schema_keyword, node, fmt::format("<{}> is not supported here", node->name));
}

// The tree keeps no prefixes, but the values of type= and ref= need them: they are read from the text itself.
void XsdReader::read_prefixes(std::string_view text, const Node* root, Document& document) {
  for (size_t at = text.find("xmlns"); at != text.npos; at = text.find("xmlns", at + 5)) {
    std::string_view rest = text.substr(at + 5);
    if (at > 0 && name_char(text[at - 1])) continue;
    std::string prefix;
    if (!rest.empty() && rest[0] == ':') {
      size_t end = 1;
      while (end < rest.size() && name_char(rest[end])) ++end;
      prefix = std::string(rest.substr(1, end - 1));
      rest.remove_prefix(end);
    }
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.empty() || rest[0] != '=') continue;
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) continue;
    const std::string uri(rest.substr(1, rest.find(rest[0], 1) - 1));
    const auto [held, fresh] = document.prefixes.emplace(prefix, uri);
    if (!fresh && held->second != uri)
      refuse(Code::schema_keyword, root, fmt::format("prefix \"{}\" means two namespaces in this file", prefix),
             "give each namespace a prefix of its own");
  }
}

void XsdReader::load(const std::string& name, const std::string& chameleon_ns, const Node* said_at) {
  if (documents_.count(name) != 0) return;
  if (documents_.size() >= limits::kSchemaDepth) return refuse(Code::too_large, said_at, "too many included files");
  auto tree = files_.xml(name);
  if (!tree) {
    if (said_at != nullptr)
      refuse(Code::schema_reference, said_at, tree.error().text());
    else
      diagnostics_.add(tree.error(), Place{files_.shown(name), 0, 0, {}});
    return;
  }
  model_.documents.push_back(*tree);
  const Node* root = (*tree)->root();
  Document& document = documents_[name];
  document.file = name;
  const Document* outer = document_;
  document_ = &document;
  if (root->name != "schema" || root->ns != kXsd) {
    refuse(Code::schema_keyword, root, "the root element is not xs:schema");
  } else {
    document.target_ns = std::string(attribute_of(root, "targetNamespace"));
    if (document.target_ns.empty()) document.target_ns = chameleon_ns;
    document.elements_qualified = attribute_of(root, "elementFormDefault") == "qualified";
    document.attributes_qualified = attribute_of(root, "attributeFormDefault") == "qualified";
    read_prefixes(**files_.text(name), root, document);
    collect(root, document);
  }
  document_ = outer;
}

void XsdReader::collect(const Node* root, const Document& document) {
  for (const Node* child = root->first; child != nullptr; child = child->next) {
    if (is_aside(child)) continue;
    if (child->name == "include" || child->name == "import") {
      follow(child, document);
      continue;
    }
    const std::string name(attribute_of(child, "name"));
    if (child->ns != kXsd || std::find(std::begin(kGlobals), std::end(kGlobals), child->name) == std::end(kGlobals)) {
      refuse_element(child);
    } else if (name.empty()) {
      refuse(Code::schema_keyword, child, fmt::format("a global <{}> needs a name", child->name));
    } else if (!globals_
                    .emplace(fmt::format("{} {{{}}}{}", child->name, document.target_ns, name),
                             Global{child, &document})
                    .second) {
      refuse(Code::schema_keyword, child, fmt::format("<{} name=\"{}\"> is defined twice", child->name, name));
    }
  }
}

void XsdReader::follow(const Node* node, const Document& document) {
  const std::string_view location = attribute_of(node, "schemaLocation");
  if (location.empty())
    return refuse(Code::schema_reference, node, fmt::format("<{}> names no schemaLocation", node->name));
  auto name = SchemaFiles::resolve(document.file, location);
  if (!name) return refuse(Code::schema_reference, node, name.error().detail);
  load(*name, node->name == "include" ? document.target_ns : "", node);
}

std::optional<std::string> XsdReader::name_of(const Node* node, std::string_view attribute) {
  const std::string_view written = attribute_of(node, attribute);
  const size_t colon = written.find(':');
  const std::string_view prefix = colon == written.npos ? "" : written.substr(0, colon);
  const std::string_view local = colon == written.npos ? written : written.substr(colon + 1);
  const auto found = document_->prefixes.find(prefix);
  if (found == document_->prefixes.end() && !prefix.empty()) {
    refuse(Code::schema_reference, node, fmt::format("prefix \"{}\" of \"{}\" is not declared", prefix, written));
    return std::nullopt;
  }
  // Without prefix and default namespace: no namespace, or that of the including file.
  const bool none = found == document_->prefixes.end();
  return fmt::format("{{{}}}{}", none ? document_->target_ns : found->second, local);
}

const XsdReader::Global* XsdReader::find(const Node* node, std::string_view kind, std::string_view attribute) {
  const auto name = name_of(node, attribute);
  if (!name) return nullptr;
  const auto found = globals_.find(fmt::format("{} {}", kind, *name));
  if (found != globals_.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [key, global] : globals_)
    if (global.node->name == kind) names.emplace_back(attribute_of(global.node, "name"));
  const std::string_view written = attribute_of(node, attribute);
  refuse(Code::schema_reference, node, fmt::format("no {} \"{}\"", kind, written),
         config::suggestion(written.substr(written.find(':') + 1), names));
  return nullptr;
}

std::shared_ptr<const Model> XsdReader::run(const std::string& name) {
  const size_t before = diagnostics_.errors();
  model_.format = Format::xml;
  model_.file = name;
  load(name, "", nullptr);
  if (diagnostics_.errors() != before) return nullptr;
  model_.target_ns = documents_[name].target_ns;
  // In the order of the file, so that listings read like it.
  std::vector<Global> elements;
  for (const auto& [key, global] : globals_) {
    document_ = global.document;
    if (global.node->name == "element") elements.push_back(global);
    if (global.node->name == "complexType") complex_type(global.node);
    if (global.node->name == "simpleType") simple_type(global.node);
  }
  std::stable_sort(elements.begin(), elements.end(),
                   [](const Global& a, const Global& b) { return a.node->line < b.node->line; });
  for (const Global& global : elements) {
    document_ = global.document;
    model_.elements.push_back(read_element(global.node, true));
    if (global.document->file == name) model_.roots.push_back(model_.elements.back());
  }
  for (const auto& [key, global] : globals_) {
    document_ = global.document;
    if (global.node->name != "attribute") continue;
    if (auto field = read_attribute(global.node, true)) model_.attributes.push_back(std::move(*field));
  }
  if (diagnostics_.errors() != before) return nullptr;
  return std::make_shared<const Model>(std::move(model_));
}

std::shared_ptr<const Model> read_xsd(SchemaFiles& files, const std::string& name, config::Diagnostics& diagnostics) {
  return XsdReader(files, diagnostics).run(name);
}

}  // namespace lt::schema
