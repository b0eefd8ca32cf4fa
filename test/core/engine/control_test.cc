// What people stop: destinations, partners, routes; and doubts they settle.
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {

// Destinations a and b of partner gov, c of nobody; routes documents and dossiers.
CellPolicy two_of_one() {
  CellPolicy p = policy_of(destination(SinkClass::partner_idempotent));
  p.destinations["b"] = destination(SinkClass::partner_idempotent);
  p.destinations["c"] = destination(SinkClass::partner_idempotent);
  p.destinations["a"].partner = p.destinations["b"].partner = "gov";
  p.partners["gov"];
  p.routes["documents"];
  p.routes["dossiers"];
  return p;
}

std::vector<uint64_t> offsets(const Bench& b) {
  std::vector<uint64_t> out;
  for (const auto& d : b.sent) out.push_back(d.delivery.message.offset);
  return out;
}

}  // namespace

TEST_CASE("a paused partner: all its destinations wait, others go on, also after a restart") {
  Bench b(two_of_one());
  b.control(ActionKind::pause, "gov", ActionScope::partner);
  CHECK_FALSE(b.operator_answers.back().error);
  b.admit({.to = {"a", "b", "c"}});
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].destination == "c");
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::accepted);
  CHECK(b.lane("a").paused);
  CHECK(b.lane("b").stopped_why == "works on the line");
  CHECK(b.lane("b").partner == "gov");
  CHECK_FALSE(b.lane("c").paused);
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().idle());
  b.restart();
  CHECK(b.sent.empty());
  b.control(ActionKind::resume, "gov", ActionScope::partner);
  CHECK(b.sent.size() == 2);
}

TEST_CASE("a destination and its partner are paused apart: one resume does not end the other's pause") {
  Bench b(two_of_one());
  b.control(ActionKind::pause, "gov", ActionScope::partner);
  b.control(ActionKind::pause, "a");
  b.admit({.to = {"a", "b"}});
  b.control(ActionKind::resume, "gov", ActionScope::partner);
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].destination == "b");
  b.control(ActionKind::resume, "a");
  CHECK(b.sent.size() == 2);
}

TEST_CASE("a paused route holds its deliveries, others of the lane pass; the key keeps its order") {
  Bench b(two_of_one());
  b.control(ActionKind::pause, "documents", ActionScope::route);
  b.admit({.order_key = "k", .route = "documents"});
  b.admit({.order_key = "k", .route = "dossiers"});  // behind it: order is per key, whatever the route
  b.admit({.route = "dossiers"});
  CHECK(b.answers.size() == 3);
  CHECK(offsets(b) == std::vector<uint64_t>{4});
  CHECK(b.state(2) == DeliveryState::held);
  CHECK(b.status({{0, 2}, 0}).code == Code::paused_by_operator);
  CHECK(b.status({{0, 2}, 0}).detail == "route \"documents\": works on the line");
  CHECK(b.state(3) == DeliveryState::behind);
  CHECK(b.lane().held == 1);
  b.operate(ActionKind::replay, {{0, 2}, 0});
  CHECK(b.operator_answers.back().error->code == Code::paused_by_operator);
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().idle());
  SUBCASE("resumed") {}
  SUBCASE("resumed after a restart") {
    b.restart();
    CHECK(b.sent.empty());
    CHECK(b.state(2) == DeliveryState::held);
  }
  SUBCASE("resumed after a reload") {
    b.reconfigure(two_of_one());
    CHECK(b.sent.empty());
  }
  b.control(ActionKind::resume, "documents", ActionScope::route);
  CHECK(offsets(b) == std::vector<uint64_t>{2});
  b.reply(OutcomeKind::delivered);
  CHECK(offsets(b) == std::vector<uint64_t>{3});
}

TEST_CASE("a route is paused while its deliveries are ready, retried, discarded") {
  auto p = two_of_one();
  p.destinations["a"].in_flight = 1;
  Bench b(p);
  b.admit({.route = "documents"});
  b.admit({.route = "documents"});
  b.admit({.route = "documents"});
  b.control(ActionKind::pause, "documents", ActionScope::route);
  b.reply(OutcomeKind::retry);
  CHECK(b.sent.empty());
  CHECK(b.state(1) == DeliveryState::retry);
  b.pass(60 * kSecond);
  CHECK(b.sent.empty());
  CHECK(b.lane().held == 3);
  b.operate(ActionKind::discard, {{0, 2}, 0});
  CHECK_FALSE(b.operator_answers.back().error);
  b.control(ActionKind::resume, "documents", ActionScope::route);
  REQUIRE(b.sent.size() == 1);
  b.reply(OutcomeKind::delivered);
  REQUIRE(b.sent.size() == 1);
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().pending(10).empty());
}

