#include "core/workshop/draft_left.h"

#include <map>

#include "core/workshop/draft_names.h"

namespace lt::workshop {
namespace {

std::string listed(const std::set<std::string>& names, const char* after = "") {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name + after;
  return out;
}

// Arrays among the paths, and the names of the other ones by their object.
struct Sorted {
  std::string arrays;
  std::map<std::string, std::vector<std::string>> names;
};
Sorted sorted(const DraftLeft& left) {
  Sorted out;
  for (const std::string& path : left.paths) {
    const auto found = left.model.lookup(path, left.root.name);
    if (!found || found->steps.empty()) continue;
    const schema::Field& field = *found->steps.back();
    if (field.max_occurs > 1 || (found->declared() && left.model.items(found->type) != schema::kNoType)) {
      out.arrays += (out.arrays.empty() ? "" : ", ") + path;
    } else {
      const size_t dot = path.rfind('.');
      out.names[dot == path.npos ? "" : path.substr(0, dot + 1)].push_back(field.name);
    }
  }
  return out;
}
void pair_up(const Sorted& fields, const Sorted& arrays, std::vector<std::string>& out) {
  if (arrays.arrays.empty()) return;
  for (const auto& [object, names] : fields.names)
    for (const PrefixFamily& family : prefix_families(names))
      out.push_back(object + listed(family.prefixes, "*") + ": " + listed(family.names) + " <-> " + arrays.arrays);
}

}  // namespace

std::string choice_text(const schema::Model& model, schema::TypeId parent, const schema::Field& field,
                        const std::string& path) {
  std::string out = path;
  for (const schema::Field* other : model.fields(parent))
    if (other->choice == field.choice && other->branch != field.branch) out += " | " + other->name;
  return out;
}

std::vector<std::string> spread_texts(const DraftLeft& source, const DraftLeft& target) {
  std::vector<std::string> out;
  const Sorted from = sorted(source), to = sorted(target);
  pair_up(from, to, out);
  pair_up(to, from, out);
  return out;
}

}  // namespace lt::workshop
