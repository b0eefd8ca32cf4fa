#include "test/bench/mapping/translator.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/base/env.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/config/yaml.h"
#include "core/mapping/encode.h"
#include "core/mapping/invert.h"
#include "core/mapping/mapping_store.h"
#include "core/schema/json_schema.h"
#include "core/schema/schema_files.h"
#include "core/schema/xsd.h"

namespace lt::bench {
namespace {

constexpr const char* kHead =
    "mapping: m\nversion: 1\nsource: {format: json, schema: source.json}\n"
    "target: {format: xml, schema: target.xsd, root: R}\n";

Pair both_ways(const mapping::RuleFile& file, const mapping::CompileParts& parts, config::Diagnostics& out) {
  Pair pair;
  pair.forward = mapping::compile(file, parts, out);
  if (!pair.forward) throw std::runtime_error(out.text());
  mapping::Inverse inverse = mapping::invert(file, parts);
  inverse.file.partial = true;
  pair.back = mapping::compile(inverse.file, mapping::reversed(parts), out);
  if (!pair.back) throw std::runtime_error(out.text());
  return pair;
}

void collect(const Node* node, std::vector<std::string>& out) {
  for (const Node* child = node->scalar() ? nullptr : node->first; child; child = child->next) collect(child, out);
  if (node->kind == Kind::boolean) out.emplace_back(node->flag ? "true" : "false");
  if (node->kind == Kind::text || node->kind == Kind::number) out.emplace_back(node->text);
}

}  // namespace

void need(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().text());
}

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(LT_SOURCE_DIR) + "/" + path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Pair load_pair(const std::string& mapping_file) {
  const std::string root = LT_SOURCE_DIR;
  config::Diagnostics out;
  const auto entry = mapping::MappingStore::load_file(system_env(), root + "/" + mapping_file, root + "/schemas", out);
  if (!entry.mapping) throw std::runtime_error(out.text());
  if (entry.reverse) return {entry.mapping, entry.reverse};
  return both_ways(entry.file, entry.parts, out);
}

Pair make_pair(const std::string& json_schema, const std::string& xsd, const std::string& rules) {
  config::Diagnostics out;
  schema::SchemaFiles files(system_env(), "", out);
  files.put("source.json", json_schema);
  files.put("target.xsd", xsd);
  const auto from = schema::read_json_schema(files, "source.json", out);
  const auto to = schema::read_xsd(files, "target.xsd", out);
  if (!from || !to) throw std::runtime_error(out.text());
  mapping::CompileParts parts;
  parts.source = from.get();
  parts.target = to.get();
  return both_ways(mapping::read_rule_file(config::parse_yaml(kHead + rules, "m.map.yaml", out), out), parts, out);
}

void Translator::parse(std::string_view text) {
  source_.clear();
  need(mapping_->source_is_xml() ? codec::parse_xml(text, source_) : codec::parse_json(std::string(text), source_));
}

void Translator::run() {
  target_.clear();
  need(mapping::run(*mapping_, source_.root(), target_, {}));
}

const std::string& Translator::write() {
  auto encoded = mapping::encode(*mapping_, *target_.root());
  if (!encoded) throw std::runtime_error(encoded.error().text());
  return out_ = std::move(encoded->text());
}

const std::string& Translator::operator()(std::string_view text) {
  parse(text);
  run();
  return write();
}

std::vector<std::string> values_of(const Node* node) {
  std::vector<std::string> out;
  collect(node, out);
  return out;
}

}  // namespace lt::bench
