// Files that documents name by their address (`carrier: url`), through the whole bus on real sockets.
#include "test/core/runtime/fetch.h"

#include <cstdlib>
#include <optional>

#include "core/blob/blob_format.h"
#include "core/codec/base64.h"
#include "test/core/net/authority.h"
#include "test/core/net/fixture.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

TEST_CASE("files behind an address go out as base64; each address is asked once, a key goes to its place only") {
  Fetched f;
  FilePlace other(f.bed.clock);
  f.place.put("/tep/Đơn.pdf", "ABC");
  f.place.put("/tep/b", "ABCD");
  other.put("/c", "");
  f.start("{from: [{url: \"" + f.place.url("/tep/") + "\", headers: {X-Key: bi-mat}}, {url: \"" + other.url() +
          "\"}], timeout: 1h, connect_time: 1h, within: 1h, at_once: 1}");
  const std::string a = f.place.url("/tep/Đơn.pdf?so=1");
  f.send({a, f.place.url("/tep/b"), a, other.url("/c")});
  const std::string body = f.delivered();
  CHECK(has(body, R"("noiDung":"QUJD"},)"));
  CHECK(has(body, R"("noiDung":"QUJDRA=="},)"));
  CHECK(has(body.substr(body.find("QUJDRA==")), R"("noiDung":"QUJD"},)"));
  CHECK(has(body, R"("noiDung":""})"));
  REQUIRE(f.place.calls() == 2);
  CHECK(f.place.got()[0].target == "/tep/%C4%90%C6%A1n.pdf?so=1");
  CHECK(f.place.got()[0].key == "bi-mat");
  CHECK(f.place.got()[1].key == "bi-mat");
  REQUIRE(other.calls() == 1);
  CHECK(other.got()[0].key == "");
  CHECK(has(f.bed.figures(), "lienthong_files_fetched_total{outcome=\"fetched\"} 3"));
  CHECK(has(f.bed.figures(), "lienthong_files_fetched_bytes_total 7"));
  for (const auto& [position, fact] : f.bed.facts())
    if (const auto* outcome = std::get_if<OutcomeFact>(&fact)) {
      CHECK(outcome->outcome.sent_bytes == body.size());
      CHECK(outcome->outcome.sent_sha256 == sha256(body));
    }
}

TEST_CASE("a file behind an address goes out in a ZIP") {
  Fetched f(", as: zip, name: TenTepDinhKem");
  f.place.put("/a", "ABC");
  f.start(from(f.place.url()));
  f.send({f.place.url("/a")});
  const std::string body = f.delivered();
  const std::string mark = "\"noiDung\":\"";
  const size_t at = body.find(mark) + mark.size();
  const auto archive = codec::decode_base64(body.substr(at, body.find('"', at) - at));
  REQUIRE(archive);
  CHECK(has(*archive, "tep-0.pdf"));
  CHECK(archive->starts_with("PK"));
}

