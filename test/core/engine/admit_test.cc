// Accepting, remembering, and coming back from what was saved.
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;
using Kind = AdmitAnswer::Kind;

TEST_CASE("a repeat gets the original; another body under the same key is a conflict") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.admit({.body = "one", .dedupe_key = "k"});
  b.admit({.body = "one", .dedupe_key = "k"});
  b.admit({.body = "two", .dedupe_key = "k"});
  b.admit({.body = "one"});
  REQUIRE(b.answers.size() == 4);
  CHECK(b.answers[1].kind == Kind::duplicate);
  CHECK(b.answers[1].position == Position{0, 1});
  CHECK(b.answers[2].kind == Kind::conflict);
  CHECK(b.answers[2].error->code == Code::duplicate_key_conflict);
  CHECK(b.answers[3].kind == Kind::accepted);
  SUBCASE("also after a restart") {
    b.restart();
    b.admit({.body = "one", .dedupe_key = "k"});
    CHECK(b.answers.back().kind == Kind::duplicate);
  }
  SUBCASE("until the window is over") {
    b.pass(std::chrono::hours(24 * 9));
    b.admit({.body = "two", .dedupe_key = "k"});
    CHECK(b.answers.back().kind == Kind::accepted);
    b.admit({.body = "two", .dedupe_key = "k"});
    CHECK(b.answers.back().kind == Kind::duplicate);
  }
}

TEST_CASE("a repeat waits for the first that is still being written") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  b.commit_by_hand = true;
  b.admit({.body = "one", .dedupe_key = "k"});
  b.admit({.body = "one", .dedupe_key = "k"});
  b.admit({.body = "two", .dedupe_key = "k"});
  CHECK(b.answers.empty());
  CHECK(b.appends.size() == 1);
  SUBCASE("which succeeds") {
    b.commit();
    REQUIRE(b.answers.size() == 3);
    CHECK(b.answers[0].kind == Kind::accepted);
    CHECK(b.answers[1].kind == Kind::duplicate);
    CHECK(b.answers[2].kind == Kind::conflict);
  }
  SUBCASE("which fails: then it is the first") {
    b.refuse();
    REQUIRE(b.answers.size() == 1);
    CHECK(b.answers[0].kind == Kind::failed);
    CHECK(b.answers[0].error->code == Code::disk_full);
    REQUIRE(b.appends.size() == 1);
    b.commit();
    REQUIRE(b.answers.size() == 3);
    CHECK(b.answers[1].kind == Kind::accepted);
    CHECK(b.answers[1].ticket == 2);
    CHECK(b.answers[2].kind == Kind::conflict);
  }
}

