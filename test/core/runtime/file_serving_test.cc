// Files of a message fetched from the addresses they were given, through the whole bus on real sockets.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/base/log.h"
#include "core/runtime/erasure.h"
#include "test/core/runtime/file_house.h"
#include "test/core/runtime/large.h"

using namespace lt;
using namespace lt::runtime;
using namespace lt::runtime::test;
using lt::test::GeneratedSource;
using namespace std::chrono_literals;

namespace {

constexpr const char* kUnit = "QUJDREVGR0hJSktM";
constexpr uint64_t kLarge = 100 << 20;

std::unique_ptr<journal::KeyStore> keys_of(Bed& bed) {
  auto master = journal::parse_master_key(*read_file(system_env(), bed.folder() + "/data/master.key"));
  return *journal::KeyStore::open(system_env(), bed.folder() + "/data", *master);
}

// Takes what is fetched and keeps its size and hash.
class HashSink final : public ByteSink {
 public:
  Result<void> write(std::string_view bytes) override {
    hash_.update(bytes);
    size += bytes.size();
    return {};
  }
  Sha256 digest() { return hash_.finish(); }
  uint64_t size = 0;

 private:
  Sha256Stream hash_;
};

}  // namespace

TEST_CASE("two files of a dossier get addresses, and who has these fetches them as they were") {
  FileHouse house;
  const std::string pdf("%PDF-1.4\n\0\xff binary", 18), page = "<script>alert(1)</script>";
  const auto given = sent(house.bed, house.partner,
                          document(item("Đơn xin \\\"gấp\\\".pdf", "noiDung", pdf) + "," +
                                   item("C:\\\\hồ sơ\\\\trang 100%.html", "goi", page)));
  REQUIRE(given.size() == 2);
  for (const std::string& address : given) {
    CAPTURE(address);
    CHECK(address.starts_with("https://tep.example/tep/"));
    CHECK(std::all_of(address.begin(), address.end(), [](char c) {
      return c > ' ' && c < 0x7f && std::string_view("\"'<>&\\").find(c) == std::string_view::npos;
    }));
  }
  CHECK(given[0].ends_with("/%C4%90%C6%A1n%20xin%20%22g%E1%BA%A5p%22.pdf"));

  const auto first = ask(house.bed, given[0]);
  CHECK(first.status == 200);
  CHECK(first.body == pdf);
  CHECK(text_of(first, "Content-Type") == "application/pdf");
  CHECK(text_of(first, "Content-Length") == std::to_string(pdf.size()));
  CHECK(text_of(first, "Content-Disposition") ==
        "attachment; filename=\"__n xin _g_p_.pdf\"; filename*=UTF-8''%C4%90%C6%A1n%20xin%20%22g%E1%BA%A5p%22.pdf");
  const auto second = ask(house.bed, given[1]);
  CHECK(second.body == page);
  CHECK(text_of(second, "Content-Disposition") ==
        "attachment; filename=\"trang 100_.html\"; filename*=UTF-8''trang%20100%25.html");
  for (const auto& response : {first, second, ask(house.bed, "/tep/wrong/a.pdf")}) {
    CHECK(text_of(response, "X-Content-Type-Options") == "nosniff");
    CHECK(text_of(response, "Cache-Control") == "private, no-store");
    CHECK(text_of(response, "Content-Security-Policy").find("sandbox") != std::string::npos);
  }

  const auto head = ask(house.bed, given[1], "HEAD");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(text_of(head, "Content-Length") == std::to_string(page.size()));
  CHECK(text_of(head, "Accept-Ranges") == "none");
  const auto post = ask(house.bed, given[0], "POST");
  CHECK(post.status == 405);
  CHECK(text_of(post, "Allow") == "GET, HEAD");
  for (const char* path : {"/tep", "/tep/", "/tep//a.pdf", "/other"}) {
    CAPTURE(path);
    CHECK(ask(house.bed, path).status == 404);
  }
}

TEST_CASE("a name that would end a header or the path of an address ends neither") {
  FileHouse house;
  const auto given =
      sent(house.bed, house.partner,
           document(item("a\\r\\nSet-Cookie: x=1.pdf", "noiDung", "1") + "," + item("..", "noiDung", "2") + "," +
                    item("a/b?c#d;e.txt", "noiDung", "3") + "," + item("", "noiDung", "4")));
  REQUIRE(given.size() == 4);
  for (size_t i = 0; i < given.size(); ++i) {
    const auto got = ask(house.bed, given[i]);
    CAPTURE(given[i]);
    CHECK(got.status == 200);
    CHECK(got.body == std::to_string(i + 1));
    CHECK_FALSE(got.headers.has("Set-Cookie"));
  }
  CHECK(given[1].ends_with("/file"));
  CHECK(given[2].ends_with("/b%3Fc%23d%3Be.txt"));
}

