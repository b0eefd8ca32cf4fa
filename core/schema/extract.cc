#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/schema/type_file.h"

namespace lt::schema {
namespace {

Result<std::string> bounded(std::string_view text, const std::string& path) {
  if (text.size() <= limits::kExtractedKey) return std::string(text);
  return fail(
      Error(Code::schema_violation, fmt::format("a key of {} bytes, at most {}", text.size(), limits::kExtractedKey))
          .at(path));
}

Result<std::string> required_key(const KeyPaths& rule, const Node* root, const char* what) {
  const auto text = rule.first_text(root);
  if (!text) return fail(Error(Code::missing_field, fmt::format("the {} is taken from it", what)).at(rule.path.value));
  return bounded(*text, rule.path.value);
}

std::string text_at(const DocPath& path, const Node* from) {
  const auto text = from == nullptr ? std::nullopt : path.first_text(from);
  return text ? std::string(*text) : std::string();
}

void find_attachments(const TypeFile& type, const Node* root, std::vector<FoundAttachment>& out) {
  for (const AttachmentRule& rule : type.attachments)
    for (const Node* node : rule.content.all(root, limits::kReceivers)) {
      const Node* content = node->kind == Kind::object ? node->find("#text") : node;
      if (content == nullptr || (content->kind != Kind::blob && !scalar_text(content))) continue;
      const Node* holder = node->parent;
      if (holder != nullptr && holder->kind == Kind::array) holder = holder->parent;
      out.push_back(
          {content, path_of(node), text_at(rule.name_path, holder), text_at(rule.type_path, holder), rule.carrier});
    }
}

}  // namespace

Result<Extracted> extract(const TypeFile& type, const Node* root) {
  Extracted out;
  for (const BusinessKeyRule& rule : type.business_keys)
    for (const DocPath& path : rule.compiled) {
      const auto texts = path.texts(root, limits::kExtractedKeys);
      for (std::string_view text : texts) {
        if (out.keys.size() >= limits::kExtractedKeys) break;
        LT_ASSIGN(std::string value, bounded(text, path.text()));
        out.keys.push_back({rule.name, std::move(value)});
      }
      if (!texts.empty()) break;
    }
  if (type.order_key) {
    LT_ASSIGN(const std::string value, required_key(*type.order_key, root, "order key"));
    out.order_key = type.order_key->space + ":" + value;
  }
  if (type.dedupe_key) {
    LT_ASSIGN(out.dedupe_key, required_key(*type.dedupe_key, root, "dedupe key"));
  }
  if (type.sender) {
    const auto text = type.sender->first_text(root);
    // Rights are judged by it: without it, whoever leaves it out would pass as nobody in particular.
    if (!text || text->empty())
      return fail(Error(Code::missing_field, "the sender is taken from it").at(type.sender->path.value));
    out.from = std::string(*text);
  }
  if (type.receivers)
    for (const DocPath& path : type.receivers->compiled) {
      const auto texts = path.texts(root, limits::kReceivers + 1);
      if (texts.size() > limits::kReceivers)
        return fail(Error(Code::too_large, fmt::format("more than {} receivers", limits::kReceivers)).at(path.text()));
      out.receivers.assign(texts.begin(), texts.end());
      if (!texts.empty()) break;
    }
  if (type.urgency)
    if (const auto text = type.urgency->first_text(root);
        text && text->size() == 1 && (*text)[0] >= '0' && (*text)[0] <= '4')
      out.urgency = static_cast<Urgency>((*text)[0] - '0');
  if (type.trace)
    if (const auto text = type.trace->first_text(root); text && text->size() <= limits::kExtractedKey)
      out.trace = std::string(*text);
  if (type.correlation)
    if (const auto text = type.correlation->first_text(root)) {
      LT_ASSIGN(out.correlation, bounded(*text, type.correlation->path.value));
    }
  find_attachments(type, root, out.attachments);
  return out;
}

}  // namespace lt::schema
