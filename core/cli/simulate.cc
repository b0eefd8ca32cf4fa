#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "core/adapter/registry.h"
#include "core/base/log.h"
#include "core/cli/command.h"
#include "core/codec/json.h"

namespace lt::cli {
namespace {

struct Options {
  std::string kind;
  std::string listen = "127.0.0.1:0";
  std::string settings = "{}";
  uint64_t seed = 1;
};

const adapter::SimulatorKind* find_kind(const adapter::Registry& registry, const std::string& name,
                                        std::string& known) {
  for (const auto& [adapter_name, adapter] : registry.all()) {
    for (const auto& kind : adapter.simulators) {
      if (kind.name == name) return &kind;
      known += (known.empty() ? "" : ", ") + kind.name;
    }
  }
  return nullptr;
}

net::Response json_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

net::Task<net::Response> report(adapter::Simulator* simulator) { co_return json_response(200, simulator->report()); }

net::Task<net::Response> control(adapter::Simulator* simulator, net::Exchange* exchange) {
  auto body = co_await net::read_all(exchange->body, 1 << 20);
  if (!body) co_return net::problem(body.error());
  Tree tree;
  if (auto parsed = codec::parse_json(std::move(*body), tree); !parsed) co_return net::problem(parsed.error());
  if (auto set = simulator->control(tree.root()); !set) co_return net::problem(set.error());
  co_return json_response(200, simulator->report());
}

int simulate(const Options& options) {
  adapter::Registry registry;
  adapter::register_adapters(registry);
  std::string known;
  const auto* kind = find_kind(registry, options.kind, known);
  if (!kind)
    return report_failure(Error(Code::usage, "no simulator \"" + options.kind + "\"", {}, "known: " + known)), kUsage;

  // Blocked before threads start, so that they inherit it and sigwait gets the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Metrics metrics;
  auto pool = net::make_shard_pool(system_clock(), metrics, {});
  auto simulator = kind->make({&system_clock(), &metrics, pool.get(), options.seed});
  net::Router router;
  simulator->serve(router);
  router.add("GET", "/sim/report", [&simulator](net::Exchange*) { return report(simulator.get()); });
  router.add("POST", "/sim/control",
             [&simulator](net::Exchange* exchange) { return control(simulator.get(), exchange); });

  Tree tree;
  if (auto parsed = codec::parse_json(options.settings, tree); !parsed) return report_failure(parsed.error()), kUsage;
  if (auto set = simulator->control(tree.root()); !set) return report_failure(set.error()), kUsage;
  net::ServerOptions server_options;
  server_options.listen = options.listen;
  server_options.header_limit = limits::kHeaderBlockMost;
  auto server = net::serve(*pool, metrics, server_options, router.handler());
  if (!server) return report_failure(server.error());
  std::cout << "{\"simulator\":\"" << options.kind << "\",\"port\":" << (*server)->port() << "}" << std::endl;
  int received = 0;
  sigwait(&signals, &received);
  (*server)->drain();
  pool->stop();
  return kOk;
}

}  // namespace

void add_simulate(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("simulate", "Play a partner: onestop, judicial, axis, documents, inbox");
  command->add_option("kind", options->kind, "which partner")->required();
  command
      ->add_option("--listen", options->listen, "address and port; port 0 picks one, printed as JSON on the first line")
      ->capture_default_str();
  command->add_option("--settings", options->settings, "JSON object of settings, as for POST /sim/control");
  command->add_option("--seed", options->seed, "of its chances")->capture_default_str();
  command->footer("  lienthong simulate judicial --listen 127.0.0.1:7001 --settings '{\"drop_after\": 0.1}'");
  command->callback([options, &chosen] { chosen = [options] { return simulate(*options); }; });
}

}  // namespace lt::cli
