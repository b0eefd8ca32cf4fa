#include "core/message/fact.h"

#include <doctest/doctest.h>

using namespace lt;

namespace {

AcceptedFact accepted(std::string body) {
  Message m;
  m.envelope.type = "onestop/dossier";
  m.envelope.order_key = "dossier:H49.1";
  m.envelope.dedupe_key = "a/1";
  m.envelope.urgency = 3;
  m.envelope.accepted = Wall(std::chrono::milliseconds(1'790'000'000'123));
  m.envelope.deliveries.push_back({"judicial", {"H49"}, "submit", "m"});
  m.body = Body::of(std::move(body));
  AcceptedFact fact;
  fact.message = std::make_shared<const Message>(std::move(m));
  fact.watches.push_back({"poll", "k", "c", true});
  fact.cursor = CursorChange{"inbox", "42"};
  return fact;
}

OutcomeFact outcome() {
  OutcomeFact fact;
  fact.delivery = {{7, 4711}, 3};
  fact.attempt = 9;
  fact.at = Wall(std::chrono::milliseconds(-5));
  fact.state = DeliveryState::retry;
  fact.next_at = Wall(std::chrono::milliseconds(1'790'000'001'000));
  auto& o = fact.outcome;
  o.kind = OutcomeKind::redo_as;
  o.code = Code::too_large;
  o.detail = "chi tiết";
  o.reference = "SO-1";
  o.operation = "update";
  o.after = std::chrono::milliseconds(1500);
  o.scope = RetryScope::session;
  o.sent_sha256[5] = 77;
  o.sent_bytes = 1 << 20;
  o.mapping_version = "a@3";
  o.receivers.push_back({"H49.1", OutcomeKind::permanent, "no such office"});
  o.watches.push_back({"poll", "k", "c", false});
  return fact;
}

Result<Fact> round_trip(const Fact& fact, std::string_view body = {}) {
  return decode_fact(fact_record_type(fact), encode_fact_header(fact), body);
}

}  // namespace

TEST_CASE("every fact comes back as it was written") {
  SUBCASE("accepted, inline body") {
    const auto in = accepted("hồ sơ");
    const auto out = round_trip(in, in.message->body.view());
    REQUIRE(out);
    const auto& fact = std::get<AcceptedFact>(*out);
    CHECK(fact.message->body.view() == "hồ sơ");
    CHECK(fact.message->body.sha256 == in.message->body.sha256);
    CHECK(fact.message->envelope.order_key == "dossier:H49.1");
    CHECK(fact.message->envelope.deliveries.at(0).receivers.at(0) == "H49");
    REQUIRE(fact.watches.size() == 1);
    CHECK(fact.watches[0].open);
    REQUIRE(fact.cursor);
    CHECK(fact.cursor->value == "42");
  }
  SUBCASE("accepted, stored body, dead") {
    auto in = accepted("");
    auto m = std::make_shared<Message>(*in.message);
    m->body = Body();
    m->body.blob.bytes[0] = 9;
    m->body.size = 1 << 30;
    in.message = m;
    in.dead = Code::bad_json;
    in.dead_detail = "at 4";
    const auto out = round_trip(in);
    REQUIRE(out);
    const auto& fact = std::get<AcceptedFact>(*out);
    CHECK(fact.message->body.stored());
    CHECK(fact.message->body.blob == m->body.blob);
    CHECK(fact.message->body.size == 1 << 30);
    CHECK(fact.dead == Code::bad_json);
    CHECK(fact.dead_detail == "at 4");
  }
  SUBCASE("attempt") {
    const auto out = round_trip(AttemptFact{{{0, 5}, 1}, 2, Wall(std::chrono::milliseconds(3))});
    REQUIRE(out);
    const auto& fact = std::get<AttemptFact>(*out);
    CHECK(fact.delivery == DeliveryId{{0, 5}, 1});
    CHECK(fact.attempt == 2);
    CHECK(fact.at == Wall(std::chrono::milliseconds(3)));
  }
  SUBCASE("outcome") {
    const auto in = outcome();
    const auto out = round_trip(in);
    REQUIRE(out);
    const auto& fact = std::get<OutcomeFact>(*out);
    CHECK(fact.delivery == in.delivery);
    CHECK(fact.at == in.at);
    CHECK(fact.state == DeliveryState::retry);
    CHECK(fact.next_at == in.next_at);
    CHECK(fact.outcome.kind == OutcomeKind::redo_as);
    CHECK(fact.outcome.code == Code::too_large);
    CHECK(fact.outcome.operation == "update");
    CHECK(fact.outcome.after == in.outcome.after);
    CHECK(fact.outcome.scope == RetryScope::session);
    CHECK(fact.outcome.sent_sha256 == in.outcome.sent_sha256);
    CHECK(fact.outcome.receivers.at(0).detail == "no such office");
    CHECK_FALSE(fact.outcome.watches.at(0).open);
    CHECK(encode_fact_header(*out) == encode_fact_header(in));
  }
  SUBCASE("asked and answered") {
    AskedFact asked;
    asked.message = accepted("question").message;
    asked.cached = {3, 99};
    const auto q = round_trip(asked, "question");
    REQUIRE(q);
    CHECK(std::get<AskedFact>(*q).cached == Position{3, 99});
    CHECK(std::get<AskedFact>(*q).message->body.view() == "question");
    CHECK(std::get<AskedFact>(*q).message->envelope.deliveries.at(0).destination == "judicial");
    CHECK(message_of(*q) == std::get<AskedFact>(*q).message.get());
    CHECK(encode_fact_header(*q) == encode_fact_header(asked));
    AnsweredFact answered{outcome(), 503, {}, 12, std::chrono::milliseconds(77)};
    answered.reply_sha256.fill(5);
    const auto e = round_trip(answered);
    REQUIRE(e);
    CHECK(std::get<AnsweredFact>(*e).outcome.delivery == answered.outcome.delivery);
    CHECK(std::get<AnsweredFact>(*e).status == 503);
    CHECK(std::get<AnsweredFact>(*e).took == std::chrono::milliseconds(77));
    CHECK(encode_fact_header(*e) == encode_fact_header(answered));
    CHECK(message_of(*e) == nullptr);
    CHECK(is_fact(fact_record_type(asked)));
    CHECK(is_fact(fact_record_type(answered)));
    CHECK_FALSE(is_fact(9));
    // A question asks one destination.
    auto nobody = std::make_shared<Message>(*asked.message);
    nobody->envelope.deliveries.clear();
    asked.message = nobody;
    CHECK_FALSE(round_trip(asked, "question"));
  }
  SUBCASE("action and watch") {
    ActionFact action{ActionKind::discard, {{0, 9}, 0}, "judicial", "lan", "hết hạn", Wall{}};
    const auto a = round_trip(action);
    REQUIRE(a);
    CHECK(std::get<ActionFact>(*a).kind == ActionKind::discard);
    CHECK(std::get<ActionFact>(*a).why == "hết hạn");
    CHECK_FALSE(std::get<ActionFact>(*a).out_of_order);
    action.kind = ActionKind::drain;
    action.scope = ActionScope::route;
    action.out_of_order = true;
    const auto tail = round_trip(action);
    REQUIRE(tail);
    CHECK(std::get<ActionFact>(*tail).kind == ActionKind::drain);
    CHECK(std::get<ActionFact>(*tail).scope == ActionScope::route);
    CHECK(std::get<ActionFact>(*tail).out_of_order);
    // As the first program wrote it: without the last two members.
    std::string header = encode_fact_header(action);
    header.resize(header.size() - 2);
    const auto first = decode_fact(fact_record_type(action), header, "");
    REQUIRE(first);
    CHECK(std::get<ActionFact>(*first).why == "hết hạn");
    CHECK(std::get<ActionFact>(*first).scope == ActionScope::destination);
    WatchFact watch{{{"s", "k", "", false}}, std::nullopt, Wall{}};
    const auto w = round_trip(watch);
    REQUIRE(w);
    CHECK(std::get<WatchFact>(*w).watches.at(0).key == "k");
    CHECK_FALSE(std::get<WatchFact>(*w).cursor);
  }
}

