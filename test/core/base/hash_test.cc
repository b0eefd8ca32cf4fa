#include "core/base/hash.h"

#include <doctest/doctest.h>

namespace lt {
namespace {
std::string from_hex(std::string_view text) {
  std::string out;
  REQUIRE(parse_hex(text, out));
  return out;
}
}  // namespace

TEST_CASE("SHA-256: vectors of FIPS 180-4") {
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(sha256(std::string(1'000'000, 'a'))) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 of a stream equals that of the whole, also after a move") {
  const std::string whole(1'000'000, 'a');
  Sha256Stream stream;
  stream.update("");
  for (size_t at = 0; at < 500'000; at += 1'000) stream.update(std::string_view(whole).substr(at, 1'000));
  Sha256Stream moved = std::move(stream);
  Sha256Stream assigned;
  assigned = std::move(moved);
  assigned.update(std::string_view(whole).substr(500'000));
  CHECK(assigned.finish() == sha256(whole));
}

TEST_CASE("HMAC-SHA-256: vectors of RFC 4231") {
  CHECK(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  // An empty key is a key, not the key of the call before.
  CHECK(hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(hex(hmac_sha256({}, {})) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("CRC-32C: vectors of RFC 3720 B.4") {
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i), falling += static_cast<char>(31 - i);
  CHECK(crc32c(0, "") == 0);
  CHECK(crc32c(0, "123456789") == 0xe3069283);
  CHECK(crc32c(0, std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(0, std::string(32, '\xff')) == 0x62a8ab43);
  CHECK(crc32c(0, rising) == 0x46dd794e);
  CHECK(crc32c(0, falling) == 0x113fdb5c);
}

TEST_CASE("CRC-32C continues over any cut") {
  const std::string text = "Một hồ sơ đi qua trục liên thông của tỉnh";
  for (size_t cut = 0; cut <= text.size(); ++cut)
    CHECK(crc32c(crc32c(0, text.substr(0, cut)), text.substr(cut)) == crc32c(0, text));
}

TEST_CASE("hex both ways") {
  CHECK(hex(std::string_view("\x00\x7f\xff", 3)) == "007fff");
  CHECK(from_hex("007FfF") == std::string("\x00\x7f\xff", 3));
  std::string kept = "kept";
  for (const char* bad : {"0", "0g", "0x10", " 0"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_hex(bad, kept));
  }
  CHECK(kept == "kept");
}

TEST_CASE("secrets compare by content") {
  CHECK(equal_secret("", ""));
  CHECK(equal_secret("same", "same"));
  CHECK_FALSE(equal_secret("same", "sane"));
  CHECK_FALSE(equal_secret("same", "same "));
}

TEST_CASE("random bytes come in the size asked and do not repeat") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(100'000).size() == 100'000);
  CHECK(random_bytes(32) != random_bytes(32));
}

}  // namespace lt
