#include "core/base/cipher.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/hash.h"

namespace lt {
namespace {
std::string from_hex(std::string_view text) {
  std::string out;
  REQUIRE(parse_hex(text, out));
  return out;
}
CipherKey key_of(std::string_view text) {
  const std::string raw = from_hex(text);
  CipherKey key{};
  REQUIRE(raw.size() == key.size());
  std::copy(raw.begin(), raw.end(), key.begin());
  return key;
}
const char* const kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const char* const kNonce = "cafebabefacedbaddecaf888";
}  // namespace

TEST_CASE("AES-256-GCM: test cases 13 and 16 of the GCM specification") {
  std::string out;
  seal(CipherKey{}, std::string(12, '\0'), "", "", out);
  CHECK(hex(out) == "530f8afbc74536b9a963b4f1c4cb738b");
  const std::string plain = from_hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39");
  out = "before";
  seal(key_of(kKey), from_hex(kNonce), from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), plain, out);
  CHECK(out.substr(0, 6) == "before");
  CHECK(
      hex(out.substr(6)) ==
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

TEST_CASE("what is sealed is unsealed, in every small size") {
  const CipherKey key = key_of(kKey);
  const std::string nonce = from_hex(kNonce);
  for (size_t size = 0; size < 70; ++size) {
    const std::string plain(size, 'x');
    std::string sealed;
    seal(key, nonce, "record 7", plain, sealed);
    CHECK(sealed.size() == size + kTagSize);
    CHECK(unseal(key, nonce, "record 7", sealed).value() == plain);
  }
}

TEST_CASE("anything altered is refused") {
  const CipherKey key = key_of(kKey);
  const std::string nonce = from_hex(kNonce);
  std::string sealed;
  seal(key, nonce, "record 7", "căn cước", sealed);
  const auto refused = [](const Result<std::string>& result) {
    return !result.has_value() && result.error().code == Code::decrypt_failed;
  };
  for (size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string altered = sealed;
    altered[i / 8] = static_cast<char>(altered[i / 8] ^ (1 << (i % 8)));
    REQUIRE(refused(unseal(key, nonce, "record 7", altered)));
  }
  CipherKey other = key;
  other[31] ^= 1;
  CHECK(refused(unseal(other, nonce, "record 7", sealed)));
  CHECK(refused(unseal(key, std::string(12, 'n'), "record 7", sealed)));
  CHECK(refused(unseal(key, nonce, "record 8", sealed)));
  CHECK(refused(unseal(key, nonce, "", sealed)));
  CHECK(refused(unseal(key, nonce, "record 7", sealed.substr(0, sealed.size() - 1))));
  CHECK(refused(unseal(key, nonce, "record 7", sealed + "x")));
  CHECK(refused(unseal(key, nonce, "record 7", "short")));
  CHECK(refused(unseal(key, "short", "record 7", sealed)));
  CHECK(unseal(key, nonce, "record 7", sealed).value() == "căn cước");
}

}  // namespace lt
