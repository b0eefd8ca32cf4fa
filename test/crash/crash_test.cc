// The bus is killed with SIGKILL again and again under load, at moments chosen by progress, never by time. What took
// effect is counted at the partners; what the bus says about the rest is read from its journal.
//
// Per class of partner: `partner_idempotent` and `probe` have every message exactly once. `none` has it at most once,
// and what it does not have - or may not have - stands as `unknown`, never as delivered and never sent twice.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>

#include "core/base/hash.h"
#include "test/crash/house.h"
#include "test/crash/partner.h"
#include "test/crash/senders.h"

using namespace lt;
using namespace lt::crash;
using namespace std::chrono_literals;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr int kKills = 30;
#else
constexpr int kKills = 200;
#endif
constexpr const char* kSenderKey = "crash-key";
constexpr const char* kOnestopKey = "crash-onestop-key";
const std::string kSource = LT_SOURCE_DIR;

uint64_t chosen_seed() {
  const char* given = std::getenv("LT_CRASH_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 20261120;
}

std::string lane_yaml(const std::string& sink_class, const Partner& partner) {
  return "{adapter: http, delivery: {in_flight: 16, retry: {first: 20ms, most: 200ms}, breaker: {wait: 50ms, most: "
         "200ms}}, settings: {url: \"" +
         partner.url("/in") + "\", class: " + sink_class +
         (sink_class == "probe" ? ", probe_url: \"" + partner.url("/events/{event_id}") + "\"" : "") +
         ", timeout: 5s}}\n";
}

struct Parts {
  Partner& idempotent;
  Partner& asked;
  Partner& neither;
  std::string onestop, judicial;
};

std::string configuration(const std::string& data, const Parts& parts) {
  const auto principal = [](const char* key) { return "{key: \"sha256:" + hex(sha256(key)) + "\"}\n"; };
  std::string yaml =
      "bus: {name: crash, organ_id: H49, shards: 1, journal_segment: 2MiB, stop_time: 20s, data: " + data +
      ", schemas: " + kSource + "/schemas, mappings: " + kSource + "/mappings}\n" +
      "admin: {listen: \"127.0.0.1:0\"}\nlisteners:\n  main: {listen: \"127.0.0.1:0\"}\n" + "agencies: {tables: [" +
      kSource + "/schemas/agencies/agencies.csv]}\n" + "principals:\n  sender: " + principal(kSenderKey) +
      "  onestop: " + principal(kOnestopKey) + "  judicial: {description: polled}\n" +
      "rights:\n"
      "  - {principals: [sender], from: [\"*\"], types: [bench/dossier], to: [\"*\"], purpose: test}\n"
      "  - {principals: [onestop], from: [H49.01], types: [onestop/dossier], to: [\"*\"], purpose: test}\n"
      "  - {principals: [judicial], from: [\"*\"], types: [judicial/result], to: [H49.01], purpose: test}\n"
      "endpoints:\n";
  for (const char* name : {"idempotent", "asked", "neither"})
    yaml += "  " + std::string(name) + ": {adapter: http, type: bench/dossier, settings: {listener: main, path: /in/" +
            name + "}}\n";
  yaml +=
      "  onestop: {adapter: onestop, type: onestop/dossier, settings: {listener: main, base: /onestop}}\n"
      "  judicial-results: {adapter: judicial, type: judicial/result, settings: {url: \"" +
      parts.judicial +
      "/api/traKetQua\", auth_key: demo-auth-key, province: \"22\", principal: judicial, every: 50ms, at_once: 4}}\n"
      "destinations:\n  idempotent: " +
      lane_yaml("partner_idempotent", parts.idempotent) + "  asked: " + lane_yaml("probe", parts.asked) +
      "  neither: " + lane_yaml("none", parts.neither);
  const std::string policy = "delivery: {retry: {first: 20ms, most: 200ms}, breaker: {wait: 50ms, most: 200ms}}";
  yaml += "  onestop: {adapter: onestop, serves: [H49.01], " + policy + ", settings: {url: \"" + parts.onestop +
          "\"}}\n" + "  judicial: {adapter: judicial, " + policy + ", settings: {url: \"" + parts.judicial +
          "/api/nhanHoSo\", auth_key: demo-auth-key, watch: judicial-results}}\n"
          "routes:\n";
  for (const char* name : {"idempotent", "asked", "neither"})
    yaml +=
        "  - {name: " + std::string(name) + ", endpoints: [" + name + "], deliver: [{destination: " + name + "}]}\n";
  yaml +=
      "  - {name: dossiers, types: [onestop/dossier], deliver: [{destination: judicial, mapping: "
      "onestop-to-judicial}]}\n"
      "  - {name: results, types: [judicial/result], to: [H49], deliver: [{mapping: judicial-to-onestop}]}\n";
  return yaml;
}

// What was applied against the order of acceptance within a key.
size_t out_of_order(const Partner::Seen& seen, const std::map<std::string, Senders::Receipt>& receipts) {
  std::map<std::string, uint64_t> last;
  size_t wrong = 0;
  for (const auto& number : seen.log) {
    const auto receipt = receipts.find(number);
    if (receipt == receipts.end()) continue;
    const auto position = Position::parse(receipt->second.position);
    if (!position) return SIZE_MAX;
    uint64_t& before = last[receipt->second.order_key];
    if (position->offset < before) ++wrong;
    before = position->offset;
  }
  return wrong;
}

// Deliveries that would go on by themselves.
std::map<std::string, size_t> open_by_destination(const Truth& truth) {
  std::map<std::string, size_t> out;
  for (const auto& [position, delivery] : truth.deliveries)
    if (!is_final(delivery.state) && delivery.state != DeliveryState::unknown && delivery.state != DeliveryState::held)
      ++out[delivery.destination];
  return out;
}

struct Verdict {
  size_t sent = 0, lost = 0, twice = 0, delivered = 0, pending = 0, unknown = 0, other = 0, delivered_not_applied = 0,
         doubt_not_applied = 0, never_accepted = 0, accepted_twice = 0;
};

// Every message that was answered 202, held against the partner and the journal.
Verdict judge(const std::string& destination, const Partner::Seen& seen,
              const std::map<std::string, Senders::Receipt>& receipts, const Truth& truth) {
  Verdict out;
  std::set<std::string> positions;
  for (const auto& [number, receipt] : receipts) {
    ++out.sent;
    const auto found = truth.deliveries.find(receipt.position);
    if (found == truth.deliveries.end() || receipt.text.find(truth.ids.at(receipt.position)) == std::string::npos) {
      ++out.never_accepted;
      continue;
    }
    if (!positions.insert(receipt.position).second) ++out.accepted_twice;
    const auto applied = seen.applied.find(number);
    const int times = applied == seen.applied.end() ? 0 : applied->second;
    const DeliveryState state = found->second.state;
    if (times > 1) ++out.twice;
    if (state == DeliveryState::delivered) {
      ++out.delivered;
      if (times == 0) ++out.delivered_not_applied;
    } else if (state == DeliveryState::unknown) {
      ++out.unknown;
      if (times == 0) ++out.doubt_not_applied;
    } else if (is_final(state) || state == DeliveryState::held) {
      ++out.other;
    } else {
      ++out.pending;
    }
    if (times == 0 && state != DeliveryState::unknown) ++out.lost;
  }
  // The same message under a second position would be a failure of the bus to recognise a repeat.
  size_t of_lane = 0;
  for (const auto& [position, delivery] : truth.deliveries) of_lane += delivery.destination == destination ? 1 : 0;
  out.accepted_twice += of_lane - std::min(of_lane, positions.size());
  MESSAGE(destination << ": sent " << out.sent << ", applied " << seen.applied.size() << ", lost " << out.lost
                      << ", twice " << out.twice << ", delivered " << out.delivered << ", pending " << out.pending
                      << ", unknown " << out.unknown << " (of these not applied " << out.doubt_not_applied
                      << "); replies dropped " << seen.dropped << ", repeats recognised " << seen.repeats
                      << ", questions " << seen.asked << " (yes " << seen.found << ", while the POST was in work "
                      << seen.overtaken << ")\n");
  return out;
}

// Everything of one run.
struct Run {
  explicit Run(uint64_t seed) : random(seed) {
    std::ofstream(file) << configuration(data, {idempotent, asked, neither, onestop.url(), judicial.url()});
  }

  // A new life of the bus: everybody is told where it listens, and the one-stop system that it has so many dossiers to
  // send.
  void begin_life(int dossiers) {
    const uint16_t port = bus.start();
    senders.aim(port);
    onestop.control("{\"bus\":\"http://127.0.0.1:" + std::to_string(port) + "\",\"start\":" + std::to_string(dossiers) +
                    "}");
  }

  // Killed with POSTs in work at the partner that can be asked: the next life's question finds them undecided.
  void kill_while_in_work(int dossiers) {
    const size_t overtaken = asked.seen().overtaken;
    asked.hold(true);
    wait_for([&] { return asked.seen().held > 0; });
    bus.kill();
    begin_life(dossiers);
    wait_for([&] { return asked.seen().overtaken > overtaken; });
    asked.hold(false);
  }

  void load_and_kill() {
    begin_life(10);
    senders.start("idempotent", {"/in/idempotent", 5}, 4);
    senders.start("asked", {"/in/asked", 5}, 4);
    senders.start("neither", {"/in/neither", 1}, 4);
    for (int kill = 1; kill <= kKills; ++kill) {
      // Every fifth time as soon as it says that it is ready: amid the backlog of its last life.
      const uint64_t further = kill % 5 == 0 ? 0 : 10 + random() % 800;
      const bool moved = progress.reaches(progress.now() + further, 60s);
      REQUIRE_MESSAGE(moved, "no progress before kill " << kill << ": see " << log);
      if (kill % 10 == 3) {
        kill_while_in_work(10 + kill * 5);
      } else {
        bus.kill();
        begin_life(10 + kill * 5);
      }
    }
    REQUIRE(senders.finish(60s));
  }

  void wait_for(const std::function<bool()>& done) {
    const Mono deadline = system_clock().mono() + 60s;
    while (!done())
      REQUIRE_MESSAGE(system_clock().mono() < deadline,
                      "not drained: " << onestop.report() << judicial.report() << " see " << log);
  }

  // Messages that follow all others through each lane, then the reports of the simulators, say when all has arrived.
  void drain() {
    for (Partner* partner : {&idempotent, &asked, &neither}) partner->behave();
    onestop.control(R"({"drop_after":0,"drop_before":0})");
    judicial.control(R"({"drop_after":0,"drop_before":0})");
    const std::string last[] = {senders.send_last("idempotent", 30s), senders.send_last("asked", 30s),
                                senders.send_last("neither", 30s)};
    const auto applied = [](const Partner& partner, const std::string& number) {
      return partner.seen().applied.contains(number);
    };
    wait_for([&] {
      if (!applied(idempotent, last[0]) || !applied(asked, last[1]) || !applied(neither, last[2])) return false;
      if (idempotent.seen().applied.size() < senders.receipts("idempotent").size()) return false;
      if (asked.seen().applied.size() < senders.receipts("asked").size()) return false;
      return onestop.figure("done") == "true";
    });
    CHECK(bus.stop() == 0);
    truth = read_truth(file, data);
    const auto open = open_by_destination(truth);
    if (!open.empty()) finish_open(open);
  }

  std::map<std::string, size_t> calls() {
    const auto of = [](const Partner& partner) { return partner.seen().posts + partner.seen().asked; };
    const auto at = [](SimulatorProcess& partner) {
      return std::stoul(partner.figure("applied")) + std::stoul(partner.figure("repeats"));
    };
    return {{"idempotent", of(idempotent)},
            {"asked", of(asked)},
            {"neither", of(neither)},
            {"onestop", at(onestop)},
            {"judicial", at(judicial)}};
  }

  // What was still to be repeated or asked about when it stopped is done in one more life: each makes its partner's
  // figure rise.
  void finish_open(const std::map<std::string, size_t>& open) {
    const auto before = calls();
    begin_life(10 + kKills * 5);
    wait_for([&] {
      const auto now = calls();
      return std::all_of(open.begin(), open.end(),
                         [&](const auto& lane) { return now.at(lane.first) >= before.at(lane.first) + lane.second; });
    });
    CHECK(bus.stop() == 0);
    truth = read_truth(file, data);
  }

  void check_lane(const std::string& name, const Partner& partner, bool may_doubt) {
    CAPTURE(name);
    const auto seen = partner.seen();
    const auto receipts = senders.receipts(name);
    const Verdict verdict = judge(name, seen, receipts, truth);
    CHECK(verdict.sent > 100);
    CHECK(verdict.never_accepted == 0);
    CHECK(verdict.accepted_twice == 0);
    CHECK(verdict.twice == 0);
    CHECK(verdict.lost == 0);
    CHECK(verdict.other == 0);
    CHECK(verdict.pending == 0);
    CHECK(verdict.delivered_not_applied == 0);
    CHECK((verdict.unknown > 0) == may_doubt);
    CHECK(seen.applied.size() <= verdict.sent);  // nothing that nobody sent
    CHECK(out_of_order(seen, receipts) == 0);
  }

  void check_dossiers() {
    const std::string report = onestop.report();
    MESSAGE("onestop: " << report.substr(0, report.find("\"last_refusal\"")) << "\n");
    CHECK(onestop.figure("sent") == std::to_string(10 + kKills * 5));
    CHECK(onestop.figure("finished") == onestop.figure("sent"));
    for (const char* name : {"duplicated", "out_of_order", "refused", "unknown"}) {
      CAPTURE(std::string(name));
      CHECK(onestop.figure(name) == "0");
    }
    CHECK(judicial.figure("applied") == onestop.figure("sent"));
    CHECK(judicial.figure("duplicated") == "0");
    CHECK(judicial.figure("changed_repeats") == "0");
    for (const auto& [position, delivery] : truth.deliveries)
      if (delivery.destination == "onestop" || delivery.destination == "judicial")
        CHECK(delivery.state == DeliveryState::delivered);
  }

  std::mt19937_64 random;
  Folder folder;
  const std::string file = folder.path() + "/bus.yaml", data = folder.path() + "/data", log = folder.path() + "/log";
  Progress progress;
  Partner idempotent{Partner::Kind::recognises, random(), progress}, asked{Partner::Kind::asked, random(), progress},
      neither{Partner::Kind::neither, random(), progress};
  cli::Caller caller;
  SimulatorProcess judicial{caller, "judicial", R"({"drop_after":0.08,"drop_before":0.03,"pdf_bytes":1500})", random(),
                            log};
  SimulatorProcess onestop{
      caller, "onestop",
      R"({"path":"/onestop/dossiers","key":"crash-onestop-key","agency":"H49.01","drop_after":0.08,"drop_before":0.03,"at_once":4})",
      random(), log};
  BusProcess bus{file, log};
  Senders senders{kSenderKey, random(), progress};
  Truth truth;
};

}  // namespace

TEST_CASE("kills under load: nothing lost, nothing twice, every doubt is unknown") {
  const uint64_t seed = chosen_seed();
  MESSAGE("seed " << seed << " (LT_CRASH_SEED repeats it)\n");
  Run run(seed);
  run.load_and_kill();
  run.drain();
  for (const auto& complaint : run.senders.complaints()) FAIL_CHECK(complaint);
  MESSAGE("journal: " << run.truth.records << " records; receipts asked for again: " << run.senders.repeats() << "\n");
  run.check_lane("idempotent", run.idempotent, false);
  run.check_lane("asked", run.asked, false);
  run.check_lane("neither", run.neither, true);
  run.check_dossiers();
  // The kills met what the classes are for.
  CHECK(run.idempotent.seen().repeats > 0);
  CHECK(run.asked.seen().found > 0);
  CHECK(run.asked.seen().overtaken > 0);
  run.folder.done();
}
