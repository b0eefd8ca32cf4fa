#include "core/schema/doc_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"

namespace lt::schema {
namespace {

void select(const Node* at, const std::vector<std::string>& steps, size_t step, size_t most,
            std::vector<const Node*>& out) {
  if (out.size() >= most) return;
  if (at->kind == Kind::array) {
    for (const Node* item = at->first; item != nullptr; item = item->next) select(item, steps, step, most, out);
    return;
  }
  if (step == steps.size()) {
    out.push_back(at);
    return;
  }
  for (const Node* child = at->first; child != nullptr; child = child->next)
    if (child->name == steps[step]) select(child, steps, step + 1, most, out);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t from = text.find_first_not_of(kBlanks);
  return from == text.npos ? std::string_view() : text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

}  // namespace

Result<DocPath> DocPath::parse(std::string_view text) {
  auto refuse = [&](const char* why) { return fail(Code::unknown_path, fmt::format("\"{}\": {}", text, why)); };
  DocPath out;
  out.text_ = std::string(text);
  std::string_view rest = text;
  if (rest.empty() || rest.size() > limits::kName) return refuse("a path is 1 to 512 characters");
  if (rest[0] == '$') rest.remove_prefix(1);
  if (rest.substr(0, 2) == "[]") rest.remove_prefix(2);
  if (!rest.empty() && rest[0] == '.')
    rest.remove_prefix(1);
  else if (!rest.empty() && text[0] == '$')
    return refuse("after $ comes a dot");
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('.'), rest.size());
    std::string_view step = rest.substr(0, end);
    while (step.size() > 2 && step.substr(step.size() - 2) == "[]") step.remove_suffix(2);
    if (step.empty() || step.find_first_of("[]$ \t") != step.npos) return refuse("steps are names, each may end in []");
    out.steps_.emplace_back(step);
    rest.remove_prefix(end);
    if (rest == ".") return refuse("ends in a dot");
    if (!rest.empty()) rest.remove_prefix(1);
  }
  return out;
}

std::optional<DocPath> DocPath::below(const DocPath& base) const {
  if (base.steps_.size() > steps_.size() || !std::equal(base.steps_.begin(), base.steps_.end(), steps_.begin()))
    return std::nullopt;
  DocPath out;
  out.text_ = text_;
  out.steps_.assign(steps_.begin() + static_cast<ptrdiff_t>(base.steps_.size()), steps_.end());
  return out;
}

std::vector<const Node*> DocPath::all(const Node* root, size_t most) const {
  std::vector<const Node*> out;
  if (!empty() && root != nullptr) select(root, steps_, 0, most, out);
  return out;
}

std::optional<std::string_view> DocPath::first_text(const Node* root) const {
  for (const Node* node : all(root, limits::kReceivers))
    if (auto text = scalar_text(node)) return text;
  return std::nullopt;
}

std::vector<std::string_view> DocPath::texts(const Node* root, size_t most) const {
  std::vector<std::string_view> out;
  for (const Node* node : all(root, most))
    if (auto text = scalar_text(node)) out.push_back(*text);
  return out;
}

std::optional<std::string_view> scalar_text(const Node* node) {
  std::string_view text;
  if (node->kind == Kind::object) {
    const Node* inner = node->find("#text");
    return inner == nullptr ? std::nullopt : scalar_text(inner);
  }
  if (node->kind == Kind::text || node->kind == Kind::number) text = trim(node->text);
  if (node->kind == Kind::boolean) text = node->flag ? "true" : "false";
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace lt::schema
