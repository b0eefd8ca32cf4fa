// Order per key, urgency, permits, breakers, people.
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

TEST_CASE("of one key only the oldest is sent; the next goes when its outcome is durable") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.admit({.order_key = "other"});
  b.admit({});
  REQUIRE(b.sent.size() == 3);
  CHECK(b.state(2) == DeliveryState::behind);
  CHECK(b.status({{0, 2}, 0}).behind == DeliveryId{{0, 1}, 0});
  CHECK(b.lane().behind == 1);
  b.commit_by_hand = true;
  b.reply(OutcomeKind::delivered);
  CHECK(b.state(2) == DeliveryState::behind);
  CHECK(b.sent.size() == 2);
  b.commit();
  REQUIRE(b.sent.size() == 3);
  CHECK(b.sent.back().delivery.message.offset == 2);
}

TEST_CASE("a key waits for its retry, and only at that destination") {
  auto p = policy_of(destination(SinkClass::partner_idempotent));
  p.destinations["b"] = destination(SinkClass::partner_idempotent);
  Bench b(p);
  b.admit({.order_key = "k", .to = {"a", "b"}});
  b.admit({.order_key = "k", .to = {"a", "b"}});
  b.reply(OutcomeKind::retry);      // 1 at a
  b.reply(OutcomeKind::delivered);  // 1 at b
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].delivery == DeliveryId{{0, 2}, 1});
  CHECK(b.state(2, 0) == DeliveryState::behind);
}

TEST_CASE("order: none binds nobody") {
  auto d = destination(SinkClass::partner_idempotent);
  d.order = Order::none;
  Bench b(policy_of(d));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  CHECK(b.sent.size() == 2);
}

TEST_CASE("a dead delivery parks its key until it is replayed or discarded") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.reply(OutcomeKind::permanent);
  CHECK(b.sent.empty());
  CHECK(b.state(2) == DeliveryState::behind);
  CHECK(b.status({{0, 2}, 0}).behind == DeliveryId{{0, 1}, 0});
  CHECK(b.cell().idle());
  SUBCASE("replayed: in order") {
    b.operate(ActionKind::replay, {{0, 1}, 0});
    for (uint64_t i = 1; i <= 3; ++i) {
      REQUIRE(b.sent.size() == 1);
      CHECK(b.sent[0].delivery.message.offset == i);
      b.reply(OutcomeKind::delivered);
    }
  }
  SUBCASE("discarded: the next") {
    b.operate(ActionKind::discard, {{0, 1}, 0});
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].delivery.message.offset == 2);
  }
  SUBCASE("discarding one in the middle moves nothing") {
    b.operate(ActionKind::discard, {{0, 2}, 0});
    CHECK(b.sent.empty());
    CHECK(b.status({{0, 3}, 0}).behind == DeliveryId{{0, 1}, 0});
  }
}

TEST_CASE("after_dead: go_on, and replay behind delivered successors") {
  auto d = destination(SinkClass::partner_idempotent);
  d.after_dead = AfterDead::go_on;
  Bench b(policy_of(d));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.reply(OutcomeKind::permanent);
  REQUIRE(b.sent.size() == 1);
  SUBCASE("while a successor is out") {
    b.operate(ActionKind::replay, {{0, 1}, 0});
    CHECK(b.operator_answers.back().error->code == Code::would_reorder);
  }
  SUBCASE("when a successor may have been delivered") {
    b.reply(OutcomeKind::ambiguous);
    b.operate(ActionKind::replay, {{0, 1}, 0});
    CHECK(b.operator_answers.back().error->code == Code::would_reorder);
  }
  SUBCASE("when a successor may have been delivered, and was refused when it was sent again") {
    b.reply(OutcomeKind::ambiguous);
    b.pass(milliseconds(60'000));
    b.reply(OutcomeKind::retry);
    b.pass(milliseconds(600'000));
    b.reply(OutcomeKind::permanent);
    SUBCASE("asked at once") {}
    SUBCASE("after a restart") { b.restart(); }
    SUBCASE("after a load") { b.reload(); }
    b.operate(ActionKind::replay, {{0, 1}, 0});
    REQUIRE(b.operator_answers.back().error);
    CHECK(b.operator_answers.back().error->code == Code::would_reorder);
  }
  SUBCASE("when a successor was delivered") {
    b.reply(OutcomeKind::delivered);
    b.operate(ActionKind::replay, {{0, 1}, 0});
    CHECK(b.operator_answers.back().error->code == Code::would_reorder);
    b.restart();  // also after one
    b.operate(ActionKind::replay, {{0, 1}, 0});
    CHECK(b.operator_answers.back().error->code == Code::would_reorder);
    b.operate(ActionKind::replay, {{0, 1}, 0}, true);
    CHECK_FALSE(b.operator_answers.back().error);
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].delivery.message.offset == 1);
  }
  SUBCASE("out of order while a successor is out: after it, before the rest") {
    b.admit({.order_key = "k"});
    b.operate(ActionKind::replay, {{0, 1}, 0}, true);
    CHECK(b.sent.size() == 1);
    b.reply(OutcomeKind::delivered);
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].delivery.message.offset == 1);
  }
}

