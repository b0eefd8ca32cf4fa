// Documents that come with files beside them (multipart/form-data), through the whole bus on real sockets.
#include "core/adapter/document_play.h"
#include "core/codec/base64.h"
#include "core/codec/zip.h"
#include "test/core/runtime/multipart_office.h"

using namespace lt;
using namespace lt::runtime::test;
using lt::test::GeneratedSource;
using namespace std::chrono_literals;

TEST_CASE("a file that came beside the document goes into it as base64; what came is kept as it came") {
  Office o;
  Partner partner(o.bed.clock);
  o.start(", carrier: part", partner.url());
  const auto answer = o.post(call_of(kDossier));
  REQUIRE_MESSAGE(answer.status == 202, answer.body);
  REQUIRE(partner.until_got(1));
  CHECK(partner.got()[0].body ==
        R"({"ma":"H1","tep":[{"ten":"Đơn.pdf","noiDung":")" + codec::encode_base64(kPdf) + R"("},{"noiDung":""}]})");

  const auto message = o.accepted();
  CHECK(message->body.view() == call_of(kDossier));
  CHECK(message->envelope.content_type == kType);
  const BodyRange& document = message->envelope.document;
  CHECK(message->body.view().substr(document.offset, document.length) == kDossier);
  REQUIRE(message->envelope.attachments.size() == 1);
  const Attachment& file = message->envelope.attachments[0];
  CHECK(file.carrier == Carrier::part);
  CHECK(file.name == "Đơn.pdf");
  CHECK(file.content_type == "application/pdf");
  CHECK(file.path == "$.tep[0].noiDung");
  CHECK(message->body.view().substr(file.offset, file.length) == kPdf);
  CHECK(file.size == kPdf.size());
  CHECK(file.sha256 == sha256(kPdf));
}

TEST_CASE("a file that the document does not name is called as its part says") {
  Office o;
  Partner partner(o.bed.clock);
  o.start(", carrier: part", partner.url());
  REQUIRE(o.post(call_of(R"({"ma":"H1","tep":[{"noiDung":"don"},{"ten":"b.pdf","noiDung":"don"}]})")).status == 202);
  const auto message = o.accepted();
  const auto& files = message->envelope.attachments;
  REQUIRE(files.size() == 2);
  CHECK(files[0].name == "a1.pdf");
  CHECK(files[1].name == "b.pdf");
  for (const Attachment& file : files) CHECK(file.sha256 == sha256(kPdf));
}

TEST_CASE("a part goes into a ZIP, or on as a part under the name of the new document") {
  SUBCASE("zip") {
    Office o;
    Partner partner(o.bed.clock);
    o.start(", carrier: part, as: zip, name: ten", partner.url());
    REQUIRE(o.post(call_of(kDossier)).status == 202);
    REQUIRE(partner.until_got(1));
    const std::string sent = partner.got()[0].body;
    const size_t at = sent.find("\"noiDung\":\"") + 11;
    const std::string archive = *codec::decode_base64(sent.substr(at, sent.find('"', at) - at));
    codec::UnzipSingleSource zip(std::make_unique<MemorySource>(archive));
    std::string file(1'000, '\0');
    file.resize(*zip.read(file.data(), file.size()));
    CHECK(file == kPdf);
    CHECK(zip.entry_name() == "Đơn.pdf");
  }
  SUBCASE("part") {
    Office o;
    PartsPartner partner(o.bed.clock);
    o.start(", carrier: part, as: part, name: ten", partner.url());
    REQUIRE(o.post(call_of(kDossier)).status == 202);
    const auto got = partner.wait();
    REQUIRE(got.parts.size() == 2);
    CHECK(got.parts[0].text == R"({"ma":"H1","tep":[{"ten":"Đơn.pdf","noiDung":"file-1"},{"noiDung":""}]})");
    CHECK(got.parts[1].head.name == "file-1");
    CHECK(got.parts[1].head.filename == "Đơn.pdf");
    CHECK(got.parts[1].text == kPdf);
  }
}

TEST_CASE("a file of 100 MB beside the document becomes base64 in it in constant memory") {
  Office o;
  Drain partner(o.bed.clock);
  o.start(", carrier: part", partner.url());
  auto arrived = partner.first();
  reset_peak();
  const long before = peak_kib();
  REQUIRE(o.post_large(kLarge).status == 202);
  const auto got = arrived.get();
  const long grown = peak_kib() - before;
  MESSAGE("peak memory grew by " << grown << " KiB");
  CHECK(grown < 6'144 + kPeakAllowance);
  const uint64_t file = kLarge / 12 * 12;
  GeneratedSource wanted(
      R"({"ma":"H1","ghiChu":")" + std::string(100'000, 'g') + R"(","tep":[{"ten":"a.bin","noiDung":")",
      "QUJDREVGR0hJSktM", file / 12, R"("}]})");
  CHECK(got.sha256 == hash_of(wanted));
  const auto message = o.accepted();
  CHECK(message->body.stored());
  CHECK(message->envelope.attachments.at(0).size == file);
  CHECK(message->envelope.attachments.at(0).sha256 == hash_of_large());
}

