#include "core/schema/schema_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"

namespace lt::schema {
namespace {

// The JSON parser gives no positions but leaves names and texts where they stood in the buffer, so that every node can
// be placed afterwards; what has neither stands where its first child or its parent does.
class Placer {
 public:
  Placer(const char* base, std::string_view source) : base_(base), source_(source) {
    for (size_t at = source_.find('\n'); at != source_.npos; at = source_.find('\n', at + 1)) lines_.push_back(at + 1);
  }

  void place(Node* node, const Node* parent) {
    size_t at = offset(node->name);
    if (at == kNowhere) at = offset(node->text);
    if (at == kNowhere && node->first != nullptr) at = offset(node->first->name);
    if (at != kNowhere && at > 0 && source_[at - 1] == '"') --at;
    if (at != kNowhere) {
      const auto line = std::upper_bound(lines_.begin(), lines_.end(), at) - 1;
      node->line = static_cast<uint32_t>(line - lines_.begin()) + 1;
      node->column = static_cast<uint32_t>(count_code_points(source_.substr(*line, at - *line))) + 1;
    } else if (parent != nullptr) {
      node->line = parent->line;
      node->column = parent->column;
    }
    for (Node* child = node->first; child != nullptr; child = child->next) place(child, node);
  }

 private:
  static constexpr size_t kNowhere = static_cast<size_t>(-1);
  size_t offset(std::string_view text) const {
    const bool inside = !text.empty() && text.data() >= base_ && text.data() < base_ + source_.size();
    return inside ? static_cast<size_t>(text.data() - base_) : kNowhere;
  }

  const char* base_;
  std::string_view source_;
  std::vector<size_t> lines_{0};
};

}  // namespace

SchemaFiles::SchemaFiles(Env& env, std::string root, config::Diagnostics& diagnostics)
    : env_(env), root_(std::move(root)), diagnostics_(diagnostics) {}

Result<std::string> SchemaFiles::resolve(std::string_view from, std::string_view reference) {
  auto refuse = [&](const char* why) { return fail(Code::schema_reference, fmt::format("\"{}\" {}", reference, why)); };
  if (reference.find(':') != reference.npos) return refuse("is an address; schemas are never fetched from the network");
  if (reference.empty() || reference[0] == '/') return refuse("is no path relative to the file it stands in");
  std::vector<std::string_view> parts;
  std::string_view rest = from.substr(0, from.rfind('/') == from.npos ? 0 : from.rfind('/') + 1);
  for (std::string_view side : {rest, reference}) {
    while (!side.empty()) {
      const size_t end = std::min(side.find('/'), side.size());
      const std::string_view part = side.substr(0, end);
      side.remove_prefix(std::min(end + 1, side.size()));
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (parts.empty()) return refuse("leads out of the schemas folder");
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

void SchemaFiles::put(const std::string& name, std::string text) {
  texts_[name] = std::make_shared<const std::string>(std::move(text));
  diagnostics_.add_source(shown(name), texts_[name]);
}

Result<std::shared_ptr<const std::string>> SchemaFiles::text(const std::string& name) {
  if (auto known = texts_.find(name); known != texts_.end()) return known->second;
  if (texts_.size() >= limits::kSchemaFiles)
    return fail(Code::too_large, fmt::format("more than {} schema files", limits::kSchemaFiles));
  auto bytes = read_file(env_, shown(name), limits::kSchemaFile);
  if (!bytes) return fail(Error(Code::file_missing, shown(name)).because(std::move(bytes).error()));
  put(name, std::move(*bytes));
  return texts_[name];
}

Result<std::shared_ptr<const Tree>> SchemaFiles::json(const std::string& name) {
  if (auto known = trees_.find(name); known != trees_.end()) return known->second;
  LT_ASSIGN(const auto source, text(name));
  auto tree = std::make_shared<Tree>();
  // Longer than any small-string buffer, so that moving it leaves the bytes where they are.
  std::string buffer = *source;
  buffer.append(std::max<size_t>(buffer.size(), 64) - buffer.size(), ' ');
  const char* base = buffer.data();
  if (auto parsed = codec::parse_json(std::move(buffer), *tree); !parsed) {
    parsed.error().place.file = shown(name);
    return fail(std::move(parsed).error());
  }
  Placer(base, *source).place(tree->root(), nullptr);
  return trees_[name] = std::move(tree);
}

Result<std::shared_ptr<const Tree>> SchemaFiles::xml(const std::string& name) {
  if (auto known = trees_.find(name); known != trees_.end()) return known->second;
  LT_ASSIGN(const auto source, text(name));
  auto tree = std::make_shared<Tree>();
  if (auto parsed = codec::parse_xml(std::string_view(*source), *tree); !parsed) {
    parsed.error().place.file = shown(name);
    return fail(std::move(parsed).error());
  }
  return trees_[name] = std::move(tree);
}

Place SchemaFiles::place(const std::string& name, const Node* node) const {
  return Place{shown(name), static_cast<int>(node->line), static_cast<int>(node->column), {}};
}

}  // namespace lt::schema
