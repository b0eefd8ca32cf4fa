// What people do: a named person with a reason, handed to the engine, answered when it is durable.
#include "core/admin/api.h"
#include "core/admin/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/message/tree.h"

namespace lt::admin {
namespace {

struct Asked {
  ActionFact fact;
  bool out_of_order = false;
};

Result<std::string> word(const Node& member) {
  if (member.kind != Kind::text)
    return fail(Code::usage, "a text is needed", Place{{}, 0, 0, path_of(&member)}, "write it in quotes");
  if (count_code_points(member.text) <= kActionWord) return std::string(member.text);
  return fail(Code::usage, "longer than " + std::to_string(kActionWord) + " characters",
              Place{{}, 0, 0, path_of(&member)}, "shorten it");
}

Result<void> read_member(const Node& member, Asked& asked) {
  if (member.name == "by") {
    LT_ASSIGN(asked.fact.by, word(member));
    return {};
  }
  if (member.name == "why") {
    LT_ASSIGN(asked.fact.why, word(member));
    return {};
  }
  const Place place{{}, 0, 0, path_of(&member)};
  const bool replay = asked.fact.kind == ActionKind::replay;
  if (member.name != "out_of_order" || !replay) {
    return fail(Code::usage, "unknown member", place, std::string("known: by, why") + (replay ? ", out_of_order" : ""));
  }
  if (member.kind != Kind::boolean) return fail(Code::usage, "true or false is needed", place, "write true or false");
  asked.out_of_order = member.flag;
  return {};
}

Result<void> read_action(std::string json, Asked& asked) {
  Tree tree;
  LT_TRY(codec::parse_json(std::move(json), tree));
  if (tree.root()->kind != Kind::object)
    return fail(Code::usage, "the body is not an object", {}, "send {\"by\": ..., \"why\": ...}");
  for (const Node* member = tree.root()->first; member; member = member->next) LT_TRY(read_member(*member, asked));
  if (normalise(asked.fact.by).empty()) return fail(Code::usage, "by is missing", {}, "say who does this");
  if (normalise(asked.fact.why).empty()) return fail(Code::usage, "why is missing", {}, "say why");
  return {};
}

using Answer = std::optional<Error>;

net::Future<Answer> ask(runtime::Bus& bus, const Asked& asked) {
  net::Promise<Answer> promise;
  auto future = promise.future();
  bus.operate(asked.fact, asked.out_of_order,
              [promise = std::move(promise)](Answer answer) mutable { promise.set(std::move(answer)); });
  return future;
}

// Who and why are in the journal; a log is read by more people.
void log_done(const ActionFact& fact) {
  const bool of_lane = fact.kind == ActionKind::pause || fact.kind == ActionKind::resume;
  log::info("admin", "an operator acted",
            {{"action", action_name(fact.kind)},
             {of_lane ? "destination" : "delivery", of_lane ? fact.destination : fact.delivery.text()}});
}

net::Task<net::Response> act(Api* api, net::Exchange* exchange, Asked asked) {
  if (auto json = check_json(*exchange); !json) co_return net::problem(json.error());
  auto body = co_await net::read_all(exchange->body, kActionBody);
  if (!body) co_return net::problem(body.error());
  if (auto read = read_action(std::move(*body), asked); !read) co_return net::problem(read.error());
  asked.fact.at = api->clock.wall();
  auto future = ask(api->bus, asked);
  auto answer = co_await from_engine(std::move(future));
  if (!answer) co_return net::problem(answer.error());
  if (*answer) co_return net::problem(**answer);
  log_done(asked.fact);
  co_return json_answer(action_json(asked.fact));
}

net::Task<net::Response> refuse(Error error) { co_return net::problem(error); }

// The id has a slash of its own, so it takes two segments, percent-encoded or not.
void add_of_delivery(net::Router& router, Api* api, const std::string& name, ActionKind kind) {
  const std::string path = "/api/v1/deliveries/{message}/{ordinal}/" + name;
  router.add("POST", path, [api, path, kind](net::Exchange* exchange) {
    const auto segment = [&](std::string_view part) { return net::Router::segment(exchange->head, path, part); };
    const auto id = DeliveryId::parse(segment("message") + "/" + segment("ordinal"));
    if (!id)
      return refuse(Error(Code::usage, "the id in the path is not a delivery id", {},
                          "it looks like 0:4711/2, percent-encoded 0%3A4711%2F2"));
    Asked asked;
    asked.fact.kind = kind;
    asked.fact.delivery = *id;
    return act(api, exchange, std::move(asked));
  });
}

void add_of_destination(net::Router& router, Api* api, const std::string& name, ActionKind kind) {
  const std::string path = "/api/v1/destinations/{name}/" + name;
  router.add("POST", path, [api, path, kind](net::Exchange* exchange) {
    Asked asked;
    asked.fact.kind = kind;
    asked.fact.destination = net::Router::segment(exchange->head, path, "name");
    return act(api, exchange, std::move(asked));
  });
}

}  // namespace

void add_actions(net::Router& router, Api* api) {
  add_of_delivery(router, api, "replay", ActionKind::replay);
  add_of_delivery(router, api, "discard", ActionKind::discard);
  add_of_destination(router, api, "pause", ActionKind::pause);
  add_of_destination(router, api, "resume", ActionKind::resume);
}

}  // namespace lt::admin
