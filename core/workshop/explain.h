// Which rule wrote a field of the output, from where, through what; or why nothing wrote it.
//
//   $.toKhai.nycDanToc = chữ / text "Kinh"
//     luật / rule: mappings/judicial/onestop-to-judicial.map.yaml:70:11  - nycDanToc: DanToc
//     từ / from: $.ToKhaiLLTP.DanToc = chữ / text "Kinh"
//
// Values are shown: who asks has the document in hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/mapping/mapping.h"
#include "core/mapping/reversal.h"

namespace lt::workshop {

struct Explanation {
  struct RuleAt {
    Place place;
    std::string target, text;  // text: the rule as it is written
  };
  std::string path;               // as documents are written; the path asked for when nothing is there
  bool written = false;           // something is there
  std::string value;              // its kind and what it is
  std::vector<RuleAt> rules;      // the first wrote it, others gave it the same; of a missing one: who would write it
  std::vector<std::string> from;  // `$.A = chữ / text "x"`, or what else the rule took: a constant, an expression
  std::vector<std::string> through;  // table rows with their file:line, date types and other steps on the way
  std::vector<std::string> below;    // paths of what is directly inside
  std::string note;                  // that it belongs to another field, or travels by rest: keep; why it is missing
  std::string nearest;               // of a missing one: the path of what is there around it

  std::string text() const;
};

struct ExplainParts {
  const mapping::Mapping* mapping = nullptr;
  const schema::Model* target = nullptr;  // what the mapping writes; null: unknown
  std::string target_root;                // element the schema is entered by
  // Of a field that no rule writes, these tell which entry of `ignore` or which rule leaves it out. May be null.
  const mapping::RuleFile* file = nullptr;      // as written, whichever way it is run
  const mapping::Reversal* reversal = nullptr;  // when it is run in reverse
};

// Runs the mapping on the document. Errors of the run, or usage for a path that is none.
Result<Explanation> explain(Env& env, const ExplainParts& parts, const Node* source, std::string_view path,
                            const mapping::RunContext& context);

}  // namespace lt::workshop
