// Turns a mapping round: rules that write the source from the target, made from those that write the target.
//
// Every operator has its inverse or says why not. The reverse rules are flat: within the document, or within one item
// of a repeated group, each writes its field by its whole path, so that several may fill one object and one field may
// be written by several, which must then agree. What comes back, and how well, is in `notes`.
#pragma once

#include <string>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/mapping/reason.h"
#include "core/mapping/rule_file.h"

namespace lt::mapping {

// One rule that brings a source field back (exact, canonical), or that uses it and does not (lossy).
struct ReverseNote {
  std::string source;  // "$.TaiLieuNop.Ten": without []
  std::string target;
  Place place;  // of the rule
  Fidelity fidelity = Fidelity::exact;
  Reason why;          // none for exact
  bool whole = false;  // holds for all below, whatever other notes say
};

struct Inverse {
  RuleFile file;
  std::vector<ReverseNote> notes;
};

// Findings there were in the file are not repeated. Tables tell whether a look-up can be undone.
Inverse invert(const RuleFile& file, const CompileParts& parts);
// What the inverse is compiled against.
CompileParts reversed(const CompileParts& parts);

}  // namespace lt::mapping
