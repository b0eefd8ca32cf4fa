// Compiles mapping text against schemas given as text, and runs it on documents given as text.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/env.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/config/csv.h"
#include "core/config/yaml.h"
#include "core/mapping/encode.h"
#include "core/mapping/file_room.h"
#include "core/mapping/invert.h"
#include "core/mapping/mapping.h"
#include "core/mapping/reversal.h"
#include "core/mapping/rule_file.h"
#include "core/schema/json_schema.h"
#include "core/schema/schema_files.h"
#include "core/schema/xsd.h"

namespace lt::mapping::test {

struct Bench {
  config::Diagnostics out, back_out;
  RuleFile file;
  std::shared_ptr<const schema::Model> from, to;
  CompileParts parts;
  std::shared_ptr<const Mapping> mapping, reverse;
  Reversal reversal;
  RunContext context{*schema::parse_day("2026-07-01"), {}, {}};

  // `yaml` names its schemas "source.json" or "source.xsd", "target.json" or "target.xsd".
  Bench(const std::string& source, const std::string& target, const std::string& yaml,
        const std::vector<std::pair<std::string, std::string>>& tables = {}) {
    schema::SchemaFiles files(system_env(), "", out);
    const auto read = [&](std::string name, const std::string& text) {
      const bool xml = text[0] == '<';
      name += xml ? ".xsd" : ".json";
      files.put(name, text);
      return xml ? schema::read_xsd(files, name, out) : schema::read_json_schema(files, name, out);
    };
    from = read("source", source), to = read("target", target);
    file = read_rule_file(config::parse_yaml(yaml, "m.map.yaml", out), out);
    parts.source = from.get();
    parts.target = to.get();
    for (const auto& [name, csv] : tables)
      parts.tables[name] =
          std::make_shared<schema::CodeTable>(schema::CodeTable::load(config::parse_csv(csv, name + ".csv", out), out));
    REQUIRE_MESSAGE(from, out.text());
    REQUIRE_MESSAGE(to, out.text());
    mapping = compile(file, parts, out);
    if (!out.ok()) mapping = nullptr;
    if (!mapping) return;
    Inverse inverse = invert(file, parts);
    reversal = mapping::reversal(file, parts, inverse);
    inverse.file.partial = true;
    reverse = compile(inverse.file, reversed(parts), back_out);
  }

  Result<std::string> translate(const std::string& document) const {
    REQUIRE_MESSAGE(mapping, out.text());
    return translate(*mapping, document);
  }
  Result<std::string> translate(const Mapping& with, const std::string& document) const {
    FileRoom files(FileRoom::nothing_else);
    return translate(with, document, files);
  }
  Result<std::string> translate(const Mapping& with, const std::string& document, FileRoom& files) const {
    Tree source, target;
    if (with.source_is_xml())
      LT_TRY(codec::parse_xml(std::string_view(document), source));
    else
      LT_TRY(codec::parse_json(std::string(document), source));
    LT_TRY(run(with, source.root(), target, context));
    LT_TRY(files.settle(target));
    LT_ASSIGN(auto encoded, encode(with, *target.root()));
    return std::move(encoded.text());
  }
  // The way back: the source of a target, as far as the rules can make it.
  std::string back(const std::string& document) const {
    REQUIRE_MESSAGE(reverse, out.text() << back_out.text());
    auto done = translate(*reverse, document);
    return done ? *done : done.error().text();
  }
  // The document mapped there and back.
  std::string round(const std::string& document) const { return back((*this)(document)); }
  // The output, or "LT-2101 place path: detail".
  std::string operator()(const std::string& document) const {
    auto done = translate(document);
    return done ? *done : done.error().text();
  }
  // "m.map.yaml:7:5 LT-1101" of each finding.
  std::vector<std::string> findings() const {
    std::vector<std::string> all;
    for (const auto& at : out.findings())
      all.push_back(std::to_string(at.place.line) + ":" + std::to_string(at.place.column) + " " + code_text(at.code));
    return all;
  }
};

// The head of a mapping from JSON (or XML with root R) to the same; rules follow.
inline std::string head(const char* source = "json", const char* target = "json") {
  const auto side = [](const std::string& format, const char* name) {
    return "{format: " + format + ", schema: " + name + (format == "xml" ? ".xsd, root: R}" : ".json}");
  };
  return "mapping: m\nversion: 1\nsource: " + side(source, "source") + "\ntarget: " + side(target, "target") + "\n";
}

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace lt::mapping::test
