// Quotas per agency: through the bus, and their counts.
#include <doctest/doctest.h>

#include <fstream>

#include "core/runtime/quota.h"
#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

std::string setup(const Partner& partner, const std::string& quotas) {
  return "quotas:\n" + quotas +
         "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         partner.url() +
         "/out\", class: partner_idempotent, timeout: 24h}}\n"
         "routes:\n  - {name: all, to: [\"*\"], deliver: [{destination: out}]}\n";
}

std::string from(const std::string& agency, int number) {
  return replaced(bench_dossier("urn:" + std::to_string(number)), "000.00.15.H26", agency);
}

net::Response send(Bed& bed, const std::string& agency, int number) {
  return bed.post("/in", from(agency, number), {{"Idempotency-Key", std::to_string(number)}});
}

// What starting says is wrong with the configuration.
std::string refusal(Bed& bed) {
  try {
    bed.start();
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  return {};
}

std::chrono::seconds to_midnight(Wall now) {
  const auto local = now + kVietnamOffset;
  return std::chrono::ceil<std::chrono::seconds>(std::chrono::floor<std::chrono::days>(local) + 24h - local);
}

}  // namespace

TEST_CASE("what is over the quota of the day is 429 until midnight, also after a restart; repeats and others pass") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup(partner, "  - {name: ha-noi, agencies: [H26], messages_per_day: 3}\n"));
  bed.start();
  // One that is refused for another reason costs nothing.
  CHECK(bed.post("/in", replaced(from("H26.01", 0), "\"version\":", "\"sai\":")).status == 422);
  const auto first = send(bed, "H26.01", 1);
  REQUIRE(first.status == 202);
  CHECK(send(bed, "H26.02", 2).status == 202);
  CHECK(send(bed, "H26.01", 1).status == 202);  // a repeat
  CHECK(send(bed, "H26.01", 3).status == 202);
  const auto check_full = [&] {
    const auto refused = send(bed, "H26.02", 4);
    CHECK(refused.status == 429);
    CHECK(member(refused.body, "code") == "LT-4010");
    CHECK(member(refused.body, "detail").find("ha-noi") != std::string::npos);
    CHECK(refused.headers.get("Retry-After") == std::to_string(to_midnight(bed.clock.wall()).count()));
    const auto repeat = send(bed, "H26.01", 1);
    CHECK(repeat.status == 202);
    CHECK(repeat.body == first.body);
  };
  check_full();
  CHECK(send(bed, "H49.01", 5).status == 202);
  bed.stop();
  bed.start();
  check_full();
  // A start without the file counts from the journal.
  bed.stop();
  std::ofstream(bed.folder() + "/data/quota.day") << "damaged";
  bed.start();
  check_full();
  bed.advance(std::chrono::duration_cast<std::chrono::milliseconds>(to_midnight(bed.clock.wall())));
  CHECK(send(bed, "H26.02", 4).status == 202);
}

TEST_CASE("bytes count too, and with `each` every agency has its own") {
  Bed bed;
  Partner partner(bed.clock);
  const size_t size = from("H26.01", 1).size();
  bed.configure(setup(partner, "  - {name: each, agencies: [H26], each: true, bytes_per_day: " +
                                   std::to_string(2 * size + size / 2) + "}\n"));
  bed.start();
  for (const std::string agency : {"H26.01", "H26.02"}) {
    const int number = agency == "H26.01" ? 10 : 20;
    CHECK(send(bed, agency, number).status == 202);
    CHECK(send(bed, agency, number + 1).status == 202);
    const auto refused = send(bed, agency, number + 2);
    CHECK(refused.status == 429);
    CHECK(member(refused.body, "detail").find("bytes") != std::string::npos);
  }
}

TEST_CASE("many at once do not overrun a limit, and what was not accepted is given back") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup(partner, "  - {name: all, agencies: [\"*\"], messages_per_day: 10}\n"));
  bed.start();
  std::vector<std::future<net::CallResult>> answers;
  for (int i = 0; i < 40; ++i)
    answers.push_back(bed.begin(bed.call("/in", from("H26", i), {{"Idempotency-Key", std::to_string(i)}})));
  std::map<int, int> statuses;
  for (auto& answer : answers) {
    const auto result = answer.get();
    REQUIRE(result);
    ++statuses[result->status];
  }
  CHECK(statuses == std::map<int, int>{{202, 10}, {429, 30}});
}

