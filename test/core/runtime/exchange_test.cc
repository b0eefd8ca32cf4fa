// Partners that are asked while the caller waits, on real sockets, under a clock that only the test moves.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <future>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

std::string example(const std::string& name) {
  return *read_file(system_env(), std::string(LT_SOURCE_DIR) + "/mappings/insurance/examples/" + name + ".json");
}

// Holds its caller's answer back until told.
class Slow {
 public:
  explicit Slow(Partner& partner) : held_(release_.get_future().share()) {
    partner.script([this](const std::string&, const std::string&) {
      entered_ = true;
      held_.wait();
      return example("partner-reply");
    });
  }
  ~Slow() { release(); }
  bool entered() const { return entered_; }
  void release() {
    if (!std::exchange(released_, true)) release_.set_value();
  }

 private:
  std::atomic<bool> entered_{false};
  bool released_ = false;
  std::promise<void> release_;
  std::shared_future<void> held_;
};

class Asked {
 public:
  Asked() : partner(bed.clock) {
    partner.script([](const std::string&, const std::string&) { return example("partner-reply"); });
  }
  void configure(const std::string& exchange_more = "", const std::string& destination_more = "") {
    bed.configure(
        "endpoints:\n  insurance:\n    adapter: http\n    type: insurance/query\n    exchange:\n"
        "      {destination: bhxh, request: insurance-query, reply: insurance-number,\n"
        "       reply_type: insurance/partner-reply" +
        exchange_more + "}\n    settings: {listener: main, path: /ask}\n" +
        "destinations:\n  bhxh: {adapter: http, settings: {url: \"" + partner.url() + "/bhxh\", timeout: 24h}" +
        destination_more + "}\nroutes: []\n");
  }
  void start(const std::string& exchange_more = "", const std::string& destination_more = "") {
    configure(exchange_more, destination_more);
    bed.start();
  }
  net::Response ask(std::string question = example("query"), const Bed::HeaderList& headers = {}) {
    return bed.post("/ask", std::move(question), headers);
  }
  std::future<net::CallResult> begin() { return bed.begin(bed.call("/ask", example("query"))); }
  net::Response end(std::future<net::CallResult>& answer, std::chrono::milliseconds step = 0ms) {
    REQUIRE(bed.until([&] { return answer.wait_for(0s) == std::future_status::ready; }, step));
    auto result = answer.get();
    REQUIRE(result);
    return std::move(*result);
  }
  template <class F>
  std::vector<std::pair<Position, F>> facts() {
    std::vector<std::pair<Position, F>> out;
    for (auto& [position, fact] : bed.facts())
      if (auto* one = std::get_if<F>(&fact)) out.emplace_back(position, std::move(*one));
    return out;
  }
  // What came of the n-th question, once it is durable.
  AnsweredFact ended(size_t n) {
    REQUIRE(bed.until([&] { return facts<AnsweredFact>().size() >= n; }));
    return facts<AnsweredFact>().at(n - 1).second;
  }
  void control(ActionKind kind) {
    ActionFact fact;
    fact.kind = kind;
    fact.name = "bhxh";
    fact.by = "Lan";
    fact.why = "nâng cấp";
    REQUIRE_FALSE(bed.operate(std::move(fact)));
  }

  Bed bed;
  Partner partner;
};

std::string code_of(const net::Response& response) { return member(response.body, "code"); }

}  // namespace

