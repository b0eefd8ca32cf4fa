#include "core/base/hash.h"

#include <nmmintrin.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lt {
namespace {
// Without SHA-256 or random bytes nothing this program promises holds; there is no state to go on in.
void must(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "lienthong: %s failed\n", what);
  std::abort();
}

const EVP_MD* sha256_method() {
  static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  must(method != nullptr, "EVP_MD_fetch SHA256");
  return method;
}

EVP_MD_CTX* digest_context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

struct MacContext {
  EVP_MAC_CTX* context;
  MacContext() {
    static EVP_MAC* const method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context = method ? EVP_MAC_CTX_new(method) : nullptr;
    must(context != nullptr, "EVP_MAC_CTX_new HMAC");
  }
  MacContext(const MacContext&) = delete;
  MacContext& operator=(const MacContext&) = delete;
  ~MacContext() { EVP_MAC_CTX_free(context); }
};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  must(context_ && EVP_DigestInit_ex2(digest_context(context_), sha256_method(), nullptr) == 1, "SHA-256");
}
Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(digest_context(context_)); }
Sha256Stream::Sha256Stream(Sha256Stream&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
Sha256Stream& Sha256Stream::operator=(Sha256Stream&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}
void Sha256Stream::update(std::string_view data) {
  must(EVP_DigestUpdate(digest_context(context_), data.data(), data.size()) == 1, "SHA-256");
}
Sha256 Sha256Stream::finish() {
  Sha256 digest;
  must(EVP_DigestFinal_ex(digest_context(context_), digest.data(), nullptr) == 1, "SHA-256");
  return digest;
}

Sha256 sha256(std::string_view data) {
  struct Context {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(context); }
  };
  thread_local Context own;
  Sha256 digest;
  must(own.context && EVP_DigestInit_ex2(own.context, sha256_method(), nullptr) == 1 &&
           EVP_DigestUpdate(own.context, data.data(), data.size()) == 1 &&
           EVP_DigestFinal_ex(own.context, digest.data(), nullptr) == 1,
       "SHA-256");
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view data) {
  thread_local MacContext own;
  char name[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                               OSSL_PARAM_construct_end()};
  // A null key would mean "the key of last time".
  const auto* bytes = reinterpret_cast<const uint8_t*>(key.empty() ? "" : key.data());
  Sha256 code;
  size_t size = 0;
  must(EVP_MAC_init(own.context, bytes, key.size(), params) == 1 &&
           EVP_MAC_update(own.context, reinterpret_cast<const uint8_t*>(data.data()), data.size()) == 1 &&
           EVP_MAC_final(own.context, code.data(), &size, code.size()) == 1 && size == code.size(),
       "HMAC-SHA-256");
  return code;
}

uint32_t crc32c(uint32_t crc, std::string_view data) {
  uint64_t state = ~crc;
  const char* at = data.data();
  size_t left = data.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state = _mm_crc32_u64(state, word);
  }
  auto tail = static_cast<uint32_t>(state);
  for (; left > 0; ++at, --left) tail = _mm_crc32_u8(tail, static_cast<uint8_t>(*at));
  return ~tail;
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    out[2 * i] = kDigits[byte >> 4];
    out[2 * i + 1] = kDigits[byte & 15];
  }
  return out;
}

bool parse_hex(std::string_view text, std::string& out) {
  if (text.size() % 2 != 0) return false;
  std::string bytes(text.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  out = std::move(bytes);
  return true;
}

bool equal_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(size_t size) {
  std::string out(size, '\0');
  for (size_t done = 0; done < size;) {
    const ssize_t got = ::getrandom(out.data() + done, size - done, 0);
    must(got > 0 || errno == EINTR, "getrandom");
    if (got > 0) done += static_cast<size_t>(got);
  }
  return out;
}

}  // namespace lt
