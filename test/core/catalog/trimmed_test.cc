// The catalog of a trimmed journal: made again from history and journal it tells the same.
#include <doctest/doctest.h>

#include "test/core/catalog/bed.h"

using namespace lt;
using namespace lt::catalog;
using lt::test::Bed;
using namespace std::chrono_literals;

namespace {

// Two questions about the dossier: one that got its answer, and the same from the cache; or one that got none.
void ask(Bed& bed, const std::string& dossier, bool answered) {
  const auto put = [&](Position cached) {
    auto message = std::make_shared<Message>();
    message->envelope.id = bed.ids.next();
    message->envelope.type = "insurance/query";
    message->envelope.principal = "mot-cua";
    message->envelope.accepted = bed.clock.wall();
    message->envelope.keys = {{"MaHoSo", dossier}};
    message->envelope.deliveries.push_back({"bhxh", {}, "", "insurance-query"});
    message->body = Body::of("{}");
    const Id id = message->envelope.id;
    const Position at = bed.write(AskedFact{std::move(message), cached});
    bed.ids_of[at] = id;
    return at;
  };
  const Position first = put({});
  AnsweredFact end;
  end.outcome.delivery.message = first;
  end.outcome.at = bed.clock.wall();
  end.outcome.state = answered ? DeliveryState::delivered : DeliveryState::unknown;
  if (!answered) end.outcome.outcome.code = Code::exchange_late;
  bed.write(end);
  if (answered) put(first);
}

void fill(Bed& bed) {
  for (int i = 0; i < 30; ++i) {
    const auto message = bed.accept("F" + std::to_string(i % 5), i % 3 ? "axis" : "portal");
    bed.outcome(message, i % 4 ? DeliveryState::delivered : DeliveryState::dead,
                [](OutcomeFact& f) { f.outcome.detail = "Lỗi"; });
    if (i % 8 == 0) bed.action(message, ActionKind::discard, "An", "trùng");
    if (i % 7 == 0) ask(bed, "F" + std::to_string(i % 5), i % 2 == 0);
    bed.clock.advance(5h);
  }
  bed.wait();
}

// Moves what stands before `to` into history.
void trim(Bed& bed, journal::History& history, uint64_t from, uint64_t to) {
  journal::SegmentSpan segment;
  segment.base = from;
  segment.next = to;
  const auto kept = history.keep(bed.journal, segment);
  if (!kept) FAIL(kept.error().text());
  bed.journal.forget_before({0, to});
}

void rebuild(Bed& bed) {
  const Position last = bed.last;
  bed.catalog->rebuild();
  bed.catalog->wait_until(last);
}

}  // namespace

TEST_CASE("a rebuilt catalog gives the same answers before any trim, after one, and after all but the last record") {
  Bed bed;
  auto history = journal::History::open(system_env(), bed.path("history"), 0);
  REQUIRE(history);
  bed.history = history->get();
  bed.open();
  fill(bed);
  const std::string before = bed.dump();
  REQUIRE(before.size() > 1'000);
  rebuild(bed);
  CHECK(bed.dump() == before);
  uint64_t from = 0;
  for (const size_t n : {7, 33, 63}) {
    const uint64_t to = bed.written.at(n).position.offset;
    trim(bed, **history, from, to);
    from = to;
    CAPTURE(n);
    rebuild(bed);
    CHECK(bed.dump() == before);
  }
}

TEST_CASE("facts that left the journal before the catalog had them are read from history") {
  Bed bed;
  auto history = journal::History::open(system_env(), bed.path("history"), 0);
  REQUIRE(history);
  bed.history = history->get();
  bed.open();
  fill(bed);
  const std::string before = bed.dump();
  bed.close();
  trim(bed, **history, 0, bed.written.at(50).position.offset);
  for (const auto& file : bed.files())
    if (file.starts_with("catalog")) std::filesystem::remove_all(bed.path(file));
  bed.open();
  bed.wait();
  CHECK(bed.dump() == before);
}
