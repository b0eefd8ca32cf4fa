// Questions whose caller waits: made durable, refused while an operator says so, ended by the next life.
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {

AskedFact question(const std::string& destination = "a", Position cached = {}) {
  auto m = std::make_shared<Message>();
  m->envelope.deliveries.push_back({destination, {}, "", ""});
  m->body = Body::of("?");
  return {std::move(m), cached};
}

Bench bench() {
  CellPolicy policy = policy_of(destination(SinkClass::none));
  policy.partners["gov"] = {};
  policy.destinations["a"].partner = "gov";
  return Bench(policy);
}

}  // namespace

TEST_CASE("a question is answered once it is durable, and nothing is sent for it") {
  Bench b = bench();
  b.commit_by_hand = true;
  b.step(AskNow{7, question()});
  CHECK(b.answers.empty());
  b.commit();
  REQUIRE(b.answers.size() == 1);
  CHECK(b.answers[0].ticket == 7);
  CHECK(b.answers[0].kind == AdmitAnswer::Kind::accepted);
  CHECK(b.answers[0].position == b.log.back().first);
  CHECK(b.sent.empty());
  CHECK(b.cell().pending_messages() == 0);
  b.step(AskNow{8, question()});
  b.refuse();
  CHECK(b.answers[1].kind == AdmitAnswer::Kind::failed);
  CHECK(b.cell().appending() == 0);
}

TEST_CASE("what an operator stopped is not asked, whichever way; a cached answer is given") {
  for (const auto scope : {ActionScope::destination, ActionScope::partner}) {
    Bench b = bench();
    b.control(ActionKind::pause, scope == ActionScope::partner ? "gov" : "a", scope);
    b.step(AskNow{1, question()});
    REQUIRE(b.answers.size() == 1);
    CHECK(b.answers[0].kind == AdmitAnswer::Kind::refused);
    CHECK(b.answers[0].error->code == Code::asking_paused);
    CHECK(b.answers[0].error->detail.find("works on the line") != std::string::npos);
    b.step(AskNow{2, question("a", {0, 5})});
    CHECK(b.answers[1].kind == AdmitAnswer::Kind::accepted);
    b.control(ActionKind::resume, scope == ActionScope::partner ? "gov" : "a", scope);
    b.control(ActionKind::drain, "a");
    b.step(AskNow{3, question()});
    CHECK(b.answers[2].error->code == Code::draining);
  }
}

TEST_CASE("questions hold credit as messages do") {
  CellPolicy policy = policy_of(destination(SinkClass::none));
  policy.appending_most = 1;
  Bench b(policy);
  b.commit_by_hand = true;
  b.step(AskNow{1, question()});
  b.step(AskNow{2, question()});
  REQUIRE(b.answers.size() == 1);
  CHECK(b.answers[0].kind == AdmitAnswer::Kind::busy);
  b.commit();
  b.step(AskNow{3, question()});
  b.commit();
  CHECK(b.answers.back().kind == AdmitAnswer::Kind::accepted);
}

TEST_CASE("the next life ends what was left unanswered, once; also from a checkpoint") {
  Bench b = bench();
  b.step(AskNow{1, question()});                     // never answered
  b.step(AskNow{2, question()});                     // answered
  b.step(AskNow{3, question("a", Position{0, 1})});  // from the cache: nothing to answer
  AnsweredFact end;
  end.outcome.delivery.message = b.log[1].first;
  b.step(AskEnded{end});
  REQUIRE(b.log.size() == 4);
  const std::string checkpoint = b.cell().save();

  b.restart();
  REQUIRE(b.log.size() == 5);
  const auto& fact = std::get<AnsweredFact>(b.log.back().second);
  CHECK(fact.outcome.delivery.message == b.log[0].first);
  CHECK(fact.outcome.state == DeliveryState::unknown);
  CHECK(fact.outcome.outcome.code == Code::exchange_interrupted);
  b.restart();
  CHECK(b.log.size() == 5);

  Cell other(policy_of(destination(SinkClass::none)), 1);
  REQUIRE(other.load(checkpoint));
  CHECK(other.save() == checkpoint);
  Actions actions;
  other.start(b.now(), actions);
  size_t ends = 0;
  for (const auto& action : actions)
    if (const auto* append = std::get_if<Append>(&action)) ends += std::holds_alternative<AnsweredFact>(append->fact);
  CHECK(ends == 1);
}
