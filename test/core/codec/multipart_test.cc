// Where the parts of a multipart body stand. How it is read as a stream: test/core/net/multipart_test.cc.
#include "core/codec/multipart.h"

#include "core/base/limits.h"
#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::GeneratedSource;
using lt::test::PiecesSource;

namespace {

std::string part(const std::string& name, const std::string& body, const std::string& more = "") {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" + body + "\r\n";
}

Result<MultipartLayout> layout_of(const std::string& bytes, size_t most = 1 << 20, const std::string& boundary = "B") {
  PiecesSource source(bytes, most);
  return multipart_layout(source, boundary);
}

std::string text_of(const std::string& bytes, const MultipartLayout& layout, const std::string& name) {
  const auto* found = layout.find(name);
  return found ? bytes.substr(found->range.offset, found->range.length) : "(none)";
}

void refused(const std::string& bytes, Code code, const std::string& what) {
  CAPTURE(what);
  for (const size_t most : {size_t{1}, size_t{5}, size_t{1} << 20}) {
    const auto layout = layout_of(bytes, most);
    REQUIRE_FALSE(layout);
    CHECK(layout.error().code == code);
    CHECK_MESSAGE(layout.error().detail.find(what) != std::string::npos, layout.error().detail);
  }
}

}  // namespace

TEST_CASE("parts are found where they stand, however the body is cut into pieces") {
  const std::string near = "\r\n--b\r\n--\r\n-B\r--B--B \r\n\r\n--";
  const std::string bytes = "a preamble --B\r\n" + part("document", "{\"a\":1}", "; filename=\"a.json\"") +
                            part("empty", "") + part("near", near) + part("tệp 1", std::string(200'000, '\r')) +
                            "--B\t \r\n\r\nof no name\r\n--B--\r\n--B\r\nepilogue";
  for (const size_t most : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{100}, size_t{1} << 20}) {
    CAPTURE(most);
    const auto layout = layout_of(bytes, most);
    REQUIRE_MESSAGE(layout, layout.error().text());
    CHECK(layout->parts.size() == 4);
    CHECK(text_of(bytes, *layout, "document") == "{\"a\":1}");
    CHECK(layout->find("document")->filename == "a.json");
    CHECK(text_of(bytes, *layout, "empty").empty());
    CHECK(text_of(bytes, *layout, "near") == near);
    CHECK((text_of(bytes, *layout, "tệp 1") == std::string(200'000, '\r')));
    CHECK(layout->find("") == nullptr);
    CHECK(layout->find("Document") == nullptr);
  }
}

TEST_CASE("the first delimiter may be the first byte, the last one the last") {
  const std::string bytes = part("a", "x") + "--B--";
  const auto layout = layout_of(bytes);
  REQUIRE(layout);
  CHECK(text_of(bytes, *layout, "a") == "x");
  CHECK(layout_of("--B--")->parts.empty());
}

TEST_CASE("a part of 300 MB is found in constant memory") {
  GeneratedSource source(part("document", "{}") + "--B\r\nContent-Disposition: form-data; name=tep\r\n\r\n",
                         "\r\n--A\r\n--", 30'000'000, "\r\n--B--\r\n");
  const size_t before = lt::test::peak_memory();
  const auto layout = multipart_layout(source, "B");
  REQUIRE(layout);
  CHECK(layout->find("tep")->range.length == 270'000'000);
  CHECK(lt::test::peak_memory() - before < 1 << 20);
}

TEST_CASE("what is malformed is refused, in any pieces alike") {
  const std::string whole = part("a", "x");
  refused("", Code::bad_http, "ends before the last delimiter");
  refused("{\"a\":1}", Code::bad_http, "ends before the last delimiter");
  refused(whole, Code::bad_http, "ends before the last delimiter");
  refused(whole + "--B", Code::bad_http, "ends before the last delimiter");
  refused(whole + "--B-", Code::bad_http, "ends before the last delimiter");
  refused(whole + "--B\r\nContent-Dispo", Code::bad_http, "ends before the last delimiter");
  refused(whole + "--Bx\r\n\r\n\r\n--B--", Code::bad_http, "characters after a delimiter");
  refused("--B\r\nnonsense\r\n\r\nx\r\n--B--", Code::bad_http, "\"name: value\"");
  refused("--B" + std::string(20'000, ' ') + "\r\n\r\n\r\n--B--", Code::bad_http, "a delimiter line is too long");
  refused("--B\r\nX: " + std::string(20'000, 'x') + "\r\n\r\nx\r\n--B--", Code::header_too_large, "header of a part");
}

TEST_CASE("what cannot be told apart, or shown, is refused by name") {
  refused(part("a", "x") + part("b", "y") + part("a", "z") + "--B--", Code::bad_http, "two parts are named \"a\"");
  refused(part("\xff", "x") + "--B--", Code::bad_http, "not UTF-8");
  refused(part("a", "x", "; filename=\"\xff\"") + "--B--", Code::bad_http, "not UTF-8");
  refused(part(std::string(513, 'a'), "x") + "--B--", Code::bad_http, "more than 512 bytes");
  const std::string encoded = "--B\r\nContent-Disposition: form-data; name=tep\r\nContent-Transfer-Encoding: ";
  refused(encoded + "base64\r\n\r\nQUJD\r\n--B--", Code::bad_http, "part \"tep\" has a Content-Transfer-Encoding");
  for (const char* same : {"binary", "8BIT", "7bit"}) CHECK(layout_of(encoded + same + "\r\n\r\nQUJD\r\n--B--"));
}

TEST_CASE("a thousand parts and no more") {
  std::string bytes;
  for (size_t i = 0; i < limits::kMultipartParts; ++i) bytes += part(std::to_string(i), "x");
  CHECK(layout_of(bytes + "--B--")->parts.size() == limits::kMultipartParts);
  refused(bytes + part("one more", "x") + "--B--", Code::too_large, "more than 1000 parts");
}

TEST_CASE("multipart is told by the first word of the media type, in any case of letters") {
  CHECK(is_multipart("multipart/form-data; boundary=x"));
  CHECK(is_multipart("Multipart/Mixed"));
  CHECK_FALSE(is_multipart("application/json; x=multipart/form-data"));
  CHECK_FALSE(is_multipart("multipart"));
  CHECK_FALSE(is_multipart(""));
}
