#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/command.h"

int main(int argc, char** argv) {
  using namespace lt::cli;
  CLI::App app{"Liên Thông: trục liên thông hồ sơ và văn bản / interoperability bus for dossiers and documents",
               "lienthong"};
  app.require_subcommand(1);
  app.footer("Exit codes: 0 ok, 1 failure, 2 usage, 78 bad configuration.");
  Action chosen;
  add_run(app, chosen);
  add_check(app, chosen);
  add_demo(app, chosen);
  add_simulate(app, chosen);
  add_send(app, chosen);
  add_messages(app, chosen);
  add_reload(app, chosen);
  add_operate(app, chosen);
  add_journal(app, chosen);
  add_catalog(app, chosen);
  add_map(app, chosen);
  add_erase(app, chosen);
  add_schema(app, chosen);
  add_errors(app, chosen);
  add_version(app, chosen);
  app.add_subcommand("help", "This list")->callback([&] {
    chosen = [&app] {
      std::cout << app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
      return kOk;
    };
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return chosen ? chosen() : kUsage;
}
