// Finding messages: keys, agencies, states, pages.
#include <doctest/doctest.h>

#include <set>

#include "test/core/catalog/bed.h"

using namespace lt;
using namespace lt::catalog;
using lt::test::Bed;
using namespace std::chrono_literals;

namespace {
MessageFilter by_key(std::string text, Match match, std::string name = {}) {
  MessageFilter filter;
  filter.key = KeyFilter{std::move(text), match, std::move(name)};
  return filter;
}
std::set<Position> found(Bed& bed, const MessageFilter& filter) {
  auto page = bed.catalog->list(filter, {500, ""});
  REQUIRE(page.has_value());
  CHECK(page->next_cursor.empty());
  std::set<Position> positions;
  for (const auto& row : page->items) positions.insert(row.position);
  return positions;
}
}  // namespace

TEST_CASE("keys are found whole, by their beginning and by any part, whatever the case and marks") {
  Bed bed;
  bed.open();
  const auto dossier = bed.accept("000.00.19.H26-241120-0001");
  const auto other = bed.accept("000.00.19.H26-241120-0002");
  const auto document = bed.accept("1234/QĐ-UBND", "axis", [](Envelope& e) {
    e.keys.push_back({"DocumentId", "vb-77"});
  });
  bed.wait();
  CHECK(found(bed, by_key("000.00.19.h26-241120-0001", Match::exact)) == std::set{dossier});
  CHECK(found(bed, by_key("000.00.19.H26-241120-000", Match::exact)).empty());
  CHECK(found(bed, by_key("000.00.19.H26", Match::prefix)) == std::set{dossier, other});
  CHECK(found(bed, by_key("241120-0002", Match::substring)) == std::set{other});
  CHECK(found(bed, by_key("1234/qd-ubnd", Match::exact)) == std::set{document});
  CHECK(found(bed, by_key("vb-77", Match::exact, "DocumentId")) == std::set{document});
  CHECK(found(bed, by_key("vb-77", Match::exact, "MaHoSo")).empty());
  CHECK(found(bed, by_key("vb", Match::prefix, "DocumentId")) == std::set{document});
  CHECK(bed.catalog->list(by_key(" ", Match::prefix), {}).error().code == Code::usage);
  CHECK(bed.catalog->list({}, {501, ""}).error().code == Code::usage);
}

TEST_CASE("every filter narrows, and delivery conditions hold for one delivery together") {
  Bed bed;
  bed.open();
  const auto plain = bed.accept("A");
  const auto other = bed.accept("B", "portal", [](Envelope& e) {
    e.from = "H49.021";
    e.type = "axis/document";
    e.endpoint = "axis-poll";
    e.deliveries[0].receivers = {"H50"};
  });
  const auto two = bed.accept("C", "axis", [](Envelope& e) {
    e.from = "H49.02.07";
    e.deliveries.push_back({"portal", {}, "", ""});
  });
  bed.outcome(plain, DeliveryState::delivered);
  bed.outcome(two, DeliveryState::delivered);
  bed.outcome(
      two, DeliveryState::dead, [](OutcomeFact& f) { f.outcome.code = Code::disk_full; }, 1);
  bed.wait();
  const auto with = [&](auto edit) {
    MessageFilter filter;
    edit(filter);
    return found(bed, filter);
  };
  CHECK(with([](auto& f) { f.from = "H49.02"; }) == std::set{plain, two});
  CHECK(with([](auto& f) { f.to = "H49.05"; }) == std::set{plain, two});
  CHECK(with([](auto& f) { f.to = "H50"; }) == std::set{other});
  CHECK(with([](auto& f) { f.to = "portal"; }) == std::set{other, two});
  CHECK(with([](auto& f) { f.type = "onestop/"; }) == std::set{plain, two});
  CHECK(with([](auto& f) { f.type = "axis/document"; }) == std::set{other});
  CHECK(with([](auto& f) { f.endpoint = "axis-poll"; }) == std::set{other});
  CHECK(with([](auto& f) { f.destination = "portal"; }) == std::set{other, two});
  CHECK(with([](auto& f) { f.state = DeliveryState::delivered; }) == std::set{plain, two});
  CHECK(with([](auto& f) { f.state = DeliveryState::delivered, f.worst = true; }) == std::set{plain});
  CHECK(with([](auto& f) { f.state = DeliveryState::dead; }) == std::set{two});
  CHECK(with([](auto& f) { f.state = DeliveryState::dead, f.destination = "axis"; }).empty());
  CHECK(with([](auto& f) { f.state = DeliveryState::queued; }) == std::set{other});
  CHECK(with([](auto& f) { f.code = Code::disk_full; }) == std::set{two});
  const Wall second = bed.catalog->details(bed.id_of(other))->message.accepted;
  CHECK(with([&](auto& f) { f.since = second; }) == std::set{other, two});
  CHECK(with([&](auto& f) { f.until = second; }) == std::set{plain});
}

