// What people ask: the catalog on the offload threads, since it reads files; the engine through a promise.
#include "core/admin/api.h"
#include "core/admin/json.h"
#include "core/admin/query.h"
#include "core/base/limits.h"
#include "core/catalog/json_out.h"

namespace lt::admin {

using Pending = std::vector<engine::DeliveryStatus>;

net::Future<Lanes> ask_lanes(runtime::Bus& bus) {
  net::Promise<Lanes> promise;
  auto future = promise.future();
  bus.lanes([promise = std::move(promise)](Lanes lanes) mutable { promise.set(std::move(lanes)); });
  return future;
}

namespace {

// JSON, or why there is none. May block.
using Ask = std::function<Result<std::string>()>;

net::Task<net::Response> refuse(Error error) { co_return net::problem(error); }

net::Task<net::Response> blocking(Api* api, Ask ask) {
  auto said = std::make_shared<Result<std::string>>(fail(Code::bug));
  std::function<void()> work = [ask = std::move(ask), said] { *said = ask(); };
  co_await api->pool.offload(std::move(work));
  if (!*said) co_return net::problem(said->error());
  co_return json_answer(std::move(**said));
}

template <class T>
Result<std::string> as_json(Result<T> found) {
  if (!found) return fail(std::move(found).error());
  return catalog::to_json(*found);
}

net::Task<net::Response> messages(Api* api, net::Exchange* exchange) {
  auto query = read_message_query(exchange->head.query);
  if (!query) return refuse(std::move(query).error());
  return blocking(
      api, [api, query = std::move(*query)] { return as_json(api->bus.catalog().list(query.filter, query.page)); });
}

net::Task<net::Response> message(Api* api, net::Exchange* exchange) {
  const auto id = Id::parse(net::Router::segment(exchange->head, "/api/v1/messages/{id}", "id"));
  if (!id)
    return refuse(
        Error(Code::usage, "the id in the path is not a message id", {}, "use the id of a list, 36 characters"));
  return blocking(api, [api, id = *id] { return as_json(api->bus.catalog().details(id)); });
}

net::Task<net::Response> timeline(Api* api, net::Exchange* exchange) {
  auto parameters = read_parameters(exchange->head.query, {"key"});
  if (!parameters) return refuse(std::move(parameters).error());
  const auto key = parameters->find("key");
  if (key == parameters->end())
    return refuse(Error(Code::usage, "key is missing", {}, "add key=, a dossier code or a document number"));
  return blocking(api, [api, text = key->second] { return as_json(api->bus.catalog().timeline(text)); });
}

net::Task<net::Response> counts(Api* api, net::Exchange* exchange) {
  auto parameters = read_parameters(exchange->head.query, {"since", "until"});
  if (!parameters) return refuse(std::move(parameters).error());
  auto span = read_span(*parameters);
  if (!span) return refuse(std::move(span).error());
  return blocking(api, [api, span = *span] { return as_json(api->bus.catalog().counts(span)); });
}

net::Task<net::Response> causes(Api* api, net::Exchange* exchange) {
  auto parameters = read_parameters(exchange->head.query, {"since", "until", "destination", "limit"});
  if (!parameters) return refuse(std::move(parameters).error());
  auto span = read_span(*parameters);
  if (!span) return refuse(std::move(span).error());
  const auto limit = read_limit(*parameters, 50, kCausesMost);
  if (!limit) return refuse(limit.error());
  return blocking(api, [api, span = *span, limit = *limit, destination = (*parameters)["destination"]] {
    return as_json(api->bus.catalog().causes(span, destination, limit));
  });
}

net::Task<net::Response> status(Api* api) {
  return blocking(api, [api]() -> Result<std::string> { return status_json(api->bus); });
}

template <class T>
net::Task<net::Response> say(net::Future<T> future) {
  auto said = co_await from_engine(std::move(future));
  if (!said) co_return net::problem(said.error());
  co_return json_answer(to_json(*said));
}

net::Future<std::vector<engine::ControlStatus>> ask_controls(runtime::Bus& bus) {
  net::Promise<std::vector<engine::ControlStatus>> promise;
  auto future = promise.future();
  bus.controls([promise = std::move(promise)](auto controls) mutable { promise.set(std::move(controls)); });
  return future;
}

net::Task<net::Response> pending(Api* api, net::Exchange* exchange) {
  auto parameters = read_parameters(exchange->head.query, {"limit"});
  if (!parameters) return refuse(std::move(parameters).error());
  const auto limit = read_limit(*parameters, 100, kPendingMost);
  if (!limit) return refuse(limit.error());
  net::Promise<Pending> promise;
  auto future = promise.future();
  api->bus.pending(*limit, [promise = std::move(promise)](Pending found) mutable { promise.set(std::move(found)); });
  return say(std::move(future));
}

}  // namespace

void add_questions(net::Router& router, Api* api) {
  const auto add = [&](std::string path, net::Task<net::Response> (*ask)(Api*, net::Exchange*)) {
    router.add("GET", std::move(path), [api, ask](net::Exchange* exchange) { return ask(api, exchange); });
  };
  add("/api/v1/messages", messages);
  add("/api/v1/messages/{id}", message);
  add("/api/v1/timeline", timeline);
  add("/api/v1/counts", counts);
  add("/api/v1/causes", causes);
  add("/api/v1/pending", pending);
  router.add("GET", "/api/v1/lanes", [api](net::Exchange*) { return say(ask_lanes(api->bus)); });
  router.add("GET", "/api/v1/controls", [api](net::Exchange*) { return say(ask_controls(api->bus)); });
  router.add("GET", "/api/v1/status", [api](net::Exchange*) { return status(api); });
}

}  // namespace lt::admin
