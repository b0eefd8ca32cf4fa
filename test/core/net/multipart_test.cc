#include <doctest/doctest.h>

#include <random>

#include "core/base/limits.h"
#include "core/net/media_type.h"
#include "core/net/multipart.h"
#include "test/core/net/fixture.h"

using namespace lt;
using namespace lt::net;

namespace {

// Gives its bytes in pieces of a chosen size.
class Slices final : public BodyReader {
 public:
  Slices(std::string bytes, size_t slice) : bytes_(std::move(bytes)), slice_(slice) {}
  Task<Result<size_t>> read(char* out, size_t size) override {
    const size_t n = std::min({size, slice_, bytes_.size() - at_});
    bytes_.copy(out, n, at_);
    at_ += n;
    co_return n;
  }
  std::optional<uint64_t> size() const override { return bytes_.size(); }

 private:
  std::string bytes_;
  size_t slice_, at_ = 0;
};

struct Read {
  Part part;
  std::string body;
};
using ReadAll = Result<std::vector<Read>>;

Task<ReadAll> read_parts(std::string bytes, std::string boundary, size_t slice, size_t step) {
  Slices source(std::move(bytes), slice);
  MultipartReader reader(&source, boundary);
  std::vector<Read> all;
  while (true) {
    Result<std::optional<Part>> part = co_await reader.next();
    if (!part) co_return fail(part.error());
    if (!*part) co_return all;
    Read read{std::move(**part), ""};
    std::string buffer(step, 0);
    while (step > 0) {
      const Result<size_t> got = co_await reader.read(buffer.data(), step);
      if (!got) co_return fail(got.error());
      if (*got == 0) break;
      read.body.append(buffer, 0, *got);
    }
    all.push_back(std::move(read));
  }
}

std::string drain(ByteSource& source, size_t step) {
  std::string all, buffer(step, 0);
  while (true) {
    const auto got = source.read(buffer.data(), step);
    REQUIRE(got);
    if (*got == 0) return all;
    all.append(buffer, 0, *got);
  }
}

}  // namespace

