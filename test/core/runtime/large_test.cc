// Large bodies through the whole bus, on real sockets.
#include <filesystem>
#include <functional>

#include "core/adapter/document_play.h"
#include "core/codec/base64.h"
#include "core/codec/zip.h"
#include "test/core/net/fixture.h"
#include "test/core/runtime/large.h"

using namespace lt;
using namespace lt::runtime::test;
using lt::test::drain;
using lt::test::GeneratedSource;
using namespace std::chrono_literals;

namespace {

constexpr const char* kFile = "JVBERi0xLjQK";  // of the reference dossier
constexpr uint64_t kLarge = 160 << 20;

std::string setup(const std::string& type, const std::string& url, const std::string& mapping = "") {
  const std::string with = mapping.empty() ? "" : ", mapping: " + mapping;
  return "endpoints:\n  in: {adapter: http, type: " + type +
         ", settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         url +
         "/out\", class: partner_idempotent, timeout: 24h}}\n"
         "routes:\n  - {name: all, types: [" +
         type + "], " + (type == "edxml/document" ? "to: [\"*\"], " : "") + "deliver: [{destination: out" + with +
         "}]}\n";
}

// The reference dossier with a file of `size` bytes of base64, made of `unit`.
std::shared_ptr<ByteSource> dossier(uint64_t size, const std::string& unit = "QUJDREVGR0hJSktM") {
  const std::string whole = onestop_dossier();
  const size_t at = whole.find(kFile);
  return std::make_shared<GeneratedSource>(whole.substr(0, at), unit, size / unit.size(),
                                           whole.substr(at + std::string(kFile).size()));
}

// The source with its size, so that it is sent with Content-Length.
struct Sized final : ByteSource {
  Sized(std::shared_ptr<ByteSource> of, uint64_t bytes) : inner(std::move(of)), total(bytes) {}
  Result<size_t> read(char* out, size_t size) override { return inner->read(out, size); }
  std::optional<uint64_t> size() const override { return total; }
  std::shared_ptr<ByteSource> inner;
  uint64_t total;
};

uint64_t dossier_size(uint64_t file) { return onestop_dossier().size() - std::string(kFile).size() + file; }

net::Response send(Bed& bed, std::shared_ptr<ByteSource> body, const Bed::HeaderList& headers = {}) {
  net::Call call = bed.call("/in", {}, headers);
  call.stream = std::move(body);
  auto answer = bed.begin(std::move(call)).get();
  if (!answer) throw std::runtime_error(answer.error().error.text());
  return std::move(*answer);
}

std::vector<std::string> files_below(const std::string& directory) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) out.push_back(entry.path().filename());
  return out;
}

std::shared_ptr<const Message> first_message(Bed& bed) {
  for (auto& [position, fact] : bed.facts())
    if (const auto* accepted = std::get_if<AcceptedFact>(&fact)) return accepted->message;
  throw std::runtime_error("no message");
}

std::string head_of(const Bed& bed, uint64_t length, const std::string& extra) {
  const net::Call call = bed.call("/in", {});
  return "POST /in HTTP/1.1\r\nHost: h\r\nX-API-Key: test-key\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(length) + "\r\n" + extra + "\r\n";
}

}  // namespace

