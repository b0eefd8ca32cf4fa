// Generic HTTP: an endpoint that takes JSON or XML, and a destination that is posted to. See README.md.
#pragma once

#include <memory>

#include "core/adapter/registry.h"

namespace lt::adapters {

std::shared_ptr<adapter::SourceBlueprint> parse_http_source(const config::Value& block,
                                                            config::Diagnostics& diagnostics);
std::shared_ptr<adapter::SinkBlueprint> parse_http_sink(const config::Value& block, config::Diagnostics& diagnostics);
std::unique_ptr<adapter::Simulator> make_documents_simulator(adapter::SimulatorServices services);
std::unique_ptr<adapter::Simulator> make_inbox_simulator(adapter::SimulatorServices services);
void register_http(adapter::Registry& registry);

}  // namespace lt::adapters