TEST_CASE("a file of 100 MB of base64 is given an address and fetched from it in constant memory") {
  Bed bed;
  Partner partner(bed.clock);
  use_files(bed);
  bed.configure(setup(partner.url()));
  bed.start();
  reset_peak();
  const long before = peak_kib();
  net::Call call = bed.call("/in", {});
  call.stream = std::make_shared<GeneratedSource>(R"({"ma":"M1","tep":[{"ten":"lớn.bin","noiDung":")", kUnit,
                                                  kLarge / std::string(kUnit).size(), R"("}]})");
  const auto taken = bed.begin(std::move(call)).get();
  REQUIRE(taken);
  REQUIRE(taken->status == 202);
  REQUIRE(partner.until_got(1));
  const auto given = addresses(partner.got()[0].body);
  REQUIRE(given.size() == 1);
  HashSink sink;
  const auto got = ask(bed, given[0], "GET", &sink);
  const long grown = peak_kib() - before;
  MESSAGE("peak memory grew by " << grown << " KiB");
  CHECK(grown < 6'144 + kPeakAllowance);
  CHECK(got.status == 200);
  CHECK(text_of(got, "Content-Length") == std::to_string(kLarge / 4 * 3));
  CHECK(sink.size == kLarge / 4 * 3);
  GeneratedSource plain("", "ABCDEFGHIJKL", kLarge / 16, "");
  CHECK(sink.digest() == hash_of(plain));
}

