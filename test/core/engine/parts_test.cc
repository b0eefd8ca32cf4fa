// A message of several parts: each keeps its own order, wherever its call ends and the next begins.
#include <doctest/doctest.h>

#include <algorithm>

#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {

// A part for each key, all to "a".
AcceptedFact call_of(Bench& b, const std::vector<std::string>& keys) {
  AcceptedFact fact = b.accepted({.to = {}});
  auto message = std::make_shared<Message>(*fact.message);
  Envelope& e = message->envelope;
  e.split = "$.data[]";
  for (const auto& key : keys) {
    e.parts.push_back({key, {}});
    e.deliveries.push_back({"a", {}, "", "", "", static_cast<uint16_t>(e.parts.size())});
  }
  fact.message = std::move(message);
  return fact;
}

std::vector<std::string> out(const Bench& b) {
  std::vector<std::string> ids;
  for (const auto& d : b.sent) ids.push_back(d.delivery.text());
  return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("parts of one key go one after another in the order of the call, other keys beside them") {
  auto policy = policy_of(destination(SinkClass::partner_idempotent, 100));
  SUBCASE("all in the window") {}
  SUBCASE("most of them spilled") { policy.window = 1; }
  Bench b(policy);
  b.admit_fact(call_of(b, {"k", "l", "k", "", "k"}));
  b.admit_fact(call_of(b, {"l", "k"}));
  if (policy.window > 1) CHECK(out(b) == Ids{"0:1/0", "0:1/1", "0:1/3"});
  Ids went;
  while (!b.sent.empty()) {
    went.push_back(b.sent[0].delivery.text());
    b.reply(OutcomeKind::delivered);
  }
  CHECK(went.size() == 7);
  const auto only = [&went](const Ids& some) {
    Ids found;
    for (const auto& id : went)
      if (std::find(some.begin(), some.end(), id) != some.end()) found.push_back(id);
    return found;
  };
  const Ids k = {"0:1/0", "0:1/2", "0:1/4", "0:2/1"}, l = {"0:1/1", "0:2/0"};
  CHECK(only(k) == k);
  CHECK(only(l) == l);
}

TEST_CASE("a dead part parks what follows of its key, over a restart too; other parts of its message go on") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent, 100)));
  b.admit_fact(call_of(b, {"k", "l", "k", "l"}));
  b.reply(OutcomeKind::permanent);
  b.reply(OutcomeKind::delivered);
  CHECK(out(b) == Ids{"0:1/3"});
  b.restart();
  b.operate(ActionKind::replay, {{0, 1}, 0});
  CHECK_FALSE(b.operator_answers.back().error);
  b.sent.clear();
  b.restart();
  Ids again = out(b);
  std::sort(again.begin(), again.end());
  CHECK(again == Ids{"0:1/0", "0:1/3"});
}

TEST_CASE("a part is not replayed behind a later part of its key, unless a person says so") {
  auto policy = policy_of(destination(SinkClass::partner_idempotent, 100));
  policy.destinations.at("a").after_dead = AfterDead::go_on;
  Bench b(policy);
  b.admit_fact(call_of(b, {"k", "k", "l"}));
  b.reply(OutcomeKind::permanent);
  REQUIRE(out(b) == Ids{"0:1/2", "0:1/1"});
  b.reply(OutcomeKind::permanent);
  b.reply(OutcomeKind::delivered);
  for (int life = 0; life < 2; ++life) {
    b.operate(ActionKind::replay, {{0, 1}, 0});
    REQUIRE(b.operator_answers.back().error);
    CHECK(b.operator_answers.back().error->code == Code::would_reorder);
    b.restart();
  }
  b.operate(ActionKind::replay, {{0, 1}, 2});  // nothing of its key was delivered
  CHECK_FALSE(b.operator_answers.back().error);
  b.operate(ActionKind::replay, {{0, 1}, 0}, true);
  CHECK_FALSE(b.operator_answers.back().error);
}
