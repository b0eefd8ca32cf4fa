// Inside of net: absolute http and https URLs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt::net {

struct Url {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  uint16_t port = 0;
  std::string authority;  // for the Host field: the port only when it is not the scheme's own
  std::string target;     // path and query, at least "/"
};
// Error bad_url: no scheme http or https, no host, a port that is none, user:password@, blanks or control characters.
Result<Url> parse_url(std::string_view text);

}  // namespace lt::net
