#include "core/runtime/fetch_places.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/ascii.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/net/url.h"

namespace lt::runtime {
namespace {

constexpr size_t kShown = 300;
constexpr int kDecodings = 4;  // more is no path that anybody means

std::string escaped(char c) { return fmt::format("%{:02X}", static_cast<unsigned char>(c)); }

void put(char c, std::string& out) {
  if (static_cast<unsigned char>(c) < 0x80)
    out += c;
  else
    out += escaped(c);
}

// The same path always written the same. Empty: a percent sign that is no escape.
std::optional<std::string> canonical(std::string_view path) {
  std::string out;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      put(path[i], out);
      continue;
    }
    const std::string_view escape = path.substr(i, 3);
    const std::string byte = percent_decode(escape);
    if (escape.size() != 3 || byte.size() != 1) return std::nullopt;
    out += escaped(byte[0]);
    i += 2;
  }
  return out;
}

// Of one reading of a path: ".", "..", also before a parameter ("..;x"), as some servers read it.
bool has_dot_segment(std::string_view path) {
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find_first_of("/\\", begin), path.size());
    std::string_view segment = path.substr(begin, end - begin);
    segment = segment.substr(0, segment.find(';'));
    if (segment == "." || segment == "..") return true;
    begin = end + 1;
  }
  return false;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

// "host", "host:123", "[::1]:123".
bool has_plain_port(std::string_view host) {
  const size_t bracket = host.find(']');
  const size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return colon == std::string_view::npos || host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

// Whatever a server may make of the path, it stays where it seems to be.
const char* why_unsafe(std::string path) {
  for (int i = 0; i < kDecodings; ++i) {
    if (has_dot_segment(path)) return "a dot segment in the path";
    if (path.find('\\') != std::string::npos) return "a backslash in the path";
    if (std::any_of(path.begin(), path.end(), is_control)) return "a control character in the path";
    std::string decoded = percent_decode(path);
    if (decoded == path) return nullptr;
    path = std::move(decoded);
  }
  return "a path escaped over and over";
}

struct Parsed {
  std::string origin, path, query;  // the query with its '?'
};

Result<Parsed> parse(std::string_view address) {
  const auto refuse = [](std::string why) { return fail(Code::bad_url, std::move(why)); };
  if (address.size() > limits::kFileAddress) return refuse("longer than any address");
  auto url = net::parse_url(address);
  // Its own words may quote what stood before the host.
  if (!url) return refuse("no address http:// or https:// of a host, without name and password");
  const bool plain = std::all_of(url->authority.begin(), url->authority.end(), [](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
  if (!plain) return refuse("a character in the host that no host has");
  const size_t question = std::min(url->target.find('?'), url->target.size());
  const std::string path = url->target.substr(0, question);
  const auto written = canonical(path);
  if (!written) return refuse("a percent sign in the path that escapes nothing");
  if (const char* why = why_unsafe(path)) return refuse(why);
  Parsed out;
  out.origin = (url->tls ? "https://" : "http://") + ascii_lower(url->authority);
  out.path = std::move(*written);
  for (const char c : std::string_view(url->target).substr(question)) put(c, out.query);
  return out;
}

bool covers(const FetchPlace& place, const Parsed& address) {
  if (place.origin != address.origin) return false;
  return place.path.ends_with('/') ? address.path.starts_with(place.path) : address.path == place.path;
}

}  // namespace

Result<FetchPlace> FetchPlace::parse(std::string_view url) {
  if (url.find_first_of("?#") != std::string_view::npos)
    return fail(Code::bad_url, "a place is named without query and fragment");
  LT_ASSIGN(Parsed parsed, runtime::parse(url));
  FetchPlace out;
  out.origin = std::move(parsed.origin);
  out.path = std::move(parsed.path);
  return out;
}

FetchPlaces::FetchPlaces(const std::vector<FetchSourceSection>& from) {
  for (const auto& section : from) {
    auto place = FetchPlace::parse(section.url.value);
    if (!place) continue;  // reported when the configuration was read
    for (const auto& [name, value] : section.headers) place->headers.set(name, value);
    places_.push_back(std::move(*place));
  }
}

Result<FetchTarget> FetchPlaces::find(std::string_view address) const {
  const std::string shown = shown_address(address);
  auto parsed = runtime::parse(address);
  if (!parsed) return fail(Code::fetch_not_allowed, shown + ": " + parsed.error().detail);
  const FetchPlace* best = nullptr;
  for (const FetchPlace& place : places_)
    if (covers(place, *parsed) && (!best || place.path.size() > best->path.size())) best = &place;
  if (!best) return fail(Code::fetch_not_allowed, shown + " is below no place of files.fetch.from");
  return FetchTarget{parsed->origin + parsed->path + parsed->query, shown, best};
}

std::string shown_address(std::string_view address) {
  std::string_view scheme = address.starts_with("https://")  ? "https://"
                            : address.starts_with("http://") ? "http://"
                                                             : "";
  if (scheme.empty()) return "an address that begins with neither http:// nor https://";
  std::string_view rest = address.substr(scheme.size());
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  // A password may hold what looks like the end of the host.
  const size_t at = rest.rfind('@');
  if (at != std::string_view::npos && (host.find('@') != std::string_view::npos || !has_plain_port(host)))
    rest.remove_prefix(at + 1);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::string_view kept = cut_text(rest, kShown);
  std::string out(scheme);
  for (const char c : kept) out += is_control(c) ? '?' : c;
  return kept.size() < rest.size() ? out + "..." : out;
}

}  // namespace lt::runtime
