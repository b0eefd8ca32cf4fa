#include "core/base/cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace lt {
namespace {
// Going on after a failed seal would store what should be secret.
void must(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "lienthong: %s failed\n", what);
  std::abort();
}

const EVP_CIPHER* method() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  must(cipher != nullptr, "EVP_CIPHER_fetch AES-256-GCM");
  return cipher;
}

struct Context {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_CIPHER_CTX_free(context); }
};

EVP_CIPHER_CTX* start(bool sealing, const CipherKey& key, std::string_view nonce) {
  thread_local Context sealer, opener;
  EVP_CIPHER_CTX* context = (sealing ? sealer : opener).context;
  must(context && EVP_CipherInit_ex2(context, method(), key.data(), reinterpret_cast<const uint8_t*>(nonce.data()),
                                     sealing ? 1 : 0, nullptr) == 1,
       "AES-256-GCM");
  return context;
}

// EVP counts in int; `out` is null for associated data.
bool update(EVP_CIPHER_CTX* context, std::string_view in, char* out) {
  constexpr size_t kStep = size_t{1} << 30;
  for (size_t done = 0; done < in.size();) {
    const size_t size = std::min(kStep, in.size() - done);
    int written = 0;
    if (EVP_CipherUpdate(context, reinterpret_cast<uint8_t*>(out ? out + done : nullptr), &written,
                         reinterpret_cast<const uint8_t*>(in.data()) + done, static_cast<int>(size)) != 1)
      return false;
    done += size;
  }
  return true;
}
}  // namespace

void seal(const CipherKey& key, std::string_view nonce, std::string_view associated, std::string_view plain,
          std::string& out) {
  must(nonce.size() == kNonceSize, "AES-256-GCM nonce size");
  EVP_CIPHER_CTX* context = start(true, key, nonce);
  const size_t begin = out.size();
  out.resize(begin + plain.size() + kTagSize);
  char* const cipher_text = out.data() + begin;
  char* const tag = cipher_text + plain.size();
  int written = 0;
  must(update(context, associated, nullptr) && update(context, plain, cipher_text) &&
           EVP_CipherFinal_ex(context, reinterpret_cast<uint8_t*>(tag), &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1,
       "AES-256-GCM");
}

Result<std::string> unseal(const CipherKey& key, std::string_view nonce, std::string_view associated,
                           std::string_view sealed) {
  if (nonce.size() != kNonceSize) return fail(Code::decrypt_failed, "the nonce is not 12 bytes");
  if (sealed.size() < kTagSize) return fail(Code::decrypt_failed, "shorter than its tag");
  EVP_CIPHER_CTX* context = start(false, key, nonce);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  sealed.remove_suffix(kTagSize);
  std::string plain(sealed.size(), '\0');
  uint8_t none[kTagSize];
  int written = 0;
  const bool genuine = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
                       update(context, associated, nullptr) && update(context, sealed, plain.data()) &&
                       EVP_CipherFinal_ex(context, none, &written) == 1;
  if (!genuine) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return fail(Code::decrypt_failed, "the tag does not match");
  }
  return plain;
}

}  // namespace lt
