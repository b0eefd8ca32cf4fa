// The examples beside the rules of a mapping file, run in both directions, outputs compared with mapping/compare.h.
//
// `source` and `target` name files relative to the mapping file. An example is run from source to target, with
// `direction: reverse` from target to source. `like: NAME` takes what another example starts from, `set` then changes
// fields of it. `error: LT-2103 at Status` expects that code from the rule that writes that path.
//
// A file that a document only names (`carrier: url`, `carrier: part`) is read from `files/` beside the mapping file:
// `files/NAME`, NAME that of the part, of an address its last segment. What the way there sends as parts and behind
// addresses, the way back finds again.
//
// `round_trip: exact` says that the way back gives the start again, field by field; `canonical`, that there, back and
// there gives the same target, and that the way back keeps each field that the mapping's Reversal calls exact. Of an
// example in reverse, canonical asks only the first.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/base/error.h"
#include "core/mapping/compare.h"
#include "core/mapping/mapping_store.h"

namespace lt::workshop {

class Coverage;

enum class Way : uint8_t { forward, reverse, round_trip };
std::string_view name_of(Way way);  // "forward", "reverse", "round trip"

struct ExampleResult {
  std::string name;
  Place place;
  Way way = Way::forward;
  bool passed = false;
  bool unusable = false;  // it could not be run: a file is missing or is no document
  std::string error;      // why it could not be compared, or the error that came instead
  std::vector<mapping::Difference> differences;
  std::chrono::microseconds took{0};

  // `$.Status expected "4", got "5"`, one line per difference; "" when it passed.
  std::string text() const;
};

// The day and the message that examples are run as of, so that they pass on every day.
mapping::RunContext example_context();

// In the order of the file; an example with a round trip gives two. `coverage` may be null.
std::vector<ExampleResult> run_examples(Env& env, const Clock& clock, const mapping::MappingStore::Entry& entry,
                                        const mapping::RunContext& context, Coverage* coverage);

}  // namespace lt::workshop
