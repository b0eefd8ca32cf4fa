// Inside of net: OpenSSL contexts from TlsServerOptions and TlsClientOptions.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "core/base/result.h"
#include "core/net/tls.h"

namespace lt::net {

using SslContext = std::shared_ptr<SSL_CTX>;

// TLS 1.2 and later, ECDHE with AEAD only, sessions resumed. Error tls_failed names the file.
Result<SslContext> server_context(const TlsServerOptions& options);
Result<SslContext> client_context(const TlsClientOptions& options);
// What the last OpenSSL call of this thread complained about; empties the queue.
std::string openssl_complaint();

}  // namespace lt::net