TEST_CASE("urgency goes first, but never within a key; permits bound what is out") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent, 1)));
  b.admit({});
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k", .urgency = 4});
  b.admit({.urgency = 2});
  std::vector<uint64_t> order;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(b.sent.size() == 1);
    order.push_back(b.sent[0].delivery.message.offset);
    b.reply(OutcomeKind::delivered);
  }
  CHECK(order == std::vector<uint64_t>{1, 4, 2, 3});
}

TEST_CASE("the permit is free at once, before the outcome is durable") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent, 1)));
  b.admit({});
  b.admit({});
  b.commit_by_hand = true;
  b.reply(OutcomeKind::delivered);
  CHECK(b.sent.size() == 1);
}

TEST_CASE("the breaker opens, tries once, and closes or waits twice as long") {
  auto d = destination(SinkClass::partner_idempotent, 3);
  d.breaker.failures = 3;
  d.breaker.wait = 2 * kSecond;
  Bench b(policy_of(d));
  for (int i = 0; i < 5; ++i) b.admit({});
  const auto down = outcome(OutcomeKind::retry, RetryScope::lane);
  for (int i = 0; i < 3; ++i) b.reply(down);
  CHECK(b.lane().breaker == LaneStatus::Breaker::open);
  CHECK(b.sent.empty());
  b.admit({});
  CHECK(b.answers.size() == 6);  // still accepted
  b.pass(milliseconds(1'999));
  CHECK(b.sent.empty());
  b.pass(milliseconds(1));
  REQUIRE(b.sent.size() == 1);
  CHECK(b.lane().breaker == LaneStatus::Breaker::trying);
  b.reply(down);
  CHECK(b.lane().breaker == LaneStatus::Breaker::open);
  b.pass(milliseconds(3'999));
  CHECK(b.sent.empty());
  b.pass(milliseconds(1));
  REQUIRE(b.sent.size() == 1);
  b.reply(OutcomeKind::delivered);
  CHECK(b.lane().breaker == LaneStatus::Breaker::closed);
  CHECK(b.sent.size() == 3);
}

TEST_CASE("what did not get as far as the partner neither closes its breaker nor opens it") {
  auto d = destination(SinkClass::partner_idempotent, 1);
  d.breaker = {2, 2 * kSecond, 60 * kSecond};
  Bench b(policy_of(d));
  Outcome unasked;
  SUBCASE("to be tried again") { unasked = outcome(OutcomeKind::retry); }
  SUBCASE("to be tried again, with all others") { unasked = outcome(OutcomeKind::retry, RetryScope::lane); }
  SUBCASE("refused for good") { unasked = outcome(OutcomeKind::permanent); }
  SUBCASE("held for a fix") { unasked = outcome(OutcomeKind::held); }
  unasked.unasked = true;
  for (int i = 0; i < 6; ++i) b.admit({});
  const auto down = outcome(OutcomeKind::retry, RetryScope::lane);
  b.reply(down);
  b.pass(60 * kSecond);
  REQUIRE(b.sent.size() == 1);
  b.reply(unasked);  // the second failure in a row is still to come
  CHECK(b.lane().breaker == LaneStatus::Breaker::closed);
  b.pass(60 * kSecond);
  REQUIRE(b.sent.size() == 1);
  b.reply(down);
  REQUIRE(b.lane().breaker == LaneStatus::Breaker::open);
  b.pass(60 * kSecond);
  REQUIRE(b.sent.size() == 1);
  b.reply(unasked);
  CHECK(b.lane().breaker == LaneStatus::Breaker::trying);
  b.pass(60 * kSecond);
  REQUIRE(b.sent.size() == 1);  // the next trial, and only it
  b.reply(OutcomeKind::delivered);
  CHECK(b.lane().breaker == LaneStatus::Breaker::closed);
}

TEST_CASE("a partner whose answer is to hold a delivery has answered: its breaker closes") {
  auto d = destination(SinkClass::partner_idempotent, 1);
  d.breaker = {1, 2 * kSecond, 60 * kSecond};
  Bench b(policy_of(d));
  for (int i = 0; i < 3; ++i) b.admit({});
  b.reply(outcome(OutcomeKind::retry, RetryScope::lane));
  b.pass(60 * kSecond);
  REQUIRE(b.lane().breaker == LaneStatus::Breaker::trying);
  b.reply(OutcomeKind::held);
  CHECK(b.lane().breaker == LaneStatus::Breaker::closed);
}

TEST_CASE("one failure of the lane holds the others back as long as the one that met it") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent, 1)));
  b.admit({});
  b.admit({});
  b.reply(outcome(OutcomeKind::retry, RetryScope::session));
  CHECK(b.sent.empty());
  CHECK(b.state(2) == DeliveryState::queued);
  b.pass(kSecond);
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].delivery.message.offset == 1);
}

