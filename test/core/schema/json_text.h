// Short ways to a tree, a schema and a verdict.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/codec/json.h"
#include "core/schema/checker.h"
#include "core/schema/json_schema.h"

namespace lt::schema {

inline std::shared_ptr<Tree> tree_of(std::string text) {
  auto tree = std::make_shared<Tree>();
  const auto parsed = codec::parse_json(std::move(text), *tree);
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text()));
  return tree;
}

// A schema given as text, with what was found while reading it.
struct ReadSchema {
  config::Diagnostics diagnostics;
  std::shared_ptr<const Model> model;

  explicit ReadSchema(std::string text, std::string other_name = {}, std::string other = {}) {
    SchemaFiles files(system_env(), "", diagnostics);
    files.put("t.schema.json", std::move(text));
    if (!other_name.empty()) files.put(other_name, std::move(other));
    model = read_json_schema(files, "t.schema.json", diagnostics);
  }
  CompiledSchema compile() const {
    REQUIRE_MESSAGE(model != nullptr, diagnostics.text());
    auto compiled = CompiledSchema::compile(model);
    REQUIRE(compiled.has_value());
    return std::move(*compiled);
  }
};

inline bool accepts(const std::string& schema, const std::string& document) {
  const CompiledSchema compiled = ReadSchema(schema).compile();
  const auto tree = tree_of(document);
  Problems problems;
  const bool good = check(compiled, tree->root(), problems);
  CHECK(good == problems.ok());
  CHECK(good == is_valid(compiled, tree->root()));
  return good;
}

inline std::string read_source_file(const std::string& name) {
  auto text = read_file(system_env(), std::string(LT_SOURCE_DIR) + "/" + name);
  REQUIRE(text.has_value());
  return *text;
}

}  // namespace lt::schema