TEST_CASE("pages stay as they are while new messages come in, over days") {
  Bed bed;
  bed.open();
  std::vector<Position> accepted;
  for (int i = 0; i < 25; ++i) {
    accepted.push_back(bed.accept("D" + std::to_string(i)));
    bed.clock.advance(3h);
  }
  bed.wait();
  std::vector<Position> seen;
  PageRequest page{7, ""};
  do {
    auto answer = bed.catalog->list({}, page);
    REQUIRE(answer.has_value());
    CHECK(answer->items.size() <= 7);
    for (const auto& row : answer->items) seen.push_back(row.position);
    page.cursor = answer->next_cursor;
    bed.accept("new");
    bed.wait();
  } while (!page.cursor.empty());
  std::reverse(accepted.begin(), accepted.end());
  CHECK(seen == accepted);
}

TEST_CASE("messages of one instant are paged by id without loss") {
  Bed bed;
  bed.open();
  const Wall now = bed.clock.wall();
  std::set<Position> accepted;
  for (int i = 0; i < 10; ++i) accepted.insert(bed.accept("S", "axis", [&](Envelope& e) { e.accepted = now; }));
  bed.wait();
  std::set<Position> seen;
  PageRequest page{3, ""};
  do {
    auto answer = bed.catalog->list({}, page);
    REQUIRE(answer.has_value());
    for (const auto& row : answer->items) CHECK(seen.insert(row.position).second);
    page.cursor = answer->next_cursor;
  } while (!page.cursor.empty());
  CHECK(seen == accepted);
}

TEST_CASE("a search without an index stops after some days and can go on") {
  Bed bed;
  bed.open();
  const auto first = bed.accept("oldest-one");
  for (int i = 0; i < 40; ++i) {
    bed.clock.advance(24h);
    bed.accept("N" + std::to_string(i));
  }
  bed.wait();
  auto page = bed.catalog->list(by_key("est-one", Match::substring), {10, ""});
  REQUIRE(page.has_value());
  CHECK(page->items.empty());
  REQUIRE(!page->next_cursor.empty());
  page = bed.catalog->list(by_key("est-one", Match::substring), {10, page->next_cursor});
  REQUIRE(page.has_value());
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].position == first);
  CHECK(page->next_cursor.empty());
}

TEST_CASE("a cursor of another filter, or no cursor at all, is refused") {
  Bed bed;
  bed.open();
  for (int i = 0; i < 3; ++i) bed.accept("X");
  bed.wait();
  auto page = bed.catalog->list({}, {1, ""});
  REQUIRE(page.has_value());
  MessageFilter other;
  other.endpoint = "onestop-in";
  CHECK(bed.catalog->list(other, {1, page->next_cursor}).error().code == Code::bad_cursor);
  CHECK(bed.catalog->list({}, {1, "zz"}).error().code == Code::bad_cursor);
}