TEST_CASE("a failure of one delivery holds nobody") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent, 1)));
  b.admit({});
  b.admit({});
  b.reply(OutcomeKind::retry);
  CHECK(b.sent.size() == 1);
}

TEST_CASE("an attempt recorded while the breaker opened is not sent, and not in doubt later") {
  auto d = destination(SinkClass::none);
  d.breaker.failures = 1;
  Bench b(policy_of(d));
  b.admit({});
  b.commit_by_hand = true;
  b.admit({});
  b.commit();
  b.reply(outcome(OutcomeKind::retry, RetryScope::lane));
  while (!b.appends.empty()) b.commit();
  CHECK(b.sent.empty());
  b.restart();
  CHECK(b.state(3) != DeliveryState::unknown);
}

TEST_CASE("pause stops sending, resume goes on, also across a restart") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.control(ActionKind::pause, "a");
  CHECK_FALSE(b.operator_answers.back().error);
  b.admit({});
  CHECK(b.sent.empty());
  CHECK(b.lane().paused);
  CHECK(b.cell().idle());
  b.restart();
  CHECK(b.sent.empty());
  b.control(ActionKind::resume, "a");
  CHECK(b.sent.size() == 1);
  b.control(ActionKind::pause, "nowhere");
  CHECK(b.operator_answers.back().error->code == Code::destination_gone);
}

TEST_CASE("people are refused what makes no sense") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent, 1)));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  b.admit({});
  const auto refused = [&](ActionKind kind, DeliveryId id) {
    b.operate(kind, id);
    const auto& error = b.operator_answers.back().error;
    return error ? error->code : Code::none;
  };
  CHECK(refused(ActionKind::replay, {{0, 99}, 0}) == Code::delivery_not_found);
  CHECK(refused(ActionKind::replay, {{0, 1}, 0}) == Code::wrong_state);  // in flight
  CHECK(refused(ActionKind::discard, {{0, 1}, 0}) == Code::wrong_state);
  CHECK(refused(ActionKind::replay, {{0, 2}, 0}) == Code::wrong_state);  // behind
  CHECK(refused(ActionKind::replay, {{0, 3}, 0}) == Code::wrong_state);  // queued
  CHECK(refused(ActionKind::discard, {{0, 2}, 0}) == Code::none);
  CHECK(refused(ActionKind::discard, {{0, 3}, 0}) == Code::none);
  b.reply(OutcomeKind::delivered);
  CHECK(b.sent.empty());
  CHECK(b.cell().pending(10).empty());
  CHECK(refused(ActionKind::discard, {{0, 1}, 0}) == Code::delivery_not_found);
}

TEST_CASE("what a person asked for is done when it is durable, or not at all") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({});
  b.reply(OutcomeKind::retry);
  b.commit_by_hand = true;
  b.operate(ActionKind::replay, {{0, 1}, 0});
  CHECK(b.operator_answers.empty());
  b.pass(10 * kSecond);
  CHECK(b.sent.empty());  // nothing moves under it
  b.operate(ActionKind::discard, {{0, 1}, 0});
  CHECK(b.operator_answers.back().error->code == Code::wrong_state);
  b.refuse();
  CHECK(b.operator_answers.back().error->code == Code::disk_full);
  CHECK(b.sent.size() == 1);
}