TEST_CASE("160 MB are taken, understood and relayed byte for byte; memory stays within a few buffers") {
  Bed bed;
  Drain partner(bed.clock);
  bed.configure(setup("onestop/dossier", partner.url()));
  bed.start();
  const Sha256 digest = hash_of(*dossier(kLarge));
  auto arrived = partner.first();
  reset_peak();
  const long before = peak_kib();
  const auto answer = send(bed, dossier(kLarge));
  const long taken = peak_kib() - before;
  REQUIRE(answer.status == 202);
  CHECK(member(answer.body, "sha256") == hex(digest));
  const auto got = arrived.get();
  const long grown = peak_kib() - before;
  CHECK(got.bytes == dossier_size(kLarge));
  CHECK(got.sha256 == digest);
  MESSAGE("peak memory grew by " << taken << " KiB until the 202, by " << grown << " KiB until it was delivered");
  CHECK(grown < 4'096 + kPeakAllowance);
  const auto message = first_message(bed);
  CHECK(message->body.stored());
  REQUIRE(message->envelope.attachments.size() == 1);
  const Attachment& file = message->envelope.attachments[0];
  CHECK(file.length == kLarge);
  CHECK(file.size == kLarge / 4 * 3);
  GeneratedSource plain("", "ABCDEFGHIJKL", kLarge / 16, "");
  CHECK(file.sha256 == hash_of(plain));
}

TEST_CASE("base64 as PHP writes it, with \\/, is a file like any other: relayed as received, mapped, hashed") {
  Bed bed;
  Drain partner(bed.clock);
  bed.configure(setup("onestop/dossier", partner.url(), "onestop-to-judicial"));
  bed.start();
  // Escapes at every place of the pieces it is read in.
  const std::string unit = R"(QUJ\/REVG+0hJ\/\/\/L)";
  constexpr uint64_t kTimes = 400'000;
  auto arrived = partner.first();
  REQUIRE(send(bed, dossier(kTimes * unit.size(), unit)).status == 202);
  const auto message = first_message(bed);
  REQUIRE(message->envelope.attachments.size() == 1);
  const Attachment& file = message->envelope.attachments[0];
  CHECK(file.escaped);
  CHECK(file.length == kTimes * unit.size());
  GeneratedSource plain("", *codec::decode_base64("QUJ/REVG+0hJ///L"), kTimes, "");
  CHECK(file.sha256 == hash_of(plain));
  CHECK(file.size == kTimes * 12);
  // JSON to JSON: the escapes stay where they are.
  const auto got = arrived.get();
  CHECK(got.bytes > kTimes * unit.size());
  CHECK(bed.until([&] { return bed.pending().empty(); }));
}

TEST_CASE("a large edXML file: the wrapper of the SDK is opened on the way, our hop is put in, memory stays bounded") {
  Bed bed;
  Drain partner(bed.clock);
  bed.configure(setup("edxml/document", partner.url()));
  bed.start();
  adapter::SampleDocument sample;
  sample.from = "H22.10";
  sample.to = {"H49.02"};
  sample.number = 1;
  sample.file_bytes = 100;
  sample.at = bed.clock.wall();
  const std::string whole = *adapter::sample_document(sample);
  const std::string open = "<edXML:ContentTransferEncoded xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">";
  const size_t at = whole.find(open) + open.size(), end = whole.find("</edXML:ContentTransferEncoded>");
  REQUIRE(at < end);
  // A file that does not shrink, wrapped as the SDK does, in base64: all of it made on the fly.
  struct Noise final : ByteSource {
    Result<size_t> read(char* out, size_t size) override {
      size_t n = 0;
      for (; n < size && left > 0; ++n, --left) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[n] = static_cast<char>(state >> 56);
      }
      return n;
    }
    uint64_t state = 3, left = 48 << 20;
  };
  struct Body final : ByteSource {
    Result<size_t> read(char* out, size_t size) override {
      while (part < 3) {
        const size_t n = *parts[part]->read(out, size);
        if (n > 0) return n;
        ++part;
      }
      return 0;
    }
    std::unique_ptr<ByteSource> parts[3];
    int part = 0;
  };
  const std::string head = whole.substr(0, at), tail = whole.substr(end);
  auto body = std::make_shared<Body>();
  body->parts[0] = std::make_unique<MemorySource>(head);
  body->parts[1] = std::make_unique<codec::Base64EncodingSource>(
      std::make_unique<codec::ZipSingleSource>(std::make_unique<Noise>(), "0f8fad5b-d9cb-469f-a165-70867728950e.pdf"));
  body->parts[2] = std::make_unique<MemorySource>(tail);
  auto arrived = partner.first();
  reset_peak();
  const long before = peak_kib();
  const auto answer = send(bed, body, {{"Content-Type", "application/xml"}});
  REQUIRE_MESSAGE(answer.status == 202, answer.body);
  const auto got = arrived.get();
  MESSAGE("peak memory grew by " << peak_kib() - before << " KiB");
  CHECK(peak_kib() - before < 6'144 + kPeakAllowance);
  const auto message = first_message(bed);
  REQUIRE(message->envelope.attachments.size() == 1);
  CHECK(message->envelope.attachments[0].carrier == Carrier::base64_zip);
  CHECK(message->envelope.attachments[0].size == 48 << 20);
  Noise plain;
  CHECK(message->envelope.attachments[0].sha256 == hash_of(plain));
  CHECK(got.bytes > message->body.size);  // with our TraceHeader
}

TEST_CASE("an upload that breaks off leaves no file, its repeat with the same key is taken, the next is the same one") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup("onestop/dossier", partner.url()));
  bed.start();
  const std::string blobs = bed.folder() + "/data/blobs";
  const uint64_t size = 3 << 20, total = dossier_size(size);
  const auto upload_half = [&] {
    net::RawSocket socket = net::RawSocket::connect(bed.bus().ports().at("main"));
    REQUIRE(socket.send(head_of(bed, total, "Idempotency-Key: one\r\n")));
    auto source = dossier(size);
    std::string half(total / 2, '\0');
    for (size_t at = 0; at < half.size();) at += *source->read(half.data() + at, half.size() - at);
    REQUIRE(socket.send(half));
    REQUIRE(bed.until([&] { return files_below(blobs).size() == 1; }));
    return socket;
  };
  upload_half();
  CHECK(bed.until([&] { return files_below(blobs).empty(); }));

  // A program that ends in the midst of one cleans up at its next start.
  {
    auto socket = upload_half();
    const std::string left = blobs + "/incoming/left";
    std::ofstream(left) << "half";
    bed.stop();
    bed.start();
    CHECK(files_below(blobs).empty());
  }
  const auto first = send(bed, std::make_shared<Sized>(dossier(size), total), {{"Idempotency-Key", "one"}});
  REQUIRE(first.status == 202);
  CHECK_FALSE(first.headers.has("Idempotent-Replayed"));
  CHECK(files_below(blobs).size() == 1);
  const auto repeat = send(bed, dossier(size), {{"Idempotency-Key", "one"}});  // chunked this time
  CHECK(repeat.status == 202);
  CHECK(repeat.headers.get("Idempotent-Replayed") == "true");
  CHECK(repeat.body == first.body);
  CHECK(files_below(blobs).size() == 1);
  size_t accepted = 0;
  for (const auto& [position, fact] : bed.facts()) accepted += std::holds_alternative<AcceptedFact>(fact) ? 1 : 0;
  CHECK(accepted == 1);
  const auto other = send(bed, dossier(size + 16), {{"Idempotency-Key", "one"}});
  CHECK(other.status == 409);
}