TEST_CASE("age stands still while the partner or the route is paused") {
  auto p = two_of_one();
  p.destinations["a"].retry.max_age = 10 * kSecond;
  Bench b(p);
  ActionScope scope = ActionScope::partner;
  std::string name = "gov";
  SUBCASE("partner") {}
  SUBCASE("route") {
    scope = ActionScope::route;
    name = "documents";
  }
  b.control(ActionKind::pause, name, scope);
  b.admit({.route = "documents"});
  b.pass(60 * kSecond);
  b.control(ActionKind::resume, name, scope);
  REQUIRE(b.sent.size() == 1);
  b.reply(OutcomeKind::retry);
  CHECK(b.state(2) == DeliveryState::retry);
  b.pass(12 * kSecond);
  b.reply(OutcomeKind::retry);
  CHECK(b.state(2) == DeliveryState::dead);
}

TEST_CASE("drained: nothing more is accepted, and why is said; what waits is sent") {
  ActionScope scope = ActionScope::destination;
  std::string name = "a";
  SUBCASE("destination") {}
  SUBCASE("partner") {
    scope = ActionScope::partner;
    name = "gov";
  }
  SUBCASE("route") {
    scope = ActionScope::route;
    name = "documents";
  }
  auto p = two_of_one();
  p.destinations["a"].in_flight = 1;
  Bench b(p);
  b.admit({.body = "one", .dedupe_key = "k", .route = "documents"});
  b.admit({.route = "documents"});
  b.control(ActionKind::drain, name, scope);
  b.admit({.to = {"c", "a"}, .route = "documents"});
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::refused);
  REQUIRE(b.answers.back().error);
  CHECK(b.answers.back().error->code == Code::draining);
  CHECK(b.answers.back().error->detail == std::string(scope_name(scope)) + " \"" + name + "\": works on the line");
  b.admit({.to = {"c"}, .route = "dossiers"});
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::accepted);
  b.admit({.body = "one", .dedupe_key = "k", .route = "documents"});  // a repeat has its receipt
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::duplicate);
  while (!b.sent.empty()) b.reply(OutcomeKind::delivered);
  CHECK(b.cell().pending(10).empty());
  if (scope != ActionScope::route) CHECK(b.lane().draining);
  b.restart();
  b.admit({.route = "documents"});
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::refused);
  REQUIRE(b.cell().controls().size() == 1);
  CHECK(b.cell().controls()[0].by == "lan");
  b.control(ActionKind::resume, name, scope);
  CHECK(b.cell().controls().empty());
  b.admit({.route = "documents"});
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::accepted);
}

TEST_CASE("refused by a drain, its credit is given back") {
  auto p = two_of_one();
  p.appending_most = 1;
  Bench b(p);
  b.control(ActionKind::drain, "a");
  for (int i = 0; i < 3; ++i) b.admit({});
  b.admit({.to = {"c"}});
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::accepted);
}

TEST_CASE("paused and drained at once: neither accepted nor sent, until resumed") {
  Bench b(two_of_one());
  b.control(ActionKind::pause, "a");
  b.admit({});
  b.control(ActionKind::drain, "a");
  b.admit({});
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::refused);
  CHECK(b.sent.empty());
  CHECK(b.lane().paused);
  b.control(ActionKind::resume, "a");
  CHECK(b.sent.size() == 1);
}

TEST_CASE("only what there is can be stopped") {
  Bench b(two_of_one());
  const auto refused = [&](const std::string& name, ActionScope scope) {
    b.control(ActionKind::pause, name, scope);
    const auto& error = b.operator_answers.back().error;
    return error ? error->code : Code::none;
  };
  CHECK(refused("nowhere", ActionScope::destination) == Code::destination_gone);
  CHECK(refused("nobody", ActionScope::partner) == Code::unknown_target);
  CHECK(refused("nothing", ActionScope::route) == Code::unknown_target);
  CHECK(refused("", ActionScope::destination) == Code::unknown_target);
  CHECK(refused("gov", ActionScope::partner) == Code::none);
  // Gone from the configuration it can still be resumed.
  b.reconfigure(policy_of(destination(SinkClass::partner_idempotent)));
  b.control(ActionKind::resume, "gov", ActionScope::partner);
  CHECK_FALSE(b.operator_answers.back().error);
}

