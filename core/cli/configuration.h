// Reading the configuration for a command: everything wrong is printed, then exit code 78.
#pragma once

#include <memory>
#include <string>

#include "core/adapter/registry.h"
#include "core/config/diagnostics.h"
#include "core/runtime/graph.h"

namespace lt::cli {

// Null when the configuration has mistakes; they are in `diagnostics`.
std::shared_ptr<const runtime::Graph> load_graph(const std::string& path, config::Diagnostics& diagnostics);

}  // namespace lt::cli
