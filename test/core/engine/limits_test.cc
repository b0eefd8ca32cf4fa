// Rates, shared permits, sessions, office hours.
#include <algorithm>
#include <map>

#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

CellPolicy gov(uint32_t in_flight) {
  CellPolicy p = policy_of(destination(SinkClass::partner_idempotent));
  p.destinations["b"] = destination(SinkClass::partner_idempotent);
  p.destinations["c"] = destination(SinkClass::partner_idempotent);
  p.destinations["a"].partner = p.destinations["b"].partner = "gov";
  p.partners["gov"].in_flight = in_flight;
  return p;
}

Wall at(std::string_view text) { return *parse_rfc3339(text); }

}  // namespace

TEST_CASE("a rate: a burst after a rest, then evenly, by itself") {
  auto d = destination(SinkClass::partner_idempotent, 100);
  d.rate = {10, kSecond};
  d.burst = 3;
  Bench b(policy_of(d));
  for (int i = 0; i < 8; ++i) b.admit({});
  CHECK(b.sent.size() == 3);
  b.pass(milliseconds(99));
  CHECK(b.sent.size() == 3);
  b.pass(milliseconds(1));
  CHECK(b.sent.size() == 4);
  b.pass(milliseconds(300));
  CHECK(b.sent.size() == 7);
  CHECK_FALSE(b.cell().idle());
  b.pass(10 * kSecond);
  CHECK(b.sent.size() == 8);
  for (int i = 0; i < 8; ++i) b.admit({});
  CHECK(b.sent.size() == 11);  // the rest earned one burst, no more
}

TEST_CASE("a rate counts probes and retries, too") {
  auto d = destination(SinkClass::probe, 100);
  d.rate = {1, minutes(1)};
  d.burst = 1;
  Bench b(policy_of(d));
  b.admit({});
  b.reply(OutcomeKind::ambiguous);
  b.pass(59 * kSecond);
  CHECK(b.sent.empty());
  b.pass(kSecond);
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].probe);
}

TEST_CASE("a rate without burst allows what a second does, at least one") {
  TokenBucket bucket;
  const Mono now{std::chrono::seconds(100)};
  const auto at_once = [&](Rate rate) {
    bucket = TokenBucket();
    bucket.set(rate, 0);
    int n = 0;
    for (; n < 1'000 && bucket.free_at() <= now; ++n) bucket.take(now);
    return n;
  };
  CHECK(at_once({50, kSecond}) == 50);
  CHECK(at_once({600, minutes(1)}) == 10);
  CHECK(at_once({5, minutes(1)}) == 1);
  CHECK(at_once({}) == 1'000);
}

TEST_CASE("destinations of one partner share its permits, in turn; others are not concerned") {
  Bench b(gov(2));
  for (int i = 0; i < 4; ++i) b.admit({.to = {"a"}});
  for (int i = 0; i < 4; ++i) b.admit({.to = {"b"}});
  b.admit({.to = {"c"}});
  size_t of_c = 0;
  for (const auto& d : b.sent) of_c += d.destination == "c";
  CHECK(of_c == 1);
  CHECK(b.sent.size() == 3);
  std::map<std::string, int> first_six;
  for (int i = 0; i < 6; ++i) {
    const auto d = std::find_if(b.sent.begin(), b.sent.end(), [](const auto& s) { return s.destination != "c"; });
    REQUIRE(d != b.sent.end());
    const Deliver deliver = *d;
    b.sent.erase(d);
    ++first_six[deliver.destination];
    b.reply(deliver, outcome(OutcomeKind::delivered));
    CHECK(b.sent.size() <= 3);
  }
  CHECK(first_six["a"] >= 2);
  CHECK(first_six["b"] >= 2);
}

TEST_CASE("a permit given back without a send is free again") {
  auto p = gov(1);
  p.destinations["a"].sink_class = SinkClass::none;
  Bench b(p);
  b.commit_by_hand = true;
  b.admit({.to = {"a"}});
  b.commit();
  b.refuse();  // the attempt could not be recorded
  b.pass(kSecond);
  b.commit();
  CHECK(b.sent.size() == 1);
}

TEST_CASE("a reload keeps count of what is out") {
  Bench b(gov(2));
  b.admit({.to = {"a"}});
  b.admit({.to = {"a"}});
  b.reconfigure(gov(2));
  b.admit({.to = {"b"}});
  CHECK(b.sent.size() == 2);
  b.reply(OutcomeKind::delivered);
  CHECK(b.sent.size() == 2);
  CHECK(b.sent.back().destination == "b");
}

TEST_CASE("a failure of the session stops all destinations of the partner, one of the lane only its own") {
  auto p = gov(0);
  p.partners["gov"].breaker = {1, 2 * kSecond, 60 * kSecond};
  p.destinations["a"].breaker = {1, 2 * kSecond, 60 * kSecond};
  Bench b(p);
  b.admit({.to = {"a"}});
  SUBCASE("session") {
    b.reply(outcome(OutcomeKind::retry, RetryScope::session));
    CHECK(b.lane("a").breaker == LaneStatus::Breaker::open);
    CHECK(b.lane("b").breaker == LaneStatus::Breaker::open);
    b.admit({.to = {"b"}});
    b.admit({.to = {"b"}});
    b.admit({.to = {"c"}});
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].destination == "c");
    b.reply(OutcomeKind::delivered);
    b.pass(2 * kSecond);
    REQUIRE(b.sent.size() == 1);  // one trial for all
    b.reply(OutcomeKind::delivered);
    CHECK(b.lane("b").breaker == LaneStatus::Breaker::closed);
    CHECK(b.sent.size() == 2);
  }
  SUBCASE("a trial that fails opens it for twice as long") {
    b.reply(outcome(OutcomeKind::retry, RetryScope::session));
    b.admit({.to = {"b"}});
    b.pass(2 * kSecond);
    REQUIRE(b.sent.size() == 1);
    b.reply(outcome(OutcomeKind::retry, RetryScope::session));
    b.pass(milliseconds(3'999));
    CHECK(b.sent.empty());
    b.pass(milliseconds(1));
    CHECK(b.sent.size() == 1);
  }
  SUBCASE("lane") {
    b.reply(outcome(OutcomeKind::retry, RetryScope::lane));
    CHECK(b.lane("a").breaker == LaneStatus::Breaker::open);
    CHECK(b.lane("b").breaker == LaneStatus::Breaker::closed);
    b.admit({.to = {"b"}});
    CHECK(b.sent.size() == 1);
  }
  SUBCASE("a trial of the session that meets a failure of its lane leaves the trial to another") {
    b.reply(outcome(OutcomeKind::retry, RetryScope::session));
    b.admit({.to = {"b"}});
    b.pass(2 * kSecond);
    REQUIRE(b.sent.size() == 1);
    const std::string first = b.sent[0].destination;
    b.reply(outcome(OutcomeKind::retry, RetryScope::lane));
    REQUIRE(b.sent.size() == 1);
    CHECK(b.sent[0].destination != first);
    b.reply(OutcomeKind::delivered);
    CHECK(b.lane("b").breaker != LaneStatus::Breaker::trying);
  }
  SUBCASE("without a partner a session is a lane") {
    b.admit({.to = {"c"}});
    for (int i = 0; i < 5; ++i) {
      b.reply(b.sent.back(), outcome(OutcomeKind::retry, RetryScope::session));
      b.pass(60 * kSecond);
    }
    CHECK(b.lane("b").breaker == LaneStatus::Breaker::closed);
  }
}

TEST_CASE("age stands still for all of a partner while its session is broken") {
  auto p = gov(0);
  p.partners["gov"].breaker = {1, 60 * kSecond, 60 * kSecond};
  p.destinations["b"].retry.max_age = 10 * kSecond;
  Bench b(p);
  b.admit({.to = {"a"}});
  b.reply(outcome(OutcomeKind::retry, RetryScope::session));
  b.admit({.to = {"b"}});
  b.pass(60 * kSecond);
  REQUIRE(b.sent.size() == 1);
  if (b.sent[0].destination == "a") b.reply(OutcomeKind::delivered);
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].destination == "b");
  b.reply(OutcomeKind::retry);
  CHECK(b.lane("b").retry == 1);
}

