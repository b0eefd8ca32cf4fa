// TLS 1.2 and 1.3. Certificates are loaded before traffic and never while it flows.
#pragma once

#include <string>

namespace lt::net {

struct TlsServerOptions {
  std::string certificate_file;  // PEM chain; "" = no TLS
  std::string key_file;          // PEM
  std::string client_ca_file;    // PEM; when named, a client certificate signed by it is required
  bool operator==(const TlsServerOptions&) const = default;
};

struct TlsClientOptions {
  std::string ca_file;           // PEM; "" = the system's trust store
  std::string certificate_file;  // PEM, for mutual TLS
  std::string key_file;
  std::string server_name;  // SNI and name check; "" = the host of the URL
};

}  // namespace lt::net
