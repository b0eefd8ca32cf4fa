// What one configuration makes of the house: a sink per destination and shard, a source per endpoint, and the paths
// they listen on. A reload builds the next wiring beside it; this one lives until the last call that runs in it ended.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/adapter/services.h"
#include "core/adapter/source.h"
#include "core/runtime/delivery.h"
#include "core/runtime/exchange.h"

namespace lt::runtime {

struct WiringParts {
  net::ShardPool* pool = nullptr;
  journal::Journal* journal = nullptr;
  const Clock* clock = nullptr;
  Metrics* metrics = nullptr;
  adapter::Watches* watches = nullptr;
  BodyStore* bodies = nullptr;
  const CipherKey* address_key = nullptr;  // see KeyStore
  CellLoop* cell = nullptr;
  IdSource* ids = nullptr;
  FetchesUnderWay* fetches = nullptr;
  std::function<void(engine::Attempted)> report;
  std::function<adapter::Intake*(const std::string& endpoint)> intake;
  std::function<std::shared_ptr<const void>()> under;  // held while a partner is asked
};

class Wiring : public std::enable_shared_from_this<Wiring> {
 public:
  // Builds everything, starts nothing.
  static std::shared_ptr<Wiring> build(std::shared_ptr<const Graph> graph, const WiringParts& parts);

  const Graph& graph() const { return *graph_; }
  std::shared_ptr<const Graph> shared_graph() const { return graph_; }
  // Listeners that some source listens on.
  bool listens(const std::string& listener) const { return handlers_.contains(listener); }
  // Answers a request of that listener. The wiring stays until it is answered.
  static net::Task<net::Response> answer(std::shared_ptr<const Wiring> wiring, const std::string* listener,
                                         net::Exchange* exchange);
  // Carries a delivery on that shard.
  void deliver(size_t shard, engine::Deliver deliver) const;

  // Starts the sources; each polls only once the one of the same name in `before` has ended.
  void start(Wiring* before);
  // The sources end at their next rest, or at once while they rest. Thread-safe.
  void retire();

 private:
  struct Source {
    net::Shard* shard = nullptr;
    adapter::Intake* intake = nullptr;
    std::unique_ptr<adapter::Source> source;
    net::Promise<bool> ended;
    std::optional<net::Promise<bool>> resting;  // guarded
  };
  void build_exchanges(const WiringParts& parts, const RenderParts& render);
  net::Task<bool> rest(Source* source, std::chrono::microseconds time);
  static net::Task<void> live(std::shared_ptr<Wiring> wiring, Source* source, net::Future<bool> before);

  std::shared_ptr<const Graph> graph_;
  net::ShardPool* pool_ = nullptr;
  std::mutex mutex_;
  bool retired_ = false;                                              // guarded
  std::vector<std::unique_ptr<DeliveryRunner>> runners_;              // by shard
  std::map<std::string, std::unique_ptr<ExchangeIntake>> exchanges_;  // by endpoint
  std::map<std::string, Source> sources_;
  std::map<std::string, net::Handler> handlers_;  // by listener
};

}  // namespace lt::runtime
