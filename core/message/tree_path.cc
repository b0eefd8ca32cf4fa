#include "core/message/tree_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lt {
namespace {

Result<size_t> read_index(std::string_view text, size_t& at, std::string_view whole) {
  const size_t close = text.find(']', at);
  size_t index = 0;
  const char* const end = text.data() + std::min(close, text.size());
  const auto [stop, bad] = std::from_chars(text.data() + at, end, index);
  if (close == std::string_view::npos || bad != std::errc() || stop != end)
    return fail(Code::usage, fmt::format("\"{}\" is no path", whole), {}, "paths look like $.A.B[2].C");
  at = close + 1;
  return index;
}

Result<std::string> read_quoted(std::string_view text, size_t& at, std::string_view whole) {
  const size_t close = text.find("\"]", at);
  if (close == std::string_view::npos)
    return fail(Code::usage, fmt::format("\"{}\" is no path", whole), {}, "a name with dots stands in [\"...\"]");
  std::string name(text.substr(at, close - at));
  at = close + 2;
  return name;
}

const Node* nth_of_name(const Node* object, const DocumentStep& step) {
  size_t left = step.index.value_or(0);
  for (const Node* at = object->first; at; at = at->next)
    if (at->name == step.name && left-- == 0) return at;
  return nullptr;
}

const Node* nth_item(const Node* array, size_t index) {
  const Node* at = array->first;
  while (at && index-- > 0) at = at->next;
  return at;
}

}  // namespace

Result<std::vector<DocumentStep>> parse_document_path(std::string_view whole) {
  std::string_view text = whole;
  std::vector<DocumentStep> out;
  size_t at = 0;
  if (text.substr(0, 1) == "$") {
    at = 1;
    if (text.size() > 1 && text[1] != '.' && text[1] != '[')
      return fail(Code::usage, fmt::format("\"{}\" is no path", whole), {}, "after $ comes a dot");
    if (text.size() > 1 && text[1] == '.') at = 2;
    if (at == 2 && text.size() == 2) return fail(Code::usage, fmt::format("\"{}\" is no path", whole));
  }
  while (at < text.size()) {
    if (text.substr(at, 2) == "[\"") {
      at += 2;
      LT_ASSIGN(std::string name, read_quoted(text, at, whole));
      out.push_back({std::move(name), {}});
    } else if (text[at] == '[') {
      LT_ASSIGN(const size_t index, read_index(text, ++at, whole));
      if (out.empty() || out.back().index) out.push_back({});
      out.back().index = index;
    } else {
      const size_t end = std::min(text.find_first_of(".[", at), text.size());
      if (end == at) return fail(Code::usage, fmt::format("\"{}\" is no path", whole), {}, "a name is missing");
      out.push_back({std::string(text.substr(at, end - at)), {}});
      at = end;
    }
    if (at < text.size() && text[at] == '.' && ++at == text.size())
      return fail(Code::usage, fmt::format("\"{}\" is no path", whole), {}, "a name is missing");
  }
  return out;
}

std::string without_indexes(const std::vector<DocumentStep>& path) {
  std::string out;
  for (const DocumentStep& step : path)
    if (!step.name.empty()) out.append(out.empty() ? "" : ".").append(step.name);
  return out;
}

FoundNode find_node(const Node* root, const std::vector<DocumentStep>& path) {
  const Node* at = root;
  for (size_t i = 0; i < path.size(); ++i) {
    const DocumentStep& step = path[i];
    const bool last = i + 1 == path.size();
    const Node* next = nullptr;
    if (step.name.empty()) {
      next = at->kind == Kind::array ? nth_item(at, *step.index) : nullptr;
    } else if (at->kind == Kind::object) {
      const Node* array = at->find(step.name);
      if (!array || array->kind != Kind::array)
        next = nth_of_name(at, step);
      else if (!step.index && last)
        next = array;
      else
        next = nth_item(array, step.index.value_or(0));
      if (!next && array && array->kind == Kind::array) return {nullptr, array};
    }
    if (!next) return {nullptr, at};
    at = next;
  }
  return {at, at};
}

Node* node_at(Node* root, const std::vector<DocumentStep>& path) {
  return const_cast<Node*>(find_node(root, path).node);
}

}  // namespace lt
