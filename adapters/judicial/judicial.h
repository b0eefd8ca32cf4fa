// Judicial records (lý lịch tư pháp), the newer ministry API: submit, then poll each open dossier. See README.md.
#pragma once

#include <memory>

#include "core/adapter/registry.h"

namespace lt::adapters {

std::shared_ptr<adapter::SourceBlueprint> parse_judicial_source(const config::Value& block,
                                                                config::Diagnostics& diagnostics);
std::shared_ptr<adapter::SinkBlueprint> parse_judicial_sink(const config::Value& block,
                                                            config::Diagnostics& diagnostics);
std::unique_ptr<adapter::Simulator> make_judicial_simulator(adapter::SimulatorServices services);
void register_judicial(adapter::Registry& registry);

// What a watch keeps between polls, in WatchChange::context: "<last state>|<request's message id>|<sender agency>".
struct OpenDossier {
  int state = 0;  // last trangThaiXuLy handed on; 0 = none yet
  std::string request;
  std::string agency;
};
std::string to_context(const OpenDossier& dossier);
OpenDossier from_context(std::string_view context);

// May a dossier last seen in `from` be reported as `to`? States of the DVCQG list. Never back, never out of a final
// one.
bool moves_forward(int from, int to);
bool is_final_state(int state);

}  // namespace lt::adapters