TEST_CASE("office hours: Vietnam time, days, holidays") {
  OfficeHours office;
  office.from = hours(7) + minutes(30);
  office.to = hours(17);
  office.holidays = {std::chrono::sys_days(std::chrono::year(2026) / 9 / 2)};
  CHECK(office.open(at("2026-09-01T07:30:00+07:00")));  // a Tuesday
  CHECK_FALSE(office.open(at("2026-09-01T07:29:59.999+07:00")));
  CHECK(office.open(at("2026-09-01T16:59:59+07:00")));
  CHECK_FALSE(office.open(at("2026-09-01T17:00:00+07:00")));
  CHECK(office.open(at("2026-09-01T00:30:00Z")));
  CHECK_FALSE(office.open(at("2026-09-02T10:00:00+07:00")));
  CHECK_FALSE(office.open(at("2026-09-05T10:00:00+07:00")));  // a Saturday
  CHECK(office.next_opening(at("2026-09-01T06:00:00+07:00")) == at("2026-09-01T07:30:00+07:00"));
  CHECK(office.next_opening(at("2026-09-01T17:00:00+07:00")) == at("2026-09-03T07:30:00+07:00"));
  CHECK(office.next_opening(at("2026-09-04T17:00:00+07:00")) == at("2026-09-07T07:30:00+07:00"));
  office.days = 0;
  CHECK(office.next_opening(at("2026-09-01T06:00:00+07:00")) > at("2027-09-01T00:00:00Z"));
}

TEST_CASE("outside office hours only the urgent is sent; the lane opens by itself") {
  auto d = destination(SinkClass::partner_idempotent, 1);
  OfficeHours office;
  office.days = 0x7F;
  office.from = hours(7) + minutes(30);
  office.to = hours(17);
  office.urgent = 3;
  d.office_hours = office;
  d.retry.max_age = hours(5);
  Bench b(policy_of(d));  // it is 21:13:20 there
  const Wall opening = office.next_opening(b.now().wall);
  b.admit({});
  b.admit({.urgency = 3});
  b.admit({.order_key = "k"});
  b.admit({.order_key = "k", .urgency = 4});  // within its key nothing overtakes
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].delivery.message.offset == 2);
  b.reply(OutcomeKind::delivered);
  CHECK(b.sent.empty());
  CHECK(b.answers.size() == 4);
  CHECK(b.lane().queued == 2);
  CHECK(b.lane().opens == opening);
  CHECK_FALSE(b.cell().idle());
  b.pass(std::chrono::duration_cast<milliseconds>(opening - b.now().wall) - milliseconds(1));
  CHECK(b.sent.empty());
  b.pass(milliseconds(1));
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].delivery.message.offset == 1);
  CHECK(b.lane().opens == Wall{});
  b.reply(OutcomeKind::retry);  // its age went on while closed
  CHECK(b.state(1) == DeliveryState::dead);
  CHECK(b.status({{0, 1}, 0}).code == Code::too_old);
}
