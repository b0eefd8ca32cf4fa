#include "core/schema/schema_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/limits.h"
#include "core/config/yaml.h"
#include "core/schema/json_schema.h"
#include "core/schema/xsd.h"

namespace lt::schema {
namespace {

constexpr int kDepth = 4;  // folders in folders

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() > ending.size() && text.substr(text.size() - ending.size()) == ending;
}

// Files below `folder`, folders entered. A name with a dot is a file, as all of ours have endings.
void list_files(Env& env, const std::string& root, const std::string& folder, int depth, std::vector<std::string>& out,
                config::Diagnostics& diagnostics) {
  const std::string path = folder.empty() ? root : root + "/" + folder;
  auto names = env.list(path);
  if (!names) {
    if (folder.empty()) diagnostics.error(Code::file_missing, Place{path, 0, 0, {}}, names.error().detail);
    return;
  }
  for (const std::string& name : *names) {
    const std::string below = folder.empty() ? name : folder + "/" + name;
    if (out.size() >= limits::kSchemaFiles) return;
    if (name.find('.') != std::string::npos)
      out.push_back(below);
    else if (depth > 0)
      list_files(env, root, below, depth - 1, out, diagnostics);
  }
}

bool is_json_schema(std::string_view name) { return ends_with(name, ".schema.json"); }
bool is_xsd(std::string_view name) { return ends_with(name, ".xsd"); }

template <class Compiled>
std::shared_ptr<const Compiled> compiled(const MessageType& type, config::Diagnostics& diagnostics) {
  auto out = Compiled::compile(type.model);
  if (out) return std::make_shared<const Compiled>(std::move(*out));
  diagnostics.add(out.error(), type.file.place);
  return nullptr;
}

// A schema named it, so its text is there.
std::shared_ptr<const CodeList> read_codes(SchemaFiles& files, const std::string& name,
                                           config::Diagnostics& diagnostics) {
  const auto text = files.text(name);
  if (!text) return nullptr;
  return std::make_shared<const CodeList>(
      CodeList::load(config::parse_csv(**text, files.shown(name), diagnostics), diagnostics));
}

}  // namespace

std::vector<std::string> schema_names(Env& env, const std::string& root) {
  config::Diagnostics unlisted;
  std::vector<std::string> names;
  list_files(env, root, "", kDepth, names, unlisted);
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return !is_json_schema(name) && !is_xsd(name); }),
              names.end());
  return names;
}

Result<void> MessageType::check(const Node* root) const {
  Problems problems;
  const bool good = checker != nullptr ? schema::check(*checker, root, problems)
                    : xsd != nullptr   ? schema::check(*xsd, root, problems, file.root)
                                       : true;
  if (good) return {};
  return fail(problems.error());
}

bool MessageType::parts_are(const Model& schema) const {
  const auto found = model && file.split ? model->lookup(file.split->value, file.root) : Result<Found>(Found());
  if (!found || !found->declared()) return false;
  const TypeId items = model->items(found->type);
  const Place& place = model->type(items == kNoType ? found->type : items).place;
  return std::any_of(schema.roots.begin(), schema.roots.end(), [&](const Field& root) {
    const Place& other = schema.type(root.type).place;
    return std::tie(place.file, place.line, place.column) == std::tie(other.file, other.line, other.column);
  });
}

std::shared_ptr<const SchemaStore> SchemaStore::load(Env& env, const std::string& root,
                                                     config::Diagnostics& diagnostics) {
  const size_t before = diagnostics.errors();
  auto store = std::make_shared<SchemaStore>();
  SchemaFiles files(env, root, diagnostics);
  std::vector<std::string> names;
  list_files(env, root, "", kDepth, names, diagnostics);
  if (names.size() >= limits::kSchemaFiles)
    diagnostics.error(Code::too_large, Place{root, 0, 0, {}}, fmt::format("more than {} files", limits::kSchemaFiles));
  for (const std::string& name : names) {
    std::shared_ptr<const Model> model;
    if (is_json_schema(name)) model = read_json_schema(files, name, diagnostics);
    if (is_xsd(name)) model = read_xsd(files, name, diagnostics);
    if (model == nullptr) continue;
    for (const Type& type : model->types) {
      if (type.codes.empty()) continue;
      auto& list = store->code_lists_[type.codes];
      if (list == nullptr) list = read_codes(files, type.codes, diagnostics);
    }
    store->models_[name] = std::move(model);
  }
  const bool readable = diagnostics.errors() == before;
  for (const std::string& name : names) {
    if (!ends_with(name, ".type.yaml")) continue;
    const config::Value value = config::parse_yaml_file(env, files.shown(name), diagnostics);
    if (value.is_null()) continue;
    MessageType type;
    type.file = read_type_file(value, name, diagnostics);
    if (!type.file.schema.empty()) {
      type.model = store->model(type.file.schema);
      if (type.model != nullptr && type.model->format != type.file.format)
        diagnostics.error(Code::bad_type_file, type.file.place,
                          fmt::format("{} is of another format", type.file.schema));
      else if (type.model != nullptr)
        check_paths(type.file, *type.model, diagnostics);
      else if (readable)
        diagnostics.error(Code::bad_type_file, type.file.place, fmt::format("there is no schema {}", type.file.schema));
    }
    if (type.model != nullptr && type.model->format == Format::json)
      type.checker = compiled<CompiledSchema>(type, diagnostics);
    if (type.model != nullptr && type.model->format == Format::xml) type.xsd = compiled<CompiledXsd>(type, diagnostics);
    store->types_[type.file.type] = std::move(type);
  }
  return diagnostics.errors() == before ? store : nullptr;
}

const MessageType* SchemaStore::find(std::string_view type) const {
  const auto found = types_.find(type);
  return found == types_.end() ? nullptr : &found->second;
}

std::shared_ptr<const CodeList> SchemaStore::code_list(std::string_view file) const {
  const auto found = code_lists_.find(file);
  return found == code_lists_.end() ? nullptr : found->second;
}

std::shared_ptr<const Model> SchemaStore::model(std::string_view file) const {
  const auto found = models_.find(file);
  return found == models_.end() ? nullptr : found->second;
}

}  // namespace lt::schema