TEST_CASE("a part of 100 MB goes on as a part in constant memory, its length known") {
  Office o;
  PartsPartner partner(o.bed.clock);
  o.start(", carrier: part, as: part, name: ten", partner.url());
  reset_peak();
  const long before = peak_kib();
  REQUIRE(o.post_large(kLarge).status == 202);
  const auto got = partner.wait();
  const long grown = peak_kib() - before;
  MESSAGE("peak memory grew by " << grown << " KiB");
  CHECK(grown < 6'144 + kPeakAllowance);
  CHECK_FALSE(got.length.empty());
  REQUIRE(got.parts.size() == 2);
  CHECK(got.parts[1].sha256 == hash_of_large());
}

TEST_CASE("without a mapping it goes on as the multipart body it came as") {
  SUBCASE("every byte") {
    Office o;
    Partner partner(o.bed.clock);
    o.start("", partner.url(), "");
    REQUIRE(o.post(call_of(kDossier)).status == 202);
    REQUIRE(partner.until_got(1));
    CHECK(partner.got()[0].body == call_of(kDossier));
  }
  SUBCASE("the partner can read it") {
    Office o;
    PartsPartner partner(o.bed.clock);
    o.start("", partner.url(), "");
    REQUIRE(o.post(call_of(kDossier)).status == 202);
    const auto got = partner.wait();
    CHECK(got.content_type == kType);
    CHECK(got.parts.size() == 3);
  }
}

TEST_CASE("two buses talk without a word of configuration about parts") {
  Office from, to;
  Partner partner(to.bed.clock);
  to.start(", carrier: part", partner.url());
  const std::string second = "http://127.0.0.1:" + std::to_string(to.bed.bus().ports().at("main"));
  from.use(", carrier: part, as: part, name: ten");
  from.bed.configure(replaced(from.setup(second), second + "/out\"", second + "/in\", headers: {X-API-Key: test-key}"));
  from.bed.start();
  REQUIRE(from.post(call_of(kDossier)).status == 202);
  REQUIRE(partner.until_got(1));
  CHECK(has(partner.got()[0].body, codec::encode_base64(kPdf)));
}

TEST_CASE("a further attempt sends the same bytes, so that another of our buses knows it again") {
  Office o;
  Partner partner(o.bed.clock);
  size_t asked = 0;
  partner.script([&](const std::string&, const std::string&) { return asked++ == 0 ? "come again" : "taken"; });
  o.use(", carrier: part, as: part, name: ten");
  o.bed.configure(
      replaced(o.setup(partner.url()), "timeout: 24h", "timeout: 24h, replies: [{text: \"come again\", is: retry}]"));
  o.bed.start();
  REQUIRE(o.post(call_of(kDossier)).status == 202);
  REQUIRE(o.bed.until([&] { return o.bed.lane("out").delivered == 1; }, 1s));
  REQUIRE(partner.got().size() == 2);
  CHECK(partner.got()[0].body == partner.got()[1].body);
  CHECK(has(partner.got()[0].body, kPdf));
}

TEST_CASE("what is wrong with the parts is said to the sender, and nothing is kept") {
  Office o;
  Partner partner(o.bed.clock);
  o.start(", carrier: part", partner.url());
  const auto refused = [&](const std::string& body, int status, const std::string& code, const std::string& what) {
    for (const bool large : {false, true}) {
      const auto answer = o.post(large ? std::string(200'000, ' ') + "\r\n" + body : body);
      CAPTURE(answer.body);
      CHECK(answer.status == status);
      CHECK(member(answer.body, "code") == code);
      CHECK(has(answer.body, what));
    }
  };
  refused(call_of(replaced(kDossier, "\"don\"", "\"dom\"")), 422, "LT-3043", "$.tep[0].noiDung");
  refused(call_of(replaced(kDossier, "\"don\"", "\"" + std::string(70'000, 'd') + "\"")), 422, "LT-3043", "$.tep[0]");
  refused(call_of(kDossier, "hoSo"), 422, "LT-3043", "there is no part \\\"document\\\"");
  refused(part("don", "x") + call_of(kDossier), 400, "LT-7005", "two parts are named \\\"don\\\"");
  refused(call_of(kDossier).substr(0, call_of(kDossier).size() - 8), 400, "LT-7005", "before the last delimiter");
  refused(call_of(""), 400, "LT-7005", "is empty");
  refused(call_of("{"), 400, "LT-3001", "");
  refused(call_of("{}"), 422, "LT-3031", "$.ma");
  const auto plain = o.bed.post("/in", kDossier);
  CHECK(plain.status == 422);
  CHECK(member(plain.body, "code") == "LT-3043");
  CHECK(member(plain.body, "path") == "$.tep[0].noiDung");
  CHECK(has(plain.body, "did not come as multipart"));
  CHECK(o.bed.post("/in", kDossier, {{"Content-Type", "multipart/form-data"}}).status == 400);
  CHECK(o.bed.facts().empty());
}

TEST_CASE("a part that only a mapping asks for, and that did not come, holds the delivery with its path") {
  Office o;
  o.file_rule.clear();
  Partner partner(o.bed.clock);
  o.start(", carrier: part", partner.url());
  const auto held = [&](const std::string& what, size_t count) {
    REQUIRE(o.bed.until([&] { return o.bed.lane("out").held == count; }));
    bool said = false;
    for (const auto& one : o.bed.pending()) {
      CHECK(one.code == Code::no_such_part);
      CHECK_MESSAGE(has(one.detail, "$.tep[0].noiDung"), one.detail);
      said = said || has(one.detail, what);
    }
    CHECK(said);
  };
  REQUIRE(o.post(call_of(replaced(kDossier, "\"don\"", "\"dom\""))).status == 202);
  held("there is no part \"dom\"", 1);
  REQUIRE(o.bed.post("/in", replaced(kDossier, "H1", "H2")).status == 202);
  held("did not come as multipart", 2);
  REQUIRE(o.bed.post("/in", R"({"ma":"H3"})").status == 202);  // names no file: the document alone
  REQUIRE(partner.until_got(1));
  CHECK(partner.calls() == 1);
}

TEST_CASE("what was accepted is delivered after a restart, whatever the endpoint calls its document by then") {
  Office o;
  Partner partner(o.bed.clock);
  partner.answer(503);
  o.more_settings = ", document_part: hoSo";
  o.start(", carrier: part", partner.url());
  REQUIRE(o.post(call_of(kDossier, "hoSo")).status == 202);
  REQUIRE(o.post_large(300 << 10).status == 422);  // calls it "document"
  o.bed.stop();
  o.more_settings.clear();
  o.bed.configure(o.setup(partner.url()));
  o.bed.start();
  REQUIRE(o.post_large(300 << 10).status == 202);
  o.bed.stop();
  o.bed.start();
  partner.answer(200);
  REQUIRE(o.bed.until([&] { return partner.got().size() == 2; }, 1s));
  CHECK(has(partner.got()[0].body, codec::encode_base64(kPdf)));
  CHECK(has(partner.got()[1].body, "\"noiDung\":\"QUJDREVGR0hJSktMQUJD"));
}

TEST_CASE("a message of several dossiers, each with its file beside the document") {
  Office o;
  Partner partner(o.bed.clock);
  o.use(", carrier: part");
  std::ofstream(o.bed.folder() + "/schemas/files/cacHoSo.type.yaml")
      << "type: files/cacHoSo\nformat: json\nschema: cacHoSo.schema.json\ntitle: {vi: a, en: a}\nsplit: $.ds[]\n"
      << "order_key: {space: t, path: \"$.ds[].ma\"}\n"
      << "attachments: [{path: \"$.ds[].tep[].noiDung\", name: ten, carrier: part}]\n";
  o.bed.configure(
      replaced(replaced(o.setup(partner.url()), "files/hoso", "files/cacHoSo"), "[files/hoso]", "[files/cacHoSo]"));
  o.bed.start();
  const std::string call = R"({"ds":[{"ma":"H1","tep":[{"noiDung":"don"}]},{"ma":"H2","tep":[{"noiDung":"khac"}]}]})";
  const auto answer = o.post(call_of(call));
  REQUIRE_MESSAGE(answer.status == 202, answer.body);
  REQUIRE(partner.until_got(2));
  std::string all = partner.got()[0].body + partner.got()[1].body;
  CHECK(has(all, R"({"ma":"H1","tep":[{"noiDung":")" + codec::encode_base64(kPdf) + R"("}]})"));
  CHECK(has(all, R"({"ma":"H2","tep":[{"noiDung":"eA=="}]})"));
  CHECK(o.accepted()->envelope.attachments.size() == 2);

  o.bed.stop();
  o.bed.configure(
      replaced(replaced(o.setup(partner.url(), ""), "files/hoso", "files/cacHoSo"), "[files/hoso]", "[files/cacHoSo]"));
  CHECK(has(o.refused_configuration(), "without a mapping they stay behind"));
}

TEST_CASE("an edXML document with files beside it is relayed with our hop in it, the files as they came") {
  Bed bed;
  PartsPartner partner(bed.clock);
  bed.configure(
      "endpoints:\n  in: {adapter: http, type: edxml/document, settings: {listener: main, path: /in}}\n"
      "destinations:\n  out: {adapter: http, settings: {url: \"" +
      partner.url() +
      "\", class: partner_idempotent, timeout: 24h}}\nroutes:\n  - {name: all, types: [edxml/document], to: [\"*\"], "
      "deliver: [{destination: out}]}\n");
  bed.start();
  adapter::SampleDocument sample;
  sample.from = "H22.10";
  sample.to = {"H49.02"};
  sample.number = 1;
  sample.file_bytes = 200'000;  // stored, its file no part of the tree
  sample.at = bed.clock.wall();
  const std::string document = *adapter::sample_document(sample);
  const auto answer = bed.post("/in", call_of(document), kMultipart);
  REQUIRE_MESSAGE(answer.status == 202, answer.body);
  const auto got = partner.wait();
  REQUIRE(got.parts.size() == 3);
  CHECK(got.parts[0].text == kPdf);
  CHECK(got.parts[2].head.name == "document");
  CHECK(got.parts[2].bytes > document.size());
  CHECK(got.parts[2].text.substr(0, 100) == document.substr(0, 100));

  for (auto& [position, fact] : bed.facts())
    if (const auto* one = std::get_if<AcceptedFact>(&fact)) {
      REQUIRE(one->message->body.stored());
      REQUIRE(one->message->envelope.attachments.size() == 1);
      const Attachment& file = one->message->envelope.attachments[0];
      const std::string text = call_of(document).substr(file.offset, file.length);
      CHECK(text.size() > 200'000);
      CHECK(document.find('>' + text + '<') != std::string::npos);
    }
}

TEST_CASE("a look-up may be asked with a multipart body: its document is read, and goes on as it came") {
  Office o;
  Partner partner(o.bed.clock);
  partner.script([](const std::string&, const std::string&) { return std::string(R"({"tra":"loi"})"); });
  o.use("");
  std::ofstream(o.bed.folder() + "/schemas/files/hoi.type.yaml")
      << "type: files/hoi\nformat: json\nschema: hoso.schema.json\ntitle: {vi: a, en: a}\n";
  const std::string rest = o.setup(partner.url(), "");
  const std::string ask =
      "  ask: {adapter: http, type: files/hoi, settings: {listener: main, path: /ask}, exchange: {destination: out, "
      "deadline: 5s}}\n";
  o.bed.configure(rest.substr(0, rest.find("destinations:")) + ask + rest.substr(rest.find("destinations:")));
  o.bed.start();
  const auto answer = o.bed.post("/ask", call_of(kDossier), kMultipart);
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"tra":"loi"})");
  REQUIRE(partner.got().size() == 1);
  CHECK(partner.got()[0].body == call_of(kDossier));
  CHECK(o.bed.post("/ask", call_of("{}"), kMultipart).status == 422);
}

TEST_CASE("who takes documents only says so to a multipart body") {
  Bed bed;
  bed.configure(
      "endpoints:\n  in: {adapter: onestop, type: onestop/dossier, settings: {listener: main}}\n"
      "destinations:\n  out: {adapter: http, settings: {url: \"http://127.0.0.1:1\"}}\n"
      "routes:\n  - {name: all, types: [onestop/dossier], deliver: [{destination: out}]}\n");
  bed.start();
  const auto answer = bed.post("/onestop/dossiers", call_of(onestop_dossier()), kMultipart);
  CHECK(answer.status == 415);
  CHECK(member(answer.body, "code") == "LT-3007");
  CHECK(bed.facts().empty());
}

TEST_CASE("parts that nobody can take in are found when the configuration is read") {
  Office o;
  o.use(", carrier: part");
  const std::string rest = o.setup("http://127.0.0.1:1");
  const auto with = [&](const std::string& text) {
    o.bed.configure(text);
    return o.refused_configuration();
  };
  const std::string onestop = replaced(rest, "{adapter: http, type: files/hoso, settings: {listener: main, path: /in}}",
                                       "{adapter: onestop, type: onestop/dossier, settings: {listener: main}}");
  const std::string named = with(replaced(onestop, "types: [files/hoso]", "endpoints: [in], types: [files/hoso]"));
  CHECK_MESSAGE(has(named, "endpoint \"in\" takes documents only"), named);
  const std::string unnamed = with(onestop);
  CHECK_MESSAGE(has(unnamed, "no endpoint takes any in for this route"), unnamed);
  const std::string typed = with(replaced(onestop, "type: onestop/dossier", "type: files/hoso"));
  CHECK_MESSAGE(has(typed, "type files/hoso has files beside the document (carrier: part), and \"in\" takes documents"),
                typed);
  CHECK(with(replaced(rest, "types: [files/hoso]", "types: [\"files/*\"]")) == "taken");
}
