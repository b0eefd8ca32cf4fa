// Files on their way from one form to another.
#include <functional>

#include "core/codec/base64.h"
#include "core/codec/zip.h"
#include "test/core/codec/sources.h"
#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping;
using namespace lt::mapping::test;
using lt::test::drain;
using lt::test::GeneratedSource;
using lt::test::peak_memory;

namespace {

const std::string kFile =
    R"({"type":"object","required":["Ten","Tep"],"properties":{"Ten":{"type":"string"},"Tep":{"type":"string"}}})";
const std::string kFiles = R"({"type":"object","properties":{"Files":{"type":"array","items":)" + kFile + "}}}";
const std::string kTarget = R"({"type":"object","properties":{"N":{"type":"string"},"C":{"type":"string"}}})";
const std::string kTargets = R"({"type":"object","properties":{"F":{"type":"array","items":)" + kTarget + "}}}";
const std::string kXsd =
    R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence><xs:element name="Ten" type="xs:string"/><xs:element name="Tep" type="xs:base64Binary"/></xs:sequence></xs:complexType></xs:element></xs:schema>)";

std::string rules(const std::string& blob) { return "rules:\n  - N: Ten\n  - C: {blob: Tep" + blob + "}\n"; }

std::string noise(size_t size, uint64_t seed = 5) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
  return out;
}

std::string zip_of(const std::string& plain, const std::string& name) {
  codec::ZipSingleSource zip(std::make_unique<MemorySource>(plain), name);
  return *drain(zip);
}
std::string unzipped(const std::string& archive, std::string* name = nullptr) {
  codec::UnzipSingleSource unzip(std::make_unique<MemorySource>(archive));
  auto plain = drain(unzip);
  REQUIRE_MESSAGE(plain, plain.error().text());
  if (name) *name = unzip.entry_name();
  return *plain;
}

OpenRange ranges_of(const std::string& body) {
  return [&body](const BlobRange& range) -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(
        std::make_unique<MemorySource>(std::string_view(body).substr(range.offset, range.length)));
  };
}

std::string file_doc(const std::string& name, const std::string& text) {
  return R"({"Ten":")" + name + R"(","Tep":")" + text + R"("})";
}

// A document of any size, as it is sent.
struct Sent {
  std::string text;  // or the error
  std::vector<FilePart> parts;
  std::vector<std::string> bytes;  // of the parts
};
Sent send(const Bench& m, const std::string& body) {
  REQUIRE_MESSAGE(m.mapping, m.out.text());
  Tree source, target;
  MemorySource stream(body);
  const auto parsed = m.mapping->source_is_xml() ? codec::parse_xml(stream, source) : codec::parse_json(stream, source);
  REQUIRE(parsed);
  if (auto done = run(*m.mapping, source.root(), target, m.context); !done) return {done.error().text(), {}, {}};
  auto encoded = encode(*m.mapping, *target.root());
  REQUIRE_MESSAGE(encoded, encoded.error().text());
  Sent sent;
  sent.parts = encoded->parts;
  for (const FilePart& part : sent.parts) {
    auto opened = open_file(part.file, {ranges_of(body), {}, {}});
    if (!opened) return {opened.error().text(), {}, {}};
    sent.bytes.push_back(*drain(**opened));
    CHECK((*opened)->size() == sent.bytes.back().size());
  }
  auto opened = open_segments(std::move(*encoded), {ranges_of(body), {}, {}});
  if (!opened) return {opened.error().text(), {}, {}};
  sent.text = *drain(**opened);
  CHECK((*opened)->size() == sent.text.size());
  return sent;
}

// The text between the last two quotes.
std::string last_text(const std::string& json) {
  const size_t end = json.rfind('"'), begin = json.rfind('"', end - 1);
  return json.substr(begin + 1, end - begin - 1);
}

}  // namespace

