// The bus: everything put together and running.
//
//   auto graph = build_graph(read_bus_config(...), ...);
//   LT_ASSIGN(auto bus, Bus::start(graph, ...));
//   ...
//   bus->stop();
//
// Start: lock the data directory, open the keys, recover the journal, fold it, start the engine, the catalog, the
// shards, the sources, and last the listeners. Stop: the reverse; deliveries in flight get `bus.stop_time`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/adapter/registry.h"
#include "core/base/metrics.h"
#include "core/catalog/catalog.h"
#include "core/engine/cell.h"
#include "core/journal/journal.h"
#include "core/runtime/disk_space.h"
#include "core/runtime/graph.h"
#include "core/runtime/reload.h"
#include "core/runtime/retention_plan.h"

namespace lt::runtime {

class Bus {
 public:
  virtual ~Bus() = default;  // stops
  // `env`, `clock`, `metrics` outlive the bus. Errors name what could not be opened, and what to do.
  static Result<std::unique_ptr<Bus>> start(std::shared_ptr<const Graph> graph, Env& env, const Clock& clock,
                                            Metrics& metrics);
  // Graceful and idempotent.
  virtual void stop() = 0;

  // The configuration in force.
  virtual std::shared_ptr<const Graph> graph() const = 0;
  // Goes by another configuration without a restart, or refuses and changes nothing: see reload.h. Nothing accepted is
  // lost and nobody is refused meanwhile; accepting waits for some milliseconds. Blocks; not from a shard.
  virtual Result<ReloadReport> reload(std::shared_ptr<const Graph> next) = 0;
  // Port of each listener by name.
  virtual std::map<std::string, uint16_t> ports() const = 0;
  virtual catalog::Catalog& catalog() = 0;
  virtual const journal::Journal& journal() const = 0;
  virtual DiskFigures disk() const = 0;

  // Operators' actions and questions; the callback runs once, on the engine thread.
  virtual void operate(ActionFact fact, std::function<void(std::optional<Error>)> answer) = 0;
  virtual void lanes(std::function<void(std::vector<engine::LaneStatus>)> answer) = 0;
  virtual void controls(std::function<void(std::vector<engine::ControlStatus>)> answer) = 0;
  virtual void pending(size_t most, std::function<void(std::vector<engine::DeliveryStatus>)> answer) = 0;

  // A round of retention now, on the caller's thread: see Upkeep.
  virtual Result<Retained> retain() = 0;
  // Why it should not get traffic now, or none: recovering, stopping, journal failed.
  virtual std::optional<Error> unready() const = 0;
  // An injected clock was moved.
  virtual void clock_moved() = 0;
};

}  // namespace lt::runtime
