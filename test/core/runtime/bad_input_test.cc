// What is refused at the door, and how: the right status and a problem that names code, place and reason in both
// languages; nothing is stored.
#include <doctest/doctest.h>

#include "core/adapter/document_play.h"
#include "core/codec/base64.h"
#include "core/codec/edxml_write.h"
#include "core/codec/zip.h"
#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

struct BadInput {
  std::string name, path, body;
  int status;
  std::string code;
  std::string place, hint;  // fragments; "" = not asked for
  Bed::HeaderList headers = {};
};

std::string utf16(const std::string& ascii, bool mark) {
  std::string out = mark ? "\xFF\xFE" : "";
  for (const char c : ascii) out.append(1, c).append(1, '\0');
  return out;
}

const std::string kWrapperName = "5b6f1d7e-8d3c-4b55-9a5e-1c2d3e4f5a6b.pdf";

std::string zip_of(const std::string& bytes) {
  codec::ZipSingleSource zip(std::make_unique<MemorySource>(bytes), kWrapperName);
  std::string out, piece(4096, '\0');
  for (;;) {
    const size_t n = *zip.read(piece.data(), piece.size());
    if (n == 0) return out;
    out.append(piece, 0, n);
  }
}

// An edXML document whose only file is `bytes` under `name`, as they are.
std::string document(const std::string& name, const std::string& bytes) {
  adapter::SampleDocument sample;
  sample.from = "H49.10";
  sample.to = {"G12"};
  sample.number = 1;
  std::string text = *adapter::sample_document(sample);
  // In the list of files, and at the file.
  const std::string written = "Công văn 1.pdf";
  for (size_t at = text.find(written); at != std::string::npos; at = text.find(written, at))
    text.replace(at, written.size(), name);
  const size_t transfer = text.find('>', text.find("ContentTransferEncoded")) + 1;
  const size_t end = text.find('<', transfer);
  return text.replace(transfer, end - transfer, codec::encode_base64(bytes));
}

std::string without_sender(std::string text) {
  const std::string end = "</edXML:From>";
  const size_t from = text.find("<edXML:From>");
  return text.erase(from, text.find(end) + end.size() - from);
}

