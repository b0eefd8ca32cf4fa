// The operators' commands against the admin API, up to what reaches the bus.
#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/admin/admin_server.h"
#include "core/cli/command.h"
#include "test/core/admin/fake_bus.h"

using namespace lt;

namespace {

struct Bed {
  Bed() {
    auto started = admin::start_admin(bus, clock, metrics, "127.0.0.1:0", {});
    REQUIRE(started);
    server = std::move(*started);
  }
  int run(std::vector<std::string> arguments) {
    CLI::App app{"", "lienthong"};
    cli::Action chosen;
    cli::add_operate(app, chosen);
    arguments.insert(arguments.end(), {"--by", "Nguyễn Lan", "--why", "bảo \"trì\"", "--admin",
                                       "http://127.0.0.1:" + std::to_string(server->port())});
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
    app.parse(arguments);
    return chosen();
  }

  test::FakeBus bus;
  ManualClock clock;
  Metrics metrics;
  std::unique_ptr<admin::AdminServer> server;
};

}  // namespace

TEST_CASE("each command asks for what it says, by whom and why") {
  Bed bed;
  CHECK(bed.run({"replay", "0:4711/2", "--out-of-order"}) == 0);
  CHECK(bed.run({"discard", "0:4711/2"}) == 0);
  CHECK(bed.run({"confirm", "0:4711/2"}) == 0);
  CHECK(bed.run({"pause", "destination", "trục"}) == 0);
  CHECK(bed.run({"resume", "partner", "gov"}) == 0);
  CHECK(bed.run({"drain", "route", "văn bản đi"}) == 0);
  REQUIRE(bed.bus.facts.size() == 6);
  const ActionKind kinds[] = {ActionKind::replay, ActionKind::discard, ActionKind::confirm,
                              ActionKind::pause,  ActionKind::resume,  ActionKind::drain};
  for (size_t i = 0; i < 6; ++i) {
    CHECK(bed.bus.facts[i].kind == kinds[i]);
    CHECK(bed.bus.facts[i].by == "Nguyễn Lan");
    CHECK(bed.bus.facts[i].why == "bảo \"trì\"");
    CHECK(bed.bus.facts[i].out_of_order == (i == 0));
    if (i < 3) CHECK(bed.bus.facts[i].delivery == DeliveryId{{0, 4711}, 2});
  }
  CHECK(bed.bus.facts[3].scope == ActionScope::destination);
  CHECK(bed.bus.facts[3].name == "trục");
  CHECK(bed.bus.facts[4].scope == ActionScope::partner);
  CHECK(bed.bus.facts[5].scope == ActionScope::route);
  CHECK(bed.bus.facts[5].name == "văn bản đi");
}

TEST_CASE("a refusal is exit code 1, a wrong request 2") {
  Bed bed;
  bed.bus.refusal = Error(Code::unknown_target, "partner \"x\"");
  CHECK(bed.run({"pause", "partner", "x"}) == cli::kFailure);
  CHECK(bed.run({"replay", "nonsense/x"}) == cli::kUsage);
  CHECK_THROWS_AS(bed.run({"pause", "everything", "x"}), CLI::ParseError);
}