TEST_CASE("a question is mapped, asked, its answer mapped back; both ends are on record and found by the dossier") {
  Asked a;
  a.start();
  const auto answer = a.ask();
  CHECK(answer.status == 200);
  CHECK(member(answer.body, "MaSoBHXH") == "2212345678");
  CHECK(answer.headers.get("Content-Type").starts_with("application/json"));
  CHECK_FALSE(answer.headers.has("Age"));
  REQUIRE(a.partner.got().size() == 1);
  CHECK(member(a.partner.got()[0].body, "ngaySinh") == "19900905");
  CHECK(member(a.partner.got()[0].body, "hoTen") == "Nguyễn Văn An");

  const AnsweredFact end = a.ended(1);
  const auto [position, question] = a.facts<AskedFact>().at(0);
  CHECK(question.cached == Position{});
  CHECK(question.message->envelope.id.text() == answer.headers.get("Lienthong-Id"));
  CHECK(question.message->envelope.principal == "sender");
  CHECK(question.message->body.view() == example("query"));
  CHECK(end.outcome.delivery.message == position);
  CHECK(end.outcome.state == DeliveryState::delivered);
  CHECK(end.outcome.attempt == 1);
  CHECK(end.status == 200);
  CHECK(end.reply_sha256 == sha256(example("partner-reply")));
  CHECK(end.reply_bytes == example("partner-reply").size());
  CHECK(end.outcome.outcome.mapping_version == "insurance-query@1, insurance-number@1");

  auto& catalog = a.bed.bus().catalog();
  catalog.wait_until(a.facts<AnsweredFact>().at(0).first);
  catalog::MessageFilter filter;
  filter.key = catalog::KeyFilter{"H49.01-260921-0001", catalog::Match::exact, "MaHoSo"};
  const auto found = catalog.list(filter, {});
  REQUIRE(found);
  REQUIRE(found->items.size() == 1);
  CHECK(found->items[0].principal == "sender");
  CHECK(found->items[0].state == DeliveryState::delivered);
  // Nothing of it is in the engine's hands.
  CHECK(a.bed.pending().empty());
}

