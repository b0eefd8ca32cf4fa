#include "core/net/url.h"

#include <algorithm>
#include <charconv>

namespace lt::net {

Result<Url> parse_url(std::string_view text) {
  const std::string shown(text.substr(0, text.find('?')));  // a query may carry a key
  const auto refuse = [&](std::string_view why) {
    return fail(Code::bad_url, "\"" + shown + "\": " + std::string(why));
  };
  const bool clean =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
  if (!clean) return refuse("blanks or control characters");
  Url url;
  if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else if (text.starts_with("https://")) {
    text.remove_prefix(8);
    url.tls = true;
  } else {
    return refuse("begins with neither http:// nor https://");
  }
  text = text.substr(0, text.find('#'));
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, end);
  url.target = text.substr(end);
  if (url.target.empty() || url.target.front() == '?') url.target.insert(0, 1, '/');
  if (authority.find('@') != std::string_view::npos) return refuse("a password does not belong into a URL");

  const uint16_t usual = url.tls ? 443 : 80;
  url.port = usual;
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = authority.substr(0, colon);
  if (colon != std::string_view::npos) {
    const char* stop = authority.data() + authority.size();
    const auto [parsed, error] = std::from_chars(authority.data() + colon + 1, stop, url.port);
    if (error != std::errc() || parsed != stop || url.port == 0)
      return refuse("the port is not a number from 1 to 65535");
  }
  url.authority = url.port == usual ? std::string(host) : std::string(host) + ":" + std::to_string(url.port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return refuse("no host");
  url.host = host;
  return url;
}

}  // namespace lt::net
