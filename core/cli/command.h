// The subcommands of `lienthong`. Each file adds its own to the CLI11 application and runs it.
//
// Exit codes: 0 ok, 1 failure, 2 usage, 78 bad configuration.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace CLI {
class App;
}

namespace lt::cli {

inline constexpr int kOk = 0, kFailure = 1, kUsage = 2, kBadConfiguration = 78;

// What the chosen subcommand does; set by the callback of its CLI::App, called after parsing.
using Action = std::function<int()>;

void add_run(CLI::App& app, Action& chosen);
void add_check(CLI::App& app, Action& chosen);
void add_simulate(CLI::App& app, Action& chosen);
void add_demo(CLI::App& app, Action& chosen);
void add_send(CLI::App& app, Action& chosen);
void add_messages(CLI::App& app, Action& chosen);  // messages, message, dossier, status
void add_operate(CLI::App& app, Action& chosen);   // replay, discard, confirm, pause, resume, drain
void add_reload(CLI::App& app, Action& chosen);
void add_journal(CLI::App& app, Action& chosen);
void add_catalog(CLI::App& app, Action& chosen);
void add_map(CLI::App& app, Action& chosen);  // map test, try, explain, draft, ...: map.h
void add_erase(CLI::App& app, Action& chosen);
void add_schema(CLI::App& app, Action& chosen);
void add_errors(CLI::App& app, Action& chosen);
void add_version(CLI::App& app, Action& chosen);

// Prints the error as people read it, to stderr. Returns kFailure.
int report_failure(const Error& error);

}  // namespace lt::cli
