// Figures of a large backlog, when asked for: LT_BACKLOG=10000000 test_engine -tc="backlog*". Without it a small one
// runs.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstdlib>

#include "core/engine/cell.h"

using namespace lt;
using namespace lt::engine;

namespace {

size_t in_use() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

class Watch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count(); }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// Ten partners, all paused; every message has an order key and a dedupe key of its own.
struct Backlog {
  CellPolicy policy;
  std::shared_ptr<Message> message = std::make_shared<Message>();

  Backlog() {
    for (int i = 0; i < 10; ++i) policy.destinations["partner" + std::to_string(i)] = {};
    message->envelope.deliveries.push_back({"", {}, "", ""});
    message->body = Body::of("x");
  }
  AcceptedFact fact(uint64_t i) {
    Envelope& e = message->envelope;
    e.order_key = "dossier:" + std::to_string(i);
    e.dedupe_key = "client\n" + std::to_string(i);
    e.accepted = Wall(std::chrono::milliseconds(1'790'000'000'000 + i / 10));
    e.deliveries[0].destination = "partner" + std::to_string(i % 10);
    AcceptedFact f;
    f.message = message;
    return f;
  }
};

}  // namespace

TEST_CASE("backlog: figures") {
  const char* asked = std::getenv("LT_BACKLOG");
  const uint64_t count = asked ? std::strtoull(asked, nullptr, 10) : 100'000;
  Backlog backlog;
  const size_t before = in_use();
  auto cell = std::make_unique<Cell>(backlog.policy, 1);
  Watch folding;
  for (uint64_t i = 0; i < count; ++i) {
    cell->fold({0, 1 + i * 1'500}, backlog.fact(i));
    while (const auto run = cell->closed_run()) cell->sealed(run->last());  // as if it were on disk
  }
  const double fold_s = folding.seconds();
  const size_t memory = in_use() - before;
  Watch saving;
  const std::string saved = cell->save();
  const double save_s = saving.seconds();
  cell.reset();
  malloc_trim(0);
  cell = std::make_unique<Cell>(backlog.policy, 1);
  Watch loading;
  REQUIRE(cell->load(saved));
  const double load_s = loading.seconds();
  CHECK(cell->pending_messages() == count);
  Watch starting;
  Actions actions;
  cell->start({Wall(std::chrono::seconds(1'790'100'000)), Mono(std::chrono::seconds(5))}, actions);
  const double start_s = starting.seconds();
  Watch listing;
  CHECK(cell->lanes(Wall{}).size() == 10);
  CHECK(cell->pending(500).size() == 500);
  const double list_s = listing.seconds();
  if (!asked) return;
  fmt::print(
      "backlog of {}: fold {:.2f} s ({:.2f} us each), memory {:.1f} MB ({:.1f} B each), saved {:.1f} MB in {:.2f} s, "
      "loaded in {:.2f} s, started in {:.3f} s, listed in {:.4f} s\n",
      count, fold_s, fold_s / static_cast<double>(count) * 1e6, static_cast<double>(memory) / 1e6,
      static_cast<double>(memory) / static_cast<double>(count), static_cast<double>(saved.size()) / 1e6, save_s, load_s,
      start_s, list_s);
}
