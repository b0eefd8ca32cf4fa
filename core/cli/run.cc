#include <CLI/CLI.hpp>
#include <csignal>
#include <ctime>
#include <iostream>

#include "core/admin/admin_server.h"
#include "core/base/env.h"
#include "core/base/log.h"
#include "core/cli/command.h"
#include "core/cli/configuration.h"
#include "core/runtime/bus.h"

namespace lt::cli {
namespace {

struct Options {
  std::string path;
  std::string log_level = "info";
};

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warn") return log::Level::warn;
  return name == "error" ? log::Level::error : log::Level::info;
}

// All findings of a bad configuration in one error: who asked sees them, and the old one stays in force.
Result<runtime::ReloadReport> reload_from(runtime::Bus& bus, const std::string& path) {
  config::Diagnostics diagnostics;
  auto graph = load_graph(path, diagnostics);
  if (graph) return bus.reload(std::move(graph));
  return fail(Error(Code::bad_configuration, diagnostics.text()));
}

// The next signal, or 0: after a failed sync nothing more is accepted, and whoever started us (systemd)
// starts us again.
int wait_for_signal(const runtime::Bus& bus, const sigset_t& signals) {
  constexpr timespec kLook{0, 200'000'000};
  for (;;) {
    const int received = sigtimedwait(&signals, nullptr, &kLook);
    if (received > 0) return received;
    if (bus.journal().figures().failed) return 0;
  }
}

int run(const Options& options) {
  log::set_level(level_of(options.log_level));
  config::Diagnostics diagnostics;
  auto graph = load_graph(options.path, diagnostics);
  std::cerr << diagnostics.text();
  if (!graph) return kBadConfiguration;

  // Blocked before threads start, so that they inherit it and sigwait gets the signals.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Metrics metrics;
  auto bus = runtime::Bus::start(graph, system_env(), system_clock(), metrics);
  if (!bus) return report_failure(bus.error());
  const auto reload = [&bus, &options] { return reload_from(**bus, options.path); };
  auto admin = admin::start_admin(**bus, system_clock(), metrics, graph->config.admin.listen, reload);
  if (!admin) return report_failure(admin.error());

  // For whoever started us: where we listen, once we do.
  std::cout << "{\"ready\":true,\"admin\":" << (*admin)->port() << ",\"listeners\":{";
  const char* comma = "";
  for (const auto& [name, port] : (*bus)->ports()) {
    std::cout << comma << '"' << name << "\":" << port;
    comma = ",";
  }
  std::cout << "}}" << std::endl;
  graph.reset();
  int received = 0;
  while ((received = wait_for_signal(**bus, signals)) == SIGHUP)
    if (auto report = reload(); !report)
      log::error("run", "not reloaded: the old configuration stays in force", {{"error", report.error()}});
  if (received != 0)
    log::info("run", "stopping", {{"signal", received}});
  else
    log::error("run", "stopping: the journal could not be made durable; the next start recovers");
  // A second signal does not wait for anything.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*bus)->stop();
  return received != 0 ? kOk : kFailure;
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("run", "Run the bus");
  command->add_option("configuration", options->path, "directory or file")->required();
  command->add_option("--log-level", options->log_level, "debug, info, warn, error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  command->footer(
      "  lienthong run conf/demo\nPrints one JSON line with its ports when it is ready. SIGHUP reads the "
      "configuration again; SIGTERM or SIGINT stop it in order.");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

int report_failure(const Error& error) {
  std::cerr << error.text() << std::endl;
  return kFailure;
}

}  // namespace lt::cli