TEST_CASE("controls, routes and their deliveries are saved and loaded") {
  Bench b(two_of_one());
  b.control(ActionKind::pause, "documents", ActionScope::route);
  b.control(ActionKind::drain, "gov", ActionScope::partner);
  b.control(ActionKind::pause, "c");
  b.admit({.to = {"c"}, .route = "documents"});
  b.admit({.to = {"c"}, .route = "dossiers"});
  const std::string saved = b.cell().save();
  Cell loaded(two_of_one(), 1);
  REQUIRE(loaded.load(saved));
  CHECK(loaded.save() == saved);
  Actions ignored;
  loaded.start(b.now(), ignored);
  REQUIRE(loaded.pending(10).size() == 2);
  CHECK(loaded.pending(10)[0].code == Code::paused_by_operator);
  CHECK(loaded.pending(10)[1].state == DeliveryState::queued);
  REQUIRE(loaded.controls().size() == 3);
  CHECK(loaded.controls()[1].draining);
  for (size_t n = 0; n < saved.size(); ++n)
    CHECK_FALSE(Cell(two_of_one(), 1).load(std::string_view(saved).substr(0, n)));
}

TEST_CASE("after_dead of the dead one's route; without it of the destination") {
  auto p = two_of_one();
  p.routes["documents"].after_dead = AfterDead::go_on;
  Bench b(p);
  SUBCASE("the route goes on") {
    b.admit({.order_key = "k", .route = "documents"});
    b.admit({.order_key = "k", .route = "dossiers"});
    b.admit({.order_key = "k", .route = "dossiers"});
    b.reply(OutcomeKind::permanent);
    CHECK(offsets(b) == std::vector<uint64_t>{2});
    b.reply(OutcomeKind::permanent);  // this one came of the other route: it parks the key
    CHECK(b.sent.empty());
    CHECK(b.status({{0, 3}, 0}).behind == DeliveryId{{0, 2}, 0});
    b.operate(ActionKind::discard, {{0, 2}, 0});
    CHECK(offsets(b) == std::vector<uint64_t>{3});
  }
  SUBCASE("the destination goes on, the route parks") {
    p.destinations["a"].after_dead = AfterDead::go_on;
    p.routes["documents"].after_dead = AfterDead::park;
    b.reconfigure(p);
    b.admit({.order_key = "k", .route = "documents"});
    b.admit({.order_key = "k", .route = "documents"});
    b.reply(OutcomeKind::permanent);
    CHECK(b.sent.empty());
  }
}

TEST_CASE("a doubt is settled by a person: it arrived, it did not, it is given up") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.reply(OutcomeKind::ambiguous);
  CHECK(b.state(1) == DeliveryState::unknown);
  const DeliveryId next = b.status({{0, 3}, 0}).id;
  CHECK(b.status(next).behind == DeliveryId{{0, 1}, 0});
  SUBCASE("confirm: delivered, the key moves on, nothing is sent again") {
    b.operate(ActionKind::confirm, {{0, 1}, 0});
    CHECK_FALSE(b.operator_answers.back().error);
    CHECK(offsets(b) == std::vector<uint64_t>{3});
    CHECK(b.lane().delivered == 1);
    b.restart();
    for (const auto& d : b.cell().pending(10)) CHECK(d.id != DeliveryId{{0, 1}, 0});
  }
  SUBCASE("replay: sent again, in order") {
    b.operate(ActionKind::replay, {{0, 1}, 0});
    CHECK(offsets(b) == std::vector<uint64_t>{1});
  }
  SUBCASE("discard: the next") {
    b.operate(ActionKind::discard, {{0, 1}, 0});
    CHECK(offsets(b) == std::vector<uint64_t>{3});
  }
  SUBCASE("what is not in doubt cannot be confirmed") {
    b.operate(ActionKind::confirm, {{0, 3}, 0});
    CHECK(b.operator_answers.back().error->code == Code::wrong_state);
  }
}

TEST_CASE("a replay out of order says so in its fact") {
  auto d = destination(SinkClass::partner_idempotent);
  d.after_dead = AfterDead::go_on;
  Bench b(policy_of(d));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.reply(OutcomeKind::permanent);
  b.reply(OutcomeKind::delivered);
  b.operate(ActionKind::replay, {{0, 1}, 0});
  CHECK(b.operator_answers.back().error->code == Code::would_reorder);
  b.operate(ActionKind::replay, {{0, 1}, 0}, true);
  CHECK_FALSE(b.operator_answers.back().error);
  CHECK(std::get<ActionFact>(b.log.back().second).out_of_order);
}
