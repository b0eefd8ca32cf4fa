#include "core/mapping/mapping_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "core/base/limits.h"
#include "core/config/yaml.h"
#include "core/schema/json_schema.h"
#include "core/schema/schema_files.h"
#include "core/schema/xsd.h"

namespace lt::mapping {
namespace {

using config::Diagnostics;

constexpr std::string_view kEnding = ".map.yaml";
constexpr std::string_view kReverse = ":reverse";
constexpr size_t kFolderDepth = 8;

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// "conf/../mappings" -> "mappings", which is what people read and editors open. Not where a link makes them differ.
std::string plain(const std::string& path) {
  const auto normal = std::filesystem::path(path).lexically_normal();
  std::error_code bad;
  return normal != path && std::filesystem::equivalent(path, normal, bad) && !bad ? normal.string() : path;
}

// Loads schemas and tables once, however many mappings name them.
class Loader {
 public:
  Loader(Env& env, const std::string& schemas, Diagnostics& out)
      : env_(env), files_(env, plain(schemas), out), out_(out), root_(plain(schemas)) {}

  MappingStore::Entry load(const std::string& named) {
    const std::string path = plain(named);
    MappingStore::Entry entry;
    const size_t before = out_.errors();
    const config::Value value = config::parse_yaml_file(env_, path, out_);
    if (out_.errors() != before) return entry;
    entry.file = read_rule_file(value, out_);
    const bool well_formed = out_.errors() == before;
    CompileParts& parts = entry.parts;
    const auto source = model(entry.file.source.schema), target = model(entry.file.target.schema);
    entry.models = {source, target};
    parts.source = source.get();
    parts.target = target.get();
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
    for (const TableUse& use : entry.file.tables)
      if (!use.file.text.empty()) parts.tables[use.name.text] = table(plain(joined(folder, use.file.text)));
    embedded(entry.file.rules, parts);
    for (const schema::Model* side : {source.get(), target.get()}) lists(side, parts);
    if (entry.file.stylesheet)
      parts.stylesheet = text_of(joined(folder, entry.file.stylesheet->text), *entry.file.stylesheet);
    if (!source || !target) return entry;
    auto mapping = compile(entry.file, parts, out_);
    if (!well_formed || out_.errors() != before) return entry;
    entry.mapping = std::move(mapping);
    turn_round(entry);
    return entry;
  }

 private:
  void turn_round(MappingStore::Entry& entry) {
    const Inverse inverse = invert(entry.file, entry.parts);
    entry.reversal = reversal(entry.file, entry.parts, inverse);
    check_promise(entry.file, entry.reversal, out_);
    if (entry.file.no_reverse || entry.file.stylesheet) return;
    Diagnostics found;
    entry.reverse = compile(inverse.file, reversed(entry.parts), found);
    entry.reverse_findings = found.findings();
    if (!entry.reverse && entry.file.promised)
      for (const config::Finding& at : entry.reverse_findings)
        if (at.severity == config::Severity::error)
          out_.error(Code::no_reverse, at.place, "in reverse: " + at.message, at.hint);
  }
  void lists(const schema::Model* model, CompileParts& parts) {
    if (!model) return;
    for (const schema::Type& type : model->types) {
      if (type.codes.empty()) continue;
      const auto [at, fresh] = lists_.try_emplace(type.codes);
      if (fresh)
        at->second = std::make_shared<const schema::CodeList>(
            schema::CodeList::load_file(env_, joined(root_, type.codes), out_));
      parts.lists[type.codes] = at->second;
    }
  }
  std::shared_ptr<const std::string> text_of(const std::string& path, const Text& name) {
    auto text = read_file(env_, path, limits::kStylesheet);
    if (text) return std::make_shared<const std::string>(std::move(*text));
    out_.error(Code::file_missing, name.place, text.error().detail);
    return nullptr;
  }
  void embedded(const std::vector<Rule>& rules, CompileParts& parts) {
    for (const Rule& rule : rules) {
      const Text& name = rule.embedded_schema;
      if (!name.text.empty()) parts.embedded[name.text] = model(name);
      embedded(rule.rules, parts);
      for (const Case& one : rule.cases) embedded(one.rules, parts);
    }
  }

