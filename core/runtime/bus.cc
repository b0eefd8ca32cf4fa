#include "core/runtime/bus.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/log.h"
#include "core/blob/blob_store.h"
#include "core/catalog/sqlite_catalog.h"
#include "core/journal/file_journal.h"
#include "core/journal/history.h"
#include "core/runtime/accept.h"
#include "core/runtime/data_lock.h"
#include "core/runtime/delivery.h"
#include "core/runtime/recover.h"
#include "core/runtime/upkeep.h"
#include "core/runtime/watches.h"

namespace lt::runtime {
namespace {

constexpr std::chrono::milliseconds kCatalogLinger{100};

// The master key of the configuration, or one of our own beside the data: then bodies are still erased with their keys,
// but whoever copies the whole disk can read them.
Result<CipherKey> master_key(const BusConfig& config, const std::string& data, Env& env) {
  if (!config.encryption.master_key.empty()) return journal::parse_master_key(config.encryption.master_key);
  const std::string path = data + "/master.key";
  LT_ASSIGN(const bool exists, env.exists(path));
  if (!exists) {
    log::warn("bus", "no encryption.master_key configured: making one beside the data", {{"file", path}});
    LT_TRY(replace_file(env, path, hex(random_bytes(kKeySize)) + "\n"));
  }
  LT_ASSIGN(const std::string text, read_file(env, path));
  return journal::parse_master_key(text);
}

constexpr std::chrono::milliseconds kRestWhileStopping{1'000};

class RouteBook final : public adapter::Routes {
 public:
  void add(std::string listener, std::string method, std::string path, net::Handler handler) override {
    routers[listener].add(std::move(method), std::move(path), std::move(handler));
  }
  std::map<std::string, net::Router> routers;
};

// Deliveries under way, so that a stop can wait for them.
class Under {
 public:
  void begin() { ++count_; }
  void end() {
    if (--count_ > 0) return;
    std::lock_guard lock(mutex_);
    none_.notify_all();
  }
  void wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    none_.wait_for(lock, time, [this] { return count_.load() == 0; });
  }

 private:
  std::atomic<size_t> count_{0};
  std::mutex mutex_;
  std::condition_variable none_;
};

class RunningBus final : public Bus {
 public:
  RunningBus(std::shared_ptr<const Graph> graph, DataLock lock, Env& env, const Clock& clock, Metrics& metrics)
      : graph_(std::move(graph)), lock_(std::move(lock)), env_(env), clock_(clock), metrics_(metrics) {}
  ~RunningBus() override { stop(); }

  Result<void> open();
  void stop() override;

  const Graph& graph() const override { return *graph_; }
  std::map<std::string, uint16_t> ports() const override {
    std::map<std::string, uint16_t> out;
    for (const auto& [name, server] : servers_) out[name] = server->port();
    return out;
  }
  catalog::Catalog& catalog() override { return *catalog_; }
  const journal::Journal& journal() const override { return *journal_; }
  void operate(ActionFact fact, bool out_of_order, std::function<void(std::optional<Error>)> answer) override {
    cell_->operate(std::move(fact), out_of_order, std::move(answer));
  }
  void lanes(std::function<void(std::vector<engine::LaneStatus>)> answer) override {
    cell_->inspect([answer = std::move(answer)](const engine::Cell& cell) { answer(cell.lanes()); });
  }
  void pending(size_t most, std::function<void(std::vector<engine::DeliveryStatus>)> answer) override {
    cell_->inspect([answer = std::move(answer), most](const engine::Cell& cell) { answer(cell.pending(most)); });
  }
  Result<Retained> retain() override { return upkeep_->retain(); }
  std::optional<Error> unready() const override {
    if (stopping_) return Error(Code::unavailable);
    if (journal_->figures().failed) return Error(Code::journal_failed);
    return std::nullopt;
  }
  void clock_moved() override {
    for (size_t i = 0; i < pool_->size(); ++i) pool_->shard(i).clock_moved();
    cell_->clock_moved();
    upkeep_->clock_moved();
  }

 private:
  Result<void> open_storage();
  std::string journal_directory() const { return graph_->config.bus.data + "/journal"; }
  void build_shards();
  void build_sources();
  Result<void> listen();
  void leave_checkpoint();
  void dispatch(engine::Deliver deliver);
  adapter::Services services(const std::string& name, net::Shard& shard);

