// The parts of this program that run as processes of their own. Each prints its port as the first line and runs until
// killed.
#pragma once

#include <cstdint>
#include <string>

namespace lt::bench {

int run_sink();
// The measuring stick: relays to the sink at `sink_port`, journals into the file `path`.
int run_stick(uint16_t sink_port, const std::string& path);

}  // namespace lt::bench