TEST_CASE("who may not ask, or asks wrongly, is refused before anything is written or called") {
  Asked a;
  a.start();
  CHECK(a.ask(example("query"), {{"X-API-Key", "nobody"}}).status == 401);
  CHECK(a.ask(example("query"), {{"X-API-Key", "weak-key"}}).status == 403);
  const auto missing = a.ask(replaced(example("query"), "\"GioiTinh\": \"1\", ", ""));
  CHECK(missing.status == 422);
  CHECK(missing.body.find("GioiTinh") != std::string::npos);
  CHECK(a.ask("{").status == 400);
  const auto day = a.ask(replaced(example("query"), "05/09/1990", "31/02/1990"));
  CHECK(day.status == 422);
  CHECK(code_of(day) == "LT-2104");
  CHECK(a.ask(std::string(100'000, 'x')).status == 413);
  CHECK(a.partner.calls() == 0);
  CHECK(a.bed.facts().empty());
}

TEST_CASE("a partner that fails, refuses, or answers rubbish: 502, and on record as not answered") {
  Asked a;
  a.start();
  a.partner.answer(500);
  const auto failed = a.ask();
  CHECK(failed.status == 502);
  CHECK(code_of(failed) == "LT-5033");
  CHECK_FALSE(failed.headers.get("Retry-After").empty());
  CHECK(a.ended(1).outcome.state == DeliveryState::dead);
  CHECK(a.ended(1).status == 500);
  a.partner.answer(404);
  CHECK(code_of(a.ask()) == "LT-5034");
  a.partner.answer(200);
  a.partner.script([](const std::string&, const std::string&) { return "<html>bảo trì</html>"; });
  const auto rubbish = a.ask();
  CHECK(rubbish.status == 502);
  CHECK(code_of(rubbish) == "LT-5035");
  a.partner.script([](const std::string&, const std::string&) { return R"({"maSoBhxh": "1"})"; });
  CHECK(code_of(a.ask()) == "LT-5035");  // trangThai is missing
  CHECK(a.ended(4).outcome.state == DeliveryState::dead);
  CHECK(a.ended(4).outcome.outcome.code == Code::reply_not_understood);
  CHECK(a.partner.calls() == 4);
}

TEST_CASE("no answer within the deadline: 504 says that the partner may have acted, and it is not asked again") {
  Asked a;
  a.start(", deadline: 5s");
  Slow slow(a.partner);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  a.bed.advance(4'999ms);
  CHECK(pending.wait_for(20ms) == std::future_status::timeout);
  a.bed.advance(2ms);
  const auto late = a.end(pending);
  CHECK(late.status == 504);
  CHECK(code_of(late) == "LT-5031");
  CHECK(member(late.body, "title_vi").find("có thể đã xử lý") != std::string::npos);
  CHECK(a.ended(1).outcome.state == DeliveryState::unknown);
  CHECK(a.ended(1).outcome.attempt == 1);
  slow.release();
  CHECK(a.bed.until([&] { return a.partner.calls() == 1; }));
}

TEST_CASE("a lost answer is not asked for again unless the service is idempotent") {
  for (const bool idempotent : {false, true}) {
    CAPTURE(idempotent);
    Asked a;
    a.start(idempotent ? ", idempotent: true, attempts: 3, deadline: 120s" : "");
    a.partner.answer(0);  // does its work, then closes the connection
    auto pending = a.begin();
    // Time passes only for the waits between calls: the deadline is for them, not for a busy machine.
    REQUIRE(a.bed.until([&] { return a.partner.calls() == 1; }));
    if (idempotent) REQUIRE(a.bed.until([&] { return a.partner.calls() == 3; }, 1ms));
    const auto lost = a.end(pending);
    CHECK(lost.status == 502);
    CHECK(code_of(lost) == "LT-5032");
    CHECK(a.partner.calls() == (idempotent ? 3 : 1));
    CHECK(a.ended(1).outcome.state == DeliveryState::unknown);
    CHECK(a.ended(1).outcome.attempt == (idempotent ? 3 : 1));
  }
}

TEST_CASE("an idempotent service is asked again within the deadline, until it answers") {
  Asked a;
  a.start(", idempotent: true, deadline: 120s");
  a.partner.answer(503);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return a.partner.calls() == 1; }));
  a.partner.answer(200);
  CHECK(a.end(pending, 1ms).status == 200);
  CHECK(a.ended(1).outcome.attempt == 2);
  CHECK(a.facts<AskedFact>().size() == 1);
}

TEST_CASE("time that runs out before the call: 504 says that nobody was asked") {
  Asked a;
  a.start(", deadline: 5s");
  a.bed.env().close_gate();
  auto pending = a.begin();
  a.bed.env().wait_at_gate();
  a.bed.advance(6s);
  a.bed.env().open_gate();
  const auto late = a.end(pending);
  CHECK(late.status == 504);
  CHECK(code_of(late) == "LT-5030");
  CHECK(a.ended(1).outcome.state == DeliveryState::dead);
  CHECK(a.ended(1).outcome.attempt == 0);
  CHECK(a.partner.calls() == 0);
}

TEST_CASE("nobody is asked before the question is on disk") {
  Asked a;
  a.start();
  a.bed.env().close_gate();
  auto pending = a.begin();
  a.bed.env().wait_at_gate();
  CHECK(a.partner.calls() == 0);
  a.bed.env().open_gate(true);  // the sync fails
  CHECK(a.end(pending).status == 503);
  CHECK(a.partner.calls() == 0);
}

TEST_CASE("a disk below the reserve refuses questions, and takes their ends") {
  Asked a;
  a.start();
  Slow slow(a.partner);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  a.bed.env().set_free(1 << 20);
  const auto full = a.ask();
  CHECK(full.status == 507);
  CHECK_FALSE(full.headers.get("Retry-After").empty());
  slow.release();
  CHECK(a.end(pending).status == 200);
  CHECK(a.ended(1).outcome.state == DeliveryState::delivered);
}

TEST_CASE("a process that died between question and answer: the next one records it as unknown") {
  Asked a;
  a.start();
  Slow slow(a.partner);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  // The files as a SIGKILL would leave them now.
  std::filesystem::copy(a.bed.folder() + "/data", a.bed.folder() + "/killed", std::filesystem::copy_options::recursive);
  slow.release();
  CHECK(a.end(pending).status == 200);
  a.bed.stop();
  a.bed.replace_in_head("/data,", "/killed,");
  a.start();
  const AnsweredFact end = a.ended(1);
  CHECK(end.outcome.state == DeliveryState::unknown);
  CHECK(end.outcome.outcome.code == Code::exchange_interrupted);
  CHECK(end.outcome.delivery.message == a.facts<AskedFact>().at(0).first);
  auto& catalog = a.bed.bus().catalog();
  catalog.wait_until(a.facts<AnsweredFact>().at(0).first);
  catalog::MessageFilter filter;
  filter.state = DeliveryState::unknown;
  CHECK(catalog.list(filter, {})->items.size() == 1);
  // Said once: the start after that finds nothing open.
  a.bed.stop();
  a.bed.start();
  CHECK(a.ask().status == 200);
  CHECK(a.ended(2).outcome.state == DeliveryState::delivered);
  CHECK(a.facts<AnsweredFact>().size() == 2);
}

TEST_CASE("an answer is given again while it is young: to who asked, for the same question, and on record") {
  Asked a;
  a.start(", idempotent: true, cache: {key: [$.HoTen, $.NgaySinh], for: 10m}");
  CHECK(a.ask().status == 200);
  a.bed.advance(61s);
  // Another dossier, the same person.
  const std::string again = replaced(example("query"), "-0001", "-0002");
  const auto cached = a.ask(again);
  CHECK(cached.status == 200);
  CHECK(cached.headers.get("Age") == "61");
  CHECK(member(cached.body, "MaSoBHXH") == "2212345678");
  CHECK(a.partner.calls() == 1);
  const auto asked = a.facts<AskedFact>();
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].second.cached == asked[0].first);
  CHECK(asked[1].second.message->envelope.keys.at(0).value == "H49.01-260921-0002");
  auto& catalog = a.bed.bus().catalog();
  catalog.wait_until(asked[1].first);
  const auto story = catalog.timeline("H49.01-260921-0002");
  REQUIRE(story);
  REQUIRE(story->events.size() == 2);
  CHECK(story->events[1].what == catalog::TimelineEvent::What::cached);
  CHECK(story->events[1].by == "sender");

  // Another person, another asker: asked.
  CHECK(a.ask(replaced(example("query"), "05/09/1990", "06/09/1990")).status == 200);
  CHECK(a.partner.calls() == 2);
  CHECK(a.ask(replaced(example("query"), "\"H49.01\"", "\"H49.02\"")).status == 200);
  CHECK(a.partner.calls() == 3);
  // Too old.
  a.bed.advance(9min);
  CHECK_FALSE(a.ask().headers.has("Age"));
  CHECK(a.partner.calls() == 4);
  // A reload forgets.
  REQUIRE(a.bed.reload());
  CHECK_FALSE(a.ask().headers.has("Age"));
  CHECK(a.partner.calls() == 5);
}

