#include "core/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace lt::net {
namespace {

Result<SslContext> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return fail(Code::tls_failed, "no TLS context: " + openssl_complaint());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return fail(Code::tls_failed, "cipher list: " + openssl_complaint());
  }
  return context;
}

Result<void> load_identity(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail(Code::tls_failed, "certificate " + certificate + ": " + openssl_complaint());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Code::tls_failed, "key " + key + ": " + openssl_complaint());
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return fail(Code::tls_failed, "key " + key + " does not belong to " + certificate + ": " + openssl_complaint());
  }
  return {};
}

}  // namespace

std::string openssl_complaint() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    char line[200];
    ERR_error_string_n(code, line, sizeof line);
    if (!text.empty()) text += "; ";
    text += line;
  }
  return text.empty() ? "no reason given" : text;
}

Result<SslContext> server_context(const TlsServerOptions& options) {
  LT_ASSIGN(SslContext context, make_context(TLS_server_method()));
  LT_TRY(load_identity(context.get(), options.certificate_file, options.key_file));
  static constexpr unsigned char kSessions[] = "lienthong";
  SSL_CTX_set_session_id_context(context.get(), kSessions, sizeof kSessions - 1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_SERVER);
  if (options.client_ca_file.empty()) return context;
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca_file.c_str());
  if (!names || SSL_CTX_load_verify_file(context.get(), options.client_ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fail(Code::tls_failed, "client CA " + options.client_ca_file + ": " + openssl_complaint());
  }
  SSL_CTX_set_client_CA_list(context.get(), names);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

Result<SslContext> client_context(const TlsClientOptions& options) {
  LT_ASSIGN(SslContext context, make_context(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(), options.ca_file.c_str()) != 1) {
    return fail(Code::tls_failed, "CA " + options.ca_file + ": " + openssl_complaint());
  }
  if (!options.certificate_file.empty())
    LT_TRY(load_identity(context.get(), options.certificate_file, options.key_file));
  return context;
}

}  // namespace lt::net
