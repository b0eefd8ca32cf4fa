// Files that a mapping takes out of the document, or wraps, through the whole bus on real sockets.
#include "core/codec/base64.h"
#include "core/codec/zip.h"
#include "test/core/runtime/large.h"
#include "test/core/runtime/package.h"
#include "test/core/runtime/parts_partner.h"

using namespace lt;
using namespace lt::runtime::test;
using lt::test::GeneratedSource;

namespace {

constexpr const char* kFile = "JVBERi0xLjQK";  // of the reference dossier
constexpr const char* kUnit = "QUJDREVGR0hJSktM";
constexpr uint64_t kLarge = 100 << 20;

std::string setup(const std::string& url, const std::string& more = "") {
  return "endpoints:\n  in: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         url + "/out\", class: partner_idempotent, timeout: 24h" + more +
         "}}\nroutes:\n  - {name: all, types: [onestop/dossier], deliver: [{destination: out, mapping: "
         "dossier-files}]}\n";
}

std::shared_ptr<ByteSource> dossier(uint64_t size) {
  const std::string whole = onestop_dossier();
  const size_t at = whole.find(kFile);
  const std::string unit = kUnit;
  return std::make_shared<GeneratedSource>(whole.substr(0, at), unit, size / unit.size(),
                                           whole.substr(at + std::string(kFile).size()));
}

int send(Bed& bed, std::shared_ptr<ByteSource> body) {
  net::Call call = bed.call("/in", {});
  call.stream = std::move(body);
  auto answer = bed.begin(std::move(call)).get();
  if (!answer) throw std::runtime_error(answer.error().error.text());
  return answer->status;
}

}  // namespace

TEST_CASE("files go beside the document as parts of a multipart body, their names in Vietnamese") {
  Bed bed;
  PartsPartner partner(bed.clock);
  use_package(bed, "NoiDungTep, as: part, name: TenTepDinhKem");
  bed.configure(setup(partner.url(), ", document_part: hoSo"));
  bed.start();
  std::string dossier = onestop_dossier();
  const size_t name = dossier.find("\"TenTepDinhKem\"");
  const size_t open = dossier.find('"', dossier.find(':', name)), close = dossier.find('"', open + 1);
  dossier.replace(open + 1, close - open - 1, "Đơn xin.pdf");
  REQUIRE(bed.post("/in", dossier).status == 202);
  const auto got = partner.wait();
  CHECK(got.content_type.starts_with("multipart/form-data; boundary="));
  CHECK_FALSE(got.length.empty());
  REQUIRE(got.parts.size() == 2);
  CHECK(got.parts[0].head.name == "hoSo");
  CHECK(got.parts[0].head.filename.empty());
  CHECK(got.parts[0].head.content_type == "application/json");
  CHECK(got.parts[0].text.find(R"("ten":"Đơn xin.pdf","noiDung":"file-1")") != std::string::npos);
  CHECK(got.parts[1].head.name == "file-1");
  CHECK(got.parts[1].head.filename == "Đơn xin.pdf");
  CHECK(got.parts[1].head.content_type == "application/pdf");
  CHECK(std::string(got.parts[1].head.headers.get("Content-Disposition")) ==
        "form-data; name=\"file-1\"; filename=\"Đơn xin.pdf\"; filename*=UTF-8''%C4%90%C6%A1n%20xin.pdf");
  CHECK(got.parts[1].text == *codec::decode_base64(kFile));
  CHECK(bed.until([&] { return bed.lane("out").delivered == 1; }));
}