TEST_CASE("a file behind an address goes out as a part beside the document") {
  Fetched f(", as: part, name: TenTepDinhKem");
  f.place.put("/a", "ABC");
  f.place.put("/b", stream_of(300'000));
  f.start(from(f.place.url()));
  f.send({f.place.url("/a"), f.place.url("/b")});
  const std::string body = f.delivered();
  CHECK(has(body, R"("noiDung":"file-1")"));
  CHECK(has(body, "filename=\"tep-0.pdf\""));
  CHECK(has(body, "\r\n\r\nABC\r\n"));
  CHECK(body.size() > 300'000);
}

TEST_CASE("a file of 96 MB behind an address goes out as base64 in constant memory, sealed as its message is") {
  constexpr uint64_t kLarge = 96 << 20;
  Bed bed;
  FilePlace place(bed.clock);
  Drain partner(bed.clock);
  use_package(bed, "DuongDanTaiTepTin, carrier: url");
  place.put("/a", stream_of(kLarge));
  bed.configure(fetching(partner.url(), from(place.url())));
  bed.start();
  auto arrived = partner.first();
  reset_peak();
  const long before = peak_kib();
  REQUIRE(bed.post("/in", dossier_of({place.url("/a")})).status == 202);
  const auto got = arrived.get();
  const long grown = peak_kib() - before;
  MESSAGE("peak memory grew by " << grown << " KiB");
  CHECK(grown < 6'144 + kPeakAllowance);
  CHECK(got.bytes > kLarge / 3 * 4);
  CHECK(got.bytes < kLarge / 3 * 4 + 4'096);
  REQUIRE(stored_files(bed).size() == 1);
  std::string head(blob::kHeaderSize, '\0');
  std::ifstream(stored_files(bed)[0], std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  blob::Header header;
  REQUIRE(blob::decode_header(head, header));
  CHECK(header.key.key_class == journal::KeyClass::personal);
}

TEST_CASE("an address that is not listed is held and not asked; once it is listed, a replay delivers it") {
  Fetched f;
  f.place.put("/tep/a", "ABC");
  f.start(from(f.place.url("/khac/")));
  f.send({f.place.url("/tep/a?khoa=bi-mat")});
  const auto held = wait_for(f.bed, DeliveryState::held);
  CHECK(held.code == Code::fetch_not_allowed);
  CHECK(has(held.detail, "at $.TaiLieuNop[0].DuongDanTaiTepTin"));
  CHECK(has(held.detail, f.place.url("/tep/a") + " is below no place"));
  CHECK_FALSE(has(held.detail, "bi-mat"));
  CHECK(f.place.calls() == 0);
  f.bed.configure(fetching(f.partner.url(), from(f.place.url("/tep/"))));
  const auto reloaded = f.bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  f.replay();
  CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
}

TEST_CASE("what the place refuses is held, and nothing is sent; redirects are not followed") {
  Fetched f;
  f.place.put("/moi", "ABC");
  std::string words;
  SUBCASE("not there") { words = "HTTP 404"; }
  SUBCASE("not for us") {
    f.place.say("/a", 403);
    words = "HTTP 403: does it want a header";
  }
  SUBCASE("redirect") {
    f.place.say("/a", 302, {"Location", f.place.url("/moi")});
    words = "HTTP 302: redirects are not followed";
  }
  SUBCASE("nothing") {
    f.place.say("/a", 204);
    words = "HTTP 204";
  }
  SUBCASE("packed") {
    f.place.say("/a", 200, {"Content-Encoding", "gzip"});
    words = "it is sent packed";
  }
  f.start(from(f.place.url()));
  f.send({f.place.url("/a?khoa=bi-mat")});
  const auto held = wait_for(f.bed, DeliveryState::held);
  CHECK(held.code == Code::fetch_refused);
  CHECK_MESSAGE(has(held.detail, f.place.url("/a") + ": " + words), held.detail);
  CHECK_FALSE(has(held.detail, "bi-mat"));
  CHECK(f.place.calls() == 1);
  CHECK(f.partner.calls() == 0);
  f.place.put("/a", "ABC");
  f.replay();
  CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
}

TEST_CASE("a file whose length is not said is not taken: a cut would look like its end") {
  Fetched f;
  net::RawListener raw;
  const std::string url = net::url_of(raw.port(), "/a");
  f.start(from(url));
  f.send({url});
  auto socket = raw.accept();
  socket.receive_until("\r\n\r\n");
  socket.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nABC");
  socket.close();
  const auto held = wait_for(f.bed, DeliveryState::held);
  CHECK(held.code == Code::fetch_refused);
  CHECK(has(held.detail, "its length is not said"));
}

TEST_CASE("a place that cannot now is asked again later, and the partner gets the file once") {
  Fetched f;
  std::string words;
  SUBCASE("unavailable") {
    f.place.say("/a", 503);
    words = "HTTP 503";
  }
  SUBCASE("too many") {
    f.place.say("/a", 429);
    words = "HTTP 429";
  }
  SUBCASE("cut amid the body") {
    f.place.put("/a", stream_of(900'000, 300'000));
    words = "LT-7002";
  }
  f.start(from(f.place.url()));
  f.send({f.place.url("/a")});
  const auto waiting = wait_for(f.bed, DeliveryState::retry);
  CHECK(waiting.code == Code::fetch_failed);
  CHECK_MESSAGE(has(waiting.detail, words), waiting.detail);
  CHECK(f.partner.calls() == 0);
  CHECK(stored_files(f.bed).empty());
  f.place.put("/a", "ABC");
  until_next(f.bed);
  CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
  CHECK(f.place.calls() == 2);
  CHECK(f.partner.calls() == 1);
}

TEST_CASE("a stop amid a fetch ends it with an outcome: after the next start it is fetched and sent, without a doubt") {
  Fetched f;
  f.place.put("/a", "ABC");
  f.place.hold();
  f.bed.configure(fetching(f.partner.url(), from(f.place.url()), ", class: none, timeout: 24h"));
  f.bed.start();
  f.send({f.place.url("/a")});
  REQUIRE(f.bed.until([&] { return f.place.calls() == 1; }));
  const Mono began = system_clock().mono();
  f.bed.stop();
  CHECK(system_clock().mono() - began < 4s);  // stop_time is 5 s
  f.place.let_go();
  f.bed.start();
  until_next(f.bed);
  CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
  CHECK(f.partner.calls() == 1);
  for (const auto& [position, fact] : f.bed.facts())
    if (const auto* outcome = std::get_if<OutcomeFact>(&fact)) CHECK(outcome->outcome.kind != OutcomeKind::ambiguous);
}

TEST_CASE("what waits for its files is fetched after a restart") {
  Fetched f;
  f.place.say("/a", 503);
  f.start(from(f.place.url()));
  f.send({f.place.url("/a")});
  wait_for(f.bed, DeliveryState::retry);
  f.bed.stop();
  f.place.put("/a", "ABC");
  f.bed.start();
  until_next(f.bed);
  CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
}

TEST_CASE("what was fetched is freed after a day, and fetched again when it is needed again") {
  Fetched f;
  f.place.put("/a", stream_of(120'000));
  f.partner.answer(503);
  f.start(from(f.place.url()));
  f.send({f.place.url("/a")});
  wait_for(f.bed, DeliveryState::retry);
  REQUIRE(stored_files(f.bed).size() == 1);
  REQUIRE(f.bed.bus().retain());
  CHECK(stored_files(f.bed).size() == 1);
  ActionFact pause;
  pause.kind = ActionKind::pause;
  pause.name = "out";
  pause.by = "Lan";
  pause.why = "thử";
  REQUIRE_FALSE(f.bed.operate(pause));
  f.bed.advance(25h);
  REQUIRE(f.bed.bus().retain());
  CHECK(f.bed.until([&] { return stored_files(f.bed).empty(); }));
  f.partner.answer(200);
  pause.kind = ActionKind::resume;
  REQUIRE_FALSE(f.bed.operate(pause));
  CHECK(f.delivered().size() > 160'000);
  CHECK(stored_files(f.bed).size() == 1);
}

TEST_CASE("the configuration says from where files come, or it is refused with the line") {
  const auto said = [](const std::string& fetch) {
    Bed bed;
    use_package(bed, "DuongDanTaiTepTin, carrier: url");
    bed.configure(fetching("http://127.0.0.1:1", fetch));
    try {
      bed.start();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(said("{from: [{url: \"https://a.vn/tep/\", headers: {X-Key: a}}], limit: 5MB, at_once: 3}") == "");
  CHECK(has(said(""), "mapping \"dossier-files\" takes files from their address (carrier: url), and nothing says"));
  CHECK(has(said("{limit: 5MB}"), "from"));
  CHECK(has(said("{from: []}"), "nothing may be fetched from anywhere"));
  CHECK(has(said("{from: [{url: a.vn}]}"), "LT-7010"));
  CHECK(has(said("{from: [{url: \"https://ten:mk@a.vn/\"}]}"), "without name and password"));
  CHECK(has(said("{from: [{url: \"https://a.vn/?x=1\"}]}"), "without query"));
  CHECK(has(said("{from: [{url: \"https://a.vn\"}, {url: \"https://A.vn:443/\"}]}"), "https://a.vn/ is listed twice"));
  CHECK(has(said("{from: [{url: \"https://a.vn\", headers: {\"X Key\": a}}]}"), "cannot be a header"));
  CHECK(has(said("{from: [{url: \"https://a.vn\"}], limit: 3GB}"), "limit"));
  CHECK(has(said("{from: [{url: \"https://a.vn\"}], at_once: 0}"), "at_once"));
}

TEST_CASE("a fetch that fails on the trial delivery of an open breaker says nothing of the partner") {
  Fetched f;
  f.place.put("/a", "ABC");
  f.partner.answer(503);
  f.bed.configure(fetching(f.partner.url(), from(f.place.url()),
                           ", class: partner_idempotent, timeout: 24h}, "
                           "delivery: {breaker: {failures: 1, wait: 1s}"));
  f.bed.start();
  f.send({f.place.url("/a")});
  wait_for(f.bed, DeliveryState::retry);
  CHECK(f.bed.lane("out").breaker == engine::LaneStatus::Breaker::open);
  f.place.say("/a", 503);
  f.bed.advance(1min);
  CHECK(wait_for(f.bed, DeliveryState::retry, 2).code == Code::fetch_failed);
  CHECK(f.bed.lane("out").breaker == engine::LaneStatus::Breaker::trying);
  CHECK(f.partner.calls() == 1);
  f.place.put("/a", "ABC");
  f.partner.answer(200);
  f.bed.advance(1min);
  f.delivered();
  CHECK(f.bed.lane("out").breaker == engine::LaneStatus::Breaker::closed);
}

TEST_CASE("a file behind https is fetched when the machine trusts the place; nothing is asked of it before") {
  net::Authority authority("nơi giữ tệp");
  authority.issue("place", "IP:127.0.0.1");
  struct Trusted {  // as after update-ca-certificates; set while there is no thread but this one
    explicit Trusted(const std::string& file) { ::setenv("SSL_CERT_FILE", file.c_str(), 1); }
    ~Trusted() { ::unsetenv("SSL_CERT_FILE"); }
  };
  std::optional<Trusted> trusted;
  bool knows = true;
  SUBCASE("trusted") { trusted.emplace(authority.ca_file()); }
  SUBCASE("not trusted") { knows = false; }
  Fetched f;
  FilePlace place(f.bed.clock, net::secure(authority, "place"));
  place.put("/a", "ABC");
  f.start(from(place.url()));
  f.send({place.url("/a")});
  if (knows) {
    CHECK(has(f.delivered(), R"("noiDung":"QUJD")"));
    return;
  }
  const auto waiting = wait_for(f.bed, DeliveryState::retry);
  CHECK(waiting.code == Code::fetch_failed);
  CHECK_MESSAGE(has(waiting.detail, "LT-7004"), waiting.detail);
  CHECK(place.calls() == 0);
  CHECK(f.partner.calls() == 0);
}
