// One document through two versions of a mapping: what changes in the output, and which rule makes the change.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/mapping.h"

namespace lt::workshop {

enum class Verdict : uint8_t { same, changed, newly_failing, newly_passing };
std::string_view name_of(Verdict verdict);  // bilingual

struct OutputChange {
  std::string path, before, after;
  std::string rule;  // "a.map.yaml:12:5 Status": of the new mapping; of the old where only that wrote it
};

struct DocumentDiff {
  std::string name;
  Verdict verdict = Verdict::same;
  std::vector<OutputChange> changes;
  std::string before_error, after_error;  // of the runs; both when it fails otherwise than before

  // Changed paths, one line each; "" when nothing changed.
  std::string text() const;
};

// `document` was decoded once: both see the same.
DocumentDiff diff(const mapping::Mapping& before, const mapping::Mapping& after, const Node* document,
                  const std::string& name, const mapping::RunContext& context);

class DiffSummary {
 public:
  void add(const DocumentDiff& one);
  bool changed() const { return counts_[1] + counts_[2] + counts_[3] > 0; }
  // Counts of each verdict, then documents by the rule that changed them, most first.
  std::string text() const;

 private:
  size_t counts_[4] = {};
  std::map<std::string, size_t> by_rule_;
};

}  // namespace lt::workshop