  std::shared_ptr<const Graph> graph_;
  DataLock lock_;
  Env& env_;
  const Clock& clock_;
  Metrics& metrics_;
  // In the order of construction: later ones use earlier ones.
  std::unique_ptr<journal::KeyStore> keys_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::History> history_;
  std::optional<journal::WholeLog> log_;
  std::unique_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<CellLoop> cell_;
  std::unique_ptr<Upkeep> upkeep_;                 // there once the cell runs
  std::optional<journal::Checkpoint> checkpoint_;  // to start from
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<BodyStore> bodies_;
  std::unique_ptr<CellWatches> watches_;
  std::unique_ptr<Accept> accept_;
  RouteBook routes_;
  std::map<std::string, std::unique_ptr<EndpointIntake>> intakes_;
  std::map<std::string, std::unique_ptr<adapter::Source>> sources_;
  std::vector<std::unique_ptr<DeliveryRunner>> runners_;
  std::map<std::string, std::unique_ptr<net::HttpServer>> servers_;
  Under under_;
  std::atomic<bool> stopping_{false};
  size_t next_runner_ = 0;  // of the engine thread
};

Result<void> RunningBus::open_storage() {
  const BusConfig& config = graph_->config;
  const std::string& data = config.bus.data;
  LT_ASSIGN(const CipherKey master, master_key(config, data, env_));
  LT_ASSIGN(keys_, journal::KeyStore::open(env_, data, master));
  journal::FileJournalOptions options;
  options.directory = journal_directory();
  constexpr Position kAnywhere{0, UINT64_MAX};
  LT_ASSIGN(checkpoint_, journal::newest_checkpoint(env_, options.directory, {}, kAnywhere));
  options.trusted = checkpoint_ ? checkpoint_->position.offset : 0;
  options.segment_bytes = config.bus.journal_segment;
  options.gather = config.bus.gather;
  LT_ASSIGN(journal_, journal::open_file_journal(env_, clock_, keys_.get(), metrics_, options));
  LT_ASSIGN(history_, journal::History::open(env_, data + "/history", options.partition));
  log_.emplace(*journal_, history_.get());
  LT_ASSIGN(blobs_, blob::open_file_store(env_, data + "/blobs", clock_, *keys_));
  catalog_ = catalog::open_sqlite_catalog(
      env_, clock_, *journal_, metrics_,
      {.directory = data + "/catalog", .linger = kCatalogLinger, .history = history_.get()});
  return {};
}

adapter::Services RunningBus::services(const std::string& name, net::Shard& shard) {
  return {.name = name,
          .organ_id = graph_->config.bus.organ_id,
          .clock = &clock_,
          .metrics = &metrics_,
          .shard = &shard,
          .pool = pool_.get(),
          .watches = watches_.get(),
          .routes = &routes_,
          .bodies = bodies_.get()};
}

// The engine thread hands out deliveries in turn. While stopping nothing new is sent, and that is an outcome too:
// nothing of it reached the partner.
void RunningBus::dispatch(engine::Deliver deliver) {
  if (stopping_) {
    engine::Attempted attempted;
    attempted.delivery = deliver.delivery;
    attempted.attempt = deliver.attempt;
    attempted.probe = deliver.probe;
    attempted.outcome.kind = OutcomeKind::retry;
    attempted.outcome.code = Code::unavailable;
    // It is ours, not the delivery's failure, and the lane rests: else the whole backlog would be handed out and
    // written off here, one attempt each.
    attempted.outcome.scope = RetryScope::lane;
    attempted.outcome.after = kRestWhileStopping;
    cell_->attempted(std::move(attempted));
    return;
  }
  DeliveryRunner* runner = runners_[next_runner_].get();
  net::Shard* shard = &pool_->shard(next_runner_);
  next_runner_ = (next_runner_ + 1) % runners_.size();
  under_.begin();
  auto carried = std::make_shared<engine::Deliver>(std::move(deliver));
  shard->post([runner, carried] { runner->start(std::move(*carried)); });
}

void RunningBus::build_shards() {
  net::PoolOptions options;
  const uint32_t wanted = graph_->config.bus.shards;
  options.shards = static_cast<int>(wanted ? wanted : std::max(1u, std::thread::hardware_concurrency()));
  pool_ = net::make_shard_pool(clock_, metrics_, options);
  bodies_ = std::make_unique<BodyStore>(*blobs_, *pool_);
  watches_ = std::make_unique<CellWatches>(*cell_);
  RenderParts render{graph_->schemas, graph_->mappings, bodies_.get(), &clock_, graph_->config.bus.organ_id};
  for (size_t i = 0; i < pool_->size(); ++i) {
    net::Shard& shard = pool_->shard(i);
    runners_.push_back(std::make_unique<DeliveryRunner>(shard, *pool_, render, *journal_, metrics_,
                                                        [this](engine::Attempted attempted) {
                                                          cell_->attempted(std::move(attempted));
                                                          under_.end();
                                                        }));
    for (const auto& [name, blueprint] : graph_->sinks)
      runners_.back()->add_sink(name, blueprint->make(services(name, shard)));
  }
}

void RunningBus::build_sources() {
  AcceptParts parts;
  parts.schemas = graph_->schemas;
  parts.router = graph_->router;
  parts.rights = graph_->rights;
  parts.principals = graph_->principals;
  parts.cell = cell_.get();
  parts.bodies = bodies_.get();
  parts.log = &*log_;
  parts.pool = pool_.get();
  parts.clock = &clock_;
  parts.ids = &system_ids();
  parts.metrics = &metrics_;
  accept_ = std::make_unique<Accept>(std::move(parts));
  size_t next = 0;
  for (const auto& [name, blueprint] : graph_->sources) {
    const EndpointSection& section = graph_->config.endpoints.at(name);
    EndpointPlan plan;
    plan.name = name;
    plan.type = graph_->schemas->find(section.type.value);
    plan.unknown = section.unknown_receiver;
    plan.accept_time = &metrics_.histogram("lienthong_accept_seconds", "From the whole body to the durable answer",
                                           {{"endpoint", name}});
    intakes_[name] = std::make_unique<EndpointIntake>(*accept_, std::move(plan));
    net::Shard& shard = pool_->shard(next++ % pool_->size());
    sources_[name] = blueprint->make(services(name, shard), intakes_[name].get());
    shard.spawn("source " + name, sources_[name]->run(intakes_[name].get()));
  }
}

Result<void> RunningBus::listen() {
  for (auto& [name, options] : graph_->config.listeners) {
    const auto router = routes_.routers.find(name);
    if (router == routes_.routers.end()) {
      log::warn("bus", "no endpoint uses this listener", {{"listener", name}});
      continue;
    }
    LT_ASSIGN(servers_[name], net::serve(*pool_, metrics_, options, router->second.handler()));
  }
  return {};
}

Result<void> RunningBus::open() {
  LT_TRY(open_storage());
  CellLoopHooks hooks;
  hooks.deliver = [this](engine::Deliver deliver) { dispatch(std::move(deliver)); };
  hooks.committed = [this](std::vector<catalog::Entry> entries) { catalog_->apply(std::move(entries)); };
  hooks.checkpoint = [this](journal::Checkpoint checkpoint) { upkeep_->offer(std::move(checkpoint)); };
  hooks.checkpoint_every = graph_->config.bus.journal_segment;
  const uint64_t seed = static_cast<uint64_t>(clock_.wall().time_since_epoch().count());
  cell_ = std::make_unique<CellLoop>(graph_->policy, *journal_, clock_, metrics_, seed, std::move(hooks));
  LT_ASSIGN(const Recovered recovered, recover_cell(env_, journal_directory(), *journal_, *keys_, *cell_,
                                                    std::exchange(checkpoint_, std::nullopt)));
  log::info("bus", "recovered",
            {{"checkpoint", recovered.checkpoint ? recovered.checkpoint->text() : "none"},
             {"records", recovered.records},
             {"end", journal_->end().text()}});
  build_shards();
  UpkeepParts upkeep{&env_,          &clock_,     &metrics_,    journal_directory(), journal_.get(),
                     history_.get(), keys_.get(), blobs_.get(), cell_.get()};
  upkeep_ = std::make_unique<Upkeep>(std::move(upkeep), graph_->config.retention);
  cell_->start();
  upkeep_->start();
  build_sources();
  return listen();
}

// So that the next start has nothing to fold.
void RunningBus::leave_checkpoint() {
  if (!upkeep_ || journal_->figures().failed) return;
  const auto written = journal::write_checkpoint(env_, journal_directory(), cell_->checkpoint());
  if (!written) log::warn("bus", "no checkpoint left", {{"error", written.error()}});
}

void RunningBus::stop() {
  if (stopping_.exchange(true)) return;
  for (auto& [name, server] : servers_) server->drain();
  if (cell_ && pool_) under_.wait_for(graph_->config.bus.stop_time);
  if (pool_) pool_->stop();
  if (upkeep_) upkeep_->stop();
  if (cell_) cell_->stop();
  leave_checkpoint();
  servers_.clear();
  runners_.clear();
  sources_.clear();
  if (journal_) {
    journal_->flush();
    const auto figures = journal_->figures();
    log::info("bus", "stopped",
              {{"records", figures.records},
               {"batches", figures.batches},
               {"syncs", figures.syncs},
               {"bytes", figures.bytes}});
  }
  log::flush();
}

}  // namespace

Result<std::unique_ptr<Bus>> Bus::start(std::shared_ptr<const Graph> graph, Env& env, const Clock& clock,
                                        Metrics& metrics) {
  LT_ASSIGN(DataLock lock, DataLock::take(graph->config.bus.data));
  auto bus = std::make_unique<RunningBus>(std::move(graph), std::move(lock), env, clock, metrics);
  LT_TRY(bus->open());
  return bus;
}

}  // namespace lt::runtime