std::vector<BadInput> bad_inputs() {
  const std::string good = bench_dossier("urn:1"), dossier = onestop_dossier();
  const std::string pdf = "%PDF-1.4\n" + std::string(5'000, 'x');
  const std::string zip = zip_of(pdf);
  // Says that it unpacks to less than it does.
  std::string lying = zip;
  const size_t descriptor = lying.find("PK\x07\x08");
  const size_t size_at = descriptor == std::string::npos ? 22 : descriptor + 12;
  lying[size_at] = static_cast<char>(lying[size_at] + 1);
  std::string path_name = replaced(dossier, "can-cuoc.pdf", "../x");
  std::vector<BadInput> out = {
      {"no JSON", "/bench", "{\"messageId\": }", 400, "LT-3001", "", ""},
      {"JSON that ends early", "/bench", good.substr(0, good.size() - 1), 400, "LT-3001", "", ""},
      {"something after the JSON", "/bench", good + "x", 400, "LT-3001", "", ""},
      {"an empty body", "/bench", "", 400, "LT-3001", "", ""},
      {"no XML", "/documents", "<edXML:edXML", 400, "LT-3002", "", ""},
      {"XML that ends early", "/documents", "<a><b></b>", 400, "LT-3002", "", ""},
      {"two million brackets", "/bench", std::string(2'000'000, '['), 400, "LT-3003", "", ""},
      {"a small depth of brackets", "/bench", std::string(1'000, '['), 400, "LT-3003", "", ""},
      {"two million elements inside each other", "/documents",
       [] {
         std::string text;
         for (int i = 0; i < 2'000'000; ++i) text += "<a>";
         return text;
       }(),
       400, "LT-3003", "", ""},
      {"DOCTYPE", "/documents", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", 400, "LT-3006", "",
       ""},
      {"UTF-16 JSON", "/bench", utf16(bench_dossier("urn:1").substr(0, 40), true), 400, "LT-3005", "", ""},
      {"UTF-16 XML", "/documents", utf16("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", true), 400, "LT-3005", "",
       ""},
      {"bytes that are no UTF-8", "/bench", replaced(good, "urn:1", "urn:\xC3\x28"), 400, "LT-3005", "", ""},
      {"a receiver nobody serves", "/bench", bench_dossier("urn:1", "K", "H05"), 422, "LT-3112", "", ""},
      {"a receiver that is no agency", "/bench", bench_dossier("urn:1", "K", "H 49;x"), 422, "LT-3110", "", ""},
      // Rights are judged by the sender: who leaves it out must not pass as nobody.
      {"a document without its sender",
       "/documents",
       without_sender(document("a.pdf", pdf)),
       422,
       "LT-3031",
       "From",
       "",
       {{"X-API-Key", "weak-key"}}},
      {"a closed receiver: who took over is named", "/bench", bench_dossier("urn:1", "K", "G14"), 422, "LT-3111", "",
       "G06"},
      {"a required field is missing", "/bench", replaced(good, "\"version\":\"1.2\",", ""), 422, "LT-3031", "version",
       ""},
      {"a field of another kind", "/bench", replaced(good, "\"online\":true", "\"online\":\"true\""), 422, "LT-3033",
       "$.dossier.online", ""},
      {"a field nobody knows", "/bench", replaced(good, "\"online\":true", "\"online\":true,\"x\":1"), 422, "LT-3035",
       "$.dossier", ""},
      {"a value that is not listed", "/dossiers",
       replaced(dossier, "\"TrangThaiHoSo\": \"2\"", "\"TrangThaiHoSo\": \"77\""), 422, "LT-3034", "$.TrangThaiHoSo",
       ""},
      {"a date that is none", "/dossiers", replaced(dossier, "20260701083000", "01/07/2026"), 422, "LT-3032",
       "$.NgayTiepNhan", ""},
      {"a file that is no base64", "/dossiers", replaced(dossier, "JVBERi0xLjQK", "JVB*Ri0xLjQK"), 422, "LT-3040",
       "$.TaiLieuNop[0].NoiDungTep", ""},
      {"a file name that is a path", "/dossiers", std::move(path_name), 422, "LT-3040", "$.TaiLieuNop[0]", ""},
      {"a file name that is a path, in XML", "/documents", document("../x", pdf), 422, "LT-3040", "Attachment", ""},
      {"a file name with a backslash", "/documents", document("a\\b.pdf", pdf), 422, "LT-3040", "Attachment", ""},
      {"a ZIP that ends early", "/documents", document("a.pdf", zip.substr(0, zip.size() / 2)), 422, "LT-3040",
       "Attachment", ""},
      {"a ZIP that lies about its size", "/documents", document("a.pdf", lying), 422, "LT-3040", "Attachment", ""},
      {"larger than the endpoint takes", "/bench", std::string(3'000'001, ' '), 413, "LT-3004", "", ""},
      {"no key", "/bench", good, 401, "LT-4001", "", "", {{"X-API-Key", ""}}},
      {"a wrong key", "/bench", good, 401, "LT-4001", "", "", {{"X-API-Key", "test-key2"}}},
      {"in the name of another agency", "/bench", good, 403, "LT-4003", "", "", {{"X-API-Key", "weak-key"}}},
      {"no such path", "/nowhere", good, 404, "LT-7007", "", ""},
  };
  return out;
}

}  // namespace

TEST_CASE("bad input is refused with its reason in both languages, and nothing of it is stored") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(
      "endpoints:\n"
      "  bench: {adapter: http, type: bench/dossier, settings: {listener: main, path: /bench, body_limit: 3MB}}\n"
      "  dossiers: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /dossiers}}\n"
      "  documents: {adapter: http, type: edxml/document, settings: {listener: main, path: /documents}}\n"
      "destinations:\n"
      "  out: {adapter: http, serves: [\"G*\"], settings: {url: \"" +
      partner.url() +
      "\", class: partner_idempotent, timeout: 24h}}\n"
      "routes:\n"
      "  - {name: dossiers, types: [onestop/dossier], deliver: [{destination: out}]}\n"
      "  - {name: all, to: [\"*\"], deliver: [{}]}\n");
  bed.start();
  const Position end = bed.bus().journal().end();
  for (const auto& bad : bad_inputs()) {
    CAPTURE(bad.name);
    const bool xml = bad.path == "/documents";
    Bed::HeaderList headers = bad.headers;
    headers.emplace_back("Idempotency-Key", "the same every time");
    if (xml) headers.emplace_back("Content-Type", "application/xml");
    const auto answer = bed.post(bad.path, bad.body, headers);
    CAPTURE(answer.body);
    CHECK(answer.status == bad.status);
    CHECK(answer.headers.get("Content-Type") == "application/problem+json");
    CHECK(member(answer.body, "code") == bad.code);
    CHECK(member(answer.body, "status") == std::to_string(bad.status));
    CHECK(member(answer.body, "path").find(bad.place) != std::string::npos);
    CHECK(member(answer.body, "hint").find(bad.hint) != std::string::npos);
    for (const char* name : {"title", "title_vi", "hint", "hint_vi", "type"}) {
      CAPTURE(std::string(name));
      CHECK_FALSE(member(answer.body, name).empty());
    }
    CHECK(bed.bus().journal().end() == end);
  }
  CHECK(partner.calls() == 0);
  // The same key was never used up by what was refused; and what is right passes.
  CHECK(bed.post("/bench", bench_dossier("urn:1"), {{"Idempotency-Key", "the same every time"}}).status == 202);
  CHECK(bed.post("/dossiers", onestop_dossier()).status == 202);
  const std::string pdf = "%PDF-1.4\n" + std::string(5'000, 'x');
  CHECK(bed.post("/documents", document("a.pdf", zip_of(pdf))).status == 202);
  CHECK(bed.post("/documents", document("a.pdf", pdf)).status == 202);
  CHECK(partner.until_got(4));
}
