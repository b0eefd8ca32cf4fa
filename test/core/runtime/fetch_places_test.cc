// Which addresses may be fetched, whatever their writer had in mind.
#include <doctest/doctest.h>

#include "core/runtime/fetch_places.h"

using namespace lt;
using namespace lt::runtime;

namespace {

FetchPlaces places(const std::vector<std::string>& urls) {
  std::vector<FetchSourceSection> from;
  for (const auto& url : urls) {
    FetchSourceSection section;
    section.url.value = url;
    section.headers["X-Place"] = url;
    from.push_back(std::move(section));
  }
  return FetchPlaces(from);
}

std::string found(const FetchPlaces& in, const std::string& address) {
  const auto target = in.find(address);
  if (target) return target->url;
  CHECK(target.error().code == Code::fetch_not_allowed);
  return "";
}

}  // namespace

TEST_CASE("what lies below a place is called as it was compared") {
  const FetchPlaces in = places({"https://A.vn/tep/", "http://10.0.0.5:8080", "https://b.vn/mau.pdf",
                                 "https://c.vn:443/Tệp/", "http://[::1]:81/"});
  CHECK(found(in, "https://a.vn/tep/1.pdf") == "https://a.vn/tep/1.pdf");
  CHECK(found(in, "https://a.VN:443/tep/1.pdf#trang=2") == "https://a.vn/tep/1.pdf");
  CHECK(found(in, "https://a.vn/tep/") == "https://a.vn/tep/");
  CHECK(found(in, "https://a.vn/tep/x?khoa=/../..") == "https://a.vn/tep/x?khoa=/../..");
  CHECK(found(in, "https://a.vn/tep/o%2fx.pdf") == "https://a.vn/tep/o%2Fx.pdf");
  CHECK(found(in, "https://a.vn/tep/Đơn.pdf?t=Đ") == "https://a.vn/tep/%C4%90%C6%A1n.pdf?t=%C4%90");
  CHECK(found(in, "https://a.vn/tep/100%25.pdf") == "https://a.vn/tep/100%25.pdf");
  CHECK(found(in, "https://a.vn/tep/..pdf") == "https://a.vn/tep/..pdf");
  CHECK(found(in, "http://10.0.0.5:8080/bat/ky") == "http://10.0.0.5:8080/bat/ky");
  CHECK(found(in, "https://b.vn/mau.pdf?id=1") == "https://b.vn/mau.pdf?id=1");
  CHECK(found(in, "https://c.vn/T%e1%bb%87p/1") == "https://c.vn/T%E1%BB%87p/1");
  CHECK(found(in, "http://[::1]:81/a") == "http://[::1]:81/a");
}