TEST_CASE("hostile bytes are refused, never trusted") {
  const Fact facts[] = {accepted("body"), AttemptFact{{{0, 5}, 1}, 2, Wall{}}, outcome(),
                        ActionFact{ActionKind::pause, {}, "d", "b", "w", Wall{}}};
  for (const Fact& fact : facts) {
    const std::string whole = encode_fact_header(fact);
    const std::string_view body = fact.index() == 0 ? "body" : "";
    for (size_t n = 0; n < whole.size(); ++n) {
      if (fact.index() == 3 && n + 2 == whole.size()) continue;  // as the first program wrote it
      const auto cut = decode_fact(fact_record_type(fact), std::string_view(whole).substr(0, n), body);
      REQUIRE_FALSE(cut);
      if (fact.index() != 0) CHECK(cut.error().code == Code::record_malformed);
    }
    for (size_t n = 0; n < whole.size(); ++n) {  // any flip must end, in a value or in an error
      for (const uint8_t bits : {uint8_t{0xFF}, uint8_t{0x80}, uint8_t{0x01}}) {
        std::string bent = whole;
        bent[n] = static_cast<char>(bent[n] ^ bits);
        (void)decode_fact(fact_record_type(fact), bent, body);
      }
    }
  }
  SUBCASE("unknown version") {
    auto bytes = encode_fact_header(outcome());
    bytes[0] = 2;
    CHECK(decode_fact(3, bytes, "").error().code == Code::record_malformed);
  }
  SUBCASE("a type that is no fact") {
    CHECK(decode_fact(8, encode_fact_header(outcome()), "").error().code == Code::record_malformed);
  }
  SUBCASE("a state beyond the last") {
    auto in = outcome();
    in.state = static_cast<DeliveryState>(10);
    CHECK(round_trip(in).error().code == Code::record_malformed);
  }
  SUBCASE("a body of another length than written") {
    CHECK(round_trip(accepted("body"), "bod").error().code == Code::record_malformed);
  }
}

TEST_CASE("states have names") {
  for (int i = 0; i <= static_cast<int>(DeliveryState::superseded); ++i) {
    const auto state = static_cast<DeliveryState>(i);
    CHECK(parse_state(state_name(state)) == state);
  }
  CHECK(state_name(DeliveryState::in_flight) == "in_flight");
  CHECK_FALSE(parse_state("lost"));
}
