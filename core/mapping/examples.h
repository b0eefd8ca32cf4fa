// The examples beside the rules of a mapping file: run forward, outputs compared with compare.h.
//
// `source` and `target` name files relative to the mapping file. `like: NAME` takes another example's source, `set`
// then changes fields of it. `error: LT-2103 at Status` expects that code from the rule writing that target path.
#pragma once

#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/error.h"
#include "core/mapping/compare.h"
#include "core/mapping/mapping.h"

namespace lt::mapping {

struct ExampleResult {
  std::string name;
  Place place;
  bool passed = false;
  std::string error;  // why it could not be compared, or the error that came instead
  std::vector<Difference> differences;

  // "online-2-files: $.Status expected "4", got "5"", one line per difference; "" when it passed.
  std::string text() const;
};

// In the order of the file.
std::vector<ExampleResult> run_examples(Env& env, const RuleFile& file, const Mapping& mapping,
                                        const RunContext& context);

}  // namespace lt::mapping
