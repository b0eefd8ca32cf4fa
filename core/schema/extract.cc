#include <fmt/format.h>

#include <algorithm>
#include <set>

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

Result<std::string> required_key(const KeyPaths& rule, const Scope& scope, const char* what) {
  const auto text = rule.first_text(scope);
  if (text) return bounded(*text, rule.path.value);
  Error missing(Code::missing_field, fmt::format("the {} is taken from {}", what, scope.part ? rule.path.value : "it"));
  return fail(std::move(missing).at(scope.part ? path_of(scope.part) : rule.path.value));
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

template <class T>
void add_new(std::vector<T>& all, const std::vector<T>& more, std::set<T>& known) {
  for (const T& one : more)
    if (known.insert(one).second) all.push_back(one);
}

// The keys, order and receivers of one part, or of a document that is one.
Result<ExtractedPart> extract_part(const TypeFile& type, const Scope& scope) {
  ExtractedPart out;
  for (const BusinessKeyRule& rule : type.business_keys)
    for (const std::string_view text : rule.texts(scope, limits::kExtractedKeys)) {
      if (out.keys.size() >= limits::kExtractedKeys) break;
      LT_ASSIGN(std::string value, bounded(text, rule.path.value));
      out.keys.push_back({rule.name, std::move(value)});
    }
  if (type.order_key) {
    LT_ASSIGN(const std::string value, required_key(*type.order_key, scope, "order key"));
    out.order_key = type.order_key->space + ":" + value;
  }
  if (type.receivers) {
    const auto texts = type.receivers->texts(scope, limits::kReceivers + 1);
    if (texts.size() > limits::kReceivers)
      return fail(Error(Code::too_large, fmt::format("more than {} receivers", limits::kReceivers))
                      .at(type.receivers->path.value));
    out.receivers.assign(texts.begin(), texts.end());
  }
  return out;
}

Result<std::string> sender_of(const TypeFile& type, const Scope& scope) {
  const auto text = type.sender->first_text(scope);
  // Rights are judged by it: without it, whoever leaves it out would pass as nobody in particular.
  if (!text || text->empty())
    return fail(Error(Code::missing_field, "the sender is taken from it").at(type.sender->path.value));
  return std::string(*text);
}

Result<void> add_tie(const TypeFile& type, const Scope& scope, size_t part, std::vector<Tie>& out) {
  const auto text = type.correlation->first_text(scope);
  if (!text) return {};
  Tie tie;
  LT_ASSIGN(const std::string value, bounded(*text, type.correlation->path.value));
  tie.key = type.correlation->space + ":" + value;
  tie.answer = type.correlation->role == CorrelationRole::answer;
  tie.part = static_cast<uint16_t>(part);
  if (type.answers) {
    if (const auto code = type.answers->first_text(scope)) {
      LT_ASSIGN(tie.code, bounded(*code, type.answers->path.value));
      tie.kind = type.answers->kind_of(tie.code);
    }
  }
  out.push_back(std::move(tie));
  return {};
}

bool leads_into_parts(const KeyPaths& rule) {
  return std::any_of(rule.in_part.begin(), rule.in_part.end(), [](const DocPath& path) { return !path.empty(); });
}

Result<std::vector<const Node*>> find_parts(const TypeFile& type, const Node* root) {
  auto nodes = type.split_path.all(root, limits::kSplitParts + 1);
  if (nodes.empty()) return fail(Error(Code::bad_parts, "there is no part").at(type.split->value));
  if (nodes.size() > limits::kSplitParts)
    return fail(Error(Code::bad_parts, fmt::format("more than {} parts", limits::kSplitParts)).at(type.split->value));
  return nodes;
}

Result<void> extract_parts(const TypeFile& type, const Node* root, Extracted& out) {
  LT_ASSIGN(const auto nodes, find_parts(type, root));
  std::set<BusinessKey> keys;
  std::set<std::string> receivers;
  for (const Node* node : nodes) {
    const Scope scope{root, node};
    LT_ASSIGN(ExtractedPart part, extract_part(type, scope));
    add_new(out.keys, part.keys, keys);
    add_new(out.receivers, part.receivers, receivers);
    out.parts.push_back(std::move(part));
    if (type.sender) {
      LT_ASSIGN(std::string from, sender_of(type, scope));
      if (!out.from.empty() && from != out.from)
        return fail(Error(Code::schema_violation, "the parts of one message have one sender").at(path_of(node)));
      out.from = std::move(from);
    }
    if (type.correlation && (leads_into_parts(*type.correlation) || (type.answers && leads_into_parts(*type.answers))))
      LT_TRY(add_tie(type, scope, out.parts.size(), out.ties));
  }
  return {};
}

}  // namespace

Result<Extracted> extract(const TypeFile& type, const Node* root) {
  Extracted out;
  const Scope scope{root, nullptr};
  if (type.split) {
    LT_TRY(extract_parts(type, root, out));
  } else {
    LT_ASSIGN(ExtractedPart whole, extract_part(type, scope));
    out.keys = std::move(whole.keys);
    out.order_key = std::move(whole.order_key);
    out.receivers = std::move(whole.receivers);
    if (type.sender) {
      LT_ASSIGN(out.from, sender_of(type, scope));
    }
  }
  if (type.dedupe_key) {
    LT_ASSIGN(out.dedupe_key, required_key(*type.dedupe_key, scope, "dedupe key"));
  }
  if (type.urgency)
    if (const auto text = type.urgency->first_text(scope);
        text && text->size() == 1 && (*text)[0] >= '0' && (*text)[0] <= '4')
      out.urgency = static_cast<Urgency>((*text)[0] - '0');
  if (type.trace)
    if (const auto text = type.trace->first_text(scope); text && text->size() <= limits::kExtractedKey)
      out.trace = std::string(*text);
  if (type.correlation && out.ties.empty()) LT_TRY(add_tie(type, scope, 0, out.ties));
  find_attachments(type, root, out.attachments);
  return out;
}

}  // namespace lt::schema
