// A disk that fills up, and one that fails.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/runtime/disk_space.h"
#include "test/core/net/fixture.h"
#include "test/core/runtime/bed.h"
#include "test/support/sim_env.h"

using namespace lt;
using namespace lt::runtime;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t kMega = 1 << 20;

std::string setup(const Partner& partner) {
  return "disk: {reserve: 300MiB}\n"
         "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
         "  big: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /big}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         partner.url() +
         "/out\", class: partner_idempotent, timeout: 24h}}\n"
         "routes:\n  - {name: small, types: [bench/dossier], to: [\"*\"], deliver: [{destination: out}]}\n"
         "  - {name: large, types: [onestop/dossier], deliver: [{destination: out}]}\n";
}

size_t outcomes(Bed& bed, DeliveryState state) {
  size_t count = 0;
  for (const auto& [position, fact] : bed.facts())
    if (const auto* outcome = std::get_if<OutcomeFact>(&fact)) count += outcome->state == state ? 1 : 0;
  return count;
}

std::string large_dossier() { return replaced(onestop_dossier(), "JVBERi0xLjQK", std::string(200'000, 'A')); }

size_t blob_files(const Bed& bed) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bed.folder() + "/data/blobs"))
    count += entry.is_regular_file() ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("below the reserve: 507 that says what to do, deliveries and outcomes go on, and it ends by itself") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup(partner));
  bed.start();
  partner.answer(503);
  for (int i = 0; i < 3; ++i) {
    const auto number = std::to_string(i);
    REQUIRE(bed.post("/in", bench_dossier("urn:" + number, "K" + number)).status == 202);
  }
  REQUIRE(bed.until([&] { return partner.calls() >= 1; }));

  bed.env().set_free(299 * kMega);
  const auto refused = bed.post("/in", bench_dossier("urn:9"), {{"Idempotency-Key", "9"}});
  CHECK(refused.status == 507);
  CHECK(member(refused.body, "code") == "LT-6002");
  CHECK(member(refused.body, "hint").find("free space") != std::string::npos);
  CHECK_FALSE(refused.headers.get("Retry-After").empty());
  CHECK_FALSE(bed.bus().unready());  // it still answers, and delivers

  partner.answer(200);
  CHECK(bed.until([&] { return partner.got().size() >= 3; }, 100ms));
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  CHECK(outcomes(bed, DeliveryState::delivered) == 3);
  CHECK(bed.until([&] { return !bed.bus().disk().accepting; }, 1s));
  CHECK(bed.bus().disk().full_in_days == 0);

  bed.env().set_free(300 * kMega);
  CHECK(bed.post("/in", bench_dossier("urn:9"), {{"Idempotency-Key", "9"}}).status == 202);
  CHECK(partner.until_got(4));
  CHECK(bed.until([&] { return bed.bus().disk().accepting; }, 1s));
}

TEST_CASE(
    "a large body for which there is no room is refused before it is sent, and one in the midst of it is cut off") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup(partner));
  bed.start();
  bed.env().set_free(310 * kMega);
  net::RawSocket socket = net::RawSocket::connect(bed.bus().ports().at("main"));
  REQUIRE(
      socket.send("POST /big HTTP/1.1\r\nHost: h\r\nX-API-Key: test-key\r\nContent-Type: application/json\r\n"
                  "Expect: 100-continue\r\nContent-Length: 20000000\r\n\r\n"));
  const std::string answer = socket.receive_until("\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 507"));
  CHECK(answer.find("Retry-After: 60") != std::string::npos);
  CHECK(blob_files(bed) == 0);

  // The space goes while it comes.
  net::RawSocket second = net::RawSocket::connect(bed.bus().ports().at("main"));
  REQUIRE(
      second.send("POST /big HTTP/1.1\r\nHost: h\r\nX-API-Key: test-key\r\nContent-Type: application/json\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"));
  const std::string chunk = "100000\r\n" + std::string(1 << 20, ' ') + "\r\n";
  for (int i = 0; i < 8; ++i) REQUIRE(second.send(chunk));
  REQUIRE(bed.until([&] { return blob_files(bed) == 1; }));
  bed.env().set_free(100 * kMega);
  for (int i = 0; i < 12; ++i) second.send(chunk);
  CHECK(second.receive_until("\r\n\r\n").starts_with("HTTP/1.1 507"));
  CHECK(bed.until([&] { return blob_files(bed) == 0; }));

  bed.env().set_free(GateEnv::kReal);
  CHECK(bed.post("/big", large_dossier()).status == 202);
}

TEST_CASE("no space for a blob although there was some a moment ago: 507, nothing stays, and the next one passes") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup(partner));
  bed.start();
  bed.env().full_at("/blobs/");
  const auto refused = bed.post("/big", large_dossier(), {{"Idempotency-Key", "1"}});
  CHECK(refused.status == 507);
  CHECK(member(refused.body, "code") == "LT-6002");
  CHECK(blob_files(bed) == 0);
  CHECK(bed.post("/in", bench_dossier("urn:1")).status == 202);  // small ones need no blob
  bed.env().full_at("");
  CHECK(bed.post("/big", large_dossier(), {{"Idempotency-Key", "1"}}).status == 202);
  CHECK(partner.until_got(2));
}

TEST_CASE("the forecast is the slope of the free space, kept over restarts, and none before an hour") {
  lt::test::SimEnv env;
  ManualClock clock;
  Metrics metrics;
  REQUIRE(env.make_directories("d"));
  constexpr uint64_t kGiga = 1 << 30;
  env.limit_space(100 * kGiga);
  const auto occupy = [&](uint64_t bytes) {
    auto file = env.open("d/data", OpenMode::create_or_open);
    REQUIRE(file);
    REQUIRE((*file)->truncate(bytes));
  };
  {
    DiskSpace disk(env, clock, metrics, "d", 10 * kGiga);
    disk.measure();
    CHECK_FALSE(disk.figures().growth_per_day);
    CHECK(metrics.expose().find("lienthong_disk_full_days -1") != std::string::npos);
    // 24 MB an hour.
    for (uint64_t hour = 1; hour <= 12; ++hour) {
      clock.advance(1h);
      occupy(hour * 24 * kMega);
      disk.measure();
    }
  }
  DiskSpace disk(env, clock, metrics, "d", 10 * kGiga);
  disk.measure();
  const auto figures = disk.figures();
  REQUIRE(figures.growth_per_day);
  CHECK(*figures.growth_per_day > 570 * static_cast<int64_t>(kMega));
  CHECK(*figures.growth_per_day < 582 * static_cast<int64_t>(kMega));
  REQUIRE(figures.full_in_days);
  CHECK(*figures.full_in_days >= 157);  // (100 - 0.28 - 10) GB at 576 MB a day
  CHECK(*figures.full_in_days <= 161);
  CHECK(metrics.expose().find("lienthong_disk_free_bytes 10") != std::string::npos);

  // A disk that empties is not full on any day; a clock that went back is no growth.
  occupy(0);
  clock.advance(24h * 8);
  disk.measure();
  clock.advance(2h);
  disk.measure();
  CHECK(*disk.figures().growth_per_day <= 0);
  CHECK_FALSE(disk.figures().full_in_days);
  CHECK(metrics.expose().find("lienthong_disk_full_days 36500") != std::string::npos);
  CHECK(disk.room(50 * kGiga));
  CHECK(disk.room(95 * kGiga).error().code == Code::disk_full);
}
