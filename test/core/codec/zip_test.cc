#include "core/codec/zip.h"

#include "core/codec/base64.h"
#include "core/codec/zip_format.h"
#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::drain;
using lt::test::GeneratedSource;
using lt::test::PiecesSource;

namespace {

constexpr const char* kUuid = "0f8fad5b-d9cb-469f-a165-70867728950e";

std::string zipped(std::string_view plain, std::string name) {
  ZipSingleSource source(std::make_unique<MemorySource>(plain), std::move(name));
  auto bytes = drain(source);
  REQUIRE(bytes);
  return *bytes;
}

Result<std::string> unzipped(std::string_view archive, const UnzipOptions& options = {}, size_t piece = 1 << 16) {
  UnzipSingleSource source(std::make_unique<PiecesSource>(archive, piece), options);
  return drain(source, piece);
}

// A wrapper of the shape the national SDK makes: 18 bytes of text, deflated, sizes after the data, flags 0x0808.
const char* const kWrapper =
    "UEsDBBQACAgIAAFWVFsAAAAAAAAAAAAAAAAoAAAAMGY4ZmFkNWItZDljYi00NjlmLWExNjUtNzA4Njc3Mjg5NTBlLnR4dA==";

std::string sdk_wrapper() {
  // Header as on the wire, then our data, descriptor, directory and end, dated as the header is.
  std::string archive = zipped("Nội dung tài liệu", std::string(kUuid) + ".txt");
  const std::string header = *decode_base64(kWrapper);
  archive.replace(0, header.size(), header);
  return archive;
}

// An archive from parts, sizes before the data.
struct Parts {
  std::string name = "a.txt", extra = "", data = "hello", directory_name = "";
  uint16_t flags = 0, method = 0;
  uint32_t crc = 0x3610a686, packed = 5, plain = 5;
  uint16_t entries = 1;
  std::string build() const {
    std::string out, directory;
    const auto common = [&](std::string& to) {
      zip::put(to, uint16_t{20});
      zip::put(to, flags);
      zip::put(to, method);
      zip::put(to, uint32_t{0x00210000});
      zip::put(to, crc);
      zip::put(to, packed);
      zip::put(to, plain);
      zip::put(to, static_cast<uint16_t>(name.size()));
    };
    zip::put(out, zip::kLocal);
    common(out);
    zip::put(out, static_cast<uint16_t>(extra.size()));
    out += name + extra + data;
    zip::put(directory, zip::kDirectory);
    zip::put(directory, uint16_t{20});
    common(directory);
    directory.append(16, '\0');
    directory += directory_name.empty() ? name : directory_name;
    const auto at = static_cast<uint32_t>(out.size());
    out += directory;
    zip::put(out, zip::kEnd);
    zip::put(out, uint32_t{0});
    zip::put(out, entries);
    zip::put(out, entries);
    zip::put(out, static_cast<uint32_t>(directory.size()));
    zip::put(out, at);
    zip::put(out, uint16_t{0});
    return out;
  }
};

Error refused(std::string_view archive, const UnzipOptions& options = {}) {
  const auto out = unzipped(archive, options);
  REQUIRE_FALSE(out);
  const auto in_bits = unzipped(archive, options, 3);
  REQUIRE_FALSE(in_bits);
  CHECK(in_bits.error().text() == out.error().text());
  return out.error();
}

}  // namespace