TEST_CASE("an address that was changed, put together anew or given by another bus opens nothing") {
  FileHouse house;
  const auto given = sent(house.bed, house.partner,
                          document(item("a.pdf", "noiDung", "first") + "," + item("b.pdf", "noiDung", "second")));
  REQUIRE(given.size() == 2);
  const size_t name = given[0].rfind('/');
  std::string changed = given[0];
  changed[name - 5] = changed[name - 5] == 'A' ? 'B' : 'A';
  CHECK(refusal(ask(house.bed, changed)) == kWrong);
  CHECK(refusal(ask(house.bed, given[0].substr(0, name) + given[1].substr(given[1].rfind('/')))) == kWrong);
  // Nobody else says as what a file is served.
  CHECK(refusal(ask(house.bed, given[0].substr(0, name) + "/a.html")) == kWrong);
  CHECK(refusal(ask(house.bed, given[0].substr(0, name) + "/a.PDF")) == kWrong);
  CHECK(refusal(ask(house.bed, given[0].substr(0, name - 1) + given[0].substr(name))) == kWrong);
  CHECK(refusal(ask(house.bed, "/tep/" + std::string(3'900, 'A') + "/a.pdf")) == kWrong);

  FileHouse other;
  const auto others = sent(other.bed, other.partner, document(item("a.pdf", "noiDung", "other")));
  REQUIRE(others.size() == 1);
  CHECK(ask(other.bed, others[0]).body == "other");
  CHECK(refusal(ask(other.bed, given[0])) == kWrong);
  CHECK(refusal(ask(house.bed, others[0])) == kWrong);
  CHECK(house.bed.figures().find("lienthong_files_served_total{outcome=\"wrong\"} 7") != std::string::npos);
}

TEST_CASE("after its time an address is refused, and the file is not asked for") {
  FileHouse house("url: \"https://tep.example/tep\", valid: 10d");
  const auto given = sent(house.bed, house.partner, document(item("a.pdf", "noiDung", "bytes")));
  REQUIRE(given.size() == 1);
  house.bed.advance(10 * 24h - 2s);
  CHECK(ask(house.bed, given[0]).body == "bytes");
  house.bed.advance(2s);
  const auto late = ask(house.bed, given[0]);
  CHECK(refusal(late) == kExpired);
  CHECK(late.body.find("it was good until ") != std::string::npos);
  CHECK(house.bed.figures().find("lienthong_files_served_total{outcome=\"expired\"} 1") != std::string::npos);
}

TEST_CASE("a message that waited longer than addresses are good is sent with ones that are") {
  FileHouse house("url: \"https://tep.example/tep\", valid: 10d");
  REQUIRE(pause(house.bed, ActionKind::pause));
  REQUIRE(house.bed.post("/in", document(item("a.pdf", "noiDung", "bytes"))).status == 202);
  house.bed.advance(11 * 24h);
  REQUIRE(pause(house.bed, ActionKind::resume));
  REQUIRE(house.partner.until_got(1));
  const auto given = addresses(house.partner.got()[0].body);
  REQUIRE(given.size() == 1);
  CHECK(ask(house.bed, given[0]).body == "bytes");
  house.bed.advance(9 * 24h - 1s);
  CHECK(ask(house.bed, given[0]).status == 200);
  house.bed.advance(1s);
  CHECK(refusal(ask(house.bed, given[0])) == kExpired);
}

TEST_CASE("a delivery tried again sends the same document") {
  FileHouse house;
  house.partner.answer(503);
  REQUIRE(house.bed.post("/in", document(item("a.pdf", "noiDung", "1") + "," + item("b.pdf", "goi", "2"))).status ==
          202);
  for (size_t tried = 1; tried <= 4; ++tried) {
    REQUIRE(house.bed.until([&] { return house.partner.calls() == tried && house.bed.lane("out").retry == 1; }));
    if (tried == 4) house.partner.answer(200);
    house.bed.advance(2h);
  }
  REQUIRE(house.bed.until([&] { return house.bed.lane("out").delivered == 1; }));
  std::set<std::string> hashes;
  size_t attempts = 0;
  for (const auto& [position, fact] : house.bed.facts())
    if (const auto* outcome = std::get_if<OutcomeFact>(&fact)) {
      hashes.insert(hex(outcome->outcome.sent_sha256));
      ++attempts;
    }
  CHECK(attempts == 5);
  CHECK(hashes.size() == 1);
}

TEST_CASE("addresses stay good over a restart and over a reload that gives others") {
  FileHouse house;
  const std::string body = document(item("a.pdf", "noiDung", "bytes"));
  const auto given = sent(house.bed, house.partner, body);
  REQUIRE(given.size() == 1);
  house.bed.stop();
  house.bed.start();
  CHECK(ask(house.bed, given[0]).body == "bytes");

  house.bed.configure(setup(house.partner.url(), "url: \"https://tep.example/x/y/\", path: /tep, valid: 90d"));
  const auto reloaded = house.bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  const auto others = sent(house.bed, house.partner, body);
  REQUIRE(others.size() == 1);
  CHECK(others[0].starts_with("https://tep.example/x/y/"));
  CHECK(ask(house.bed, given[0]).body == "bytes");
  CHECK(ask(house.bed, "/tep" + others[0].substr(std::string("https://tep.example/x/y").size())).body == "bytes");
  CHECK(ask(house.bed, others[0]).status == 404);  // that is the path of the proxy in front

  write_mapping(house.bed, "");
  house.bed.configure(setup(house.partner.url(), ""));
  REQUIRE(house.bed.reload());
  CHECK(ask(house.bed, given[0]).status == 404);
}

TEST_CASE("a file whose message was erased is gone: one in the journal, and one of a stored body") {
  FileHouse house;
  const auto small = sent(house.bed, house.partner, document(item("a.pdf", "noiDung", "bytes")));
  const auto large = sent(house.bed, house.partner, document(item("a.pdf", "noiDung", std::string(200'000, 'x'))));
  REQUIRE(small.size() == 1);
  REQUIRE(large.size() == 1);
  CHECK(ask(house.bed, large[0]).body == std::string(200'000, 'x'));
  const uint32_t day = journal::key_day(house.bed.clock.wall());
  house.bed.stop();
  house.bed.advance(24h);
  const auto erased = erase(system_env(), house.bed.clock, house.bed.folder() + "/data", *keys_of(house.bed),
                            {day, 1, "Bình", "yêu cầu số 12", house.bed.clock.wall()});
  REQUIRE(erased);
  house.bed.start();
  CHECK(refusal(ask(house.bed, small[0])) == kGone);
  CHECK(refusal(ask(house.bed, large[0])) == kGone);
  CHECK(house.bed.figures().find("lienthong_files_served_total{outcome=\"gone\"} 2") != std::string::npos);
}

TEST_CASE("past its retention a file is gone; of a message that waited longer its address leads to where it was kept") {
  Bed bed;
  Partner partner(bed.clock);
  use_files(bed);
  bed.bus_settings = ", journal_segment: 1MiB";
  bed.configure(setup(partner.url(), "url: \"https://tep.example/tep\", valid: 365d") +
                "retention: {personal: 2d, document: 2d, journal: 8d, every: 9000d}\n");
  bed.start();
  const auto gone = sent(bed, partner, document(item("a.pdf", "noiDung", "gone")));
  REQUIRE(gone.size() == 1);
  REQUIRE(pause(bed, ActionKind::pause));
  REQUIRE(bed.post("/in", document(item("a.pdf", "noiDung", "waits"))).status == 202);
  // Each restart leaves a checkpoint; its journal has to go on into new segments.
  const std::string filling = document("") + std::string(50'000, ' ');
  for (int i = 0; i < 45; ++i) REQUIRE(bed.post("/in", filling).status == 202);
  bed.stop();
  bed.advance(20 * 24h);
  bed.start();
  for (int i = 0; i < 45; ++i) REQUIRE(bed.post("/in", filling).status == 202);
  bed.stop();
  bed.start();
  const auto done = bed.bus().retain();
  REQUIRE(done);
  REQUIRE(done->carried > 0);
  REQUIRE(done->segments_freed > 0);
  CHECK(refusal(ask(bed, gone[0])) == kGone);

  REQUIRE(pause(bed, ActionKind::resume));
  REQUIRE(partner.until([](const auto& got) {
    return std::any_of(got.begin() + 1, got.end(), [](const auto& one) { return !addresses(one.body).empty(); });
  }));
  for (const auto& one : partner.got()) {
    const auto given = addresses(one.body);
    if (!given.empty() && given != gone) CHECK(ask(bed, given[0]).body == "waits");
  }
}

TEST_CASE("a document that is read in another way by now has no file for its old address") {
  FileHouse house;
  const auto given = sent(house.bed, house.partner, document(item("a.pdf", "noiDung", "bytes")));
  REQUIRE(given.size() == 1);
  const std::string type = house.bed.schemas + "/files/ho-so.type.yaml";
  write_file(type, replaced(*read_file(system_env(), type), "format: json\nschema: ho-so.schema.json", "format: xml"));
  house.bed.configure(replaced(setup(house.partner.url()), ", mapping: files", ""));
  const auto reloaded = house.bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  CHECK(refusal(ask(house.bed, given[0])) == kGone);
}

TEST_CASE("a damaged store is our fault and says nothing of our disk") {
  FileHouse house;
  const auto given = sent(house.bed, house.partner, document(item("a.pdf", "noiDung", std::string(200'000, 'x'))));
  REQUIRE(given.size() == 1);
  size_t damaged = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(house.bed.folder() + "/data/blobs")) {
    if (!entry.is_regular_file()) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100'000);
    file << "damage";
    ++damaged;
  }
  REQUIRE(damaged == 1);
  const auto got = ask(house.bed, given[0]);
  CHECK(refusal(got) == Refusal{500, "LT-6031"});
  CHECK(got.body.find(house.bed.folder()) == std::string::npos);
  CHECK(house.bed.figures().find("lienthong_files_served_total{outcome=\"failed\"} 1") != std::string::npos);
}

TEST_CASE("a fetched file is logged and counted, without its address") {
  FileHouse house;
  const auto given = sent(house.bed, house.partner, document(item("a.pdf", "noiDung", "bytes")));
  REQUIRE(given.size() == 1);
  std::mutex mutex;
  std::string lines;
  log::set_sink([&](std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.append(line).append("\n");
  });
  log::set_level(log::Level::info);
  CHECK(ask(house.bed, given[0]).status == 200);
  CHECK(ask(house.bed, given[0] + "x").status == 403);
  log::set_level(log::Level::error);
  log::set_sink(nullptr);
  const std::lock_guard lock(mutex);
  CHECK(lines.find("a file was fetched by its address") != std::string::npos);
  CHECK(lines.find("$.tep[0].noiDung") != std::string::npos);
  CHECK(lines.find("LT-4012") != std::string::npos);
  const size_t from = std::string("https://tep.example/tep/").size();
  CHECK(lines.find(given[0].substr(from, 20)) == std::string::npos);
  CHECK(house.bed.figures().find("lienthong_files_served_total{outcome=\"served\"} 1") != std::string::npos);
}
