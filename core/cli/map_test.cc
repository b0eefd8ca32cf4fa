// map test, map coverage: the examples of mappings.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/clock.h"
#include "core/cli/map.h"
#include "core/workshop/test_report.h"

namespace lt::cli {
namespace {

using mapping::MappingStore;

struct Options {
  workshop::MappingPlace place;
  std::vector<std::string> named;
  std::string junit;
  bool json = false, all = false;
};

// Those named, else every mapping of the folder. What is wrong with them is in `diagnostics`.
Result<std::vector<MappingStore::Entry>> open_all(const Options& options, config::Diagnostics& diagnostics) {
  Env& env = system_env();
  std::vector<MappingStore::Entry> out;
  if (!options.named.empty()) {
    for (const std::string& name : options.named) {
      LT_ASSIGN(auto entry, workshop::open_mapping(env, options.place, name, diagnostics));
      out.push_back(std::move(entry));
    }
    return out;
  }
  LT_ASSIGN(const auto files, workshop::mapping_files(env, options.place.mappings));
  if (files.empty())
    return fail(Code::io_error, "no *.map.yaml below " + options.place.mappings, {}, "name the folder with --mappings");
  LT_ASSIGN(const std::string schemas, workshop::schemas_for(env, options.place, files.front()));
  const auto store = MappingStore::load(env, options.place.mappings, schemas, diagnostics);
  for (const auto& [name, entry] : store.entries()) out.push_back(entry);
  return out;
}

// Reports, or the exit code in `code`.
std::vector<workshop::TestReport> run(const Options& options, std::vector<MappingStore::Entry>& entries, int& code) {
  config::Diagnostics diagnostics;
  std::vector<workshop::TestReport> out;
  auto opened = open_all(options, diagnostics);
  if (!opened) {
    code = report_failure(opened.error());
    return out;
  }
  entries = std::move(*opened);
  if (!options.json || diagnostics.ok()) std::cerr << diagnostics.text();
  if (!diagnostics.ok()) {
    if (options.json) std::cout << diagnostics.json() << std::endl;
    code = kBadConfiguration;
    return out;
  }
  code = kOk;
  for (const MappingStore::Entry& entry : entries) {
    out.push_back(workshop::test_mapping(system_env(), system_clock(), entry));
    if (!out.back().passed()) code = kFailure;
  }
  return out;
}

int test(const Options& options) {
  int code = kOk;
  std::vector<MappingStore::Entry> entries;
  const auto reports = run(options, entries, code);
  if (reports.empty()) return code;
  if (options.json)
    std::cout << workshop::to_json(reports) << std::endl;
  else
    for (const auto& report : reports) std::cout << text(report) << std::flush;
  if (options.junit.empty()) return code;
  const auto written = replace_file(system_env(), options.junit, workshop::to_junit(reports));
  return written ? code : report_failure(written.error());
}

int coverage(const Options& options) {
  int code = kOk;
  std::vector<MappingStore::Entry> entries;
  for (const auto& report : run(options, entries, code)) {
    std::cout << report.name << "@" << report.version << "  " << report.file << "\n"
              << report.coverage.text(options.all ? SIZE_MAX : 20);
    if (!report.passed())
      std::cout << "  có ví dụ hỏng, số liệu có thể thiếu / examples fail, so figures may be short: lienthong map test "
                << report.name << "\n";
  }
  std::cout << std::flush;
  return code;
}

}  // namespace

void add_map_test(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = group.add_subcommand(
      "test",
      "Run the examples of mappings in both directions; exit code 1 when one fails, 78 when a mapping is wrong");
  command->add_option("mapping", options->named, "files or names; none: every mapping");
  command->add_option("--junit", options->junit, "write the results there as JUnit XML");
  command->add_flag("--json", options->json, "the results as JSON");
  add_mapping_place(*command, options->place);
  command->footer("  lienthong map test\n  lienthong map test onestop-to-judicial --junit results.xml");
  command->callback([options, &chosen] { chosen = [options] { return test(*options); }; });

  auto shown = std::make_shared<Options>();
  auto* rules = group.add_subcommand("coverage", "Rules and table rows that no example exercises");
  rules->add_option("mapping", shown->named, "files or names; none: every mapping");
  rules->add_flag("--all", shown->all, "every row of the tables, not the first 20");
  add_mapping_place(*rules, shown->place);
  rules->footer("  lienthong map coverage onestop-to-judicial");
  rules->callback([shown, &chosen] { chosen = [shown] { return coverage(*shown); }; });
}

}  // namespace lt::cli
