// The documents below one schemas root, read and parsed once. References never leave the root and never use the
// network.
//
// Names are relative to the root: "onestop/dossier.schema.json". Places name root + "/" + name, so that an editor opens
// them. Not thread-safe: used while loading.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/message/tree.h"

namespace lt::schema {

class SchemaFiles {
 public:
  // `diagnostics` gets the text of every file, to quote from. Both must outlive this.
  SchemaFiles(Env& env, std::string root, config::Diagnostics& diagnostics);

  // What `reference`, written in file `from`, names: "../common/a.json" in "onestop/b.json" is "common/a.json".
  // Error schema_reference when it is a URL, absolute, or outside the root.
  static Result<std::string> resolve(std::string_view from, std::string_view reference);

  // A document instead of a file of that name.
  void put(const std::string& name, std::string text);
  // Errors: of the file system, of the parser with their place in the file.
  Result<std::shared_ptr<const Tree>> json(const std::string& name);
  Result<std::shared_ptr<const Tree>> xml(const std::string& name);
  Result<std::shared_ptr<const std::string>> text(const std::string& name);

  std::string shown(const std::string& name) const { return root_.empty() ? name : root_ + "/" + name; }
  Place place(const std::string& name, const Node* node) const;

 private:
  Env& env_;
  std::string root_;
  config::Diagnostics& diagnostics_;
  std::map<std::string, std::shared_ptr<const std::string>> texts_;
  std::map<std::string, std::shared_ptr<const Tree>> trees_;
};

}  // namespace lt::schema
