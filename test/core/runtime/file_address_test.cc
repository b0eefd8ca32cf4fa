#include "core/runtime/file_address.h"

#include <doctest/doctest.h>

#include "core/base/hash.h"
#include "core/codec/base64.h"
#include "core/mapping/rule_file.h"

using namespace lt;
using namespace lt::runtime;
using namespace std::chrono_literals;
using mapping::BlobForm;

namespace {

CipherKey key_of(uint8_t fill) {
  CipherKey key;
  key.fill(fill);
  return key;
}

FileAddress address() {
  return {{0, 4'711},
          *Id::parse("0190a6c2-0000-7000-8000-00000000002a"),
          Wall(1'792'592'000s),
          BlobForm::zip,
          "$.TaiLieuNop[2].NoiDungTep"};
}

Code code_of(const Result<FileAddress>& read) { return read ? Code::none : read.error().code; }

}  // namespace

TEST_CASE("what a token says comes back; it is the same each time and stands in an address as it is") {
  const FileTokens tokens(key_of(7));
  for (const BlobForm form : {BlobForm::base64, BlobForm::zip, BlobForm::part}) {
    FileAddress one = address();
    one.form = form;
    const std::string token = tokens.write(one, "Đơn xin.pdf");
    CHECK(token == FileTokens(key_of(7)).write(one, "Đơn xin.pdf"));
    CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    const auto read = tokens.read(token, "Đơn xin.pdf");
    REQUIRE(read);
    CHECK(*read == one);
  }
}

TEST_CASE("every single bit of a token and of the name of its file matters") {
  const FileTokens tokens(key_of(7));
  const std::string name = "Đơn.pdf";
  // All remainders of base64: the bits it leaves over count, too.
  for (const std::string path : {"$.a", "$.ab", "$.abc"}) {
    FileAddress one = address();
    one.path = path;
    const std::string token = tokens.write(one, name);
    REQUIRE(tokens.read(token, name));
    for (size_t i = 0; i < token.size() * 8; ++i) {
      std::string flipped = token;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
      CHECK_MESSAGE(code_of(tokens.read(flipped, name)) == Code::file_address_wrong, "bit " << i);
    }
    for (size_t i = 0; i < name.size() * 8; ++i) {
      std::string flipped = name;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
      CHECK_MESSAGE(code_of(tokens.read(token, flipped)) == Code::file_address_wrong, "bit " << i);
    }
    for (size_t size = 0; size < token.size(); ++size)
      CHECK(code_of(tokens.read(token.substr(0, size), name)) == Code::file_address_wrong);
    for (const char* more : {"A", "=", "AAAA", "\n"})
      CHECK(code_of(tokens.read(token + more, name)) == Code::file_address_wrong);
  }
}

TEST_CASE("a token of another key, or sealed with the secret itself, is refused") {
  const std::string name = "a.pdf";
  CHECK(code_of(FileTokens(key_of(8)).read(FileTokens(key_of(7)).write(address(), name), name)) ==
        Code::file_address_wrong);
  // Who knows a text and its place in the store, say, knows nothing of this key.
  const CipherKey secret = key_of(7);
  const std::string said = codec::encode_base64(std::string(48, '\1'));
  const Sha256 mark = hmac_sha256({reinterpret_cast<const char*>(secret.data()), secret.size()}, std::string(48, '\1'));
  const std::string forged = said + codec::encode_base64({reinterpret_cast<const char*>(mark.data()), 15});
  CHECK(code_of(FileTokens(secret).read(forged, name)) == Code::file_address_wrong);
}

TEST_CASE("a token says nothing of the file but the path of its field") {
  const std::string token = FileTokens(key_of(7)).write(address(), "Nguyễn Văn A.pdf");
  std::string padded = token;
  for (char& c : padded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  padded.append((4 - padded.size() % 4) % 4, '=');
  const std::string bytes = *codec::decode_base64(padded);
  CHECK(bytes.find("$.TaiLieuNop[2].NoiDungTep") != std::string::npos);
  CHECK(bytes.find("Nguy") == std::string::npos);
}

TEST_CASE(
    "an address ends a fixed time after acceptance, however often it is given, and is given with half of it left") {
  const Wall accepted(1'790'000'000s);
  const auto end = [&](Wall now) { return address_end(accepted, now, 30 * 24h) - accepted; };
  CHECK(end(accepted) == 30 * 24h);
  CHECK(end(accepted - 1h) == 30 * 24h);  // a clock put back
  CHECK(end(accepted + 7 * 24h) == 30 * 24h);
  CHECK(end(accepted + 15 * 24h) == 30 * 24h);
  CHECK(end(accepted + 15 * 24h + 1ms) == 60 * 24h);
  CHECK(end(accepted + 45 * 24h) == 60 * 24h);
  CHECK(end(accepted + 46 * 24h) == 90 * 24h);
  CHECK(address_end(accepted + 999ms, accepted + 999ms, 60s) == accepted + 60s);
}
