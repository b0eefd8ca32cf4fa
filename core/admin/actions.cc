// What people do: a named person with a reason, handed to the engine, answered when it is durable.
#include "core/admin/api.h"
#include "core/admin/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/message/tree.h"

namespace lt::admin {
namespace {

Result<std::string> word(const Node& member) {
  if (member.kind != Kind::text)
    return fail(Code::usage, "a text is needed", Place{{}, 0, 0, path_of(&member)}, "write it in quotes");
  if (count_code_points(member.text) <= kActionWord) return std::string(member.text);
  return fail(Code::usage, "longer than " + std::to_string(kActionWord) + " characters",
              Place{{}, 0, 0, path_of(&member)}, "shorten it");
}

Result<void> read_member(const Node& member, ActionFact& fact) {
  if (member.name == "by") {
    LT_ASSIGN(fact.by, word(member));
    return {};
  }
  if (member.name == "why") {
    LT_ASSIGN(fact.why, word(member));
    return {};
  }
  const Place place{{}, 0, 0, path_of(&member)};
  const bool replay = fact.kind == ActionKind::replay;
  if (member.name != "out_of_order" || !replay) {
    return fail(Code::usage, "unknown member", place, std::string("known: by, why") + (replay ? ", out_of_order" : ""));
  }
  if (member.kind != Kind::boolean) return fail(Code::usage, "true or false is needed", place, "write true or false");
  fact.out_of_order = member.flag;
  return {};
}

Result<void> read_action(std::string json, ActionFact& fact) {
  Tree tree;
  LT_TRY(codec::parse_json(std::move(json), tree));
  if (tree.root()->kind != Kind::object)
    return fail(Code::usage, "the body is not an object", {}, "send {\"by\": ..., \"why\": ...}");
  for (const Node* member = tree.root()->first; member; member = member->next) LT_TRY(read_member(*member, fact));
  if (normalise(fact.by).empty()) return fail(Code::usage, "by is missing", {}, "say who does this");
  if (normalise(fact.why).empty()) return fail(Code::usage, "why is missing", {}, "say why");
  return {};
}

using Answer = std::optional<Error>;

net::Future<Answer> ask(runtime::Bus& bus, ActionFact fact) {
  net::Promise<Answer> promise;
  auto future = promise.future();
  bus.operate(std::move(fact),
              [promise = std::move(promise)](Answer answer) mutable { promise.set(std::move(answer)); });
  return future;
}

// Who and why are in the journal; a log is read by more people.
void log_done(const ActionFact& fact) {
  const bool of_delivery = is_of_delivery(fact.kind);
  log::info("admin", "an operator acted",
            {{"action", action_name(fact.kind)},
             {of_delivery ? "delivery" : scope_name(fact.scope), of_delivery ? fact.delivery.text() : fact.name}});
}

net::Task<net::Response> act(Api* api, net::Exchange* exchange, ActionFact fact) {
  if (auto json = check_json(*exchange); !json) co_return net::problem(json.error());
  auto body = co_await net::read_all(exchange->body, kActionBody);
  if (!body) co_return net::problem(body.error());
  if (auto read = read_action(std::move(*body), fact); !read) co_return net::problem(read.error());
  fact.at = api->clock.wall();
  auto future = ask(api->bus, fact);
  auto answer = co_await from_engine(std::move(future));
  if (!answer) co_return net::problem(answer.error());
  if (*answer) co_return net::problem(**answer);
  log_done(fact);
  co_return json_answer(action_json(fact));
}

net::Task<net::Response> refuse(Error error) { co_return net::problem(error); }

// The id has a slash of its own, so it takes two segments, percent-encoded or not.
void add_of_delivery(net::Router& router, Api* api, ActionKind kind) {
  const std::string path = "/api/v1/deliveries/{message}/{ordinal}/" + std::string(action_name(kind));
  router.add("POST", path, [api, path, kind](net::Exchange* exchange) {
    const auto segment = [&](std::string_view part) { return net::Router::segment(exchange->head, path, part); };
    const auto id = DeliveryId::parse(segment("message") + "/" + segment("ordinal"));
    if (!id)
      return refuse(Error(Code::usage, "the id in the path is not a delivery id", {},
                          "it looks like 0:4711/2, percent-encoded 0%3A4711%2F2"));
    ActionFact fact;
    fact.kind = kind;
    fact.delivery = *id;
    return act(api, exchange, std::move(fact));
  });
}

// /destinations/axis/pause, /partners/..., /routes/...
void add_of_scope(net::Router& router, Api* api, ActionScope scope, ActionKind kind) {
  const std::string path = "/api/v1/" + std::string(scope_name(scope)) + "s/{name}/" + std::string(action_name(kind));
  router.add("POST", path, [api, path, scope, kind](net::Exchange* exchange) {
    ActionFact fact;
    fact.kind = kind;
    fact.scope = scope;
    fact.name = net::Router::segment(exchange->head, path, "name");
    return act(api, exchange, std::move(fact));
  });
}

}  // namespace

void add_actions(net::Router& router, Api* api) {
  for (const auto kind : {ActionKind::replay, ActionKind::discard, ActionKind::confirm})
    add_of_delivery(router, api, kind);
  for (const auto scope : {ActionScope::destination, ActionScope::partner, ActionScope::route}) {
    for (const auto kind : {ActionKind::pause, ActionKind::resume, ActionKind::drain})
      add_of_scope(router, api, scope, kind);
  }
}

}  // namespace lt::admin
