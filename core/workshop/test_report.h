// What `map test` says of a mapping: its examples, how many rules they exercise, how well it can be reversed.
#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/workshop/coverage.h"
#include "core/workshop/examples.h"

namespace lt::workshop {

struct TestReport {
  std::string name, file;
  int version = 0;
  std::vector<ExampleResult> results;
  Coverage coverage;
  std::string reversal;    // "exact", "canonical", "lossy(GhiChu)"
  std::string no_reverse;  // why the reverse makes no whole documents; "" when it does

  bool passed() const;
  size_t examples() const;         // of the file, whichever ways they ran
  size_t examples_passed() const;  // all ways of them
};

// `entry` has a mapping, and outlives the report.
TestReport test_mapping(Env& env, const Clock& clock, const mapping::MappingStore::Entry& entry);

// For people, failures with their differences.
std::string text(const TestReport& report);
// {"ok":true,"mappings":[{"name","version","file","ok","examples","passed","rules":{"exercised","total"},"reversal",
//  "no_reverse","results":[{"example","way","ok","file","line","error","differences":[{"path","expected","got"}]}]}]}
std::string to_json(const std::vector<TestReport>& reports);
// JUnit XML: one testsuite for each mapping, one testcase for each example and way.
std::string to_junit(const std::vector<TestReport>& reports);

}  // namespace lt::workshop
