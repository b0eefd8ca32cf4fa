#include "core/cli/configuration.h"

#include "core/base/env.h"

namespace lt::cli {

std::shared_ptr<const runtime::Graph> load_graph(const std::string& path, config::Diagnostics& diagnostics) {
  adapter::Registry registry;
  adapter::register_adapters(registry);
  runtime::BusConfig config = runtime::read_bus_config(system_env(), path, diagnostics);
  return runtime::build_graph(std::move(config), registry, system_env(), diagnostics);
}

}  // namespace lt::cli