TEST_CASE("errors are not cached; without a key the whole request is the question") {
  Asked a;
  a.start(", idempotent: true, attempts: 1, cache: {for: 10m}");
  a.partner.answer(404);
  CHECK(a.ask().status == 502);
  a.partner.answer(200);
  CHECK(a.ask().status == 200);
  CHECK(a.ask().headers.has("Age"));
  CHECK(a.partner.calls() == 2);
  CHECK_FALSE(a.ask(replaced(example("query"), "-0001", "-0002")).headers.has("Age"));
  CHECK(a.partner.calls() == 3);
}

TEST_CASE("figures tell how many asked and what they got") {
  Asked a;
  a.start(", idempotent: true, attempts: 1, cache: {for: 10m}");
  CHECK(a.ask().status == 200);
  CHECK(a.ask().status == 200);
  CHECK(a.ask("{}").status == 422);
  a.partner.answer(500);
  CHECK(a.ask(replaced(example("query"), "-0001", "-0002")).status == 502);
  const std::string figures = a.bed.figures();
  for (const char* outcome : {"answered", "cached", "refused", "failed"}) {
    CAPTURE(outcome);
    const std::string line =
        "lienthong_exchanges_total{endpoint=\"insurance\",outcome=\"" + std::string(outcome) + "\"} 1";
    CHECK(figures.find(line) != std::string::npos);
  }
  CHECK(figures.find("lienthong_exchange_seconds_count{endpoint=\"insurance\"} 4") != std::string::npos);
}