TEST_CASE("a file of 100 MB of base64 goes beside the document in constant memory, the length known") {
  Bed bed;
  PartsPartner partner(bed.clock);
  use_package(bed, "NoiDungTep, as: part, name: TenTepDinhKem");
  bed.configure(setup(partner.url()));
  bed.start();
  reset_peak();
  const long before = peak_kib();
  REQUIRE(send(bed, dossier(kLarge)) == 202);
  const auto got = partner.wait();
  const long grown = peak_kib() - before;
  MESSAGE("peak memory grew by " << grown << " KiB");
  CHECK(grown < 6'144 + kPeakAllowance);
  CHECK_FALSE(got.length.empty());
  REQUIRE(got.parts.size() == 2);
  CHECK(got.parts[0].head.name == "document");
  CHECK(got.parts[1].bytes == kLarge / 4 * 3);
  GeneratedSource plain("", "ABCDEFGHIJKL", kLarge / 16, "");
  CHECK(got.parts[1].sha256 == hash_of(plain));
}

TEST_CASE("a file of 100 MB of base64 is packed into a ZIP on the way in constant memory") {
  Bed bed;
  Drain partner(bed.clock);
  use_package(bed, "NoiDungTep, as: zip, name: TenTepDinhKem");
  bed.configure(setup(partner.url()));
  bed.start();
  auto arrived = partner.first();
  reset_peak();
  const long before = peak_kib();
  REQUIRE(send(bed, dossier(kLarge)) == 202);
  const auto got = arrived.get();
  const long grown = peak_kib() - before;
  MESSAGE("peak memory grew by " << grown << " KiB, " << got.bytes << " bytes arrived");
  CHECK(grown < 6'144 + kPeakAllowance);
  CHECK(got.bytes > 100'000);  // it shrinks well
  CHECK(got.bytes < 10 << 20);
  CHECK(bed.until([&] { return bed.lane("out").delivered == 1; }));
}

TEST_CASE("a destination that sends documents only is refused a mapping with parts, when the configuration is read") {
  Bed bed;
  use_package(bed, "NoiDungTep, as: part, name: TenTepDinhKem");
  const std::string rest = setup("http://127.0.0.1:1");
  const std::string settings = rest.substr(rest.find("{adapter: http, settings: {url"));
  bed.configure(replaced(rest, settings.substr(0, settings.find('\n')),
                         "{adapter: onestop, settings: {url: \"http://127.0.0.1:1\"}}"));
  std::string said;
  try {
    bed.start();
  } catch (const std::exception& error) {
    said = error.what();
  }
  CHECK_MESSAGE(said.find("\"out\" sends documents only") != std::string::npos, said);
}

TEST_CASE("a look-up is refused a mapping with parts") {
  Bed bed;
  use_package(bed, "NoiDungTep, as: part, name: TenTepDinhKem");
  const std::string rest = setup("http://127.0.0.1:1");
  bed.configure(rest.substr(0, rest.find("destinations:")) +
                "  ask: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /ask}, exchange: "
                "{destination: out, request: dossier-files, deadline: 5s}}\n" +
                rest.substr(rest.find("destinations:")));
  std::string said;
  try {
    bed.start();
  } catch (const std::exception& error) {
    said = error.what();
  }
  CHECK_MESSAGE(said.find("questions and answers go without") != std::string::npos, said);
}

TEST_CASE("a mapping that comes to put files beside the document holds what waits for who cannot send them") {
  Bed bed;
  Partner partner(bed.clock);
  partner.answer(503);
  use_package(bed, "NoiDungTep");
  const std::string rest = setup(partner.url());
  bed.configure(rest);
  bed.start();
  REQUIRE(bed.post("/in", onestop_dossier()).status == 202);
  REQUIRE(bed.until([&] { return partner.calls() > 0; }));
  write_package_mapping(bed, "NoiDungTep, as: part, name: TenTepDinhKem");
  const std::string settings = rest.substr(rest.find("{adapter: http, settings: {url"));
  const std::string other = replaced(rest, settings.substr(0, settings.find('\n')),
                                     "{adapter: onestop, settings: {url: \"" + partner.url() + "\"}}");
  bed.configure(replaced(other, ", mapping: dossier-files", ""));
  const auto reloaded = bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  const size_t tried = partner.calls();
  CHECK(bed.until([&] { return bed.lane("out").held == 1; }, std::chrono::milliseconds(500)));
  CHECK(partner.calls() == tried);
}
