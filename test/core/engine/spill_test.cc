// The window of a lane and what waits beyond it.
#include "core/engine/spill.h"

#include <malloc.h>

#include <algorithm>
#include <map>

#include "core/engine/retry.h"
#include "core/engine/spread.h"
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {

CellPolicy windowed(DestinationPolicy d, size_t window) {
  CellPolicy p = policy_of(d);
  p.window = window;
  p.pressure_wait = milliseconds(0);
  return p;
}

Spilled entry(uint64_t offset, uint64_t key = 0, Urgency urgency = 0, uint16_t ordinal = 0) {
  Spilled e;
  e.id = {{0, offset}, ordinal};
  e.accepted = Wall(std::chrono::milliseconds(1'000'000 + offset * 3));
  e.key = key;
  e.urgency = urgency;
  return e;
}

// A strong hash of its own for each key.
uint64_t key(uint64_t n) { return n == 0 ? 0 : n * 0x9E3779B97F4A7C15ULL ^ n << 7; }

// Delivers whatever is out until nothing is; the offsets in the order they were sent.
std::vector<uint64_t> drain(Bench& b) {
  std::vector<uint64_t> order;
  while (!b.sent.empty()) {
    order.push_back(b.sent.front().delivery.message.offset);
    b.reply(OutcomeKind::delivered);
  }
  return order;
}

std::vector<uint64_t> up_to(uint64_t n) {
  std::vector<uint64_t> out;
  for (uint64_t i = 1; i <= n; ++i) out.push_back(i);
  return out;
}

}  // namespace

// --- the list ---

