// All schemas and type files of one folder, read and compiled once. Immutable, shared between threads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/schema/checker.h"
#include "core/schema/code_list.h"
#include "core/schema/type_file.h"
#include "core/schema/xsd_checker.h"

namespace lt::schema {

struct MessageType {
  TypeFile file;
  std::shared_ptr<const Model> model;             // null: open content
  std::shared_ptr<const CompiledSchema> checker;  // null for XML and for open content
  std::shared_ptr<const CompiledXsd> xsd;         // null for JSON and for open content

  // Checks a decoded document. Error as Problems::error; nothing is checked of open content.
  Result<void> check(const Node* root) const;
  // Of a type that splits: is each part a document of `schema`? So when the schema of the whole refers to it.
  bool parts_are(const Model& schema) const;
};

// What mapping and type files may call their schema: "onestop/dossier.schema.json", "bench/dossier.xsd". Empty when
// `root` cannot be listed.
std::vector<std::string> schema_names(Env& env, const std::string& root);

class SchemaStore {
 public:
  // Reads every *.schema.json, *.xsd and *.type.yaml below `root`, and the code lists they name. Null when there were
  // findings.
  static std::shared_ptr<const SchemaStore> load(Env& env, const std::string& root, config::Diagnostics& diagnostics);

  // "onestop/dossier", or null.
  const MessageType* find(std::string_view type) const;
  // "onestop/dossier.schema.json", or null.
  std::shared_ptr<const Model> model(std::string_view file) const;
  // The list that Type::codes names, "canonical/codes/gioi-tinh.csv", or null.
  std::shared_ptr<const CodeList> code_list(std::string_view file) const;
  const std::map<std::string, MessageType, std::less<>>& types() const { return types_; }
  const std::map<std::string, std::shared_ptr<const Model>, std::less<>>& models() const { return models_; }

 private:
  std::map<std::string, MessageType, std::less<>> types_;
  std::map<std::string, std::shared_ptr<const Model>, std::less<>> models_;
  std::map<std::string, std::shared_ptr<const CodeList>, std::less<>> code_lists_;
};

}  // namespace lt::schema
