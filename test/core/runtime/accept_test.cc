#include <doctest/doctest.h>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

std::string one_way(const Partner& partner, const std::string& sink_class = "partner_idempotent",
                    const std::string& delivery = "{}") {
  return "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, serves: [\"*\"], delivery: " +
         delivery + ", settings: {url: \"" + partner.url() + "/out\", class: " + sink_class +
         ", timeout: 24h}}\n"
         "routes:\n  - {name: all, types: [bench/dossier], to: [\"*\"], deliver: [{}]}\n";
}

}  // namespace

TEST_CASE("202 and a receipt leave only after the sync; the delivery too") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(one_way(partner));
  bed.start();
  bed.env().close_gate();
  auto answer = bed.begin(bed.call("/in", bench_dossier("urn:1"), {{"Idempotency-Key", "1"}}));
  bed.env().wait_at_gate();
  CHECK(answer.wait_for(0s) == std::future_status::timeout);
  CHECK(partner.calls() == 0);
  bed.env().open_gate();
  const auto result = answer.get();
  REQUIRE(result);
  CHECK(result->status == 202);
  CHECK(partner.until_got(1));
  // The receipt says where it stands, and that is true.
  const auto facts = bed.facts();
  CHECK(facts.front().first.text() == member(result->body, "position"));
  const auto& message = *std::get<AcceptedFact>(facts.front().second).message;
  CHECK(message.envelope.id.text() == member(result->body, "message_id"));
  CHECK(hex(message.body.sha256) == member(result->body, "sha256"));
  CHECK(message.body.view() == bench_dossier("urn:1"));
  CHECK(partner.got()[0].body == bench_dossier("urn:1"));
  CHECK(partner.got()[0].event == member(result->body, "message_id") + "-0");
}

TEST_CASE("a sync that fails is no acceptance: 503, nothing is sent, and the bus says that it is not ready") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(one_way(partner));
  bed.start();
  CHECK_FALSE(bed.bus().unready());
  // The first of a day makes the keys of the day; that they cannot be kept is not the end of the journal.
  bed.env().open_gate(true);
  const auto without_key = bed.post("/in", bench_dossier("urn:0"), {{"Idempotency-Key", "0"}});
  CHECK(without_key.status == 503);
  CHECK(member(without_key.body, "code") == "LT-6021");
  CHECK(without_key.headers.get("Retry-After") == "1");
  bed.env().open_gate();
  REQUIRE(bed.post("/in", bench_dossier("urn:0"), {{"Idempotency-Key", "0"}}).status == 202);
  REQUIRE(partner.until_got(1));
  REQUIRE(bed.until([&] { return bed.pending().empty(); }));

  bed.env().close_gate();
  auto answer = bed.begin(bed.call("/in", bench_dossier("urn:1"), {{"Idempotency-Key", "1"}}));
  bed.env().wait_at_gate();
  bed.env().open_gate(true);
  const auto result = answer.get();
  REQUIRE(result);
  CHECK(result->status == 503);
  CHECK(result->headers.get("Retry-After") == "1");
  CHECK(member(result->body, "code") == "LT-6021");
  CHECK(bed.bus().unready().value_or(Error(Code::none)).code == Code::journal_failed);
  CHECK(partner.calls() == 1);
  // The disk works again, the program is started again. Whether the bytes outlived the failed sync is the disk's
  // secret; the sender's repeat is answered 202 either way, and the partner gets it once.
  bed.stop();
  bed.env().open_gate();
  bed.start();
  const auto repeat = bed.post("/in", bench_dossier("urn:1"), {{"Idempotency-Key", "1"}});
  CHECK(repeat.status == 202);
  CHECK(partner.until_got(2));
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  CHECK(partner.got().size() == 2);
}

TEST_CASE(
    "a repeat gets the same receipt byte for byte, also from the next life; the same key for something else is 409") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(one_way(partner));
  bed.start();
  const auto first = bed.post("/in", bench_dossier("urn:1"), {{"Idempotency-Key", "key 1"}});
  REQUIRE(first.status == 202);
  CHECK_FALSE(first.headers.has("Idempotent-Replayed"));
  CHECK(partner.until_got(1));
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  bed.advance(1h);
  const auto check_repeat = [&] {
    const auto repeat = bed.post("/in", bench_dossier("urn:1"), {{"Idempotency-Key", "key 1"}});
    CHECK(repeat.status == 202);
    CHECK(repeat.body == first.body);
    CHECK(repeat.headers.get("Idempotent-Replayed") == "true");
    const auto other = bed.post("/in", bench_dossier("urn:2"), {{"Idempotency-Key", "key 1"}});
    CHECK(other.status == 409);
    CHECK(other.headers.get("Content-Type") == "application/problem+json");
    CHECK(member(other.body, "code") == "LT-5004");
    CHECK(member(other.body, "detail").find(member(first.body, "position")) != std::string::npos);
  };
  check_repeat();
  bed.stop();
  bed.start();
  check_repeat();
  CHECK(partner.got().size() == 1);
  size_t accepted = 0;
  for (const auto& [position, fact] : bed.facts()) accepted += std::holds_alternative<AcceptedFact>(fact) ? 1 : 0;
  CHECK(accepted == 1);
  // Another sender may use the same key for a message of its own.
  const auto others = bed.post("/in", replaced(bench_dossier("urn:3"), "000.00.15.H26", "H01"),
                               {{"Idempotency-Key", "key 1"}, {"X-API-Key", "weak-key"}});
  CHECK(others.status == 202);
  CHECK_FALSE(others.headers.has("Idempotent-Replayed"));
}

