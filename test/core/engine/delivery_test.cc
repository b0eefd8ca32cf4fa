// What outcomes make of deliveries, by class of partner.
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {
size_t count_facts(const Bench& b, size_t index) {
  size_t n = 0;
  for (const auto& [p, f] : b.log) n += f.index() == index;
  return n;
}
}  // namespace

TEST_CASE("accepted, sent, delivered") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  const auto ticket = b.admit({.to = {"a"}});
  REQUIRE(b.answers.size() == 1);
  CHECK(b.answers[0].kind == AdmitAnswer::Kind::accepted);
  CHECK(b.answers[0].ticket == ticket);
  CHECK(b.answers[0].position == Position{0, 1});
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].destination == "a");
  CHECK(b.sent[0].attempt == 1);
  REQUIRE(b.sent[0].message);
  CHECK(b.sent[0].message->body.view() == "x");
  CHECK(b.lane().in_flight == 1);
  CHECK(b.cell().pending_messages() == 1);
  CHECK_FALSE(b.cell().idle());
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().pending(10).empty());
  CHECK(b.lane().delivered == 1);
  CHECK(b.cell().pending_messages() == 0);
  CHECK(b.cell().idle());
  CHECK(count_facts(b, 1) == 0);  // no attempt record for an idempotent partner
}

TEST_CASE("nothing goes out before it is durable") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.commit_by_hand = true;
  b.admit({});
  CHECK(b.answers.empty());
  CHECK(b.sent.empty());
  b.commit();  // the message
  CHECK(b.answers.size() == 1);
  CHECK(b.sent.empty());
  b.commit();  // the attempt
  CHECK(b.sent.size() == 1);
}

TEST_CASE("attempt records of several deliveries are under way together") {
  Bench b(policy_of(destination(SinkClass::probe)));
  b.commit_by_hand = true;
  for (int i = 0; i < 3; ++i) b.admit({});
  for (int i = 0; i < 3; ++i) b.commit();
  CHECK(b.appends.size() == 3);
}

TEST_CASE("each destination of a message is a delivery of its own") {
  auto p = policy_of(destination(SinkClass::partner_idempotent));
  p.destinations["b"] = destination(SinkClass::partner_idempotent);
  Bench b(p);
  b.admit({.to = {"a", "b"}});
  REQUIRE(b.sent.size() == 2);
  CHECK(b.sent[1].delivery.ordinal == 1);
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().pending_messages() == 1);
  CHECK(b.state(1, 1) == DeliveryState::in_flight);
}

TEST_CASE("retry backs off, doubling; `after` of the partner counts more") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({});
  b.reply(OutcomeKind::retry);
  CHECK(b.state(1) == DeliveryState::retry);
  CHECK(b.status({{0, 1}, 0}).next_at == b.now().wall + kSecond);
  b.pass(milliseconds(999));
  CHECK(b.sent.empty());
  b.pass(milliseconds(1));
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].attempt == 2);
  b.reply(OutcomeKind::retry);
  CHECK(b.status({{0, 1}, 0}).next_at == b.now().wall + 2 * kSecond);
  b.pass(2 * kSecond);
  auto later = outcome(OutcomeKind::retry);
  later.after = 7 * kSecond;
  b.reply(later);
  CHECK(b.status({{0, 1}, 0}).next_at == b.now().wall + 7 * kSecond);
  b.pass(7 * kSecond);
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().idle());
}