TEST_CASE("no credit: busy, and again when there is some") {
  auto p = policy_of(destination(SinkClass::partner_idempotent));
  SUBCASE("by number") { p.appending_most = 2; }
  SUBCASE("by bytes") { p.appending_bytes_most = 2'000; }
  Bench b(p);
  b.commit_by_hand = true;
  for (int i = 0; i < 3; ++i) b.admit({});
  REQUIRE(b.answers.size() == 1);
  CHECK(b.answers[0].kind == Kind::busy);
  CHECK(b.answers[0].after == kSecond);
  CHECK(b.answers[0].error->code == Code::busy);
  b.commit();
  b.admit({});
  CHECK(b.appends.size() == 2);
}

TEST_CASE("a message larger than all credit passes alone") {
  auto p = policy_of(destination(SinkClass::partner_idempotent));
  p.appending_bytes_most = 100;
  Bench b(p);
  b.admit({.body = std::string(5'000, 'x')});
  CHECK(b.answers[0].kind == Kind::accepted);
}

namespace {

// A lane of one permit that answered `times` requests in `each`, and has two waiting.
Bench pressed(milliseconds each, size_t parked_most = 100, size_t window = 4'096) {
  auto p = policy_of(destination(SinkClass::partner_idempotent, 1));
  p.lane_pressure = 2;
  p.pressure_wait = milliseconds(20);
  p.parked_most = parked_most;
  p.window = window;
  Bench b(p);
  for (int i = 0; i < 20; ++i) {
    b.admit({});
    b.pass(each);
    b.reply(OutcomeKind::delivered);
  }
  for (int i = 0; i < 3; ++i) b.admit({});
  b.answers.clear();
  return b;
}

}  // namespace

TEST_CASE("a full lane that answers fast slows its senders, a little") {
  Bench b = pressed(milliseconds(2));
  b.admit({});
  CHECK(b.answers.empty());
  SUBCASE("until it has room") {
    b.reply(OutcomeKind::delivered);
    CHECK(b.answers.size() == 1);
  }
  SUBCASE("but not longer than agreed") {
    b.pass(milliseconds(19));
    CHECK(b.answers.empty());
    b.pass(milliseconds(1));
    CHECK(b.answers.size() == 1);
  }
}

TEST_CASE("who waits for a full lane is let in at its pace, one for each that left") {
  Bench b = pressed(milliseconds(2));
  for (int i = 0; i < 5; ++i) b.admit({});
  CHECK(b.answers.empty());
  for (size_t i = 1; i <= 5; ++i) {
    b.reply(OutcomeKind::delivered);
    CHECK(b.answers.size() == i);
    CHECK(b.answers.back().kind == Kind::accepted);
  }
}

TEST_CASE("more waiting than a full lane works off are told to come again") {
  Bench b = pressed(milliseconds(2), 2);
  for (int i = 0; i < 4; ++i) b.admit({});
  REQUIRE(b.answers.size() == 2);
  for (const auto& answer : b.answers) {
    CHECK(answer.kind == Kind::busy);
    CHECK(answer.after.count() > 0);
  }
  b.answers.clear();
  b.pass(milliseconds(20));
  REQUIRE(b.answers.size() == 2);
  CHECK(b.answers[0].kind == Kind::accepted);
  while (!b.sent.empty()) b.reply(OutcomeKind::delivered);
  CHECK(b.cell().idle());  // what was refused holds no credit
}

TEST_CASE("a backlog that takes longer than the wait is a backlog: nobody waits for it") {
  size_t window = 4'096;
  SUBCASE("kept whole") {}
  SUBCASE("spilled") { window = 3; }
  Bench b = pressed(milliseconds(2), 100, window);
  for (int i = 0; i < 8; ++i) b.admit({});
  b.pass(milliseconds(20));  // waited long enough: let in
  REQUIRE(b.answers.size() == 8);
  b.reply(OutcomeKind::delivered);
  b.answers.clear();
  b.admit({});
  CHECK(b.answers.size() == 1);
}

TEST_CASE("a full lane that is slow, paused, broken or silent slows nobody") {
  SUBCASE("silent") {
    Bench b = pressed(milliseconds(2));
    b.pass(milliseconds(21));
    b.admit({});
    CHECK(b.answers.size() == 1);
  }
  SUBCASE("slow") {
    Bench b = pressed(milliseconds(100));
    b.admit({});
    CHECK(b.answers.size() == 1);
  }
  SUBCASE("paused") {
    Bench b = pressed(milliseconds(2));
    b.control(ActionKind::pause, "a");
    b.admit({});
    CHECK(b.answers.size() == 1);
  }
  SUBCASE("held after a failure") {
    Bench b = pressed(milliseconds(2));
    b.reply(outcome(OutcomeKind::retry, RetryScope::lane));
    b.admit({});
    CHECK(b.answers.size() == 1);
  }
}

TEST_CASE("watches and cursors follow what is durable") {
  Bench b(policy_of(destination(SinkClass::partner_idempotent)));
  auto fact = b.accepted({});
  fact.watches = {{"poll", "m1", "c1", true}, {"poll", "m2", "c2", true}};
  fact.cursor = CursorChange{"inbox", "17"};
  b.admit_fact(fact);
  REQUIRE(b.cell().watches("poll").size() == 2);
  CHECK(b.cell().watches("poll")[0].key == "m1");
  CHECK(b.cell().cursor("inbox") == "17");
  CHECK(b.cell().cursor("other").empty());
  auto done = outcome(OutcomeKind::delivered);
  done.watches = {{"poll", "m1", "", false}, {"later", "x", "", true}};
  b.reply(done);
  CHECK(b.cell().watches("poll").size() == 1);
  CHECK(b.cell().watches("later").size() == 1);
  WatchFact change;
  change.watches = {{"poll", "m2", "", false}};
  change.cursor = CursorChange{"inbox", "18"};
  b.commit_watch(change);
  b.restart();
  CHECK(b.cell().watches("poll").empty());
  CHECK(b.cell().cursor("inbox") == "18");
}

TEST_CASE("what is saved and loaded goes on as the original") {
  auto p = policy_of(destination(SinkClass::none, 2));
  p.destinations["b"] = destination(SinkClass::probe);
  Bench b(p);
  b.admit({.body = "one", .order_key = "k", .dedupe_key = "d", .to = {"a", "b"}});
  b.admit({.order_key = "k", .urgency = 3, .to = {"a"}});
  b.admit({.to = {"a", "b", "gone"}});
  b.reply(OutcomeKind::ambiguous);
  b.reply(OutcomeKind::retry);
  b.control(ActionKind::pause, "b");
  auto dead = b.accepted({});
  dead.dead = Code::bad_xml;
  dead.cursor = CursorChange{"s", "1"};
  dead.watches = {{"w", "k", "c", true}};
  b.admit_fact(dead);

  const std::string saved = b.cell().save();
  Cell loaded(p, 1), folded(p, 1);
  REQUIRE(loaded.load(saved));
  CHECK(loaded.save() == saved);
  for (const auto& [position, fact] : b.log) folded.fold(position, fact);
  CHECK(folded.save() == saved);
  Actions one, two;
  loaded.start(b.now(), one);
  folded.start(b.now(), two);
  CHECK(one.size() == two.size());
  CHECK(loaded.pending_messages() == b.cell().pending_messages());
  CHECK(loaded.watches("w").size() == 1);
  CHECK(loaded.cursor("s") == "1");
  Actions repeat;
  loaded.step(Admit{1, b.accepted({.body = "one", .dedupe_key = "d"})}, b.now(), repeat);
  REQUIRE(!repeat.empty());
  CHECK(std::get<AdmitAnswer>(repeat[0]).kind == Kind::duplicate);

  SUBCASE("bad bytes are refused and change nothing") {
    for (size_t n = 0; n < saved.size(); ++n) CHECK_FALSE(Cell(p, 1).load(std::string_view(saved).substr(0, n)));
    Cell keeps(p, 1);
    REQUIRE(keeps.load(saved));
    CHECK(keeps.load("\x09nonsense").error().code == Code::record_malformed);
    CHECK(keeps.save() == saved);
  }
}
