// The provincial face of the national document axis (edXML): send by multipart, poll an inbox, acknowledge. See
// README.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/adapter/registry.h"

namespace lt::net {
struct Call;
}

namespace lt::adapters {

std::shared_ptr<adapter::SourceBlueprint> parse_axis_source(const config::Value& block,
                                                            config::Diagnostics& diagnostics);
std::shared_ptr<adapter::SinkBlueprint> parse_axis_sink(const config::Value& block, config::Diagnostics& diagnostics);
std::unique_ptr<adapter::Simulator> make_axis_simulator(adapter::SimulatorServices services);
void register_axis(adapter::Registry& registry);

// Who we are to the axis.
struct AxisAccount {
  std::string url;  // what stands before /v1/...
  std::string system_id;
  std::string secret;
};
// A POST to `path` with the headers that prove who we are.
net::Call axis_call(const AxisAccount& account, std::string_view path);
// `text` without the secret: an axis that quotes our request back must not bring it into a log or the journal.
std::string redacted(std::string text, const AxisAccount& account);

}  // namespace lt::adapters