 private:
  std::shared_ptr<const schema::Model> model(const Text& name) {
    if (name.text.empty()) return nullptr;
    const auto [at, fresh] = models_.try_emplace(name.text);
    if (fresh) {
      const size_t before = out_.errors();
      const bool xsd = name.text.ends_with(".xsd");
      at->second = xsd ? schema::read_xsd(files_, name.text, out_) : schema::read_json_schema(files_, name.text, out_);
      if (!at->second && out_.errors() == before)
        out_.error(Code::bad_reference, name.place, fmt::format("schema {} cannot be read", name.text));
    }
    return at->second;
  }
  std::shared_ptr<const schema::CodeTable> table(const std::string& path) {
    const auto [at, fresh] = tables_.try_emplace(path);
    if (fresh) at->second = std::make_shared<const schema::CodeTable>(schema::CodeTable::load_file(env_, path, out_));
    return at->second;
  }

  Env& env_;
  schema::SchemaFiles files_;
  Diagnostics& out_;
  std::map<std::string, std::shared_ptr<const schema::Model>> models_;
  std::map<std::string, std::shared_ptr<const schema::CodeTable>> tables_;
  std::map<std::string, std::shared_ptr<const schema::CodeList>> lists_;
  std::string root_;  // of the schemas
};

tl::unexpected<Error> no_way_back(const MappingStore::Entry& entry) {
  const std::string& name = entry.file.name.text;
  if (entry.file.no_reverse)
    return fail(Code::no_reverse, fmt::format("{} says reverse: none", name), entry.file.promise.place);
  if (entry.file.stylesheet)
    return fail(Code::no_reverse, fmt::format("the rules of {} are a stylesheet, which is one-way", name),
                entry.file.stylesheet->place);
  for (const config::Finding& at : entry.reverse_findings)
    if (at.severity == config::Severity::error)
      return fail(Code::no_reverse, fmt::format("{} in reverse: {} {}", name, code_text(at.code), at.message), at.place,
                  at.hint);
  return fail(Code::no_reverse, name);
}

// All mapping files below `folder`, sorted. A name without a dot is taken for a folder.
void find_files(Env& env, const std::string& folder, size_t depth, std::vector<std::string>& out) {
  const auto names = env.list(folder);
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.ends_with(kEnding))
      out.push_back(joined(folder, name));
    else if (name.find('.') == std::string::npos && depth < kFolderDepth)
      find_files(env, joined(folder, name), depth + 1, out);
  }
}

}  // namespace

MappingStore MappingStore::load(Env& env, const std::string& mappings, const std::string& schemas,
                                Diagnostics& diagnostics) {
  MappingStore store;
  if (auto listed = env.list(mappings); !listed) {
    diagnostics.add(listed.error(), {mappings, 0, 0, {}});
    return store;
  }
  std::vector<std::string> files;
  find_files(env, mappings, 0, files);
  Loader loader(env, schemas, diagnostics);
  for (const std::string& file : files) {
    Entry entry = loader.load(file);
    const Text name = entry.file.name;
    if (name.text.empty()) continue;
    const auto [at, fresh] = store.entries_.try_emplace(name.text, std::move(entry));
    if (!fresh)
      diagnostics.error(Code::duplicate_mapping, name.place,
                        fmt::format("\"{}\" is also the name of {}", name.text, at->second.file.file));
  }
  return store;
}

MappingStore::Entry MappingStore::load_file(Env& env, const std::string& path, const std::string& schemas,
                                            Diagnostics& diagnostics) {
  return Loader(env, schemas, diagnostics).load(path);
}

std::shared_ptr<const Mapping> MappingStore::find(std::string_view name) const {
  const bool reverse = name.ends_with(kReverse);
  const auto at = entries_.find(reverse ? name.substr(0, name.size() - kReverse.size()) : name);
  if (at == entries_.end()) return nullptr;
  return reverse ? at->second.reverse : at->second.mapping;
}

Result<std::shared_ptr<const Mapping>> MappingStore::get(std::string_view name) const {
  if (auto mapping = find(name)) return mapping;
  const std::string_view base = name.substr(0, name.find(':'));
  const auto at = entries_.find(base);
  if (at == entries_.end() || base == name || !at->second.mapping)
    return fail(Code::unknown_mapping, fmt::format("\"{}\"", name), {}, config::suggestion(name, names()));
  if (name.substr(base.size()) == kReverse) return no_way_back(at->second);
  const std::string meant = std::string(base) + (at->second.reverse ? std::string(kReverse) : "");
  return fail(Code::unknown_mapping, fmt::format("\"{}\": after the name only {} may stand", name, kReverse), {},
              config::suggestion(meant, {meant}));
}

std::vector<std::string> MappingStore::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) {
    names.push_back(name);
    if (entry.reverse) names.push_back(name + std::string(kReverse));
  }
  return names;
}

}  // namespace lt::mapping
