// Provincial one-stop software (một cửa): dossiers in by REST, status and result call-backs out. See README.md.
#pragma once

#include <memory>

#include "core/adapter/registry.h"

namespace lt::adapters {

std::shared_ptr<adapter::SourceBlueprint> parse_onestop_source(const config::Value& block,
                                                               config::Diagnostics& diagnostics);
std::shared_ptr<adapter::SinkBlueprint> parse_onestop_sink(const config::Value& block,
                                                           config::Diagnostics& diagnostics);
std::unique_ptr<adapter::Simulator> make_onestop_simulator(adapter::SimulatorServices services);
void register_onestop(adapter::Registry& registry);

}  // namespace lt::adapters
