#include "core/workshop/open_mapping.h"

#include <fmt/format.h>

#include "core/config/yaml.h"
#include "core/mapping/invert.h"

namespace lt::workshop {
namespace {

using mapping::MappingStore;

constexpr std::string_view kEnding = ".map.yaml";
constexpr size_t kFolderDepth = 8;

// A name without a dot is taken for a folder.
void collect(Env& env, const std::string& folder, size_t depth, std::vector<std::string>& out) {
  const auto names = env.list(folder);
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.ends_with(kEnding))
      out.push_back(folder + "/" + name);
    else if (name.find('.') == std::string::npos && depth < kFolderDepth)
      collect(env, folder + "/" + name, depth + 1, out);
  }
}

std::string name_in(Env& env, const std::string& file) {
  config::Diagnostics unused;
  const config::Value value = config::parse_yaml_file(env, file, unused);
  const config::Value* name = value.find("mapping");
  return name ? name->text : std::string();
}

}  // namespace

Result<std::vector<std::string>> mapping_files(Env& env, const std::string& folder) {
  LT_TRY(env.list(folder));
  std::vector<std::string> out;
  collect(env, folder, 0, out);
  return out;
}

Result<std::string> mapping_file(Env& env, const MappingPlace& place, const std::string& named) {
  const bool file = named.find('/') != std::string::npos || named.ends_with(".yaml");
  LT_ASSIGN(const bool there, env.exists(named));
  if (file || (there && named.ends_with(kEnding))) {
    if (there) return named;
    return fail(Code::unknown_mapping, fmt::format("there is no file {}", named));
  }
  LT_ASSIGN(const auto files, mapping_files(env, place.mappings));
  std::vector<std::string> names;
  for (const std::string& at : files) {
    names.push_back(name_in(env, at));
    if (names.back() == named) return at;
  }
  return fail(Code::unknown_mapping, fmt::format("\"{}\" is no mapping in {}", named, place.mappings), {},
              config::suggestion(named, names));
}

Result<std::string> schemas_for(Env& env, const MappingPlace& place, const std::string& file) {
  if (!place.schemas.empty()) return place.schemas;
  std::string folder = file;
  size_t above = 0;
  while (above <= kFolderDepth) {
    const size_t slash = folder.rfind('/');
    std::string candidate;
    if (slash != std::string::npos) {
      folder.resize(slash);
      candidate = folder + "/schemas";
    } else if (file.starts_with('/')) {
      break;
    } else {
      // Above the first folder of a relative path.
      for (size_t i = 0; i < above; ++i) candidate += "../";
      candidate += "schemas";
      ++above;
    }
    LT_ASSIGN(const bool there, env.exists(candidate));
    if (there) return candidate;
  }
  if (file.starts_with('/')) return schemas_for(env, place, "");
  return fail(Code::io_error, fmt::format("no folder \"schemas\" beside or above {}", file.empty() ? "here" : file), {},
              "name it with --schemas");
}

Result<MappingStore::Entry> open_mapping(Env& env, const MappingPlace& place, const std::string& named,
                                         config::Diagnostics& diagnostics) {
  LT_ASSIGN(const std::string file, mapping_file(env, place, named));
  LT_ASSIGN(const std::string schemas, schemas_for(env, place, file));
  return MappingStore::load_file(env, file, schemas, diagnostics);
}

Result<std::shared_ptr<const mapping::Mapping>> way_back(const MappingStore::Entry& entry) {
  if (entry.reverse) return entry.reverse;
  if (entry.file.no_reverse)
    return fail(Code::no_reverse, fmt::format("{} says reverse: none", entry.file.name.text), entry.file.promise.place);
  mapping::Inverse inverse = mapping::invert(entry.file, entry.parts);
  inverse.file.partial = true;
  config::Diagnostics found;
  if (auto made = mapping::compile(inverse.file, mapping::reversed(entry.parts), found)) return made;
  for (const config::Finding& at : found.findings())
    if (at.severity == config::Severity::error)
      return fail(Code::no_reverse, fmt::format("in reverse: {} {}", code_text(at.code), at.message), at.place,
                  at.hint);
  return fail(Code::no_reverse, entry.file.name.text);
}

}  // namespace lt::workshop
