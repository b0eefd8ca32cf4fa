// Health, metrics and the admin API, on a port and a thread of their own: a scrape or a long search never waits for the
// traffic, nor the traffic for them.
//
//   GET  /healthz  /readyz  /metrics  /version
//   GET  /api/v1/messages  /messages/{id}  /timeline?key=  /counts  /causes  /lanes  /controls  /pending  /status
//   POST /api/v1/deliveries/{id}/replay|discard|confirm                                {"by", "why", "out_of_order"}
//   POST /api/v1/destinations|partners|routes/{name}/pause|resume|drain                {"by", "why"}
//   POST /api/v1/reload                                                                {}
//
// Nothing is decided here: questions go to the catalog and the engine, actions to the engine, and their words come
// back. Errors are problem+json.
//
// There is no authentication. It therefore listens on loopback only, answers the API to loopback names only (a web page
// that points its own name at 127.0.0.1 gets nothing), and takes actions as application/json only (a browser asks
// before it sends that elsewhere, and is told no).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/base/result.h"

namespace lt::runtime {
class Bus;
struct ReloadReport;
}  // namespace lt::runtime

namespace lt::admin {

class AdminServer {
 public:
  virtual ~AdminServer() = default;  // stops
  virtual uint16_t port() const = 0;
  // Requests under way end without an answer. Idempotent. Before the bus is destroyed; it may have been stopped.
  virtual void stop() = 0;
};

// Reads the configuration again and has the bus go by it; may block. The errors are what the operator should be told.
using Reload = std::function<Result<runtime::ReloadReport>()>;

// `listen` is address:port with a loopback address; port 0 picks one. `bus`, `clock`, `metrics` outlive it. Error
// listen_failed: not loopback, or the port is taken.
Result<std::unique_ptr<AdminServer>> start_admin(runtime::Bus& bus, const Clock& clock, Metrics& metrics,
                                                 std::string listen, Reload reload);

}  // namespace lt::admin
