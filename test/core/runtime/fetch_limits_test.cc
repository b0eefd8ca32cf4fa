// What fetching files may cost: time, bytes, calls at once, the disk.
#include "core/blob/blob_store.h"
#include "core/runtime/file_fetch.h"
#include "test/core/net/fixture.h"
#include "test/core/runtime/fetch.h"
#include "test/support/sim_env.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

TEST_CASE("a file larger than the limit is held and leaves nothing, whether its length is said or not") {
  Fetched f;
  SUBCASE("said") { f.place.put("/a", stream_of(3'000'000)); }
  SUBCASE("not said") {
    f.place.put("/a", [] {
      net::Response response;
      response.stream = std::make_shared<lt::test::GeneratedSource>("", "ABCD", 500'000, "");
      return response;
    });
  }
  f.start(from(f.place.url(), ", limit: 1000KB, timeout: 1h, connect_time: 1h, within: 1h"));
  f.send({f.place.url("/a?bi-mat")});
  const auto held = wait_for(f.bed, DeliveryState::held);
  CHECK(held.code == Code::too_large);
  CHECK_MESSAGE(has(held.detail, f.place.url("/a") + ": more than "), held.detail);
  CHECK(has(held.detail, "files.fetch.limit"));
  CHECK_FALSE(has(held.detail, "bi-mat"));
  CHECK(stored_files(f.bed).empty());
  CHECK(f.partner.calls() == 0);
}

TEST_CASE("a place that does not answer costs its own time, not the destination's") {
  Fetched f;
  f.place.put("/a", "ABC");
  f.place.hold();
  f.bed.configure(
      fetching(f.partner.url(), from(f.place.url(), ", timeout: 30s, connect_time: 1h"), ", class: none, timeout: 5s"));
  f.bed.start();
  f.send({f.place.url("/a")});
  REQUIRE(f.bed.until([&] { return f.place.calls() == 1; }));
  SUBCASE("within it the file is sent") {
    f.bed.advance(29s);
    f.place.let_go();
    CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
  }
  SUBCASE("past it the fetch is tried again, and nobody asks whether the partner has it") {
    f.bed.advance(31s);
    const auto waiting = wait_for(f.bed, DeliveryState::retry);
    CHECK(waiting.code == Code::fetch_failed);
    CHECK(has(waiting.detail, "LT-7003"));
    CHECK(f.partner.calls() == 0);
  }
}

TEST_CASE("a place that trickles is given up when the whole has taken too long") {
  Fetched f;
  net::RawListener raw;
  const std::string url = net::url_of(raw.port(), "/a");
  f.start(from(url, ", timeout: 1h, connect_time: 1h, within: 10s"));
  f.send({url});
  auto socket = raw.accept();
  socket.receive_until("\r\n\r\n");
  socket.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  f.bed.advance(11s);
  socket.send("A");
  const auto waiting = wait_for(f.bed, DeliveryState::retry);
  CHECK(waiting.code == Code::fetch_failed);
  CHECK(has(waiting.detail, "not whole within 10000 ms"));
}

TEST_CASE("of one delivery so many files are fetched at a time as the configuration says") {
  Fetched f;
  for (const char* path : {"/a", "/b", "/c"}) f.place.put(path, "ABC");
  f.place.hold();
  f.start(from(f.place.url(), ", timeout: 1h, connect_time: 1h, within: 1h, at_once: 2"));
  f.send({f.place.url("/a"), f.place.url("/b"), f.place.url("/c")});
  REQUIRE(f.bed.until([&] { return f.place.calls() >= 2; }));
  FilePlace other(f.bed.clock);
  for (int i = 0; i < 20; ++i) {  // a third call would be there long before these are answered
    net::Call call = f.bed.call("/", "");
    call.method = "GET";
    call.url = other.url("/");
    REQUIRE(f.bed.begin(std::move(call)).get());
  }
  CHECK(f.place.calls() == 2);
  f.place.let_go();
  f.delivered();
  CHECK(f.place.calls() == 3);
}

TEST_CASE("there is an end to how many files one document may have fetched, and to their bytes together") {
  net::World world;
  lt::test::SimEnv env;
  const auto keys = journal::KeyStore::open(env, "d", CipherKey{7});
  REQUIRE(keys);
  const auto blobs = blob::open_file_store(env, "d/blobs", world.clock, **keys);
  REQUIRE(blobs);
  runtime::BodyStore bodies(**blobs, *world.pool);
  runtime::FetchesUnderWay under_way;
  FilePlace place(world.clock);
  place.put("/a", std::string(60, 'a'));
  place.put("/b", std::string(60, 'b'));
  runtime::FileFetchingSection section;
  section.from.emplace_back().url.value = place.url();
  const auto fetch = [&](std::shared_ptr<const runtime::FetchRules> rules, std::vector<mapping::WantedFile> files) {
    runtime::FileFetcher fetcher(world.shard(), *world.pool, bodies, under_way, world.metrics, std::move(rules));
    const auto got = world.run(fetcher.fetch(std::move(files), journal::KeyClass::none));
    return got ? Code::none : got.error().code;
  };
  const std::vector<mapping::WantedFile> both = {{place.url("/a"), "$.a"}, {place.url("/b"), "$.b"}};
  auto rules = std::make_shared<runtime::FetchRules>(section);
  CHECK(fetch(rules, both) == Code::none);
  CHECK(fetch(rules, {201, both[0]}) == Code::too_large);
  CHECK(fetch(nullptr, both) == Code::fetch_not_allowed);
  CHECK(place.calls() == 2);
  rules->together = 100;
  CHECK(fetch(rules, both) == Code::too_large);
  CHECK(fetch(rules, {both[0]}) == Code::none);
  under_way.stop();
  CHECK(fetch(rules, {both[0]}) == Code::unavailable);
}

TEST_CASE("below the reserve of the disk nothing is fetched, and later it is") {
  Fetched f;
  f.place.put("/a", stream_of(120'000));
  f.start(from(f.place.url()));
  REQUIRE(f.bed.post("/in", dossier_of({})).status == 202);
  REQUIRE(f.partner.until_got(1));
  f.place.hold();
  f.send({f.place.url("/a")});
  REQUIRE(f.bed.until([&] { return f.place.calls() == 1; }));
  f.bed.env().set_free(1 << 20);
  f.bed.advance(10s);  // it is looked at every 10 s
  REQUIRE(f.bed.until([&] { return !f.bed.bus().disk().accepting; }));
  f.place.let_go();
  CHECK(wait_for(f.bed, DeliveryState::retry).code == Code::disk_full);
  f.bed.env().set_free(GateEnv::kReal);
  until_next(f.bed);
  CHECK(f.partner.until_got(2));
}
