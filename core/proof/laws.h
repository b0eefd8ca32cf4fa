// One document and the laws of prove.h. Private to this room.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/mapping/mapping_store.h"
#include "core/proof/prove.h"
#include "core/schema/checker.h"
#include "core/schema/xsd_checker.h"

namespace lt::mapping {
class FileRoom;
}

namespace lt::proof {

// A checker of either format.
class AnyChecker {
 public:
  static Result<AnyChecker> make(std::shared_ptr<const schema::Model> model, std::string root);
  // Problems outside `ignored`, paths without [].
  std::vector<schema::Problem> problems(const Node* root, const std::vector<std::string>& ignored) const;

 private:
  std::optional<schema::CompiledSchema> json_;
  std::optional<schema::CompiledXsd> xsd_;
  std::string root_;
};

struct Verdict {
  bool translated = false;
  std::optional<Error> refused;
  std::vector<Broken> broken;
};

class Laws {
 public:
  static Result<Laws> make(const mapping::MappingStore::Entry& entry);

  // The laws of x.
  Verdict of_source(const Node* x) const;
  // Of a document of the target schema.
  Verdict of_target(const Node* y) const;
  bool both_ways() const { return entry_->reverse != nullptr; }
  // As people read it.
  std::string shown(const Node* document, bool of_target) const;

 private:
  struct Run;  // x, y, x' with their traces

  explicit Laws(const mapping::MappingStore::Entry& entry) : entry_(&entry) {}
  void read_rules();
  bool copied(const mapping::Rule& rule, const std::string& from, const std::string& target) const;
  bool translate(const mapping::Mapping& mapping, const Node* from, Tree& out, mapping::FileRoom& files,
                 mapping::Trace* trace, Error* refused) const;
  void laws_of(const Node* x, Verdict& out) const;
  void repeatable(Run& run, Verdict& out) const;
  void valid(const Run& run, Verdict& out) const;
  void same_target(const Run& run, Verdict& out) const;
  bool came_back(const std::string& path, const Run& run) const;

  const mapping::MappingStore::Entry* entry_;
  std::shared_ptr<const mapping::Mapping> back_;
  std::optional<AnyChecker> source_, target_;
  std::vector<std::string> ignored_source_, ignored_target_;  // "$.A.B"
  std::map<std::string, std::set<std::string>> reads_;        // of a rule, by its place: absolute source paths
  std::map<std::string, Place> copies_;                       // target fields that are only copied
  std::vector<std::string> kept_;                             // objects whose undeclared fields travel
};

// "$.A[2].B" -> "$.A.B"
std::string without_indexes(std::string_view path);
// A scalar as people read it: "text", 12, null, nothing.
std::string shown_value(const Node* node);
// All nodes a path without indexes selects.
std::vector<const Node*> select(const Node* root, std::string_view path);

}  // namespace lt::proof
