#include "core/codec/base64.h"

#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::drain;
using lt::test::PiecesSource;

namespace {

std::string noise(size_t size, uint64_t state = 7) {
  std::string out(size, '\0');
  for (char& c : out) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    c = static_cast<char>(state >> 40);
  }
  return out;
}

}  // namespace

TEST_CASE("the vectors of RFC 4648 section 10") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(encode_base64(plain) == encoded);
    CHECK(decode_base64(encoded) == std::string(plain));
    CHECK(base64_size(std::string_view(plain).size()) == std::string_view(encoded).size());
  }
}

TEST_CASE("any pieces give the same bytes, in both directions") {
  for (const size_t size : {0u, 1u, 2u, 3u, 100u, 70'001u, 200'000u}) {
    const std::string plain = noise(size);
    for (const size_t piece : {1u, 2u, 5u, 1000u, 100'000u}) {
      const std::string encoded = encode_base64(plain);
      Base64EncodingSource encoding(std::make_unique<PiecesSource>(plain, piece));
      CHECK(*drain(encoding, piece) == encoded);
      Base64DecodingSource decoding(std::make_unique<PiecesSource>(encoded, piece));
      CHECK(*drain(decoding, piece) == plain);
    }
    Base64EncodingSource sized(std::make_unique<MemorySource>(plain));
    CHECK(sized.size() == base64_size(size));
  }
}

TEST_CASE("blanks are skipped, everything else outside the alphabet is refused with its offset") {
  CHECK(decode_base64(" Zm9v\r\n\tYm Fy \n") == std::string("foobar"));
  CHECK(decode_base64("Zm8 =\n") == std::string("fo"));
  const std::pair<const char*, const char*> bad[] = {
      {"Zm9vYm-y", "at byte 6"}, {"Zm9vYm_y", "at byte 6"}, {"Zm9v!mFy", "at byte 4"},  {"Zg==Zg==", "at byte 4"},
      {"Z===", "at byte 1"},     {"=", "at byte 0"},        {"Zm9vYg", "ends inside"},  {"Zm9vYg=", "ends inside"},
      {"Zg=a", "at byte 3"},     {"Zm9\xC3", "at byte 3"},  {"Zm9v\\/9v", "at byte 4"}, {"Zm8==", "at byte 4"}};
  for (const auto& [text, where] : bad) {
    CAPTURE(text);
    const auto decoded = decode_base64(text);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == Code::bad_base64);
    CHECK(decoded.error().detail.find(where) != std::string::npos);
    Base64DecodingSource source(std::make_unique<PiecesSource>(text, 3));
    const auto drained = drain(source);
    REQUIRE_FALSE(drained);
    CHECK(drained.error().detail == decoded.error().detail);
  }
}

TEST_CASE("decoding by blocks is decoding by characters: every byte at every place, blanks anywhere") {
  const std::string plain = noise(96), encoded = encode_base64(plain);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t at = 0; at < 40; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = encoded;
      text[at] = static_cast<char>(byte);
      const auto decoded = decode_base64(text);
      const size_t value = kAlphabet.find(static_cast<char>(byte));
      if (value == std::string_view::npos) {
        REQUIRE_FALSE(decoded);
        continue;
      }
      REQUIRE(decoded);
      // The six bits of that place, and nothing else, are those of the character.
      std::string expected = plain;
      for (size_t bit = 0; bit < 6; ++bit) {
        const size_t where = at * 6 + bit;
        const auto mask = static_cast<char>(0x80 >> where % 8);
        const bool on = value >> (5 - bit) & 1;
        expected[where / 8] = static_cast<char>(on ? expected[where / 8] | mask : expected[where / 8] & ~mask);
      }
      REQUIRE(*decoded == expected);
    }
  }
  for (size_t width = 1; width < 80; ++width) {
    std::string folded;
    for (size_t i = 0; i < encoded.size(); i += width) folded += encoded.substr(i, width) + "\r\n";
    CHECK(decode_base64(folded) == plain);
  }
}