TEST_CASE("each principal has its rate: 429 with the time to wait") {
  Asked a;
  a.start(", rate: 2/m, burst: 1");
  CHECK(a.ask().status == 200);
  const auto often = a.ask();
  CHECK(often.status == 429);
  CHECK(code_of(often) == "LT-4011");
  CHECK(often.headers.get("Retry-After") == "30");
  // The other's is not used up: it is stopped by its missing right.
  CHECK(a.ask(example("query"), {{"X-API-Key", "weak-key"}}).status == 403);
  a.bed.advance(30s);
  CHECK(a.ask().status == 200);
  CHECK(a.partner.calls() == 2);
}

TEST_CASE("a paused destination is not asked, says why, and goes on when resumed; cached answers need nobody") {
  Asked a;
  a.start(", idempotent: true, cache: {for: 10m}");
  CHECK(a.ask().status == 200);
  a.control(ActionKind::pause);
  const std::string other = replaced(example("query"), "-0001", "-0002");
  const auto paused = a.ask(other);
  CHECK(paused.status == 503);
  CHECK(code_of(paused) == "LT-5037");
  CHECK(member(paused.body, "detail").find("nâng cấp") != std::string::npos);
  CHECK_FALSE(paused.headers.get("Retry-After").empty());
  CHECK(a.ask().headers.has("Age"));
  a.control(ActionKind::resume);
  CHECK(a.ask(other).status == 200);
  a.control(ActionKind::drain);
  CHECK(a.ask(replaced(example("query"), "-0001", "-0003")).status == 503);
  CHECK(a.partner.calls() == 2);
}

TEST_CASE("a partner that keeps failing is left in peace, then tried") {
  Asked a;
  a.start("", ", delivery: {breaker: {failures: 2, wait: 3s}}");
  a.partner.answer(500);
  CHECK(a.ask().status == 502);
  CHECK(a.ask().status == 502);
  const auto resting = a.ask();
  CHECK(resting.status == 503);
  CHECK(code_of(resting) == "LT-5036");
  CHECK(resting.headers.get("Retry-After") == "3");
  CHECK(a.partner.calls() == 2);
  a.bed.advance(3s);
  a.partner.answer(200);
  CHECK(a.ask().status == 200);
  CHECK(a.ask().status == 200);
}

TEST_CASE("so many questions at once to one partner, no more") {
  Asked a;
  a.start("", ", delivery: {in_flight: 1}");
  Slow slow(a.partner);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  const auto busy = a.ask();
  CHECK(busy.status == 503);
  CHECK(code_of(busy) == "LT-5005");
  slow.release();
  CHECK(a.end(pending).status == 200);
  CHECK(a.ask().status == 200);
}

TEST_CASE("a question under way ends under the configuration it began with") {
  Asked a;
  a.start();
  Slow slow(a.partner);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  a.bed.configure(
      "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
      "destinations:\n  one: {adapter: http, settings: {url: \"" +
      a.partner.url() + "\"}}\nroutes:\n  - {name: all, deliver: [{destination: one}]}\n");
  REQUIRE(a.bed.reload());
  slow.release();
  const auto answer = a.end(pending);
  CHECK(answer.status == 200);
  CHECK(member(answer.body, "MaSoBHXH") == "2212345678");
  CHECK(a.ended(1).outcome.state == DeliveryState::delivered);
  CHECK(a.ask().status == 404);
}

TEST_CASE("a caller that goes away changes nothing: the call ends and is recorded") {
  Asked a;
  a.start();
  Slow slow(a.partner);
  net::Call call = a.bed.call("/ask", example("query"));
  call.total_time = 1s;
  auto pending = a.bed.begin(std::move(call));
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  a.bed.advance(1s);
  CHECK_FALSE(pending.get());
  slow.release();
  CHECK(a.ended(1).outcome.state == DeliveryState::delivered);
}

TEST_CASE("a stop lets what is being asked end") {
  Asked a;
  a.start();
  Slow slow(a.partner);
  auto pending = a.begin();
  REQUIRE(a.bed.until([&] { return slow.entered(); }));
  auto stopped = std::async(std::launch::async, [&] { a.bed.bus().stop(); });
  CHECK(stopped.wait_for(50ms) == std::future_status::timeout);
  slow.release();
  CHECK(a.end(pending).status == 200);
  stopped.wait();
  CHECK(a.facts<AnsweredFact>().size() == 1);
}
