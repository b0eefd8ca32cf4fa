#include "core/adapter/reply.h"

#include "core/codec/json.h"
#include "core/message/tree.h"

namespace lt::adapter {
namespace {

const Node* at_path(const Node* node, std::string_view path) {
  while (node && !path.empty()) {
    const size_t dot = path.find('.');
    node = node->find(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return node;
}

std::string scalar_text(const Node* node) {
  if (!node) return {};
  if (node->kind == Kind::boolean) return node->flag ? "true" : "false";
  return node->kind == Kind::text || node->kind == Kind::number ? std::string(node->text) : std::string();
}

std::string first_of(const Node* root, const std::vector<std::string>& paths) {
  for (const auto& path : paths)
    if (auto text = scalar_text(at_path(root, path)); !text.empty()) return text;
  return {};
}

}  // namespace

Reply read_reply(const net::Response& response, const ReplyFields& fields) {
  Reply reply;
  reply.status = response.status;
  Tree tree;
  if (!codec::parse_json(response.body, tree) || tree.root()->kind != Kind::object) {
    reply.text = response.body;
    return reply;
  }
  reply.code = first_of(tree.root(), fields.code);
  reply.reference = first_of(tree.root(), fields.reference);
  for (const auto& path : fields.text) {
    const std::string words = scalar_text(at_path(tree.root(), path));
    if (!words.empty()) reply.text += (reply.text.empty() ? "" : "; ") + words;
  }
  return reply;
}

Outcome judge_call(const net::CallResult& result, const ReplyFields& fields, const ReplyRules& rules) {
  if (!result) return judge_failure(result.error().error, result.error().sent);
  return rules.judge(read_reply(*result, fields));
}

}  // namespace lt::adapter
