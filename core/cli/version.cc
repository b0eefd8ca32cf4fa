#include <CLI/CLI.hpp>
#include <iostream>

#include "core/admin/version.h"
#include "core/cli/command.h"

namespace lt::cli {
namespace {

int print(bool json) {
  const admin::Version& version = admin::version();
  if (json) {
    std::cout << admin::version_json() << std::endl;
    return kOk;
  }
  std::cout << "lienthong " << version.version;
  if (!version.commit.empty()) std::cout << " (" << version.commit << ")";
  std::cout << "\n" << version.compiler << "\n";
  for (const auto& [name, number] : version.libraries) std::cout << name << " " << number << "\n";
  std::cout << std::flush;
  return kOk;
}

}  // namespace

void add_version(CLI::App& app, Action& chosen) {
  auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("version", "Version, commit, and the libraries it runs with");
  command->add_flag("--json", *json, "as JSON");
  command->callback([json, &chosen] { chosen = [json] { return print(*json); }; });
}

}  // namespace lt::cli
