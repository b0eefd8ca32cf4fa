// What of a source document comes back when it is mapped there and back: field by field, and for the mapping.
//
//   exact      the same text
//   canonical  another text of the same meaning: mapped again it gives the same target
//   lossy      it does not come back, or not always
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/invert.h"
#include "core/mapping/mapping.h"
#include "core/mapping/rule_file.h"

namespace lt::mapping {

struct FieldFidelity {
  std::string path;  // "$.TaiLieuNop.Ten": without []
  Fidelity fidelity = Fidelity::lossy;
  Reason why;   // none for exact
  Place place;  // of the rule that brings it back or loses it; without a line when no rule does either
  bool ignored = false;
};

struct Reversal {
  Fidelity overall = Fidelity::exact;
  std::vector<FieldFidelity> fields;  // every declared source field that holds a value, in schema order

  // By path without []; null when it is no declared field with a value.
  const FieldFidelity* find(std::string_view path) const;
  // "exact", "canonical", "lossy(GhiChu, Tep)": at most `most` fields, those that `ignore` names only counted.
  std::string text(size_t most = 8, bool vietnamese = false) const;
};

Reversal reversal(const RuleFile& file, const CompileParts& parts, const Inverse& inverse);
// Findings weaker_than_promised when the file's `reverse` promises more.
void check_promise(const RuleFile& file, const Reversal& reversal, config::Diagnostics& diagnostics);

std::string_view name_of(Fidelity fidelity, bool vietnamese = false);

}  // namespace lt::mapping