TEST_CASE("a file goes from base64 into a ZIP and out of it, short or long") {
  Bench packs(kFile, kTarget, head() + rules(", as: zip, name: Ten"));
  Bench unpacks(kFile, kTarget, head() + rules(", carrier: zip"));
  for (const size_t size : {0, 1, 1'000, 300'000}) {
    CAPTURE(size);
    const std::string plain = noise(size);
    if (size > 0) {
      const std::string packed = last_text(send(packs, file_doc("Đơn xin.pdf", codec::encode_base64(plain))).text);
      std::string name;
      CHECK(unzipped(*codec::decode_base64(packed), &name) == plain);
      CHECK(name == "Đơn xin.pdf");
    }
    const std::string archive = codec::encode_base64(zip_of(plain, "a.pdf"));
    CHECK(send(unpacks, file_doc("a", archive)).text == R"({"N":"a","C":")" + codec::encode_base64(plain) + "\"}");
  }
}

TEST_CASE("what is in the right form already goes over untouched") {
  const std::string archive = codec::encode_base64(zip_of(noise(200'000), "a.pdf"));
  Bench same(kFile, kTarget, head() + rules(", carrier: zip, as: zip"));
  CHECK(send(same, file_doc("a", archive)).text == R"({"N":"a","C":")" + archive + "\"}");
  CHECK(send(same, file_doc("a", "QUJD")).text == R"({"N":"a","C":"QUJD"})");
  Bench url(kFile, kTarget, head() + rules(", carrier: url, as: url"));
  CHECK(url(file_doc("a", "https://x/y?z=1")) == R"({"N":"a","C":"https://x/y?z=1"})");
}

TEST_CASE("the entry of an archive has the last part of the name, or is called file; no text is no file") {
  Bench m(kFile, kTarget, head() + rules(", as: zip, name: Ten"));
  const auto entry = [&](const std::string& name) {
    std::string found;
    unzipped(*codec::decode_base64(last_text(m(file_doc(name, "QUJD")))), &found);
    return found;
  };
  CHECK(entry("../../etc/passwd") == "passwd");
  CHECK(entry("C:\\\\Tam\\\\a.doc") == "a.doc");
  CHECK(entry("..") == "file");
  CHECK(entry("") == "file");
  const std::string longest = entry(std::string(250, 'a') + "ệ.docx");
  CHECK(longest.size() <= 240);
  CHECK(longest.ends_with("a.docx"));
  CHECK(m(file_doc("a", "")) == R"({"N":"a","C":""})");
}

TEST_CASE("escapes of JSON and line ends of XML are undone on the way into an archive") {
  const std::string plain = std::string("?>?") + noise(150'000);
  std::string text = codec::encode_base64(plain), escaped, wrapped;
  for (const char c : text) escaped.append(c == '/' ? "\\/" : std::string(1, c));
  Bench json(kFile, kTarget, head() + rules(", as: zip, name: Ten"));
  CHECK(unzipped(*codec::decode_base64(last_text(send(json, file_doc("a", escaped)).text))) == plain);
  for (size_t at = 0; at < text.size(); at += 76) wrapped.append(text.substr(at, 76)).append("\r\n");
  Bench xml(kXsd, kTarget, head("xml", "json") + rules(", as: zip, name: Ten"));
  const std::string body = "<R><Ten>a</Ten><Tep>" + wrapped + "</Tep></R>";
  CHECK(unzipped(*codec::decode_base64(last_text(send(xml, body).text))) == plain);
}

TEST_CASE("what is no archive of one file is refused, before a byte is sent, with its place") {
  Bench m(kFile, kTarget, head() + rules(", carrier: zip"));
  const std::string whole = zip_of(noise(1'000), "a.pdf");
  const std::string cut = whole.substr(0, whole.size() - 5);
  CHECK(has(m(file_doc("a", codec::encode_base64(cut))), "cannot be converted: "));
  CHECK(has(m(file_doc("a", codec::encode_base64("ABC"))), "LT-3021"));
  CHECK(has(m(file_doc("a", "khong phai!")), "LT-2102"));
  const std::string large = zip_of(noise(200'000), "a.pdf");
  const std::string late = send(m, file_doc("a", codec::encode_base64(large.substr(0, large.size() - 5)))).text;
  CHECK(has(late, "LT-3021"));
  CHECK(has(late, "$.Tep"));
  CHECK(has(send(m, file_doc("a", codec::encode_base64(large + large))).text, "LT-3021"));
  CHECK(has(send(m, file_doc("a", codec::encode_base64(large).substr(4) + "AAA*")).text, "LT-30"));
}

TEST_CASE("a bomb is refused: one that unpacks to too much, and many small ones in one document") {
  const auto bomb = [](uint64_t size) {
    codec::ZipSingleSource zip(std::make_unique<GeneratedSource>("", std::string(4096, '\0'), size / 4096, ""), "a");
    return codec::encode_base64(*drain(zip));
  };
  Bench one(kFile, kTarget, head() + rules(", carrier: zip"));
  const std::string long_bomb = bomb(100 << 20);
  CHECK(long_bomb.size() > limits::kLiftedString);
  CHECK(has(send(one, file_doc("a", long_bomb)).text, "LT-3004"));
  Bench many(kFiles, kTargets,
             head() +
                 "rules:\n  - F:\n      each: Files\n      rules:\n        - N: Ten\n        - C: {blob: Tep, "
                 "carrier: zip}\n");
  const std::string small = bomb(1 << 20);
  std::string body = R"({"Files":[)" + file_doc("a", small);
  for (int i = 0; i < 99; ++i) body += "," + file_doc("a", small);
  CHECK(has(many(body + "]}"), "LT-3004"));
}

TEST_CASE("100 MB of base64 through each conversion in constant memory, the size known before") {
  // A body that is never whole in memory: base64 of a text, or of an archive of it that does not shrink.
  struct Noise final : ByteSource {
    explicit Noise(uint64_t bytes) : left(bytes) {}
    Result<size_t> read(char* out, size_t size) override {
      size_t n = 0;
      for (; n < size && left > 0; ++n, --left)
        out[n] = static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
      return n;
    }
    uint64_t state = 5, left;
  };
  static constexpr uint64_t kPlain = 75 << 20;
  const auto text_of = [](bool zip) -> std::unique_ptr<ByteSource> {
    std::unique_ptr<ByteSource> plain = std::make_unique<Noise>(kPlain);
    if (zip) plain = std::make_unique<codec::ZipSingleSource>(std::move(plain), "a.pdf");
    return std::make_unique<codec::Base64EncodingSource>(std::move(plain));
  };
  const auto through = [&](const std::string& how, bool zip) {
    CAPTURE(how);
    Bench m(kFile, kTarget, head() + rules(how));
    REQUIRE_MESSAGE(m.mapping, m.out.text());
    Tree source, target;
    source.set_root(source.make(Kind::object));
    source.add(source.root(), Kind::text, "Ten")->text = "a.pdf";
    source.add(source.root(), Kind::blob, "Tep")->blob = {0, 100 << 20, false};
    REQUIRE(run(*m.mapping, source.root(), target, m.context));
    auto encoded = encode(*m.mapping, *target.root());
    REQUIRE(encoded);
    const OpenRange open = [&](const BlobRange&) -> Result<std::unique_ptr<ByteSource>> { return text_of(zip); };
    const size_t before = peak_memory();
    auto opened = encoded->parts.empty() ? open_segments(std::move(*encoded), {open, {}, {}})
                                         : open_file(encoded->parts.front().file, {open, {}, {}});
    REQUIRE_MESSAGE(opened, opened.error().text());
    uint64_t size = 0;
    std::string piece(64 << 10, '\0');
    while (true) {
      const auto n = (*opened)->read(piece.data(), piece.size());
      REQUIRE(n);
      if (*n == 0) break;
      size += *n;
    }
    CHECK((*opened)->size() == size);
    CHECK(peak_memory() - before < (8 << 20));  // A sanitizer keeps back what was freed.
    return size;
  };
  const uint64_t whole = codec::base64_size(kPlain) + std::string(R"({"N":"a.pdf","C":""})").size();
  CHECK(through(", as: zip, name: Ten", false) > whole);
  CHECK(through(", carrier: zip", true) == whole);
  CHECK(through(", as: part, name: Ten", false) == kPlain);
  CHECK(through(", carrier: zip, as: part, name: Ten", true) == kPlain);
}

TEST_CASE("files leave the document as parts, which it names in its order") {
  Bench m(kFiles, kTargets,
          head() +
              "rules:\n  - F:\n      each: Files\n      rules:\n        - N: Ten\n        - C: {blob: Tep, as: "
              "part, name: Ten}\n");
  CHECK(m.mapping->files().gives_parts);
  const std::string large = noise(300'000);
  const auto sent = send(m, R"({"Files":[)" + file_doc("Đơn.pdf", "QUJD") + "," +
                                file_doc("../b.xml", codec::encode_base64(large)) + "," + file_doc("c", "") + "]}");
  CHECK(sent.text == R"({"F":[{"N":"Đơn.pdf","C":"file-1"},{"N":"../b.xml","C":"file-2"},{"N":"c","C":""}]})");
  REQUIRE(sent.parts.size() == 2);
  CHECK(sent.parts[0].name == "file-1");
  CHECK(sent.parts[0].filename == "Đơn.pdf");
  CHECK(sent.bytes[0] == "ABC");
  CHECK(sent.parts[1].filename == "b.xml");
  CHECK(sent.bytes[1] == large);
  // Without large files it is one text, which examples compare.
  CHECK(m(R"({"Files":[)" + file_doc("a", "QUJD") + "]}") == R"({"F":[{"N":"a","C":"file-1"}]})");
  CHECK(has(m(R"({"Files":[)" + file_doc("a", "khong") + "]}"), "LT-2102"));
  // Of an archive its file goes out; a damaged one is found before anything is sent.
  Bench zipped(kFile, kTarget, head() + rules(", carrier: zip, as: part, name: Ten"));
  CHECK(send(zipped, file_doc("a", codec::encode_base64(zip_of("ABC", "x")))).bytes.at(0) == "ABC");
  const std::string bad = send(zipped, file_doc("a", "QUJD")).text;
  CHECK(has(bad, "LT-3021"));
  CHECK(has(bad, "$.Tep"));
}

TEST_CASE("lint: forms that lead nowhere, and forms that need a name") {
  const auto found = [](const std::string& how) {
    Bench m(kFile, kTarget, head() + rules(how));
    return m.findings();
  };
  using Found = std::vector<std::string>;
  CHECK(found(", as: zip") == Found{"7:15 LT-1004"});
  CHECK(found(", as: part") == Found{"7:15 LT-1004"});
  CHECK(found(", carrier: part, as: reference") == Found{"7:15 LT-1003"});
  CHECK(found(", carrier: reference, as: part, name: Ten") == Found{"7:15 LT-1003"});
  CHECK(found(", carrier: reference, as: url") == Found{"7:15 LT-1003"});
  CHECK(found(", as: url").empty());
  CHECK(found(", carrier: url").empty());
  CHECK(found(", carrier: url, as: zip, name: Ten").empty());
  CHECK(found(", carrier: part").empty());
  CHECK(found(", carrier: part, as: part, name: Ten").empty());
  CHECK(found(", as: zip, name: Te") == Found{"7:35 LT-1101"});
  CHECK(found(", as: zip, name: Ten").empty());
  CHECK(found(", carrier: url, as: reference").empty());
}

TEST_CASE("there and back: a file is wrapped anew, with its name when that is mapped beside it") {
  Bench packs(kFile, kTarget, head() + rules(", as: zip, name: Ten"));
  CHECK(packs.round(file_doc("a.pdf", "QUJD")) == file_doc("a.pdf", "QUJD"));
  CHECK(packs.reversal.find("$.Tep")->fidelity == Fidelity::canonical);
  Bench unpacks(kFile, kTarget, head() + rules(", carrier: zip, name: Ten"));
  const auto entry = [](const Bench& m) {
    std::string name;
    const std::string back = m.back(R"({"N":"a.pdf","C":"QUJD"})");
    CHECK(unzipped(*codec::decode_base64(last_text(back)), &name) == "ABC");
    return name;
  };
  CHECK(entry(unpacks) == "a.pdf");
  Bench nameless(kFile, kTarget, head() + rules(", carrier: zip"));
  CHECK(entry(nameless) == "file");
}

TEST_CASE("what leaves the document comes back from where it is: beside it, or behind an address") {
  const std::string first = file_doc("a.pdf", "QUJD");
  const auto both = [&](const std::string& how, const std::string& there) {
    CAPTURE(how);
    Bench m(kFile, kTarget, head() + rules(how));
    REQUIRE_MESSAGE(m.reverse, m.back_out.text());
    FileRoom files(FileRoom::nothing_else);
    const std::string sent = *m.translate(*m.mapping, first, files);
    CHECK(sent == R"({"N":"a.pdf","C":")" + there + "\"}");
    CHECK(*m.translate(*m.reverse, sent, files) == first);
    CHECK(m.reversal.find("$.Tep")->fidelity == Fidelity::canonical);
  };
  both(", as: part, name: Ten", "file-1");
  both(", as: url", "https://files.example/%24.Tep/file");
  both(", as: url, name: Ten", "https://files.example/%24.Tep/a.pdf");

  // And the other way: the file is brought into the document, and leaves it again.
  const auto in = [&](const std::string& how, const std::string& name, const std::string& again) {
    CAPTURE(how);
    Bench m(kFile, kTarget, head() + rules(how));
    REQUIRE_MESSAGE(m.reverse, m.back_out.text());
    FileRoom files([&](FileRoom::Apart, std::string_view asked) -> Result<std::string> {
      CHECK(asked == name);
      return std::string("ABC");
    });
    const std::string sent = *m.translate(*m.mapping, file_doc("a.pdf", name), files);
    CHECK(sent == R"({"N":"a.pdf","C":"QUJD"})");
    const std::string back = *m.translate(*m.reverse, sent, files);
    CHECK(back == file_doc("a.pdf", again));
    CHECK(*m.translate(*m.mapping, back, files) == sent);
    CHECK(m.reversal.find("$.Tep")->fidelity == Fidelity::canonical);
  };
  in(", carrier: part", "tep-1", "file-1");
  in(", carrier: url, name: Ten", "https://motcua.example.vn/t/1", "https://files.example/%24.C/a.pdf");
  in(", carrier: url", "https://motcua.example.vn/t/1", "https://files.example/%24.C/file");
}

TEST_CASE("files that stand apart are opened by their name, once each address is known") {
  Bench m(kFiles, kTargets,
          head() +
              "rules:\n  - F:\n      each: Files\n      rules:\n        - N: Ten\n        - C: {blob: Tep, "
              "carrier: url}\n");
  CHECK(m.mapping->files().fetches);
  CHECK_FALSE(m.mapping->files().gives_parts);
  const std::string a = "https://a.example/1", b = "https://b.example/2";
  const std::string body = R"({"Files":[)" + file_doc("a", a) + "," + file_doc("b", b) + "," + file_doc("c", a) + "]}";
  Tree source, target;
  MemorySource stream(body);
  REQUIRE(codec::parse_json(stream, source));
  REQUIRE(run(*m.mapping, source.root(), target, m.context));
  auto encoded = encode(*m.mapping, *target.root());
  REQUIRE(encoded);
  REQUIRE(encoded->wanted.size() == 2);
  CHECK(encoded->wanted[0].address == a);
  CHECK(encoded->wanted[0].path == "$.Files[0].Tep");
  CHECK(encoded->wanted[1].address == b);
  Files files;
  files.fetched = [&](std::string_view address) -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(address == a ? "ABC" : "ABCD"));
  };
  const auto opened = open_segments(*encoded, files);
  REQUIRE_MESSAGE(opened, opened.error().text());
  CHECK(*drain(**opened) == R"({"F":[{"N":"a","C":"QUJD"},{"N":"b","C":"QUJDRA=="},{"N":"c","C":"QUJD"}]})");
  // Nobody fetches, nothing came beside: said with the place.
  const auto unopened = open_segments(std::move(*encoded), {});
  REQUIRE_FALSE(unopened);
  CHECK(has(unopened.error().text(), "LT-5040 at $.Files[0].Tep"));
  Bench beside(kFile, kTarget, head() + rules(", carrier: part, as: zip, name: Ten"));
  CHECK(has(send(beside, file_doc("a", "tep-1")).text, "LT-3043 at $.Tep"));
  CHECK(has(send(beside, file_doc("a", "tep-1")).text, "tep-1"));
  // No name is no file; a name is a text, and short.
  CHECK(send(beside, file_doc("a", "")).text == R"({"N":"a","C":""})");
  CHECK(has(send(beside, file_doc("a", std::string(5'000, 'x'))).text, "is longer than 4000 bytes"));
  CHECK(has(send(beside, file_doc("a", std::string(200'000, 'x'))).text, "is not the text that names a file"));
}
