// One message to many, and what came back: delivered, read, refused, silent.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/journal/history.h"
#include "test/core/catalog/bed.h"

using namespace lt;
using namespace lt::catalog;
using test::Bed;
using namespace std::chrono_literals;

namespace {

const std::string kDocument = "H22.10,2026/11/20,12/UBND";

Tie request(const std::string& key, uint16_t part = 0) { return {key, false, part, AnswerKind::noted, ""}; }
Tie answer(const std::string& key, AnswerKind kind, const std::string& code, uint16_t part = 0) {
  return {key, true, part, kind, code};
}

// A document to so many units, told apart by its number.
Position send(Bed& bed, const std::vector<std::string>& receivers, const std::string& number = kDocument) {
  return bed.accept(number, "axis", [&](Envelope& e) {
    e.type = "edxml/document";
    e.from = "H22.10";
    e.keys = {{"DocumentId", number}};
    e.deliveries = {{"axis", receivers, "edoc", ""}};
    e.ties = {request("document:" + number)};
  });
}

Position say(Bed& bed, const std::string& from, AnswerKind kind, const std::string& code,
             const std::string& number = kDocument) {
  return bed.accept(number, "docs", [&](Envelope& e) {
    e.type = "edxml/status";
    e.from = from;
    e.keys = {{"DocumentId", number}};
    e.ties = {answer("document:" + number, kind, code)};
  });
}

std::vector<std::string> units(size_t count) {
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) out.push_back(fmt::format("H49.{}", 100 + i));
  return out;
}

MessageDetails details_of(Bed& bed, Position message) {
  bed.wait();
  auto details = bed.catalog->details(bed.id_of(message));
  REQUIRE(details.has_value());
  return std::move(*details);
}

std::string counts(const Reach& r) {
  return fmt::format("{}: {} delivered, {} failed, {} waiting; {} read, {} refused, {} noted, {} silent", r.receivers,
                     r.delivered, r.failed, r.waiting, r.read, r.refused, r.noted, r.silent);
}

}  // namespace

TEST_CASE("one document to 700 receivers: one message, one delivery, a state and an answer for each of them") {
  Bed bed;
  auto history = journal::History::open(system_env(), bed.path("history"), 0);
  REQUIRE(history);
  bed.history = history->get();
  bed.open();
  const auto receivers = units(700);
  const Position document = send(bed, receivers);
  CHECK(counts(details_of(bed, document).reach) ==
        "700: 0 delivered, 0 failed, 700 waiting; 0 read, 0 refused, 0 noted, 700 silent");
  bed.outcome(document, DeliveryState::delivered, [&](OutcomeFact& f) {
    f.outcome.receivers = {{receivers[5], OutcomeKind::permanent, "đơn vị đã giải thể"},
                           {receivers[6], OutcomeKind::delivered, ""}};
  });
  for (size_t i = 0; i < 600; ++i) say(bed, receivers[i], AnswerKind::noted, "01");
  for (size_t i = 0; i < 500; ++i)
    say(bed, receivers[i], i < 12 ? AnswerKind::refused : AnswerKind::read, i < 12 ? "02" : "03");
  const auto details = details_of(bed, document);
  REQUIRE(details.deliveries.size() == 1);
  CHECK(details.deliveries[0].receivers.size() == 700);
  CHECK(counts(details.reach) ==
        "700: 699 delivered, 1 failed, 0 waiting; 488 read, 12 refused, 100 noted, 100 silent");
  CHECK(details.deliveries[0].receivers[11].answer->code == "02");
  CHECK(details.deliveries[0].receivers[12].answer->kind == AnswerKind::read);
  CHECK_FALSE(details.deliveries[0].receivers[699].answer);
  CHECK(details.strangers.empty());
  CHECK(details.answers.size() == 500);
  CHECK(to_json(details).find(R"("reach":{"receivers":700,"delivered":699,"failed":1,"waiting":0,"read":488)") !=
        std::string::npos);

  // The same after a rebuild, and when its beginning is only in history.
  const std::string before = to_json(details);
  bed.catalog->rebuild();
  CHECK(to_json(details_of(bed, document)) == before);
  journal::SegmentSpan segment;
  segment.base = 0;
  segment.next = bed.written.at(300).position.offset;
  const auto kept = (*history)->keep(bed.journal, segment);
  if (!kept) FAIL(kept.error().text());
  bed.journal.forget_before(bed.written.at(300).position);
  bed.catalog->rebuild();
  CHECK(to_json(details_of(bed, document)) == before);
}

TEST_CASE("of the answers of one receiver refused stands before read before noted, in whichever order they come") {
  const std::vector<std::pair<AnswerKind, std::string>> said = {
      {AnswerKind::noted, "01"}, {AnswerKind::read, "03"}, {AnswerKind::read, "06"}, {AnswerKind::refused, "02"}};
  for (const auto& order : std::vector<std::vector<size_t>>{{0, 1}, {1, 0}, {0, 3}, {3, 0}, {3, 2}, {2, 3}}) {
    CAPTURE(order[0]);
    CAPTURE(order[1]);
    Bed bed;
    bed.open();
    const Position document = send(bed, {"H49.02"});
    for (const size_t i : order) say(bed, "H49.02", said[i].first, said[i].second);
    const auto standing = details_of(bed, document).deliveries[0].receivers[0].answer;
    REQUIRE(standing);
    CHECK(standing->kind == said[std::max(order[0], order[1])].first);
  }
  Bed bed;
  bed.open();
  const Position document = send(bed, {"H49.02"});
  say(bed, "H49.02", AnswerKind::read, "05");
  say(bed, "H49.02", AnswerKind::read, "04");
  CHECK(details_of(bed, document).deliveries[0].receivers[0].answer->code == "04");  // of equals the latest
}

