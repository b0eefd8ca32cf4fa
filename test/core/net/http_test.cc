#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/net/http.h"
#include "core/net/url.h"

using namespace lt;
using namespace lt::net;

TEST_CASE("headers: names without case, first value, set replaces all") {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("ACCEPT", "b");
  CHECK(headers.get("accept") == "a");
  CHECK(headers.get("x") == "");
  headers.set("accept", "c");
  CHECK(headers.all().size() == 1);
  CHECK(headers.get("Accept") == "c");
}

TEST_CASE("percent coding and query values") {
  CHECK(percent_encode("Hồ sơ/1-._~") == "H%E1%BB%93%20s%C6%A1%2F1-._~");
  CHECK(percent_decode("H%e1%BB%93%20+") == "Hồ +");
  for (const char* odd : {"%", "%4", "%zz", "a%", "%%41"})
    CHECK(percent_decode(odd).find('%') == std::string(odd).find('%'));
  CHECK(percent_decode("%41") == "A");
  CHECK(query_value("a=1&b=x+y%26z&b=2&c", "b") == "x y&z");
  CHECK(query_value("a=1&c", "c") == "");
  CHECK(query_value("aa=1", "a") == "");
  CHECK(query_value("", "a") == "");
}

TEST_CASE("problem+json carries both languages, the place, and escapes what it is given") {
  Error error(Code::bad_json, "value \"\x01\xff", Place{"secret/file.yaml", 3, 7, "$.a\"b"}, "own hint");
  const Response response = problem(error, "trace");
  CHECK(response.status == 400);
  CHECK(response.headers.get("content-type") == "application/problem+json");
  const std::string& json = response.body;
  for (const char* part :
       {"\"title\":\"Malformed JSON\"", "\"title_vi\":\"JSON không hợp lệ\"", "\"status\":400", "\"code\":\"LT-3001\"",
        "\"path\":\"$.a\\\"b\"", "\"line\":3", "\"column\":7", "\"hint\":\"own hint\"",
        "\"hint_vi\":", "\"trace_id\":\"trace\"", "\"type\":\"urn:lienthong:error:LT-3001\""}) {
    CAPTURE(part);
    CHECK(json.find(part) != std::string::npos);
  }
  CHECK(json.find("secret") == std::string::npos);
  CHECK(json.find('\x01') == std::string::npos);
  CHECK(json.find('\xff') == std::string::npos);
}

TEST_CASE("urls") {
  const Url plain = parse_url("http://Host.vn:8080/a/b?c=d#e").value();
  CHECK(!plain.tls);
  CHECK(plain.host == "Host.vn");
  CHECK(plain.port == 8080);
  CHECK(plain.authority == "Host.vn:8080");
  CHECK(plain.target == "/a/b?c=d");
  const Url six = parse_url("https://[::1]?q").value();
  CHECK(six.tls);
  CHECK(six.host == "::1");
  CHECK(six.port == 443);
  CHECK(six.authority == "[::1]");
  CHECK(six.target == "/?q");
  CHECK(parse_url("http://[::1]:81").value().port == 81);
  const auto bad = parse_url("http://h:x/?key=secret");
  REQUIRE(!bad);
  CHECK(bad.error().detail.find("secret") == std::string::npos);
}
