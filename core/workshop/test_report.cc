#include "core/workshop/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/json_text.h"

namespace lt::workshop {
namespace {

// Examples are told apart by where they stand: names may repeat.
size_t count(const std::vector<ExampleResult>& results, bool failed_only) {
  std::set<std::pair<int, int>> places;
  for (const ExampleResult& at : results)
    if (!failed_only || !at.passed) places.emplace(at.place.line, at.place.column);
  return places.size();
}

// XML 1.0 allows no other control characters, escaped or not.
std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string quoted(std::string_view text) { return quote_json(text); }

std::string seconds(std::chrono::microseconds time) {
  return fmt::format("{:.6f}", static_cast<double>(time.count()) / 1e6);
}

std::string result_json(const ExampleResult& at) {
  std::string differences;
  for (const auto& one : at.differences)
    differences += fmt::format("{}{{\"path\":{},\"expected\":{},\"got\":{}}}", differences.empty() ? "" : ",",
                               quoted(one.path), quoted(one.expected), quoted(one.got));
  return fmt::format(
      "{{\"example\":{},\"way\":{},\"ok\":{},\"file\":{},\"line\":{},\"error\":{},\"differences\":[{}]}}",
      quoted(at.name), quoted(name_of(at.way)), at.passed, quoted(at.place.file), at.place.line,
      at.error.empty() ? "null" : quoted(at.error), differences);
}

struct Tally {
  size_t tests = 0, failures = 0, errors = 0;
  std::chrono::microseconds took{0};
  void add(const ExampleResult& at) {
    ++tests;
    failures += !at.passed && !at.unusable ? 1 : 0;
    errors += !at.passed && at.unusable ? 1 : 0;
    took += at.took;
  }
  std::string attributes() const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{}\"", tests, failures, errors,
                       seconds(took));
  }
};

}  // namespace

bool TestReport::passed() const {
  return std::all_of(results.begin(), results.end(), [](const auto& at) { return at.passed; });
}
size_t TestReport::examples() const { return count(results, false); }
size_t TestReport::examples_passed() const { return examples() - count(results, true); }

TestReport test_mapping(Env& env, const Clock& clock, const mapping::MappingStore::Entry& entry) {
  TestReport report;
  report.name = entry.mapping->name();
  report.version = entry.mapping->version();
  report.file = entry.file.file;
  report.coverage = Coverage(entry);
  report.results = run_examples(env, clock, entry, example_context(), &report.coverage);
  report.reversal = entry.reversal.text();
  if (entry.reverse) return report;
  for (const config::Finding& at : entry.reverse_findings) {
    if (at.severity != config::Severity::error) continue;
    report.no_reverse = fmt::format("{} {}: {}", code_text(at.code), at.place.text(), at.message);
    break;
  }
  if (report.no_reverse.empty()) report.no_reverse = "reverse: none";
  return report;
}

std::string text(const TestReport& report) {
  std::string out = fmt::format("{}@{}  {}\n", report.name, report.version, report.file);
  for (const ExampleResult& at : report.results) {
    if (at.passed) continue;
    out += fmt::format("  HỎNG / FAILED {} ({}) {} {}\n", at.name, name_of(at.way), code_text(Code::example_failed),
                       at.place.text());
    std::string lines = at.text();
    for (size_t begin = 0; begin < lines.size();) {
      const size_t end = lines.find('\n', begin);
      out += "    " + lines.substr(begin, end - begin) + "\n";
      begin = end + 1;
    }
  }
  out += fmt::format("  {} ví dụ / examples {}/{} ({} lượt chạy / runs); {}\n",
                     report.passed() ? "ĐẠT / passed:" : "HỎNG / FAILED:", report.examples_passed(), report.examples(),
                     report.results.size(), report.coverage.line());
  out += fmt::format("  chiều ngược / reverse: {}", report.reversal);
  if (!report.no_reverse.empty())
    out += fmt::format("\n  không dùng ngược được / not usable in reverse: {}", report.no_reverse);
  return out + "\n";
}

std::string to_json(const std::vector<TestReport>& reports) {
  std::string mappings;
  bool good = true;
  for (const TestReport& report : reports) {
    good = good && report.passed();
    std::string results;
    for (const ExampleResult& at : report.results) results += (results.empty() ? "" : ",") + result_json(at);
    mappings += fmt::format(
        "{}{{\"name\":{},\"version\":{},\"file\":{},\"ok\":{},\"examples\":{},\"passed\":{},\"rules\":{{\"exercised\":"
        "{},\"total\":{}}},\"reversal\":{},\"no_reverse\":{},\"results\":[{}]}}",
        mappings.empty() ? "" : ",", quoted(report.name), report.version, quoted(report.file), report.passed(),
        report.examples(), report.examples_passed(), report.coverage.exercised(), report.coverage.rules().size(),
        quoted(report.reversal), report.no_reverse.empty() ? "null" : quoted(report.no_reverse), results);
  }
  return fmt::format("{{\"ok\":{},\"mappings\":[{}]}}", good, mappings);
}

std::string to_junit(const std::vector<TestReport>& reports) {
  Tally all;
  std::string suites;
  for (const TestReport& report : reports) {
    Tally tally;
    std::string cases;
    for (const ExampleResult& at : report.results) {
      all.add(at);
      tally.add(at);
      cases += fmt::format("    <testcase name=\"{} ({})\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
                           xml_text(at.name), name_of(at.way), xml_text(report.name), xml_text(at.place.file),
                           at.place.line, seconds(at.took));
      if (at.passed) {
        cases += "/>\n";
        continue;
      }
      const std::string whole = at.text(), first = whole.substr(0, whole.find('\n'));
      const char* const element = at.unusable ? "error" : "failure";
      cases += fmt::format(">\n      <{0} message=\"{1}\" type=\"{2}\">{3}</{0}>\n    </testcase>\n", element,
                           xml_text(first), code_text(Code::example_failed), xml_text(whole));
    }
    suites += fmt::format("  <testsuite name=\"{}\" {} file=\"{}\">\n{}  </testsuite>\n", xml_text(report.name),
                          tally.attributes(), xml_text(report.file), cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lienthong map test\" {}>\n{}</testsuites>\n",
      all.attributes(), suites);
}

}  // namespace lt::workshop