TEST_CASE("multipart round trip with nasty bodies, boundaries and chunkings") {
  World world;
  std::mt19937 random(7);
  for (const std::string& boundary :
       {std::string("a"), std::string("----WebKitFormBoundary7MA4YWxk"), std::string("--"), std::string(70, '-')}) {
    const std::string near = "\r\n--" + boundary.substr(0, boundary.size() - 1);
    std::string large(200'000, 0);
    for (char& c : large) c = "\r\n-a"[random() % 4];
    while (large.find("\r\n--" + boundary) != std::string::npos)
      large.replace(large.find("\r\n--" + boundary), 4, "xxxx");
    large += 'z';
    const std::string bodies[] = {"", "x", "\r\n", "\r", "--" + boundary, near, near + near + "\r", "\r\n-", large};
    MultipartWriter writer(boundary);
    for (size_t i = 0; i < std::size(bodies); ++i) {
      if (i % 2) {
        writer.add_file("tệp " + std::to_string(i), "hồ sơ.pdf", "application/pdf",
                        std::make_shared<MemorySource>(bodies[i]));
      } else {
        writer.add("f" + std::to_string(i), bodies[i]);
      }
    }
    CHECK(multipart_boundary(writer.content_type()).value() == boundary);
    const auto source = writer.finish();
    const std::optional<uint64_t> size = source->size();
    const std::string bytes = drain(*source, 1 + random() % 5000);
    CHECK(size == bytes.size());
    for (const size_t slice : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}, size_t{1} << 20}) {
      for (const size_t step : {size_t{1}, size_t{100}, size_t{100'000}}) {
        if (slice == 1 && step == 1) continue;
        CAPTURE(boundary);
        CAPTURE(slice);
        const ReadAll all = world.run(read_parts(bytes, boundary, slice, step));
        REQUIRE(all);
        REQUIRE(all->size() == std::size(bodies));
        for (size_t i = 0; i < std::size(bodies); ++i) {
          CHECK(((*all)[i].body == bodies[i]));
          CHECK((*all)[i].part.filename == (i % 2 ? "hồ sơ.pdf" : ""));
          CHECK((*all)[i].part.name == (i % 2 ? "tệp " : "f") + std::to_string(i));
          CHECK((*all)[i].part.content_type == (i % 2 ? "application/pdf" : ""));
        }
      }
      CHECK(world.run(read_parts(bytes, boundary, slice, 0)).value().size() == std::size(bodies));
    }
  }
}

TEST_CASE("names beyond ASCII are given twice when asked for, and read as the same name") {
  World world;
  MultipartWriter writer("b");
  writer.name_twice();
  writer.add_file("1", "Đơn.pdf", "application/pdf", std::string("x"));
  writer.add_file("2", "a b.pdf", "application/pdf", std::string("y"));
  const std::string bytes = drain(*writer.finish(), 1000);
  CHECK(bytes.find("filename=\"Đơn.pdf\"; filename*=UTF-8''%C4%90%C6%A1n.pdf\r\n") != std::string::npos);
  CHECK(bytes.find("filename=\"a b.pdf\"\r\n") != std::string::npos);
  const ReadAll all = world.run(read_parts(bytes, "b", 7, 100));
  REQUIRE(all);
  CHECK(all->at(0).part.filename == "Đơn.pdf");
}

TEST_CASE("a file is what its ending says, in any case of letters") {
  CHECK(media_type("Đơn.PDF") == "application/pdf");
  CHECK(media_type("a.tar.7z") == "application/x-7z-compressed");
  CHECK(media_type("a.pd") == "application/octet-stream");
  CHECK(media_type("pdf") == "application/octet-stream");
  CHECK(media_type("") == "application/octet-stream");
}

TEST_CASE("multipart as others write it") {
  World world;
  const std::string body =
      "a preamble\r\n--B  \r\ncontent-disposition: form-data; name=edocFile; filename=\"C:\\tmp\\a\\\"b.xml\"\r\n"
      "Content-Type: text/xml\r\nX-More: 1\r\n\r\n<a/>\r\n--B\r\n\r\nno header\r\n--B\r\n"
      "Content-Disposition: form-data; name=\"messageType\"; filename=\"x\"; "
      "filename*=UTF-8''h%E1%BB%93.xml\r\n\r\nedoc\r\n--B--\r\nepilogue";
  const ReadAll all = world.run(read_parts(body, "B", 3, 10));
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].part.name == "edocFile");
  CHECK((*all)[0].part.filename == "a\"b.xml");
  CHECK((*all)[0].part.headers.get("x-more") == "1");
  CHECK((*all)[0].body == "<a/>");
  CHECK((*all)[1].body == "no header");
  CHECK((*all)[2].part.name == "messageType");
  CHECK((*all)[2].part.filename == "hồ.xml");
  CHECK((*all)[2].body == "edoc");
}

TEST_CASE("malformed multipart is refused") {
  World world;
  const std::string part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx";
  for (const std::string& bytes :
       {std::string(), std::string("no delimiter"), part, part + "\r\n--B", part + "\r\n--B\r\n",
        std::string("--B\r\nnonsense\r\n\r\nx\r\n--B--"), std::string("--Bx\r\n\r\n\r\n--B--")}) {
    CAPTURE(bytes);
    const ReadAll all = world.run(read_parts(bytes, "B", 5, 10));
    REQUIRE(!all);
    CHECK(all.error().code == Code::bad_http);
  }
  const std::string wide = "--B\r\nX: " + std::string(40'000, 'x') + "\r\n\r\nx\r\n--B--";
  CHECK(world.run(read_parts(wide, "B", 1000, 10)).error().code == Code::header_too_large);
  std::string many;
  for (size_t i = 0; i <= limits::kMultipartParts; ++i) many += "--B\r\n\r\nx\r\n";
  CHECK(world.run(read_parts(many + "--B--", "B", 1 << 20, 10)).error().code == Code::too_large);
  for (const char* type : {"", "text/plain; boundary=a", "multipart/form-data", "multipart/form-data; boundary=\"\"",
                           "multipart/form-data; boundary=a\tb", "multipart/form-data; boundary=\"a \""}) {
    CAPTURE(type);
    CHECK(!multipart_boundary(type));
  }
  CHECK(multipart_boundary("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"a b\"").value() == "a b");
  CHECK(!multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
}