TEST_CASE("what is zipped comes back, in pieces of any size, and the same each time") {
  std::string plain;
  for (int i = 0; i < 40'000; ++i) plain += std::to_string(i * 7919);
  for (const std::string& text : {std::string(), std::string("x"), plain}) {
    const std::string archive = zipped(text, "a/b.txt");
    CHECK(zipped(text, "a/b.txt") == archive);
    for (const size_t piece : {1u, 13u, 4096u}) {
      UnzipSingleSource source(std::make_unique<PiecesSource>(archive, piece));
      CHECK(*drain(source, piece) == text);
      CHECK(source.entry_name() == "a/b.txt");
    }
  }
}

TEST_CASE("a wrapper as the national SDK makes it") {
  CHECK(*unzipped(sdk_wrapper()) == "Nội dung tài liệu");
  CHECK(*unzipped(Parts{}.build()) == "hello");
  CHECK(*unzipped(Parts{.data = "", .crc = 0, .packed = 0, .plain = 0}.build()) == "");
}

TEST_CASE("cut at every byte it is an error, with a byte more too") {
  for (const std::string& archive : {sdk_wrapper(), Parts{}.build()}) {
    for (size_t n = 0; n < archive.size(); ++n) {
      const auto out = unzipped(std::string_view(archive).substr(0, n));
      REQUIRE_FALSE(out);
      REQUIRE(out.error().code == Code::bad_zip);
    }
    CHECK(refused(archive + "x").detail == "bytes after the end record");
    CHECK(refused("x" + archive).code == Code::bad_zip);
  }
}

TEST_CASE("any flipped bit is survived; in what matters it is an error") {
  const std::string archive = sdk_wrapper();
  for (size_t i = 0; i < archive.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = archive;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      const auto out = unzipped(changed);
      if (out) CHECK(*out == "Nội dung tài liệu");
    }
}

TEST_CASE("lies and tricks are named") {
  CHECK(refused(Parts{.crc = 1}.build()).detail == "CRC mismatch");
  CHECK(refused(Parts{.plain = 6}.build()).detail == "the sizes before the data are wrong");
  CHECK(refused(Parts{.packed = 4}.build()).detail == "CRC mismatch");
  CHECK(refused(Parts{.directory_name = "b.txt"}.build()).detail == "directory and entry differ");
  CHECK(refused(Parts{.entries = 2}.build()).detail == "not exactly one entry");
  CHECK(refused(Parts{.flags = 1}.build()).detail == "encrypted entry");
  CHECK(refused(Parts{.method = 12}.build()).detail == "method 12");
  CHECK(refused(Parts{.flags = 8}.build()).detail == "stored entry without sizes before it");
  const std::string one = Parts{}.build();
  const size_t entry = 30 + 5 + 5;
  CHECK(refused(one.substr(0, entry) + one).detail == "more than one entry");
  std::string after = sdk_wrapper();
  after[after.find("PK\x07\x08") + 12] ^= 1;
  CHECK(refused(after).detail == "the sizes after the data are wrong");
  for (const std::string& name :
       {std::string("../a"), std::string("a/../b"), std::string("/etc/x"), std::string("a\\b"), std::string("a\0b", 3),
        std::string("C:x"), std::string("a//b"), std::string("./a"), std::string("dir/"), std::string("..")}) {
    CAPTURE(name);
    CHECK(refused(Parts{.name = name}.build()).code == Code::bad_zip);
  }
  CHECK(*unzipped(Parts{.name = "a..b"}.build()) == "hello");
}

TEST_CASE("bombs are stopped") {
  ZipSingleSource zeros(std::make_unique<GeneratedSource>("", std::string(1000, '\0'), 10'000, ""), "a");
  const std::string bomb = *drain(zeros);
  CHECK(bomb.size() < 20'000);
  const auto by_ratio = unzipped(bomb);
  REQUIRE_FALSE(by_ratio);
  CHECK(by_ratio.error().code == Code::too_large);
  CHECK(by_ratio.error().detail == "inflates more than 200 times");
  CHECK(unzipped(bomb, {.ratio = 2000})->size() == 10'000'000);
  CHECK(unzipped(bomb, {.inflated = 9'999'999, .ratio = 2000}).error().code == Code::too_large);
  CHECK(unzipped(zipped(std::string(900'000, 'x'), "a"))->size() == 900'000);  // under 1 MiB any ratio goes
}

TEST_CASE("a wrapper is told from a file that happens to be a ZIP") {
  const auto sniff = [](std::string_view bytes, std::string_view file_name) {
    PiecesSource source(bytes, 11);
    const auto found = sniff_single_zip(source, file_name);
    REQUIRE(found);
    return *found;
  };
  const std::string plain = "Nội dung tài liệu", archive = sdk_wrapper();
  const Unwrapped wrapper = sniff(archive, "Công văn.TXT");
  CHECK(wrapper.wrapped);
  CHECK(wrapper.size == plain.size());
  CHECK(wrapper.sha256 == sha256(plain));
  CHECK(wrapper.damage.empty());

  for (const auto& [bytes, name] : {std::pair<std::string, std::string>{archive, "a.zip"},
                                    {zipped(plain, "word/document.txt"), "a.txt"},
                                    {zipped(plain, "0f8fad5b-d9cb-469f-a165-70867728950.txt"), "a.txt"},
                                    {plain, "a.txt"},
                                    {"PK", "a.txt"},
                                    {"", "a.txt"}}) {
    const Unwrapped itself = sniff(bytes, name);
    CHECK_FALSE(itself.wrapped);
    CHECK(itself.size == bytes.size());
    CHECK(itself.sha256 == sha256(bytes));
    CHECK(itself.damage.empty());
  }
  const std::string cut = archive.substr(0, archive.size() - 1);
  const Unwrapped truncated = sniff(cut, "a.txt");
  CHECK_FALSE(truncated.wrapped);
  CHECK(truncated.sha256 == sha256(cut));
  CHECK(truncated.damage == "the archive is cut short");
}