TEST_CASE("an answer that comes before its request, also on the day before, is tied to it later") {
  Bed bed;
  bed.clock.advance(2h + 46min + 30s);  // 23:59:50 in Vietnam
  bed.open();
  const Position early = say(bed, "H49.02", AnswerKind::read, "03");
  bed.clock.advance(20s);
  const Position document = send(bed, {"H49.02", "H49.03"});
  const auto details = details_of(bed, document);
  CHECK(counts(details.reach) == "2: 0 delivered, 0 failed, 2 waiting; 1 read, 0 refused, 0 noted, 1 silent");
  CHECK(details.answers == std::vector{bed.id_of(early)});
}

TEST_CASE(
    "a document sent again under its number: what was answered before belongs to the first, the rest to the second") {
  Bed bed;
  bed.open();
  const Position first = send(bed, {"H49.02"});
  say(bed, "H49.02", AnswerKind::refused, "02");
  bed.clock.advance(50h);
  const Position second = send(bed, {"H49.02"});
  CHECK(details_of(bed, second).reach.silent == 1);
  say(bed, "H49.02", AnswerKind::read, "03");
  CHECK(details_of(bed, first).reach.refused == 1);
  CHECK(details_of(bed, second).reach.read == 1);
  CHECK(details_of(bed, second).reach.refused == 0);
  // A request of another kind with the same number is no neighbour.
  bed.accept(kDocument, "axis", [](Envelope& e) { e.ties = {request("other:" + kDocument)}; });
  say(bed, "H49.02", AnswerKind::read, "06");
  CHECK(details_of(bed, second).deliveries[0].receivers[0].answer->code == "06");
}

TEST_CASE("who answers: old codes and units below count for the receiver, strangers are listed apart") {
  Bed bed;
  bed.open();
  const Position document = send(bed, {"H49.02", "H49.03", "000.00.04.H49"});
  say(bed, "000.00.02.H49", AnswerKind::read, "03");
  say(bed, "H49.03.07", AnswerKind::refused, "02");
  say(bed, "H49.04", AnswerKind::read, "06");
  say(bed, "H01", AnswerKind::read, "03");
  say(bed, "", AnswerKind::read, "03");
  const auto details = details_of(bed, document);
  CHECK(counts(details.reach) == "3: 0 delivered, 0 failed, 3 waiting; 2 read, 1 refused, 0 noted, 0 silent");
  REQUIRE(details.strangers.size() == 2);
  CHECK(details.strangers[0].from == "H01");
  CHECK(details.strangers[1].from.empty());
}

TEST_CASE("where one only can have answered it needs no name: a destination that is the receiver") {
  Bed bed;
  bed.open();
  const auto ask = [&](std::vector<DeliverySpec> deliveries) {
    return bed.accept("H49-1", "judicial", [&](Envelope& e) { e.deliveries = std::move(deliveries); });
  };
  const auto result = [&](Position about) {
    return bed.accept("H49-1", "onestop", [&](Envelope& e) {
      e.from.clear();
      e.correlates = bed.id_of(about).text();
      e.ties = {answer("dossier:H49-1", AnswerKind::read, "9")};
    });
  };
  const Position one = ask({{"judicial", {}, "submit", ""}});
  const Position answered = result(one);
  auto details = details_of(bed, one);
  REQUIRE(details.deliveries[0].receivers.size() == 1);
  CHECK(details.deliveries[0].receivers[0].receiver == "judicial");
  CHECK(details.deliveries[0].receivers[0].answer->message == bed.id_of(answered));
  const Position two = ask({{"judicial", {}, "submit", ""}, {"archive", {}, "", ""}});
  result(two);
  details = details_of(bed, two);
  CHECK(details.reach.silent == 2);
  CHECK(details.strangers.size() == 1);
}

TEST_CASE("a message of three parts: each part is found by its key, delivered and answered for itself") {
  Bed bed;
  bed.open();
  const Position call = bed.accept("", "portal", [](Envelope& e) {
    e.type = "portal/dossiers";
    e.order_key.clear();
    e.split = "$.data[]";
    e.keys = {{"MaHoSo", "A"}, {"MaHoSo", "B"}};
    e.parts = {{"dossier:A", {{"MaHoSo", "A"}}}, {"dossier:A", {{"MaHoSo", "A"}}}, {"dossier:B", {{"MaHoSo", "B"}}}};
    e.deliveries = {{"portal", {}, "", "", "", 1}, {"portal", {}, "", "", "", 2}, {"portal", {}, "", "", "", 3}};
    e.ties = {request("dossier:A", 1), request("dossier:A", 2), request("dossier:B", 3)};
  });
  bed.outcome(call, DeliveryState::delivered, {}, 0);
  bed.outcome(call, DeliveryState::dead, {}, 1);
  bed.accept("A", "onestop", [](Envelope& e) {
    e.from.clear();
    e.ties = {answer("dossier:A", AnswerKind::read, "4", 1), answer("dossier:B", AnswerKind::refused, "3", 2)};
  });
  const auto details = details_of(bed, call);
  CHECK(counts(details.reach) == "3: 1 delivered, 1 failed, 1 waiting; 2 read, 1 refused, 0 noted, 0 silent");
  CHECK(details.deliveries[1].part == 2);
  CHECK(details.deliveries[2].order_key == "dossier:B");
  CHECK(details.deliveries[2].receivers[0].answer->code == "3");
  CHECK(details.answers.size() == 1);
  for (const char* dossier : {"A", "b"}) {
    const auto timeline = bed.catalog->timeline(dossier);
    REQUIRE(timeline);
    CHECK(timeline->messages.front() == bed.id_of(call));
  }
}
