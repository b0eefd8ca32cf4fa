// multipart/form-data (RFC 7578) read and written as streams: parts of any size in 64 KiB of memory.
//
//   auto boundary = multipart_boundary(exchange->head.headers.get("Content-Type"));
//   MultipartReader reader(exchange->body, *boundary);
//   while (true) {
//     auto part = co_await reader.next();            // Result<optional<Part>>
//     if (!part || !*part) break;
//     auto text = co_await read_all(&reader, limit);  // the reader is the body of the present part
//   }
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/codec/multipart.h"
#include "core/net/http.h"

namespace lt::net {

using codec::field_parameter;
using codec::multipart_boundary;

struct Part {
  std::string name;          // of the form field; "" when not named
  std::string filename;      // "" when none; never a path: what stands before the last / or \ is dropped
  std::string content_type;  // "" when not given
  Headers headers;
};

class MultipartReader final : public BodyReader {
 public:
  MultipartReader(BodyReader* body, std::string boundary);
  // The next part; skips what is left of the present one. Empty after the last. Error bad_http for anything malformed,
  // the errors of `body`, too_large past limits::kMultipartParts parts or limits::kHeaderBlock bytes of part header.
  Task<Result<std::optional<Part>>> next();
  // The body of the present part.
  Task<Result<size_t>> read(char* out, size_t size) override;
  std::optional<uint64_t> size() const override { return std::nullopt; }

 private:
  Task<Result<void>> fill();

  BodyReader* body_;
  codec::MultipartParser parser_;
  bool in_part_ = false;
};

// Collects parts, then becomes one ByteSource whose size is known when the sizes of all parts are.
class MultipartWriter {
 public:
  MultipartWriter();                               // a random boundary
  explicit MultipartWriter(std::string boundary);  // must occur in no part
  // Names beyond ASCII are given as filename* (RFC 5987) as well. RFC 7578 wants them as UTF-8 only, as browsers write
  // them; servers built on mail libraries read the other.
  void name_twice() { name_twice_ = true; }
  void add(std::string_view name, std::string value);
  void add_file(std::string_view name, std::string_view filename, std::string_view content_type, std::string body);
  void add_file(std::string_view name, std::string_view filename, std::string_view content_type,
                std::shared_ptr<ByteSource> body);
  std::string content_type() const;      // for the request's Content-Type
  std::shared_ptr<ByteSource> finish();  // once, after the last part

  struct Piece {
    std::string text;
    std::shared_ptr<ByteSource> stream;  // instead of text
  };

 private:
  void begin_part(std::string_view name, std::string_view filename, std::string_view content_type);
  const std::string boundary_;
  bool name_twice_ = false;
  std::vector<Piece> pieces_;
};

}  // namespace lt::net
