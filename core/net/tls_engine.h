// Inside of net: one TLS connection over memory, without any socket. Ciphertext in, plaintext out, and back.
//
// Knowing exactly which ciphertext exists is what lets a connection say whether bytes of a request were handed over.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/net/tls_context.h"

namespace lt::net {

class TlsEngine {
 public:
  enum class Step { done, want_read, closed, failed };

  static std::unique_ptr<TlsEngine> server(const SslContext& context);
  // `name` is checked against the certificate (a host name or an IP address) and sent as SNI when it is a host name.
  // A session of an earlier connection may be resumed.
  static std::unique_ptr<TlsEngine> client(const SslContext& context, const std::string& name, SSL_SESSION* session);

  Step handshake();
  Step read(char* out, size_t size, size_t& got);
  // Encrypts up to 64 KiB of `plain` and drops what it took from it.
  bool write(std::string_view& plain);
  // Ciphertext from the peer.
  void feed(const char* bytes, size_t size);
  // Ciphertext for the peer that was not sent yet.
  std::string_view pending() const;
  void sent(size_t bytes);
  void say_goodbye();  // close_notify
  std::string complaint() const;
  std::string peer_certificate() const;  // PEM; "" without one
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  SSL_SESSION* session() const;  // with a reference; null when there is none to resume

 private:
  explicit TlsEngine(SSL_CTX* context);
  Step step(int result);

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
  size_t sent_ = 0;
  std::string complaint_;
};

}  // namespace lt::net
