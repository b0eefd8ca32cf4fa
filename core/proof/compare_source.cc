#include "core/proof/compare_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/compare.h"
#include "core/mapping/program.h"
#include "core/proof/rule_walk.h"

namespace lt::proof {
namespace {

using mapping::Fidelity;
using mapping::FieldFidelity;

bool attribute_of_schema(const Node* node) { return node->ns == mapping::kXsi; }

class Comparison {
 public:
  Comparison(const mapping::Reversal& reversal, const std::vector<std::string>& kept)
      : reversal_(reversal), kept_(kept) {}

  // Depth is that of the documents.
  void nodes(const Node* a, const Node* b, const std::string& path, const std::string& plain) {
    if (out.size() >= kMost || (a == nullptr && b == nullptr)) return;
    const bool list = is(a, Kind::array) || is(b, Kind::array);
    if (list) return items(children(a, ""), children(b, ""), path, plain);
    if (is(a, Kind::object) || is(b, Kind::object)) return object(a, b, path, plain);
    leaf(a, b, path, plain);
  }

  std::vector<SourceLoss> out;

 private:
  static constexpr size_t kMost = 8;
  using Nodes = std::vector<const Node*>;

  static bool is(const Node* node, Kind kind) { return node != nullptr && node->kind == kind; }

  static Nodes children(const Node* of, std::string_view name) {
    Nodes out;
    if (of == nullptr || of->scalar()) return out;
    for (const Node* at = of->first; at != nullptr; at = at->next)
      if (at->name == name || of->kind == Kind::array) out.push_back(at);
    return out;
  }

  void object(const Node* a, const Node* b, const std::string& path, const std::string& plain) {
    std::vector<std::string_view> names;
    for (const Node* of : {a, b}) {
      if (!is(of, Kind::object)) continue;
      for (const Node* at = of->first; at != nullptr; at = at->next)
        if (!attribute_of_schema(at) && std::find(names.begin(), names.end(), at->name) == names.end())
          names.push_back(at->name);
    }
    // An element without attributes is a text.
    const bool element = (a != nullptr && a->kind == Kind::text) || (b != nullptr && b->kind == Kind::text);
    if (element && std::find(names.begin(), names.end(), "#text") == names.end()) names.push_back("#text");
    for (const std::string_view name : names) {
      const std::string below = fmt::format("{}.{}", path, name), plain_below = fmt::format("{}.{}", plain, name);
      if (name == "#text" && element) {
        nodes(text_of(a), text_of(b), below, plain_below);
        continue;
      }
      const Nodes in_a = children(is(a, Kind::object) ? a : nullptr, name);
      const Nodes in_b = children(is(b, Kind::object) ? b : nullptr, name);
      if (in_a.size() > 1 || in_b.size() > 1)
        items(in_a, in_b, below, plain_below);
      else
        nodes(in_a.empty() ? nullptr : in_a[0], in_b.empty() ? nullptr : in_b[0], below, plain_below);
    }
  }

  static const Node* text_of(const Node* node) {
    return node != nullptr && node->kind == Kind::object ? node->find("#text") : node;
  }

  void items(const Nodes& a, const Nodes& b, const std::string& path, const std::string& plain) {
    if (a.size() != b.size()) {
      const FieldFidelity* field = some_that_comes_back(plain);
      if (field != nullptr)
        out.push_back({Law::same_source, path, plain, fmt::format("a list of {} comes back as {}", a.size(), b.size()),
                       a.empty() ? nullptr : a[0]->parent, b.empty() ? nullptr : b[0]->parent, field->place});
      return;
    }
    for (size_t i = 0; i < a.size(); ++i) nodes(a[i], b[i], fmt::format("{}[{}]", path, i), plain);
  }

  const FieldFidelity* some_that_comes_back(const std::string& plain) const {
    for (const FieldFidelity& field : reversal_.fields)
      if (field.fidelity != Fidelity::lossy && mapping::covers(plain, field.path)) return &field;
    return nullptr;
  }

  bool kept(const std::string& plain) const {
    // The first step that is not declared stands in an object that keeps it.
    size_t end = plain.rfind('.');
    for (std::string at = plain.substr(0, end); !at.empty(); at = at.substr(0, end)) {
      if (std::find(kept_.begin(), kept_.end(), at) != kept_.end()) return true;
      const bool declared = std::any_of(reversal_.fields.begin(), reversal_.fields.end(),
                                        [&](const FieldFidelity& field) { return mapping::covers(at, field.path); });
      end = at.rfind('.');
      if (declared || end == std::string::npos) return false;
    }
    return false;
  }

  void leaf(const Node* a, const Node* b, const std::string& path, const std::string& plain) {
    const FieldFidelity* field = reversal_.find(plain);
    if (field == nullptr && (a == nullptr || b == nullptr || a->kind == b->kind))
      field = reversal_.find(plain + ".#text");
    if (field == nullptr) {
      if (kept(plain) && !mapping::compare(a, b, false, 1).empty())
        out.push_back({Law::rest, path, plain, "rest: keep does not bring it back", a, b, {}});
      return;
    }
    if (field->fidelity != Fidelity::exact) return;
    // 1 and "1" are the same text.
    const auto texts = [](const Node* node) { return node->kind == Kind::text || node->kind == Kind::number; };
    const bool same = a != nullptr && b != nullptr && (a->kind == b->kind || (texts(a) && texts(b))) &&
                      a->text == b->text && a->flag == b->flag;
    if (!same) out.push_back({Law::same_source, path, plain, "the mapping calls it exact", a, b, field->place});
  }

  const mapping::Reversal& reversal_;
  const std::vector<std::string>& kept_;
};

}  // namespace

std::vector<SourceLoss> compare_source(const mapping::Reversal& reversal, const std::vector<std::string>& kept,
                                       const Node* x, const Node* back) {
  Comparison comparison(reversal, kept);
  comparison.nodes(x, back, "$", "$");
  return std::move(comparison.out);
}

}  // namespace lt::proof