TEST_CASE("an upload that stalls, or only trickles, is cut and leaves nothing") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup("onestop/dossier", partner.url()));
  bed.start();
  const std::string blobs = bed.folder() + "/data/blobs";
  for (const bool trickles : {false, true}) {
    CAPTURE(trickles);
    net::RawSocket socket = net::RawSocket::connect(bed.bus().ports().at("main"));
    REQUIRE(socket.send(head_of(bed, 100 << 20, "")));
    auto source = dossier(4 << 20);
    std::string begun(300 << 10, '\0');
    for (size_t at = 0; at < begun.size();) at += *source->read(begun.data() + at, begun.size() - at);
    REQUIRE(socket.send(begun));
    REQUIRE(bed.until([&] { return files_below(blobs).size() == 1; }));
    if (!trickles) {
      // Not before its time.
      bed.advance(59s);
      CHECK(files_below(blobs).size() == 1);
      CHECK(bed.until([&] { return files_below(blobs).empty(); }, 1s));
    } else {
      // A byte now and then: no wait is long, but the whole is slower than anybody's line.
      const Wall began = bed.clock.wall();
      CHECK(bed.until(
          [&] {
            socket.send("A");
            return files_below(blobs).empty();
          },
          10s));
      CHECK(bed.clock.wall() - began > 60s);
    }
    CHECK(socket.receive_all() == "");  // no answer: the connection is gone
  }
}

TEST_CASE("a large body that is not what it says is refused with the place, as a small one is") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(setup("onestop/dossier", partner.url()));
  bed.start();
  const std::string whole = onestop_dossier();
  const size_t at = whole.find(kFile);
  const std::string head = whole.substr(0, at), tail = whole.substr(at + std::string(kFile).size());
  const auto refused = [&](std::string unit, std::string end) {
    return send(bed, std::make_shared<GeneratedSource>(head, unit, 20'000, end + tail));
  };
  const auto base64 = refused("QUJDREVGR0hJSktM", "====");
  CHECK(base64.status == 422);
  CHECK(member(base64.body, "code") == "LT-3040");
  CHECK(member(base64.body, "path") == "$.TaiLieuNop[0].NoiDungTep");
  const auto escape = refused("QUJDREVGR0hJSktM", R"(\q)");
  CHECK(escape.status == 400);
  CHECK(member(escape.body, "code") == "LT-3001");
  const auto control = refused("QUJDREVGR0hJSktM", "\x01");
  CHECK(control.status == 400);
  CHECK(member(control.body, "code") == "LT-3001");
  const auto cut = send(bed, std::make_shared<GeneratedSource>(head, "QUJDREVGR0hJSktM", 20'000, ""));
  CHECK(cut.status == 400);
  CHECK(bed.facts().empty());
}