TEST_CASE("retries end: by number, by age") {
  auto d = destination(SinkClass::partner_idempotent);
  SUBCASE("by number, own failures only") {
    d.retry.attempts = 3;
    Bench b(policy_of(d));
    b.admit({});
    b.reply(OutcomeKind::retry);
    b.pass(60 * kSecond);
    b.reply(outcome(OutcomeKind::retry, RetryScope::lane));  // the partner's failure, not this delivery's
    b.pass(60 * kSecond);
    b.reply(OutcomeKind::retry);
    CHECK(b.state(1) == DeliveryState::retry);
    b.pass(60 * kSecond);
    b.reply(OutcomeKind::retry);
    CHECK(b.state(1) == DeliveryState::dead);
    CHECK(b.status({{0, 1}, 0}).code == Code::attempts_exhausted);
  }
  SUBCASE("by age, which stands still while the breaker is open or the lane is paused") {
    d.retry.max_age = 10 * kSecond;
    Bench b(policy_of(d));
    b.control(ActionKind::pause, "a");
    b.admit({});
    b.pass(60 * kSecond);
    b.control(ActionKind::resume, "a");
    REQUIRE(b.sent.size() == 1);
    b.reply(OutcomeKind::retry);
    CHECK(b.state(2) == DeliveryState::retry);
    b.pass(1 * kSecond);
    REQUIRE(b.sent.size() == 1);
    b.pass(12 * kSecond);
    b.reply(OutcomeKind::retry);
    CHECK(b.state(2) == DeliveryState::dead);
    CHECK(b.status({{0, 2}, 0}).code == Code::too_old);
  }
}

TEST_CASE("permanent is dead with its cause, held waits, both can be replayed") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({});
  for (const auto kind : {OutcomeKind::permanent, OutcomeKind::held}) {
    auto o = outcome(kind);
    o.code = Code::too_large;
    o.detail = "why";
    b.reply(o);
    CHECK(b.state(1) == (kind == OutcomeKind::held ? DeliveryState::held : DeliveryState::dead));
    CHECK(b.status({{0, 1}, 0}).code == Code::too_large);
    CHECK(b.status({{0, 1}, 0}).detail == "why");
    CHECK(b.cell().idle());
    b.operate(ActionKind::replay, {{0, 1}, 0});
    CHECK_FALSE(b.operator_answers.back().error);
    REQUIRE(b.sent.size() == 1);
  }
  b.reply(OutcomeKind::duplicate);
  CHECK(b.cell().pending(10).empty());
}

TEST_CASE("redo_as sends again at once as another operation, three times at most") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.admit({});
  auto redo = outcome(OutcomeKind::redo_as);
  for (int i = 0; i < 3; ++i) {
    redo.operation = "op" + std::to_string(i);
    b.reply(redo);
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].operation == redo.operation);
  }
  b.reply(redo);
  CHECK(b.state(1) == DeliveryState::dead);
}