TEST_CASE("nothing else is fetched: look-alike hosts, paths that climb out, passwords, other schemes and ports") {
  const FetchPlaces in = places({"https://a.vn/tep/", "https://b.vn/mau.pdf", "https://c.vn"});
  for (const char* address : {
           "https://a.vn.evil.com/tep/1.pdf",
           "https://evil.com/https://a.vn/tep/1.pdf",
           "https://evila.vn/tep/1.pdf",
           "https://x.a.vn/tep/1.pdf",
           "https://a.vn./tep/1.pdf",
           "https://a.vn@evil.com/tep/1.pdf",
           "https://a.vn:443@evil.com/tep/1.pdf",
           "https://a.vn\\@evil.com/tep/1.pdf",
           "https://evil.com\\.a.vn/tep/1.pdf",
           "https://evil.com#@a.vn/tep/1.pdf",
           "https://evil.com?@a.vn/tep/1.pdf",
           "https://a.vn%2eevil.com/tep/1.pdf",
           "https://a.vn%00.evil.com/tep/1.pdf",
           "https://ａ.vn/tep/1.pdf",
           "https://ten:mk@a.vn/tep/1.pdf",
           "https://ten@a.vn/tep/1.pdf",
           "http://a.vn/tep/1.pdf",
           "http://a.vn:443/tep/1.pdf",
           "https://a.vn:8443/tep/1.pdf",
           "https://a.vn/",
           "https://a.vn/tep",
           "https://a.vn/tepkhac/1.pdf",
           "https://a.vn/TEP/1.pdf",
           "https://a.vn//tep/1.pdf",
           "https://a.vn/%74ep/1.pdf",
           "https://a.vn/tep%2f1.pdf",
           "https://a.vn/tep/../admin",
           "https://a.vn/tep/./1.pdf",
           "https://a.vn/tep/..",
           "https://a.vn/tep/%2e%2e/admin",
           "https://a.vn/tep/.%2E/admin",
           "https://a.vn/tep/%252e%252e/admin",
           "https://a.vn/tep/%25252e%25252e/admin",
           "https://a.vn/tep/%2525252525252e%2e/admin",
           "https://a.vn/tep/..%2fadmin",
           "https://a.vn/tep/..%5cadmin",
           "https://a.vn/tep/..\\admin",
           "https://a.vn/tep/x\\y",
           "https://a.vn/tep/..;/admin",
           "https://a.vn/tep/..;a=1/admin",
           "https://a.vn/tep/%2e%2e%3b/admin",
           "https://a.vn/tep/1.pdf%00.txt",
           "https://a.vn/tep/1%0d%0aHost:%20evil.com",
           "https://a.vn/tep/1.pdf HTTP/1.1",
           "https://a.vn/tep/1\r\nHost: evil.com",
           "https://a.vn/tep/100%.pdf",
           "https://b.vn/mau.pdf/x",
           "https://b.vn/mau.pdfx",
           "https://b.vn/",
           "https://c.vn.evil.com",
           "https://c.vn:/",
           "https://c.vn:70000/",
           "//a.vn/tep/1.pdf",
           "HTTPS://a.vn/tep/1.pdf",
           "file:///etc/passwd",
           "ftp://a.vn/tep/1.pdf",
           "/tep/1.pdf",
           "",
       }) {
    CAPTURE(address);
    CHECK(found(in, address) == "");
  }
  CHECK(found(in, "https://a.vn/tep/" + std::string(4'000, 'a')) == "");
}

TEST_CASE("of two places that cover an address the longer one gives its headers") {
  const FetchPlaces in = places({"https://a.vn/", "https://a.vn/tep/rieng/", "https://a.vn/tep/"});
  const auto key = [&](const std::string& address) {
    return std::string(in.find(address)->place->headers.get("X-Place"));
  };
  CHECK(key("https://a.vn/x") == "https://a.vn/");
  CHECK(key("https://a.vn/tep/x") == "https://a.vn/tep/");
  CHECK(key("https://a.vn/tep/rieng/x") == "https://a.vn/tep/rieng/");
}

TEST_CASE("people are shown where a file is, and nothing that opens it") {
  CHECK(shown_address("https://a.vn:8443/tep/1.pdf?khoa=bi-mat#x") == "https://a.vn:8443/tep/1.pdf");
  CHECK(shown_address("https://a.vn/@lan/1.pdf") == "https://a.vn/@lan/1.pdf");
  for (const char* address : {"https://ten:bimat@a.vn/1.pdf?bimat", "https://ten:bi?mat@a.vn/1.pdf",
                              "https://ten:bi/mat@a.vn/1.pdf", "https://ten:bi#mat@a.vn/1.pdf"}) {
    CAPTURE(address);
    CHECK(shown_address(address) == "https://a.vn/1.pdf");
  }
  CHECK(shown_address("javascript:bimat").find("bimat") == std::string::npos);
  CHECK(shown_address("https://a.vn/1\r\nX: y") == "https://a.vn/1??X: y");
  const std::string cut = shown_address("https://a.vn/a" + std::string(400, 'x') + "ệ");
  CHECK(cut.size() < 320);
  CHECK(cut.ends_with("..."));
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "ệ";
  const std::string half = shown_address("https://a.vn/" + wide);
  CHECK(half.ends_with("ệ..."));
}

TEST_CASE("a place is a plain beginning of addresses") {
  CHECK(FetchPlace::parse("https://A.vn")->text() == "https://a.vn/");
  CHECK(FetchPlace::parse("http://a.vn:80/tep/")->text() == "http://a.vn/tep/");
  for (const char* url : {"a.vn/tep/", "https://a.vn/tep/?x=1", "https://a.vn/tep/#x", "https://ten:mk@a.vn/",
                          "https://a.vn/../", "https://a.vn/%zz/", "ftp://a.vn/", "https://"}) {
    CAPTURE(url);
    const auto place = FetchPlace::parse(url);
    REQUIRE_FALSE(place);
    CHECK(place.error().code == Code::bad_url);
    CHECK(place.error().detail.find("mk") == std::string::npos);
  }
}
