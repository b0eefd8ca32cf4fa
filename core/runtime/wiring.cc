#include "core/runtime/wiring.h"

#include "core/net/promise.h"
#include "core/runtime/file_serving.h"

namespace lt::runtime {
namespace {

class Paths final : public adapter::Routes {
 public:
  void add(std::string listener, std::string method, std::string path, net::Handler handler) override {
    routers[listener].add(std::move(method), std::move(path), std::move(handler));
  }
  std::map<std::string, net::Router> routers;
};

}  // namespace

std::shared_ptr<Wiring> Wiring::build(std::shared_ptr<const Graph> graph, const WiringParts& parts) {
  auto wiring = std::make_shared<Wiring>();
  wiring->graph_ = std::move(graph);
  wiring->pool_ = parts.pool;
  const Graph& read = *wiring->graph_;
  Paths paths;
  const auto services = [&](const std::string& name, net::Shard& shard) {
    adapter::Services out{};
    out.name = name;
    out.organ_id = read.config.bus.organ_id;
    out.clock = parts.clock;
    out.metrics = parts.metrics;
    out.shard = &shard;
    out.pool = parts.pool;
    out.watches = parts.watches;
    out.routes = &paths;
    out.bodies = parts.bodies;
    return out;
  };
  RenderParts render{read.schemas, read.mappings, parts.bodies, parts.clock, read.config.bus.organ_id, nullptr};
  if (read.config.files.serve) render.addresses = make_address_giver(*read.config.files.serve, *parts.address_key);
  std::shared_ptr<const FetchRules> fetching;
  if (const auto& section = read.config.files.fetch) fetching = std::make_shared<const FetchRules>(*section);
  for (size_t i = 0; i < parts.pool->size(); ++i) {
    net::Shard& shard = parts.pool->shard(i);
    FileFetcher fetcher(shard, *parts.pool, *parts.bodies, *parts.fetches, *parts.metrics, fetching);
    wiring->runners_.push_back(std::make_unique<DeliveryRunner>(shard, *parts.pool, render, *parts.journal,
                                                                *parts.metrics, std::move(fetcher), parts.report));
    for (const auto& [name, blueprint] : read.sinks)
      wiring->runners_.back()->add_sink(name, blueprint->make(services(name, shard)));
  }
  wiring->build_exchanges(parts, render);
  size_t next = 0;
  for (const auto& [name, blueprint] : read.sources) {
    Source& source = wiring->sources_[name];
    source.shard = &parts.pool->shard(next++ % parts.pool->size());
    const auto exchange = wiring->exchanges_.find(name);
    source.intake = exchange == wiring->exchanges_.end() ? parts.intake(name) : exchange->second.get();
    adapter::Services given = services(name, *source.shard);
    given.rest = [raw = wiring.get(), &source](std::chrono::microseconds time) { return raw->rest(&source, time); };
    source.source = blueprint->make(std::move(given), source.intake);
  }
  // After the sources: a path that one of them has is its own.
  if (read.config.files.serve)
    add_file_paths(
        *read.config.files.serve,
        {parts.journal, parts.bodies, parts.pool, parts.clock, parts.metrics, read.schemas, render.addresses}, paths);
  for (const auto& [listener, router] : paths.routers) wiring->handlers_[listener] = router.handler();
  return wiring;
}

void Wiring::build_exchanges(const WiringParts& parts, const RenderParts& render) {
  std::map<std::string, std::shared_ptr<PartnerGate>> gates;
  for (const auto& [endpoint, plan] : graph_->exchanges) {
    auto& gate = gates[plan.destination];
    const engine::DestinationPolicy& policy = graph_->policy.destinations.at(plan.destination);
    if (!gate) gate = std::make_shared<PartnerGate>(policy.in_flight, policy.breaker);
    ExchangeParts given;
    given.cell = parts.cell;
    given.bodies = parts.bodies;
    given.pool = parts.pool;
    given.clock = parts.clock;
    given.ids = parts.ids;
    given.metrics = parts.metrics;
    given.render = render;
    given.gate = gate;
    given.sink = [this, destination = plan.destination](int shard) {
      return runners_[static_cast<size_t>(shard)]->sink(destination);
    };
    given.under = parts.under;
    exchanges_[endpoint] = std::make_unique<ExchangeIntake>(graph_, plan, std::move(given));
  }
}

net::Task<net::Response> Wiring::answer(std::shared_ptr<const Wiring> wiring, const std::string* listener,
                                        net::Exchange* exchange) {
  const auto found = wiring->handlers_.find(*listener);
  if (found == wiring->handlers_.end())
    co_return net::problem(Error(Code::unavailable, "no endpoint listens on \"" + *listener + "\" any more"));
  co_return co_await found->second(exchange);
}

void Wiring::deliver(size_t shard, engine::Deliver deliver) const {
  auto carried = std::make_shared<engine::Deliver>(std::move(deliver));
  pool_->shard(shard).post(
      [self = shared_from_this(), shard, carried] { self->runners_[shard]->start(std::move(*carried), self); });
}

void Wiring::start(Wiring* before) {
  for (auto& [name, source] : sources_) {
    net::Future<bool> ended;
    if (before)
      if (const auto same = before->sources_.find(name); same != before->sources_.end())
        ended = same->second.ended.future();
    source.shard->spawn("source " + name, live(shared_from_this(), &source, std::move(ended)));
  }
}

net::Task<void> Wiring::live([[maybe_unused]] std::shared_ptr<Wiring> wiring, Source* source,
                             net::Future<bool> before) {
  if (before.valid()) co_await before.wait();
  std::exception_ptr thrown;
  try {
    co_await source->source->run(source->intake);
  } catch (...) {
    thrown = std::current_exception();
  }
  // Also after a bug: the next of its name must not wait for ever.
  source->ended.set(true);
  if (thrown) std::rethrow_exception(thrown);
}

net::Task<bool> Wiring::rest(Source* source, std::chrono::microseconds time) {
  net::Future<bool> retired;
  {
    const std::lock_guard lock(mutex_);
    if (retired_) co_return false;
    source->resting.emplace();
    retired = source->resting->future();
  }
  const auto woken = co_await retired.wait_for(time);
  if (woken) co_return false;
  // Either the time passed or the shard stops; only it knows.
  co_return co_await source->shard->sleep(std::chrono::microseconds(0));
}

void Wiring::retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  for (auto& [name, source] : sources_)
    if (source.resting) source.resting->set(true);
}

}  // namespace lt::runtime
