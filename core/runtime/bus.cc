#include "core/runtime/bus.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "core/base/log.h"
#include "core/blob/blob_store.h"
#include "core/catalog/sqlite_catalog.h"
#include "core/journal/file_journal.h"
#include "core/journal/history.h"
#include "core/runtime/accept.h"
#include "core/runtime/data_lock.h"
#include "core/runtime/recover.h"
#include "core/runtime/reload.h"
#include "core/runtime/upkeep.h"
#include "core/runtime/watches.h"
#include "core/runtime/wiring.h"

namespace lt::runtime {
namespace {

constexpr std::chrono::milliseconds kCatalogLinger{100};
constexpr std::chrono::seconds kFiguresEvery{10};
constexpr int kOffloadThreads = 2;  // a large body is stored on one and understood on the other

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
// Of the real clock: for messages on their way when the gate closes, and for the catalog to catch up.
constexpr std::chrono::milliseconds kReloadTime{10'000};

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
      : first_graph_(std::move(graph)),
        data_(first_graph_->config.bus.data),
        lock_(std::move(lock)),
        env_(env),
        clock_(clock),
        metrics_(metrics),
        journal_bytes_(metrics.gauge("lienthong_journal_size_bytes", "From the oldest kept record to the end")) {}
  ~RunningBus() override { stop(); }

  Result<void> open();
  void stop() override;

  std::shared_ptr<const Graph> graph() const override { return wiring_.get()->shared_graph(); }
  Result<ReloadReport> reload(std::shared_ptr<const Graph> next) override;
  std::map<std::string, uint16_t> ports() const override {
    std::map<std::string, uint16_t> out;
    const std::lock_guard lock(servers_mutex_);
    for (const auto& [name, server] : servers_) out[name] = server->port();
    return out;
  }
  catalog::Catalog& catalog() override { return *catalog_; }
  const journal::Journal& journal() const override { return *journal_; }
  DiskFigures disk() const override { return disk_->figures(); }
  void operate(ActionFact fact, std::function<void(std::optional<Error>)> answer) override {
    cell_->operate(std::move(fact), std::move(answer));
  }
  void lanes(std::function<void(std::vector<engine::LaneStatus>)> answer) override {
    cell_->inspect([this, answer = std::move(answer)](const engine::Cell& cell) { answer(cell.lanes(clock_.wall())); });
  }
  void controls(std::function<void(std::vector<engine::ControlStatus>)> answer) override {
    cell_->inspect([answer = std::move(answer)](const engine::Cell& cell) { answer(cell.controls()); });
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
  using Servers = std::map<std::string, std::unique_ptr<net::HttpServer>>;

  Result<void> open_storage();
  std::string journal_directory() const { return data_ + "/journal"; }
  void build_shards();
  std::shared_ptr<Wiring> build_wiring(std::shared_ptr<const Graph> graph);
  std::shared_ptr<const AcceptRules> accept_rules(const Graph& graph);
  // Those of `next` that `now` does not have, or has with other options.
  Result<Servers> listen(const Graph* now, const Wiring& next);
  Result<void> check(const Graph& now, const Graph& next);
  void leave_checkpoint();
  net::Task<void> watch_disk();
  void keep_figures();
  void dispatch(engine::Deliver deliver);

  std::shared_ptr<const Graph> first_graph_;  // until open() has made the first wiring
  const std::string data_;
  DataLock lock_;
  Env& env_;
  const Clock& clock_;
  Metrics& metrics_;
  Gauge& journal_bytes_;
  // In the order of construction: later ones use earlier ones.
  std::unique_ptr<journal::KeyStore> keys_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::History> history_;
  std::optional<journal::WholeLog> log_;
  std::unique_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<DiskSpace> disk_;
  std::unique_ptr<Quotas> quotas_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<CellLoop> cell_;
  std::unique_ptr<Upkeep> upkeep_;                 // there once the cell runs
  std::optional<journal::Checkpoint> checkpoint_;  // to start from
  std::unique_ptr<DedupeStore> dedupe_;
  Under under_;
  FetchesUnderWay fetches_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<BodyStore> bodies_;
  std::unique_ptr<CellWatches> watches_;
  std::unique_ptr<Accept> accept_;
  std::mutex reloading_;
  std::mutex intakes_mutex_;
  std::map<std::string, std::unique_ptr<EndpointIntake>> intakes_;  // guarded; never removed
  Current<Wiring> wiring_;
  mutable std::mutex servers_mutex_;
  Servers servers_;                                        // guarded
  std::vector<std::unique_ptr<net::HttpServer>> drained_;  // guarded likewise
  std::set<std::string> listener_names_;                   // only of open() and reload()
  std::shared_ptr<Wiring> live_;                           // the same as wiring_; only of open() and reload()
  std::atomic<uint64_t> last_committed_{0};                // offset
  std::chrono::milliseconds stop_time_{0};
  std::atomic<bool> stopping_{false};
  size_t next_shard_ = 0;  // of the engine thread
};

Result<void> RunningBus::open_storage() {
  const BusConfig& config = first_graph_->config;
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
  options.reserve_bytes = config.disk.reserve;
  LT_ASSIGN(journal_, journal::open_file_journal(env_, clock_, keys_.get(), metrics_, options));
  LT_ASSIGN(history_, journal::History::open(env_, data + "/history", options.partition));
  log_.emplace(*journal_, history_.get());
  LT_ASSIGN(blobs_, blob::open_file_store(env_, data + "/blobs", clock_, *keys_));
  LT_ASSIGN(dedupe_, DedupeStore::open(env_, data + "/dedupe", *log_, clock_, first_graph_->policy.dedupe_window));
  catalog_ = catalog::open_sqlite_catalog(env_, clock_, *journal_, metrics_,
                                          {.directory = data + "/catalog",
                                           .reserve_bytes = config.disk.reserve / 2,
                                           .linger = kCatalogLinger,
                                           .history = history_.get()});
  disk_ = std::make_unique<DiskSpace>(env_, clock_, metrics_, data, config.disk.reserve);
  disk_->measure();
  quotas_ = std::make_unique<Quotas>(metrics_);
  quotas_->go_by(first_graph_->quotas, first_graph_->directory);
  return quotas_->recover(env_, data + "/quota.day", *journal_);
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
  const size_t shard = next_shard_;
  next_shard_ = (next_shard_ + 1) % pool_->size();
  under_.begin();
  wiring_.get()->deliver(shard, std::move(deliver));
}

void RunningBus::build_shards() {
  net::PoolOptions options;
  const uint32_t wanted = first_graph_->config.bus.shards;
  options.shards = static_cast<int>(wanted ? wanted : std::max(1u, std::thread::hardware_concurrency()));
  options.offload_threads = kOffloadThreads;
  pool_ = net::make_shard_pool(clock_, metrics_, options);
  bodies_ = std::make_unique<BodyStore>(*blobs_, *pool_, disk_.get());
  watches_ = std::make_unique<CellWatches>(*cell_);
  AcceptParts parts;
  parts.cell = cell_.get();
  parts.dedupe = dedupe_.get();
  parts.bodies = bodies_.get();
  parts.log = &*log_;
  parts.quotas = quotas_.get();
  parts.disk = disk_.get();
  parts.pool = pool_.get();
  parts.clock = &clock_;
  parts.ids = &system_ids();
  parts.metrics = &metrics_;
  accept_ = std::make_unique<Accept>(std::move(parts));
}

std::shared_ptr<Wiring> RunningBus::build_wiring(std::shared_ptr<const Graph> graph) {
  WiringParts parts;
  parts.pool = pool_.get();
  parts.journal = journal_.get();
  parts.clock = &clock_;
  parts.metrics = &metrics_;
  parts.watches = watches_.get();
  parts.bodies = bodies_.get();
  parts.address_key = &keys_->address_key();
  parts.cell = cell_.get();
  parts.ids = &system_ids();
  parts.fetches = &fetches_;
  parts.under = [this] {
    under_.begin();
    return std::shared_ptr<const void>(this, [this](const void*) { under_.end(); });
  };
  parts.report = [this](engine::Attempted attempted) {
    cell_->attempted(std::move(attempted));
    under_.end();
  };
  parts.intake = [this](const std::string& endpoint) -> adapter::Intake* {
    const std::lock_guard lock(intakes_mutex_);
    auto& intake = intakes_[endpoint];
    if (!intake) intake = std::make_unique<EndpointIntake>(*accept_, endpoint);
    return intake.get();
  };
  return Wiring::build(std::move(graph), parts);
}

std::shared_ptr<const AcceptRules> RunningBus::accept_rules(const Graph& graph) {
  auto rules = std::make_shared<AcceptRules>();
  rules->schemas = graph.schemas;
  rules->router = graph.router;
  rules->rights = graph.rights;
  rules->principals = graph.principals;
  for (const auto& [name, section] : graph.config.endpoints) {
    EndpointPlan& plan = rules->endpoints[name];
    plan.name = name;
    plan.type = graph.schemas->find(section.type.value);
    plan.unknown = section.unknown_receiver;
    plan.accept_time = &metrics_.histogram("lienthong_accept_seconds", "From the whole body to the durable answer",
                                           {{"endpoint", name}});
  }
  return rules;
}

Result<RunningBus::Servers> RunningBus::listen(const Graph* now, const Wiring& next) {
  Servers made;
  for (const auto& [name, options] : next.graph().config.listeners) {
    if (!next.listens(name)) log::warn("bus", "no endpoint uses this listener", {{"listener", name}});
    // With TLS always anew: its certificate may have been renewed under the same name.
    const bool may_stay = now && options.tls.certificate_file.empty();
    if (may_stay)
      if (const auto same = now->config.listeners.find(name);
          same != now->config.listeners.end() && same->second == options)
        continue;
    // Handlers are copied per shard: the name has to outlive them all.
    const std::string* kept = &*listener_names_.insert(name).first;
    LT_ASSIGN(made[name], net::serve(*pool_, metrics_, options, [this, kept](net::Exchange* exchange) {
                return Wiring::answer(wiring_.get(), kept, exchange);
              }));
  }
  return made;
}

Result<void> RunningBus::check(const Graph& now, const Graph& next) {
  std::promise<std::vector<engine::LaneStatus>> promise;
  auto lanes = promise.get_future();
  cell_->inspect([this, &promise](const engine::Cell& cell) { promise.set_value(cell.lanes(clock_.wall())); });
  LT_TRY(check_stranded(next, lanes.get()));
  const auto types = changed_order_keys(now, next);
  if (types.empty()) return {};
  const Mono deadline = system_clock().mono() + kReloadTime;
  while (catalog_->status().lagging || catalog_->applied().offset < last_committed_) {
    if (system_clock().mono() > deadline)
      return fail(Error(Code::unavailable, "the catalog has not caught up; it is asked whether messages are unfinished",
                        {}, "reload again in a while; see lienthong catalog"));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return check_order_keys(types, *catalog_);
}

// While the gate is closed nobody is being accepted: what the checks find holds until the exchange is done.
Result<ReloadReport> RunningBus::reload(std::shared_ptr<const Graph> next) {
  const std::lock_guard lock(reloading_);
  if (stopping_) return fail(Code::unavailable, "the bus is stopping");
  const std::shared_ptr<const Wiring> before = wiring_.get();
  const Graph& now = before->graph();
  LT_TRY(check_same_process(now, *next));
  const auto wiring = build_wiring(next);
  LT_ASSIGN(Servers servers, listen(&now, *wiring));
  {
    struct Opened {
      Gate& gate;
      ~Opened() { gate.open(); }
    } opened{accept_->gate()};
    if (!accept_->gate().close(kReloadTime))
      return fail(Error(Code::busy, "messages on their way did not end", {}, "reload again"));
    LT_TRY(check(now, *next));
    const auto rules = accept_rules(*next);
    wiring_.exchange(wiring);
    cell_->reconfigure(next->policy);
    accept_->go_by(rules);
    quotas_->go_by(next->quotas, next->directory);
  }
  {
    const std::lock_guard servers_lock(servers_mutex_);
    for (auto& [name, server] : servers_)
      if (servers.contains(name) || !next->config.listeners.contains(name)) {
        server->drain();
        drained_.push_back(std::move(server));
      }
    std::erase_if(servers_, [](const auto& server) { return !server.second; });
    for (auto& [name, server] : servers) servers_[name] = std::move(server);
  }
  live_->retire();
  wiring->start(live_.get());
  live_ = wiring;
  ReloadReport report = compare(now, *next);
  log::info("bus", "reloaded",
            {{"config", report.config_hash}, {"added", report.added.size()}, {"removed", report.removed.size()}});
  return report;
}

Result<void> RunningBus::open() {
  LT_TRY(open_storage());
  CellLoopHooks hooks;
  hooks.dedupe = dedupe_.get();
  hooks.deliver = [this](engine::Deliver deliver) { dispatch(std::move(deliver)); };
  hooks.committed = [this](std::vector<catalog::Entry> entries) {
    last_committed_ = entries.back().position.offset;
    for (const auto& entry : entries)
      if (const auto* accepted = std::get_if<AcceptedFact>(entry.fact.get()))
        quotas_->committed(entry.position, *accepted->message);
    catalog_->apply(std::move(entries));
  };
  hooks.checkpoint = [this](journal::Checkpoint checkpoint) { upkeep_->offer(std::move(checkpoint)); };
  hooks.checkpoint_every = first_graph_->config.bus.journal_segment;
  const uint64_t seed = static_cast<uint64_t>(clock_.wall().time_since_epoch().count());
  cell_ = std::make_unique<CellLoop>(first_graph_->policy, *journal_, clock_, metrics_, seed, std::move(hooks));
  LT_ASSIGN(const Recovered recovered, recover_cell(env_, journal_directory(), *journal_, *keys_, *cell_,
                                                    std::exchange(checkpoint_, std::nullopt)));
  log::info("bus", "recovered",
            {{"checkpoint", recovered.checkpoint ? recovered.checkpoint->text() : "none"},
             {"records", recovered.records},
             {"end", journal_->end().text()}});
  build_shards();
  UpkeepParts upkeep{&env_,          &clock_,     &metrics_,    journal_directory(), journal_.get(),
                     history_.get(), keys_.get(), blobs_.get(), cell_.get()};
  upkeep_ = std::make_unique<Upkeep>(std::move(upkeep), first_graph_->config.retention);
  live_ = build_wiring(first_graph_);
  wiring_.exchange(live_);
  accept_->go_by(accept_rules(*first_graph_));
  stop_time_ = first_graph_->config.bus.stop_time;
  first_graph_.reset();
  cell_->start();
  upkeep_->start();
  live_->start(nullptr);
  pool_->shard(0).spawn("disk", watch_disk());
  LT_ASSIGN(servers_, listen(nullptr, *live_));
  return {};
}

// So that the next start has nothing to fold.
void RunningBus::leave_checkpoint() {
  if (!upkeep_ || journal_->figures().failed) return;
  const auto written = journal::write_checkpoint(env_, journal_directory(), cell_->checkpoint());
  if (!written) log::warn("bus", "no checkpoint left", {{"error", written.error()}});
}

// What is looked at now and then: the disk, the counts of the day.
net::Task<void> RunningBus::watch_disk() {
  for (;;) {
    std::function<void()> work = [this] { keep_figures(); };
    co_await pool_->offload(std::move(work));
    const bool go_on = co_await pool_->shard(0).sleep(kFiguresEvery);
    if (!go_on) co_return;
  }
}

void RunningBus::keep_figures() {
  disk_->measure();
  journal_bytes_.set(static_cast<int64_t>(journal_->end().offset - journal_->oldest().offset));
  if (auto saved = quotas_->save(); !saved)
    log::warn("quota", "the counts of the day were not written", {{"error", saved.error()}});
}

void RunningBus::stop() {
  if (stopping_.exchange(true)) return;
  const std::lock_guard no_reload(reloading_);
  {
    const std::lock_guard lock(servers_mutex_);
    for (auto& [name, server] : servers_) server->drain();
  }
  fetches_.stop();
  if (cell_ && pool_) under_.wait_for(stop_time_);
  if (pool_) pool_->stop();
  if (upkeep_) upkeep_->stop();
  if (cell_) cell_->stop();
  leave_checkpoint();
  {
    const std::lock_guard lock(servers_mutex_);
    servers_.clear();
    drained_.clear();
  }
  if (quotas_) (void)quotas_->save();  // else the next start folds a little more
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