TEST_CASE("an ambiguous outcome, by class") {
  SUBCASE("idempotent: again") {
    Bench b(policy_of(destination(SinkClass::partner_idempotent)));
    b.admit({});
    b.reply(OutcomeKind::ambiguous);
    CHECK(b.state(1) == DeliveryState::retry);
    b.pass(kSecond);
    REQUIRE(b.sent.size() == 1);
    CHECK_FALSE(b.sent[0].probe);
  }
  SUBCASE("probe: asked first, as often as it takes") {
    Bench b(policy_of(destination(SinkClass::probe)));
    b.admit({});
    b.reply(OutcomeKind::ambiguous);
    b.pass(kSecond);
    for (const auto kind : {OutcomeKind::retry, OutcomeKind::ambiguous}) {
      REQUIRE(b.sent.size() == 1);
      CHECK(b.sent[0].probe);
      CHECK(b.sent[0].attempt == 1);
      b.reply(kind);
      CHECK(b.state(1) == DeliveryState::retry);
      b.pass(10 * kSecond);
    }
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].probe);
    SUBCASE("it has it") {
      b.reply(OutcomeKind::duplicate);
      CHECK(b.cell().pending(10).empty());
    }
    SUBCASE("it has not") {
      b.reply(OutcomeKind::absent);
      REQUIRE(b.sent.size() == 1);
      CHECK_FALSE(b.sent[0].probe);
      CHECK(b.sent[0].attempt == 2);
      b.reply(OutcomeKind::delivered);
      CHECK(b.cell().pending(10).empty());
    }
  }
  SUBCASE("probe: too old while in doubt is unknown, never dead") {
    auto d = destination(SinkClass::probe);
    d.retry.max_age = 5 * kSecond;
    Bench b(policy_of(d));
    b.admit({});
    b.reply(OutcomeKind::ambiguous);
    b.pass(kSecond);
    b.pass(10 * kSecond);
    b.reply(OutcomeKind::retry);
    CHECK(b.state(1) == DeliveryState::unknown);
    b.operate(ActionKind::replay, {{0, 1}, 0});
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].probe);
  }
  SUBCASE("none: unknown, until a person says") {
    Bench b(policy_of(destination(SinkClass::none)));
    b.admit({});
    b.reply(OutcomeKind::ambiguous);
    CHECK(b.state(1) == DeliveryState::unknown);
    CHECK(b.status({{0, 1}, 0}).code == Code::outcome_unknown);
    b.pass(std::chrono::hours(100));
    CHECK(b.sent.empty());
    b.restart();
    CHECK(b.state(1) == DeliveryState::unknown);
    b.operate(ActionKind::replay, {{0, 1}, 0});
    REQUIRE(b.sent.size() == 1);
    CHECK_FALSE(b.sent[0].probe);
    CHECK(b.sent[0].attempt == 2);
  }
  SUBCASE("none, told to resend") {
    auto d = destination(SinkClass::none);
    d.on_ambiguous = OnAmbiguous::resend;
    Bench b(policy_of(d));
    b.admit({});
    b.reply(OutcomeKind::ambiguous);
    CHECK(b.state(1) == DeliveryState::retry);
  }
}

TEST_CASE("an answer to an attempt that is over changes nothing") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({});
  const Deliver first = b.sent[0];
  b.reply(OutcomeKind::retry);
  b.pass(kSecond);
  b.reply(first, outcome(OutcomeKind::permanent));
  CHECK(b.state(1) == DeliveryState::in_flight);
  b.reply(OutcomeKind::delivered);
  b.reply(first, outcome(OutcomeKind::permanent));
  CHECK(b.cell().pending(10).empty());
}

TEST_CASE("after a restart") {
  SUBCASE("idempotent: simply sent") {
    Bench b(policy_of(destination(SinkClass::partner_idempotent)));
    b.admit({});
    b.restart();
    REQUIRE(b.sent.size() == 1);
    CHECK_FALSE(b.sent[0].probe);
    CHECK(b.sent[0].message == nullptr);  // to be read from the journal
  }
  SUBCASE("probe: asked when an attempt was recorded") {
    Bench b(policy_of(destination(SinkClass::probe, 1)));
    b.admit({});
    b.admit({});  // no permit: never attempted
    b.restart();
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].probe);
    b.reply(OutcomeKind::delivered);
    REQUIRE(b.sent.size() == 1);
    CHECK_FALSE(b.sent[0].probe);
  }
  SUBCASE("none: unknown when an attempt was recorded, durably so") {
    Bench b(policy_of(destination(SinkClass::none, 1)));
    b.admit({});
    b.admit({});
    b.restart();
    CHECK(b.state(1) == DeliveryState::unknown);
    CHECK(b.status({{0, 1}, 0}).detail.find("stopped") != std::string::npos);
    CHECK(b.state(3) == DeliveryState::in_flight);
    CHECK(std::holds_alternative<OutcomeFact>(b.log[3].second));
  }
  SUBCASE("waits go on where they were") {
    Bench b(policy_of(destination(SinkClass::partner_idempotent)));
    b.admit({});
    b.reply(OutcomeKind::retry);
    b.pass(milliseconds(400));
    b.restart();
    CHECK(b.sent.empty());
    b.pass(milliseconds(600));
    CHECK(b.sent.size() == 1);
  }
}

