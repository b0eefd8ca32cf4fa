#include "core/workshop/round_trip.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/workshop/document.h"

namespace lt::workshop {
namespace {

// All values at a path without indexes, arrays and repeated elements entered. Depth is that of the path and of arrays.
void collect(const Node* at, const std::vector<DocumentStep>& path, size_t step, std::vector<const Node*>& out) {
  if (at->kind == Kind::array) {
    for (const Node* item = at->first; item; item = item->next) collect(item, path, step, out);
    return;
  }
  if (step == path.size()) return out.push_back(at);
  if (at->kind != Kind::object) {
    // An element without attributes is a text.
    if (path[step].name == "#text" && step + 1 == path.size()) out.push_back(at);
    return;
  }
  for (const Node* child = at->first; child; child = child->next)
    if (child->name == path[step].name) collect(child, path, step + 1, out);
}

bool same_text(const Node* a, const Node* b) {
  const auto written = [](const Node* at) { return at->kind == Kind::number || at->kind == Kind::text; };
  return written(a) && written(b) && a->text == b->text;
}

}  // namespace

std::vector<mapping::Difference> exact_differences(const mapping::Reversal& reversal, const Node* source,
                                                   const Node* back, bool xml, size_t most) {
  std::vector<mapping::Difference> out;
  for (const mapping::FieldFidelity& field : reversal.fields) {
    if (field.fidelity != mapping::Fidelity::exact || out.size() >= most) continue;
    const auto path = parse_document_path(field.path);
    if (!path) continue;
    std::vector<const Node*> before, after;
    collect(source, *path, 0, before);
    collect(back, *path, 0, after);
    if (before.size() != after.size()) {
      out.push_back({field.path, fmt::format("{} values", before.size()), fmt::format("{} values", after.size())});
      continue;
    }
    for (size_t i = 0; i < before.size() && out.size() < most; ++i) {
      if (same_text(before[i], after[i])) continue;
      for (auto& one : mapping::compare(before[i], after[i], xml, most - out.size())) out.push_back(std::move(one));
    }
  }
  return out;
}

}  // namespace lt::workshop
