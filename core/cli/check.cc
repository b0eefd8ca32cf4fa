#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/command.h"
#include "core/cli/configuration.h"

namespace lt::cli {
namespace {

struct Options {
  std::string path;
  bool json = false;
  bool deny_warnings = false;
};

int check(const Options& options) {
  config::Diagnostics diagnostics;
  load_graph(options.path, diagnostics);
  if (options.json) {
    std::cout << diagnostics.json() << std::endl;
  } else {
    std::cerr << diagnostics.text();
    if (diagnostics.ok()) std::cout << "Cấu hình hợp lệ / configuration is valid: " << options.path << std::endl;
  }
  const bool good = diagnostics.ok() && !(options.deny_warnings && diagnostics.warnings() > 0);
  return good ? kOk : kBadConfiguration;
}

}  // namespace

void add_check(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("check", "Check a configuration: every mistake of every file at once");
  command->add_option("configuration", options->path, "directory or file")->required();
  command->add_flag("--json", options->json, "findings as JSON");
  command->add_flag("--deny-warnings", options->deny_warnings, "warnings fail too");
  command->footer("  lienthong check conf/demo");
  command->callback([options, &chosen] { chosen = [options] { return check(*options); }; });
}

}  // namespace lt::cli