TEST_CASE("what could not be decoded is listed as dead, without a delivery") {
  Bench b(policy_of(destination(SinkClass::none)));
  auto fact = b.accepted({});
  fact.dead = Code::bad_json;
  fact.dead_detail = "line 1";
  b.admit_fact(fact);
  CHECK(b.answers[0].kind == AdmitAnswer::Kind::accepted);
  CHECK(b.sent.empty());
  CHECK(b.state(1) == DeliveryState::dead);
  CHECK(b.status({{0, 1}, 0}).code == Code::bad_json);
  b.operate(ActionKind::replay, {{0, 1}, 0});
  CHECK(b.operator_answers.back().error->code == Code::wrong_state);
  b.operate(ActionKind::discard, {{0, 1}, 0});
  CHECK_FALSE(b.operator_answers.back().error);
  CHECK(b.cell().pending(10).empty());
}

TEST_CASE("a destination that left the configuration holds what is for it") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.admit({.to = {"gone"}});
  CHECK(b.answers[0].kind == AdmitAnswer::Kind::accepted);
  CHECK(b.state(1) == DeliveryState::held);
  CHECK(b.status({{0, 1}, 0}).code == Code::destination_gone);
  CHECK(b.cell().idle());
  auto p = policy_of(destination(SinkClass::none));
  p.destinations["gone"] = destination(SinkClass::partner_idempotent);
  SUBCASE("until a restart brings it back") {
    b.use(p);
    b.restart();
    CHECK(b.sent.size() == 1);
  }
  SUBCASE("until a reload brings it back") {
    b.reconfigure(p);
    CHECK(b.sent.size() == 1);
  }
}

TEST_CASE("a doubt is not forgotten while its destination is out of the configuration") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k"});
  REQUIRE(b.sent.size() == 1);
  b.use({});
  b.restart();
  CHECK(b.state(1) == DeliveryState::held);
  b.reconfigure(policy_of(destination(SinkClass::none)));
  CHECK(b.sent.empty());
  CHECK(b.state(1) == DeliveryState::unknown);
  CHECK(b.state(3) == DeliveryState::behind);
}

TEST_CASE("what is out when its destination leaves the configuration is over when its answer comes") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({.order_key = "k"});
  REQUIRE(b.sent.size() == 1);
  b.reconfigure({});
  b.reply(OutcomeKind::delivered);
  CHECK(b.cell().pending(10).empty());
}

TEST_CASE("an outcome the journal refuses is not forgotten") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({});
  b.admit({});
  b.commit_by_hand = true;
  b.reply(OutcomeKind::delivered);
  b.refuse();
  CHECK(b.state(1) == DeliveryState::in_flight);
  b.admit({});
  b.commit();
  CHECK(b.sent.size() == 1);  // nothing more is sent while outcomes cannot be kept
  b.pass(kSecond);
  REQUIRE(b.appends.size() == 1);
  b.refuse();
  b.pass(kSecond);
  b.commit();
  CHECK(b.state(1) == DeliveryState::delivered);
  CHECK(b.sent.size() == 2);
}

TEST_CASE("an attempt the journal refuses is made later") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.commit_by_hand = true;
  b.admit({});
  b.commit();
  b.refuse();
  CHECK(b.sent.empty());
  CHECK(b.state(1) == DeliveryState::queued);
  b.pass(kSecond);
  b.commit();
  CHECK(b.sent.size() == 1);
  CHECK(b.sent[0].attempt == 1);
}

TEST_CASE("bodies in memory are bounded; what does not fit is read from the journal") {
  auto p = policy_of(destination(SinkClass::partner_idempotent, 1));
  p.hot_bytes_most = 3'000;
  Bench b(p);
  for (int i = 0; i < 6; ++i) b.admit({.body = std::string(500, 'x')});
  int hot = 0;
  for (int i = 0; i < 6; ++i) {
    hot += b.sent[0].message != nullptr;
    b.reply(OutcomeKind::delivered);
  }
  CHECK(hot >= 2);
  CHECK(hot <= 4);
}
