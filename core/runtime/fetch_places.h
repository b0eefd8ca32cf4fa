// Which addresses may be fetched: the address is the sender's, so without this list the bus would open inner hosts to
// him.
//
// Compared is what was parsed, never the text: scheme, host (case aside), port, and the path. A place whose path ends
// in a slash covers what is below it, any other place that one path; queries are free. Refused everywhere: a name or
// password before the host, dot segments in any writing (%2e, %252e, a backslash, "..;"), control characters, hosts
// that are not ASCII. What is called is rebuilt from what was compared.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/http.h"
#include "core/runtime/file_fetching_config.h"

namespace lt::runtime {

struct FetchPlace {
  std::string origin;  // "https://host:port", as it is called: small letters, the port only when it is not the usual
  std::string path;    // canonical: what is not ASCII as %XX, hexadecimal digits large
  net::Headers headers;

  std::string text() const { return origin + path; }
  // Of a configuration. Errors bad_url: also when there is a query or a fragment.
  static Result<FetchPlace> parse(std::string_view url);
};

// A file to be fetched.
struct FetchTarget {
  std::string url;
  std::string shown;                  // for people: without query
  const FetchPlace* place = nullptr;  // of the FetchPlaces
};

class FetchPlaces {
 public:
  // Of a section that was checked.
  explicit FetchPlaces(const std::vector<FetchSourceSection>& from);
  // By the longest place that covers it. Error fetch_not_allowed.
  Result<FetchTarget> find(std::string_view address) const;

 private:
  std::vector<FetchPlace> places_;
};

// Scheme, host and path of an address as far as it can be told: never its query, which may hold a key or a person's
// number, and no password.
std::string shown_address(std::string_view address);

}  // namespace lt::runtime