TEST_CASE("a graceful stop and a restart deliver the backlog once, in order within each key") {
  Bed bed;
  Partner partner(bed.clock);
  // One attempt that counts is all there is: neither stopping nor an unreachable partner uses it up.
  bed.configure(one_way(partner, "none", "{in_flight: 4, retry: {attempts: 1}}"));
  bed.start();
  partner.answer(503);
  std::vector<std::string> sent;
  for (int i = 0; i < 60; ++i) {
    const auto answer = bed.post("/in", bench_dossier("urn:" + std::to_string(i), "K" + std::to_string(i % 7)));
    REQUIRE(answer.status == 202);
    sent.push_back(member(answer.body, "message_id") + "-0");
  }
  bed.stop();
  partner.answer(200);
  bed.start();
  CHECK(bed.until([&] { return partner.got().size() >= 60; }, 100ms));
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  std::vector<std::vector<std::string>> by_key(7), expected(7);
  const auto index_of = [&](const std::string& event) {
    return static_cast<size_t>(std::find(sent.begin(), sent.end(), event) - sent.begin());
  };
  for (const auto& got : partner.got()) by_key[index_of(got.event) % 7].push_back(got.event);
  for (size_t i = 0; i < sent.size(); ++i) expected[i % 7].push_back(sent[i]);
  CHECK(by_key == expected);
}

TEST_CASE("stopping with a backlog writes no outcome for what was never tried, and gives nothing up") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(one_way(partner, "partner_idempotent", "{in_flight: 1, retry: {attempts: 1}}"));
  bed.start();
  // The partner holds the only permit until the stop has begun.
  std::promise<void> entered, go_on;
  auto may_go_on = go_on.get_future().share();
  partner.script([&, first = true](const std::string&, const std::string&) mutable {
    if (std::exchange(first, false)) {
      entered.set_value();
      may_go_on.wait();
    }
    return std::string("{}");
  });
  for (int i = 0; i < 300; ++i)
    REQUIRE(bed.post("/in", bench_dossier("urn:" + std::to_string(i), "K" + std::to_string(i))).status == 202);
  entered.get_future().wait();
  std::thread stopping([&] { bed.bus().stop(); });
  REQUIRE(bed.until([&] { return bed.bus().unready().has_value(); }));
  go_on.set_value();
  stopping.join();
  size_t outcomes = 0, given_up = 0;
  for (const auto& [position, fact] : bed.facts()) {
    const auto* outcome = std::get_if<OutcomeFact>(&fact);
    if (!outcome) continue;
    ++outcomes;
    if (outcome->state == DeliveryState::dead) ++given_up;
  }
  CHECK(given_up == 0);
  CHECK(outcomes <= 10);
  bed.stop();
  bed.start();
  CHECK(bed.until([&] { return partner.got().size() >= 300 && bed.pending().empty(); }, 100ms));
  CHECK(partner.got().size() == 300);
}

TEST_CASE("who would be told that the bus is busy is told so before his message is read, for a moment") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(one_way(partner));
  bed.change_policy = [](engine::CellPolicy& policy) { policy.appending_most = 1; };
  bed.start();
  bed.env().close_gate();
  auto first = bed.begin(bed.call("/in", bench_dossier("urn:1")));
  bed.env().wait_at_gate();
  const auto read_and_refused = bed.post("/in", bench_dossier("urn:2"));
  CHECK(read_and_refused.status == 503);
  CHECK(member(read_and_refused.body, "code") == "LT-5005");
  const auto unread = bed.post("/in", "no JSON");
  CHECK(unread.status == 503);
  CHECK(unread.headers.get("Retry-After") == "1");
  CHECK(member(unread.body, "code") == "LT-5005");
  bed.advance(19ms);
  CHECK(bed.post("/in", "no JSON").status == 503);
  bed.advance(1ms);
  CHECK(bed.post("/in", "no JSON").status == 400);
  bed.env().open_gate();
  const auto answer = first.get();
  REQUIRE(answer);
  CHECK(answer->status == 202);
  CHECK(bed.post("/in", bench_dossier("urn:2")).status == 202);
}

TEST_CASE("a route may ask for a header, where the endpoint keeps it") {
  Bed bed;
  Partner urgent(bed.clock), rest(bed.clock);
  bed.configure(
      "endpoints:\n"
      "  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in, keep_headers: [X-Lane, "
      "X-API-Key]}}\n"
      "destinations:\n"
      "  urgent: {adapter: http, settings: {url: \"" +
      urgent.url() + "/out\", class: partner_idempotent, timeout: 24h}}\n  rest: {adapter: http, settings: {url: \"" +
      rest.url() +
      "/out\", class: partner_idempotent, timeout: 24h}}\n"
      "routes:\n"
      "  - {name: urgent, to: [\"*\"], headers: {x-lane: fast}, deliver: [{destination: urgent}]}\n"
      "  - {name: rest, to: [\"*\"], deliver: [{destination: rest}]}\n");
  bed.start();
  CHECK(bed.post("/in", bench_dossier("urn:1"), {{"X-Lane", "fast"}, {"X-Other", "kept by nobody"}}).status == 202);
  CHECK(bed.post("/in", bench_dossier("urn:2"), {{"X-Lane", "slow"}}).status == 202);
  CHECK(urgent.until_got(1));
  CHECK(rest.until_got(1));
  CHECK(urgent.got()[0].body == bench_dossier("urn:1"));
  const auto message = std::get<AcceptedFact>(bed.facts().front().second).message;
  REQUIRE(message->envelope.headers.size() == 1);
  CHECK(message->envelope.headers[0].second == "fast");
}