TEST_CASE("a spill list gives back what it took, also out of the middle, and after a load") {
  SpillList list;
  std::vector<Spilled> all;
  Chance chance(7);
  uint64_t offset = 0;
  for (int i = 0; i < 3'000; ++i) {
    const bool same = chance.next() % 10 == 0 && !all.empty();
    if (!same) offset += 1 + chance.next() % 5'000;
    Spilled e = entry(offset, chance.next() % 3 ? key(chance.next()) : 0, static_cast<Urgency>(chance.next() % 5),
                      same ? static_cast<uint16_t>(all.back().id.ordinal + 1 + chance.next() % 70) : uint16_t{0});
    e.accepted += std::chrono::milliseconds(chance.next() % 1'000) - std::chrono::milliseconds(500);
    e.spread = chance.next() % 2;
    all.push_back(e);
    list.push(e);
  }
  const auto check_same = [&all](const SpillList& l) {
    REQUIRE(l.size() == all.size());
    size_t i = 0;
    for (SpillList::Cursor c(l); !c.done(); c.next(), ++i) {
      const Spilled &got = c.at(), &want = all[i];
      const bool same = got.id == want.id && got.accepted == want.accepted && got.key == want.key &&
                        got.urgency == want.urgency && got.spread == want.spread;
      REQUIRE(same);
    }
    CHECK(i == all.size());
  };
  check_same(list);
  for (int i = 0; i < 2'500; ++i) {
    if (chance.next() % 3 == 0) {
      CHECK(list.pop().id == all.front().id);
      all.erase(all.begin());
    } else {
      const size_t at = chance.next() % all.size();
      const DeliveryId id = all[at].id;
      CHECK(list.contains(id));
      const auto taken = list.take(id);
      REQUIRE(taken);
      CHECK(taken->key == all[at].key);
      CHECK_FALSE(list.take(id));
      all.erase(all.begin() + static_cast<ptrdiff_t>(at));
    }
    if (i % 5 == 0) {
      all.push_back(entry(offset += 10, key(i)));
      list.push(all.back());
    }
  }
  check_same(list);
  std::string saved, again;
  WireWriter(saved).u8(0);
  saved.clear();
  WireWriter w(saved);
  list.save(w);
  SpillList loaded;
  WireReader r(saved);
  REQUIRE(loaded.load(r));
  check_same(loaded);
  WireWriter w2(again);
  loaded.save(w2);
  CHECK(again == saved);
  for (size_t n = 0; n < saved.size(); n += 97) {
    SpillList cut;
    WireReader part(std::string_view(saved).substr(0, n));
    CHECK_FALSE(cut.load(part));
  }
}

TEST_CASE("urgent keys come first; all entries of a key stay in one list, in order") {
  Spill spill;
  spill.push(entry(1, key(1)));     // normal
  spill.push(entry(2, key(2), 3));  // urgent
  spill.push(entry(3, key(2)));     // of an urgent key: behind it, not behind 1
  spill.push(entry(4, key(1), 4));  // of a normal key: stays behind 1
  spill.push(entry(5, 0, 4));       // no key: simply urgent
  spill.push(entry(6, key(3), 1));
  spill.push(entry(7, key(2), 4));
  std::vector<uint64_t> order;
  while (!spill.empty()) order.push_back(spill.pop().id.message.offset);
  CHECK(order == std::vector<uint64_t>{5, 2, 3, 7, 6, 1, 4});
  // All of key 1 have left: it may be urgent again.
  spill.push(entry(8, key(4)));
  spill.push(entry(9, key(1), 2));
  CHECK(spill.pop().id.message.offset == 9);
}

TEST_CASE("whatever is taken for urgent, a key is never out of order, also after a load") {
  Chance chance(3);
  auto spill = std::make_unique<Spill>();
  std::map<uint64_t, std::deque<uint64_t>> expected;
  for (uint64_t i = 1; i <= 60'000; ++i) {
    const uint64_t k = key(1 + chance.next() % 20'000);
    spill->push(entry(i, k, static_cast<Urgency>(chance.next() % 4 ? 0 : chance.next() % 5)));
    expected[k].push_back(i);
    if (chance.next() % 3 == 0) {
      const Spilled e = spill->pop();
      REQUIRE(expected[e.key].front() == e.id.message.offset);
      expected[e.key].pop_front();
    }
    if (i == 30'000) {
      std::string saved, again;
      WireWriter w(saved);
      spill->save(w);
      spill = std::make_unique<Spill>();
      WireReader r(saved);
      REQUIRE(spill->load(r));
      CHECK(r.done());
      WireWriter w2(again);
      spill->save(w2);
      CHECK(again == saved);
    }
  }
  while (!spill->empty()) {
    const Spilled e = spill->pop();
    REQUIRE(expected[e.key].front() == e.id.message.offset);
    expected[e.key].pop_front();
  }
}

TEST_CASE("counts of messages to several destinations") {
  Spread spread;
  std::map<uint64_t, uint16_t> expected;
  Chance chance(5);
  uint64_t offset = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto roll = chance.next() % 3;
    if (roll == 0 || expected.empty()) {
      offset += 1 + chance.next() % (i % 1'000 == 0 ? uint64_t{6'000'000'000} : 3'000);
      const auto n = static_cast<uint16_t>(2 + chance.next() % 4);
      CHECK(spread.add({0, offset}, n) == 0);
      expected[offset] = n;
    } else {
      auto at = expected.lower_bound(chance.next() % (offset + 1));
      if (at == expected.end()) at = expected.begin();
      if (roll == 1 && at->second > 0) {
        CHECK(spread.leave({0, at->first}) == --at->second);
      } else {  // replayed after it was dead
        CHECK(spread.add({0, at->first}, 1) == at->second++);
      }
    }
  }
  CHECK(spread.leave({0, offset + 1}) == 0);
  std::string saved;
  WireWriter w(saved);
  spread.save(w);
  Spread loaded;
  WireReader r(saved);
  REQUIRE(loaded.load(r));
  CHECK(loaded.size() == spread.size());
  size_t alive = 0;
  for (auto& [at, n] : expected) {
    alive += n > 0;
    while (n > 0) REQUIRE(loaded.leave({0, at}) == --n);
  }
  CHECK(alive == spread.size());
  CHECK(loaded.size() == 0);
}

// --- the cell ---

TEST_CASE("a backlog beyond the window is counted, listed, and goes out in order") {
  auto d = destination(SinkClass::partner_idempotent, 2);
  Bench b(windowed(d, 4));
  b.control(ActionKind::pause, "a");
  for (int i = 0; i < 30; ++i) b.admit({});
  CHECK(b.lane().queued == 30);
  CHECK(b.cell().pending_messages() == 30);
  CHECK(b.cell().pending(100).size() == 30);
  CHECK(b.cell().pending(7).back().id.message.offset == 8);  // the pause stands at 1
  CHECK(b.lane().oldest == b.now().wall);
  SUBCASE("in one life") {}
  SUBCASE("after a restart") { b.restart(); }
  SUBCASE("after a load") { b.reload(); }
  b.control(ActionKind::resume, "a");
  auto order = drain(b);
  auto expected = up_to(31);
  expected.erase(expected.begin());
  CHECK(order == expected);
  CHECK(b.cell().pending_messages() == 0);
  CHECK(b.lane().queued == 0);
  CHECK(b.cell().idle());
}

TEST_CASE("messages to several destinations are counted once, however they are spread") {
  auto p = windowed(destination(SinkClass::partner_idempotent, 1), 2);
  p.destinations["b"] = destination(SinkClass::partner_idempotent, 1);
  p.destinations["c"] = p.destinations["b"];
  Bench b(p);
  b.control(ActionKind::pause, "b");
  for (int i = 0; i < 10; ++i) b.admit({.to = {"a", "b", "c"}});
  CHECK(b.cell().pending_messages() == 10);
  SUBCASE("in one life") {}
  SUBCASE("after a load") { b.reload(); }
  for (int i = 0; i < 20; ++i) b.reply(OutcomeKind::delivered);
  CHECK(b.sent.empty());
  CHECK(b.cell().pending_messages() == 10);
  CHECK(b.lane("b").queued == 10);
  b.control(ActionKind::resume, "b");
  b.reply(OutcomeKind::permanent);
  CHECK(b.cell().pending_messages() == 9);
  b.operate(ActionKind::replay, {{0, 2}, 1});
  CHECK(b.cell().pending_messages() == 10);
  drain(b);
  CHECK(b.cell().pending_messages() == 0);
}

TEST_CASE("parked deliveries take no place in the window: the others go on") {
  Bench b(windowed(destination(SinkClass::none, 1), 4));
  for (int i = 0; i < 40; ++i) b.admit({.order_key = "k" + std::to_string(i % 20)});
  // The first of each key: held, unknown or dead in turn.
  const OutcomeKind kinds[] = {OutcomeKind::held, OutcomeKind::ambiguous, OutcomeKind::permanent};
  for (int i = 0; i < 19; ++i) {
    REQUIRE_FALSE(b.sent.empty());
    b.reply(kinds[i % 3]);
  }
  // The 20th key still moves, both of it.
  REQUIRE(b.sent.size() == 1);
  const uint64_t first = b.sent[0].delivery.message.offset;
  b.reply(OutcomeKind::delivered);
  REQUIRE(b.sent.size() == 1);
  CHECK(b.sent[0].delivery.message.offset > first);
  b.reply(OutcomeKind::delivered);
  CHECK(b.sent.empty());
  CHECK(b.lane().behind == 19);
  CHECK(b.lane().queued == 0);
  CHECK(b.cell().idle());
}

TEST_CASE("one key, however long, takes one place, and is sent in order") {
  Bench b(windowed(destination(SinkClass::partner_idempotent, 8), 3));
  for (int i = 0; i < 50; ++i) b.admit({.order_key = "long"});
  b.admit({.order_key = "other"});
  REQUIRE(b.sent.size() == 2);
  CHECK(b.sent[1].delivery.message.offset == 51);
  CHECK(b.lane().behind == 49);
  CHECK(b.state(50) == DeliveryState::behind);
  CHECK(b.status({{0, 50}, 0}).behind == DeliveryId{{0, 1}, 0});
  SUBCASE("in one life") {}
  SUBCASE("after a load") { b.reload(); }
  const auto order = drain(b);
  std::vector<uint64_t> of_key;
  for (const uint64_t o : order) {
    if (o != 51) of_key.push_back(o);
  }
  CHECK(of_key == up_to(50));
}

TEST_CASE("a parked head with a long key behind it: discarded, the next one goes") {
  Bench b(windowed(destination(SinkClass::partner_idempotent), 2));
  for (int i = 0; i < 20; ++i) b.admit({.order_key = "k"});
  b.reply(OutcomeKind::permanent);
  CHECK(b.sent.empty());
  b.operate(ActionKind::discard, {{0, 1}, 0});
  CHECK(drain(b).size() == 19);
}

TEST_CASE("order: none: a long key does not go one by one") {
  auto d = destination(SinkClass::partner_idempotent, 8);
  d.order = Order::none;
  Bench b(windowed(d, 8));
  for (int i = 0; i < 40; ++i) b.admit({.order_key = "k"});
  CHECK(b.sent.size() == 8);
  b.reply(OutcomeKind::held);
  CHECK(b.sent.size() == 8);
  CHECK(drain(b).size() == 39);
}

TEST_CASE("urgency beyond the window") {
  Bench b(windowed(destination(SinkClass::partner_idempotent, 1), 2));
  for (int i = 1; i <= 4; ++i) b.admit({.order_key = "k" + std::to_string(i)});
  b.admit({.order_key = "k4", .urgency = 4});  // 5: behind 4, whatever its urgency
  b.admit({.order_key = "x", .urgency = 3});   // 6
  b.admit({.order_key = "x"});                 // 7: right behind 6
  b.admit({.urgency = 4});                     // 8
  const auto order = drain(b);
  const auto at = [&order](uint64_t o) { return std::find(order.begin(), order.end(), o) - order.begin(); };
  CHECK(order.size() == 8);
  CHECK(at(4) < at(5));
  CHECK(at(6) < at(7));
  CHECK(at(8) < at(3));
  CHECK(at(6) < at(3));
}

TEST_CASE("an operator and a spilled delivery") {
  Bench b(windowed(destination(SinkClass::partner_idempotent, 1), 2));
  for (int i = 0; i < 6; ++i) b.admit({.order_key = i < 3 ? "k" : ""});
  CHECK(b.lane().queued + b.lane().in_flight + b.lane().behind == 6);
  b.operate(ActionKind::replay, {{0, 6}, 0});
  CHECK(b.operator_answers.back().error->code == Code::wrong_state);
  b.commit_by_hand = true;
  b.operate(ActionKind::discard, {{0, 6}, 0});
  b.operate(ActionKind::discard, {{0, 6}, 0});
  CHECK(b.operator_answers.back().error->code == Code::wrong_state);  // somebody is acting on it
  SUBCASE("it is gone when that is durable") {
    b.commit();
    CHECK_FALSE(b.operator_answers.back().error);
    b.operate(ActionKind::discard, {{0, 6}, 0});
    CHECK(b.operator_answers.back().error->code == Code::delivery_not_found);
    b.commit_by_hand = false;
    auto order = drain(b);
    std::sort(order.begin(), order.end());
    CHECK(order == up_to(5));
  }
  SUBCASE("it is not sent meanwhile, though its turn comes") {
    for (int i = 0; i < 5; ++i) {
      b.reply(OutcomeKind::delivered);
      // The outcome overtakes nothing: commit what was appended after the action.
      std::swap(b.appends.front(), b.appends.back());
      b.commit();
    }
    CHECK(b.sent.empty());
    b.commit();
    CHECK(b.sent.empty());
    CHECK(b.cell().pending(10).empty());
    CHECK(b.cell().pending_messages() == 0);
  }
  SUBCASE("it goes on when the journal refuses") {
    b.refuse();
    CHECK(b.operator_answers.back().error->code == Code::disk_full);
    b.commit_by_hand = false;
    auto order = drain(b);
    std::sort(order.begin(), order.end());
    CHECK(order == up_to(6));
  }
}

TEST_CASE("a destination that is gone holds what is spilled too") {
  Bench b(windowed(destination(SinkClass::none), 3));
  for (int i = 0; i < 10; ++i) b.admit({.to = {"gone"}});
  CHECK(b.lane("gone").held == 10);
  CHECK(b.state(10) == DeliveryState::held);
  CHECK(b.status({{0, 10}, 0}).code == Code::destination_gone);
  CHECK(b.cell().idle());
  b.operate(ActionKind::discard, {{0, 10}, 0});
  CHECK_FALSE(b.operator_answers.back().error);
  auto p = windowed(destination(SinkClass::none), 3);
  p.destinations["gone"] = destination(SinkClass::partner_idempotent);
  b.reconfigure(p);
  CHECK(drain(b) == up_to(9));
}

TEST_CASE("the age of what waits beyond the window stands still with its lane") {
  auto d = destination(SinkClass::partner_idempotent, 1);
  d.retry.max_age = 10 * kSecond;
  Bench b(windowed(d, 1));
  b.control(ActionKind::pause, "a");
  b.pass(100 * kSecond);
  for (int i = 0; i < 3; ++i) b.admit({});
  b.pass(60 * kSecond);
  b.control(ActionKind::resume, "a");
  b.reply(OutcomeKind::delivered);
  b.reply(OutcomeKind::delivered);
  b.reply(OutcomeKind::retry);
  CHECK(b.state(4) == DeliveryState::retry);
  b.pass(20 * kSecond);
  for (int i = 0; i < 10 && !b.sent.empty(); ++i) b.reply(OutcomeKind::retry);
  CHECK(b.state(4) == DeliveryState::dead);
  CHECK(b.status({{0, 4}, 0}).code == Code::too_old);
}

TEST_CASE("what a person needs to decide on an unknown delivery") {
  Bench b(policy_of(destination(SinkClass::none)));
  b.admit({});
  auto doubt = outcome(OutcomeKind::ambiguous);
  doubt.detail = "no answer within 30 s";
  doubt.sent_bytes = 1'234;
  doubt.mapping_version = "m@3";
  b.reply(doubt);
  const Wall then = b.now().wall;
  b.pass(kSecond);
  const auto check = [&] {
    const auto s = b.status({{0, 1}, 0});
    CHECK(s.state == DeliveryState::unknown);
    CHECK(s.code == Code::outcome_unknown);
    CHECK(s.detail == "no answer within 30 s");
    CHECK(s.sent_bytes == 1'234);
    CHECK(s.mapping_version == "m@3");
    CHECK(s.sent_at == then);
  };
  check();
  b.restart();
  check();
  b.reload();
  check();
}

TEST_CASE("a million spilled deliveries take less than 25 bytes each") {
  Cell cell(windowed(destination(SinkClass::partner_idempotent), 4'096), 1);
  auto message = std::make_shared<Message>();
  message->envelope.deliveries.push_back({"a", {}, "", ""});
  message->body = Body::of("x");
  AcceptedFact fact;
  const auto fold = [&](uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; ++i) {
      message->envelope.order_key = "dossier:" + std::to_string(i);
      message->envelope.accepted = Wall(std::chrono::milliseconds(1'790'000'000'000 + i));
      fact.message = message;
      cell.fold({0, 1 + i * 1'500}, fact);
    }
  };
  fold(0, 10'000);
  const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  fold(10'000, 1'010'000);
  const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
  CHECK(cell.pending_messages() == 1'010'000);
  MESSAGE("bytes each: ", static_cast<double>(after - before) / 1e6);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(after > before);
#endif
  CHECK(after - before < 25'000'000);
}

TEST_CASE("a paused route takes no place of another's, in or beyond the window") {
  CellPolicy p = windowed(destination(SinkClass::partner_idempotent, 2), 2);
  p.routes["documents"];
  p.routes["dossiers"];
  Bench b(p);
  b.control(ActionKind::pause, "a");
  b.admit({.order_key = "first", .route = "documents"});
  for (int i = 0; i < 6; ++i) b.admit({.route = "documents"});
  b.admit({.order_key = "first", .route = "dossiers"});  // behind the first
  for (int i = 0; i < 3; ++i) b.admit({.route = "dossiers"});
  b.control(ActionKind::pause, "documents", ActionScope::route);
  b.control(ActionKind::resume, "a");
  CHECK(drain(b) == std::vector<uint64_t>{10, 11, 12});
  CHECK(b.cell().pending(99).size() == 8);
  for (const auto& d : b.cell().pending(99)) {
    CHECK(d.state == (d.id.message.offset == 9 ? DeliveryState::behind : DeliveryState::held));
    if (d.state == DeliveryState::held) CHECK(d.code == Code::paused_by_operator);
  }
  b.restart();
  CHECK(b.sent.empty());
  b.control(ActionKind::resume, "documents", ActionScope::route);
  CHECK(drain(b) == std::vector<uint64_t>{2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(b.cell().pending_messages() == 0);
}
