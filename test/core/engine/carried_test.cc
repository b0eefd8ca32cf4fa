// Records that were copied forward: the cell reads a message where it stands now, under the name it was accepted by.
#include "test/core/engine/bench.h"

using namespace lt;
using namespace lt::engine;

namespace {

std::vector<Unfinished> unfinished(const Cell& cell) {
  std::vector<Unfinished> out;
  cell.each_unfinished([&](const Unfinished& one) { return out.push_back(one), true; });
  return out;
}

CellPolicy two() {
  CellPolicy p = policy_of(destination(SinkClass::partner_idempotent));
  p.destinations["b"] = p.destinations["a"];
  p.hot_bytes_most = 0;  // everything is read from the journal
  return p;
}

}  // namespace

TEST_CASE("a delivery names the place its message is read from: where it was accepted, then where it was carried") {
  Bench bench(two());
  bench.admit({.to = {"a", "b"}});
  REQUIRE(bench.sent.size() == 2);
  const Position message = bench.sent[0].delivery.message;
  CHECK(bench.sent[0].stored == message);
  bench.cell().carried({0, 900}, message, 2);
  CHECK(bench.cell().folded() == Position{0, 900});
  for (const auto& one : unfinished(bench.cell())) {
    CHECK(one.message == message);
    CHECK(one.stored == Position{0, 900});
  }
  bench.reply(OutcomeKind::retry);
  bench.pass(milliseconds(5'000));
  REQUIRE(bench.sent.size() == 2);
  CHECK(bench.sent[1].stored == Position{0, 900});
  CHECK(bench.sent[1].delivery.message == message);
  CHECK(bench.sent[1].message == nullptr);
}

TEST_CASE("where a message was carried to is part of the saved state, and forgotten with its last delivery") {
  Bench bench(two());
  bench.admit({.to = {"a", "b"}});
  const Position message = bench.sent[0].delivery.message;
  const std::string uncarried = bench.cell().save();
  bench.cell().carried({0, 900}, message, 2);
  const std::string state = bench.cell().save();
  CHECK(state != uncarried);
  Cell copy(two(), 3);
  REQUIRE(copy.load(state));
  CHECK(copy.save() == state);
  CHECK(unfinished(copy).at(0).stored == Position{0, 900});
  bench.reply(OutcomeKind::delivered);
  CHECK(unfinished(bench.cell()).size() == 1);
  CHECK(unfinished(bench.cell())[0].stored == Position{0, 900});
  bench.reply(OutcomeKind::delivered);
  CHECK(unfinished(bench.cell()).empty());
  // Carried too late: it was finished on the way. Nothing is kept for it.
  const std::string over = bench.cell().save();
  bench.cell().carried({0, 1'000}, message, 2);
  bench.cell().carried({0, 1'000}, {0, 777}, 1);
  Cell other(two(), 3);
  REQUIRE(other.load(over));
  other.carried({0, 1'000}, {0, 778}, 1);
  CHECK(other.save() == bench.cell().save());
}

TEST_CASE("dead deliveries are unfinished too, and the walk of a lane ends when it is told") {
  Bench bench(two());
  bench.admit({.to = {"a"}});
  bench.admit({.to = {"a"}});
  bench.admit({.to = {"b"}});
  bench.reply(OutcomeKind::permanent);
  const auto all = unfinished(bench.cell());
  REQUIRE(all.size() == 3);
  CHECK(all[0].dead);
  CHECK_FALSE(all[1].dead);
  size_t seen = 0;
  bench.cell().each_unfinished([&](const Unfinished&) { return ++seen, false; });
  CHECK(seen == 2);
}
