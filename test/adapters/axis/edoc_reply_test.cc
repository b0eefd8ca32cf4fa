#include "adapters/axis/edoc_reply.h"

#include <doctest/doctest.h>

using namespace lt;
using namespace lt::adapters;

namespace {

std::string every_byte(size_t size) {
  std::string out;
  for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>((i * 31 + i / 199) & 0xFF));
  return out;
}

Result<void> feed(EdocReply& reply, std::string_view text, size_t step) {
  for (size_t at = 0; at < text.size(); at += step) LT_TRY(reply.write(text.substr(at, step)));
  return reply.check();
}

std::string content(EdocReply& reply) {
  std::string out;
  char piece[1'000];
  for (;;) {
    auto n = reply.file().read(piece, sizeof piece);
    REQUIRE(n.has_value());
    if (*n == 0) return out;
    out.append(piece, *n);
  }
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace

TEST_CASE("a file inside JSON is decoded on the way, whatever the pieces; the rest is kept as JSON") {
  const std::string file = every_byte(5'000);
  const std::string text = R"( {"list":[{"data":"no"}],"ErrorDesc":"\"data\":","data" : ")" +
                           codec::encode_base64(file) + R"(","ErrorCode":"0"})";
  for (const size_t step : {size_t{1}, size_t{7}, text.size()}) {
    EdocReply reply(1 << 20);
    REQUIRE(feed(reply, text, step).has_value());
    CHECK_FALSE(reply.raw());
    CHECK(reply.skeleton() == R"({"list":[{"data":"no"}],"ErrorDesc":"\"data\":","data" : "","ErrorCode":"0"})");
    CHECK(content(reply) == file);
  }
}

TEST_CASE("escaped slashes and line ends of MIME base64 are understood") {
  const std::string file = every_byte(3'000);
  const std::string escaped = replaced(codec::encode_base64(file), "/", "\\/");
  REQUIRE(escaped.find('/') != std::string::npos);
  EdocReply reply(1 << 20);
  REQUIRE(feed(reply, "{\"data\":\"" + escaped.substr(0, 40) + "\\r\\n" + escaped.substr(40) + "\"}", 11).has_value());
  CHECK(content(reply) == file);
}

TEST_CASE("a file as it is, larger than the memory of the spool") {
  const std::string file = "<edXML>" + every_byte(3'000'000);
  EdocReply reply(4'000'000);
  REQUIRE(feed(reply, file, 65'536).has_value());
  CHECK(reply.raw());
  CHECK(content(reply) == file);
}

TEST_CASE("damage is told: too long, no base64, cut base64, no data") {
  EdocReply small(10);
  CHECK(feed(small, "<edXML>........", 4).error().code == Code::too_large);
  EdocReply small_json(10);
  CHECK(feed(small_json, "{\"data\":\"" + codec::encode_base64(every_byte(11)) + "\"}", 4).error().code ==
        Code::too_large);
  EdocReply bad(100);
  CHECK(feed(bad, R"({"data":"AA$A"})", 3).error().code == Code::bad_base64);
  EdocReply cut(100);
  CHECK(feed(cut, R"({"data":"AAA"})", 3).error().code == Code::bad_base64);
  EdocReply none(100);
  CHECK(feed(none, R"({"status":"FAIL","ErrorCode":"10"})", 3).error().code == Code::partner_unclear);
}
