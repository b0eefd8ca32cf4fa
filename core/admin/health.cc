// What machines ask: is it alive, may it get traffic, how is it doing, what is it.
#include <algorithm>

#include "core/admin/api.h"
#include "core/admin/json.h"
#include "core/admin/version.h"

namespace lt::admin {
namespace {

net::Task<net::Response> alive() { co_return json_answer("{\"alive\":true}"); }

net::Task<net::Response> ready(Api* api) {
  const auto why_not = api->bus.unready();
  if (!why_not) co_return json_answer("{\"ready\":true}");
  net::Response response = net::problem(*why_not);
  response.status = 503;
  response.headers.set("Retry-After", "1");
  co_return response;
}

net::Task<net::Response> built() { co_return json_answer(version_json()); }

void show_lane(Metrics& metrics, const Clock& clock, const engine::LaneStatus& lane) {
  const auto deliveries = [&](DeliveryState state, size_t count) {
    metrics
        .gauge("lienthong_deliveries", "Deliveries that are not final, or dead, by state",
               {{"destination", lane.destination}, {"state", std::string(state_name(state))}})
        .set(static_cast<int64_t>(count));
  };
  deliveries(DeliveryState::queued, lane.queued);
  deliveries(DeliveryState::in_flight, lane.in_flight);
  deliveries(DeliveryState::retry, lane.retry);
  deliveries(DeliveryState::held, lane.held);
  deliveries(DeliveryState::unknown, lane.unknown);
  deliveries(DeliveryState::behind, lane.behind);
  deliveries(DeliveryState::dead, lane.dead);
  const Labels label = {{"destination", lane.destination}};
  const auto age = lane.oldest == Wall{} ? std::chrono::seconds(0)
                                         : std::chrono::duration_cast<std::chrono::seconds>(clock.wall() - lane.oldest);
  metrics.gauge("lienthong_oldest_pending_seconds", "Since the oldest pending delivery was accepted", label)
      .set(std::max<int64_t>(0, age.count()));
  metrics.gauge("lienthong_destination_paused", "1 while an operator has paused it", label).set(lane.paused ? 1 : 0);
  metrics.gauge("lienthong_destination_draining", "1 while an operator lets nothing more be accepted for it", label)
      .set(lane.draining ? 1 : 0);
  metrics.gauge("lienthong_destination_closed", "1 outside its office hours", label).set(lane.opens == Wall{} ? 0 : 1);
  metrics.gauge("lienthong_breaker_open", "1 while the destination is left in peace because it fails", label)
      .set(lane.breaker == engine::LaneStatus::Breaker::open ? 1 : 0);
}

// The figures of the lanes are asked for at each scrape: keeping them current all the time would cost the engine for
// nobody.
net::Task<net::Response> figures(Api* api) {
  auto future = ask_lanes(api->bus);
  auto lanes = co_await from_engine(std::move(future));
  if (lanes) {
    for (const auto& lane : *lanes) show_lane(api->metrics, api->clock, lane);
  }
  api->metrics.gauge("lienthong_ready", "1 when it may get traffic").set(api->bus.unready() ? 0 : 1);
  net::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = api->metrics.expose();
  co_return response;
}

}  // namespace

void add_health(net::Router& router, Api* api) {
  api->metrics
      .gauge("lienthong_build_info", "What is running", {{"version", version().version}, {"commit", version().commit}})
      .set(1);
  router.add("GET", "/healthz", [](net::Exchange*) { return alive(); });
  router.add("GET", "/readyz", [api](net::Exchange*) { return ready(api); });
  router.add("GET", "/metrics", [api](net::Exchange*) { return figures(api); });
  router.add("GET", "/version", [](net::Exchange*) { return built(); });
}

}  // namespace lt::admin
