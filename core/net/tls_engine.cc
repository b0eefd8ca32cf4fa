#include "core/net/tls_engine.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "core/base/limits.h"

namespace lt::net {

TlsEngine::TlsEngine(SSL_CTX* context) : ssl_(SSL_new(context)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
  BIO_set_mem_eof_return(in_, -1);
  SSL_set_bio(ssl_.get(), in_, out_);
}

std::unique_ptr<TlsEngine> TlsEngine::server(const SslContext& context) {
  std::unique_ptr<TlsEngine> engine(new TlsEngine(context.get()));
  SSL_set_accept_state(engine->ssl_.get());
  return engine;
}

std::unique_ptr<TlsEngine> TlsEngine::client(const SslContext& context, const std::string& name, SSL_SESSION* session) {
  std::unique_ptr<TlsEngine> engine(new TlsEngine(context.get()));
  SSL* ssl = engine->ssl_.get();
  SSL_set_connect_state(ssl);
  X509_VERIFY_PARAM* check = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(check, name.c_str()) != 1) {
    ERR_clear_error();
    X509_VERIFY_PARAM_set1_host(check, name.c_str(), name.size());
    SSL_set_tlsext_host_name(ssl, name.c_str());
  }
  if (session) SSL_set_session(ssl, session);
  return engine;
}

TlsEngine::Step TlsEngine::step(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Step::want_read;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      break;
  }
  complaint_ = openssl_complaint();
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) complaint_ += std::string("; certificate: ") + X509_verify_cert_error_string(verified);
  return Step::failed;
}

TlsEngine::Step TlsEngine::handshake() {
  ERR_clear_error();
  return step(SSL_do_handshake(ssl_.get()));
}

TlsEngine::Step TlsEngine::read(char* out, size_t size, size_t& got) {
  ERR_clear_error();
  got = 0;
  return step(SSL_read_ex(ssl_.get(), out, size, &got));
}

bool TlsEngine::write(std::string_view& plain) {
  ERR_clear_error();
  size_t taken = 0;
  const std::string_view part = plain.substr(0, limits::kIoChunk);
  const Step result = step(SSL_write_ex(ssl_.get(), part.data(), part.size(), &taken));
  plain.remove_prefix(taken);
  return result == Step::done;
}

void TlsEngine::feed(const char* bytes, size_t size) { BIO_write(in_, bytes, static_cast<int>(size)); }

std::string_view TlsEngine::pending() const {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out_, &bytes);
  return std::string_view(bytes, size > 0 ? static_cast<size_t>(size) : 0).substr(sent_);
}

void TlsEngine::sent(size_t bytes) {
  sent_ += bytes;
  if (!pending().empty()) return;
  BIO_reset(out_);
  sent_ = 0;
}

void TlsEngine::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string TlsEngine::complaint() const { return complaint_; }

std::string TlsEngine::peer_certificate() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (!certificate) return {};
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(memory.get(), certificate);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

SSL_SESSION* TlsEngine::session() const {
  SSL_SESSION* session = SSL_get1_session(ssl_.get());
  if (session && SSL_SESSION_is_resumable(session) == 1) return session;
  SSL_SESSION_free(session);
  return nullptr;
}

}  // namespace lt::net
