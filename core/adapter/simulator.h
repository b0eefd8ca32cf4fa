// A simulator plays a partner, bad habits included, and counts what really took effect there.
//
// It follows the wire reference (replies judged by text, numeric-or-string codes, slow and dropped replies, duplicates,
// out-of-order statuses), never de-duplicates for us beyond what the real partner does, and is a process of its own:
// `lienthong simulate <kind>`. Besides the partner's own paths it serves, on the same port,
//   GET  /sim/report   what happened, as JSON (see `report`)
//   POST /sim/control  JSON object of settings, applied at once (see `control`)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/message/tree.h"
#include "core/net/server.h"
#include "core/net/shard.h"

namespace lt::adapter {

struct SimulatorServices {
  const Clock* clock;
  Metrics* metrics;
  net::ShardPool* pool;  // one shard: a simulator is single-threaded
  uint64_t seed = 1;
};

class Simulator {
 public:
  virtual ~Simulator() = default;
  // Adds the partner's paths.
  virtual void serve(net::Router& router) = 0;
  // Applies settings: {"bus": "http://127.0.0.1:8080", "start": 1000, "down": true, "drop_replies": 0.1, ...}. Unknown
  // names are an error that lists the known ones.
  virtual Result<void> control(const Node* settings) = 0;
  // JSON object. Always has: "sent" (accepted by the bus, by identity), "applied" (effects, by identity), "duplicated"
  // (effects applied twice), "out_of_order" (applied against the sender's sequence per key), "done" (bool: everything
  // it started has ended as it expects), plus its own figures.
  virtual std::string report() = 0;
};

struct SimulatorKind {
  std::string name;  // for `lienthong simulate <name>`
  std::string doc;   // one line, with its settings
  std::function<std::unique_ptr<Simulator>(SimulatorServices)> make;
};

}  // namespace lt::adapter