TEST_CASE("what cannot be refused counts all the same; a claim that is not kept is given back") {
  config::Diagnostics diagnostics;
  const auto directory = route::AgencyDirectory::load({}, system_env(), diagnostics);
  QuotaConfig quota;
  quota.name.value = "one";
  quota.agencies = {{"H26", {}}};
  quota.messages_per_day = 2;
  Metrics metrics;
  Quotas quotas(metrics);
  quotas.go_by(compile_quotas({quota}, *directory, diagnostics), directory);
  REQUIRE(diagnostics.ok());
  const Wall now = Wall(20'000 * 24h + 3h);
  for (int i = 0; i < 5; ++i) {
    auto dropped = quotas.claim("H26.01", 1, now, false);
    CHECK(dropped);
  }
  for (int i = 0; i < 2; ++i) quotas.claim("H26.01", 1, now, true)->keep();
  const auto refused = quotas.claim("H26.02", 1, now, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::quota_exceeded);
  CHECK(refused.error().after_s == 14 * 3600);
  CHECK(quotas.claim("H26.02", 1, now, true));
  CHECK(quotas.claim("H49", 1, now, false));
  CHECK(quotas.claim("", 1, now, false));
  // Other rules find what was handed in today.
  quota.name.value = "other";
  quota.messages_per_day = 3;
  quotas.go_by(compile_quotas({quota}, *directory, diagnostics), directory);
  quotas.claim("H26.03", 1, now, false)->keep();
  CHECK(quotas.claim("H26.02", 1, now, false).error().detail.find("other") != std::string::npos);
  CHECK(quotas.claim("H26.02", 1, now + 14h, false));
  CHECK(metrics.expose().find("lienthong_quota_refused_total{quota=\"one\"} 1") != std::string::npos);
}

TEST_CASE("mistakes in quotas are named with their places") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup(partner,
                      "  - {name: a, agencies: [H26]}\n"
                      "  - {name: b, agencies: [nobody], messages_per_day: 0}\n"
                      "  - {name: b, agencies: [H26], bytes_per_day: 1MB}\n"
                      "  - {name: c, agencies: [H26], messages_per_day: 5}\n"
                      "  - {name: c, agencies: [H26], messages_per_day: 5}\n"));
  const std::string said = refusal(bed);
  CAPTURE(said);
  CHECK(said.find("a quota without a limit") != std::string::npos);
  CHECK(said.find("messages_per_day") != std::string::npos);
  CHECK(said.find("quota \"c\" is there twice") != std::string::npos);
  CHECK(said.find("bus.yaml:17:12: error LT-1005") != std::string::npos);
}

TEST_CASE("a reserve that cannot hold what an outcome may need is a mistake in the configuration") {
  Bed bed;
  Partner partner(bed.clock);
  const std::string rest = setup(partner, "  - {name: a, agencies: [H26], messages_per_day: 5}\n");
  bed.configure("disk: {reserve: 100MB}\n" + rest);
  const std::string said = refusal(bed);
  CAPTURE(said);
  CHECK(said.find("error LT-1006: disk.reserve is less than two journal segments") != std::string::npos);
  CHECK(said.find("bus.yaml:12:") != std::string::npos);
}

TEST_CASE("counts of a day: a fold that is saved and loaded, and does not believe damage") {
  DayCounts counts;
  Message message;
  message.envelope.from = "H26.01";
  message.envelope.accepted = Wall(20'000 * 24h);
  message.body.size = 100;
  counts.fold({0, 10}, message);
  counts.fold({0, 20}, message);
  message.envelope.from = "đơn vị khác";
  counts.fold({0, 30}, message);
  CHECK(counts.agencies.at("H26.01") == DayCount{2, 200});
  const std::string saved = counts.save();
  const auto loaded = DayCounts::load(saved);
  REQUIRE(loaded);
  CHECK(loaded->day == counts.day);
  CHECK(loaded->last == Position{0, 30});
  CHECK(loaded->agencies == counts.agencies);
  for (size_t i = 0; i < saved.size(); ++i) {
    std::string damaged = saved;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const auto read = DayCounts::load(damaged);
    CHECK((!read || read->save() == saved));
    CHECK_FALSE(DayCounts::load(std::string_view(saved).substr(0, i)));
  }
  // The next day begins anew; a straggler of the day before does not count.
  message.envelope.accepted += 24h;
  counts.fold({0, 40}, message);
  message.envelope.accepted -= 24h;
  counts.fold({0, 50}, message);
  CHECK(counts.agencies.size() == 1);
  CHECK(counts.agencies.begin()->second == DayCount{1, 100});
  CHECK(counts.last == Position{0, 50});
}
