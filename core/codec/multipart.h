// multipart/form-data (RFC 7578) taken apart, in 64 KiB of memory whatever its size.
//
// MultipartParser knows the format and reads nothing itself: core/net drives it from a socket, multipart_layout from a
// stored body.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/message/body.h"

namespace lt {
class ByteSource;
}

namespace lt::codec {

bool is_multipart(std::string_view content_type);
// The boundary named by a Content-Type. Error bad_http when it is not multipart/..., or the boundary breaks RFC 2046.
Result<std::string> multipart_boundary(std::string_view content_type);
// Parameter `name` of a field value such as `form-data; name="a"; filename*=UTF-8''x`, unquoted; "" when absent.
std::string field_parameter(std::string_view value, std::string_view name);

struct PartHeader {
  std::string name;          // of the form field; "" when not named
  std::string filename;      // "" when none; never a path: what stands before the last / or \ is dropped
  std::string content_type;  // "" when not given
  std::string encoding;      // Content-Transfer-Encoding, which RFC 7578 has done away with
  std::vector<std::pair<std::string, std::string>> fields;  // all of them, in order
};

//   MultipartParser parser(boundary);
//   while (true) {
//     LT_ASSIGN(auto event, parser.next());
//     if (event == Event::starved) parser.filled(read(parser.room(), parser.room_size()));   // 0: the body ended
//     if (event == Event::part)    ...parser.header()...
//     if (event == Event::bytes)   parser.take(use(parser.bytes()));
//     if (event == Event::part_end || event == Event::end) ...
//   }
class MultipartParser {
 public:
  enum class Event { starved, part, bytes, part_end, end };
  explicit MultipartParser(std::string boundary);

  // Error bad_http for anything malformed, a body that ends early too; header_too_large past limits::kHeaderBlock bytes
  // of one part's header, too_large past limits::kMultipartParts parts.
  Result<Event> next();
  PartHeader& header() { return header_; }  // of the part that has begun
  // Bytes of the part, until they are taken.
  std::string_view bytes() const { return kept().substr(0, clear_); }
  void take(size_t count);
  // Of the first byte not taken, in the body; after part_end of the first byte behind the part.
  uint64_t offset() const { return offset_; }

  // After `starved`.
  char* room() { return buffer_.get() + end_; }
  size_t room_size() const;
  void filled(size_t count);

 private:
  enum class State { preamble, part, delimiter, header, ended };
  Result<Event> starved() const;
  Result<Event> in_part();
  Result<Event> after_delimiter();
  Result<Event> in_header();
  std::string_view kept() const { return std::string_view(buffer_.get() + begin_, end_ - begin_); }
  void drop(size_t count);

  const std::string delimiter_;  // CR LF -- boundary
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0, end_ = 0;
  size_t clear_ = 0;  // bytes from begin_ on known to belong to the part
  uint64_t offset_ = 0;
  size_t parts_ = 0;
  State state_ = State::preamble;
  bool body_ended_ = false;
  PartHeader header_;
};

// Where the parts of a body stand in it.
struct MultipartLayout {
  struct Part {
    std::string filename, content_type;
    BodyRange range;
  };
  std::map<std::string, Part, std::less<>> parts;  // by name; what has none is left out
  const Part* find(std::string_view name) const;
};
// Reads to the last delimiter. Errors as above, those of `body`; bad_http for two parts of one name, for a name that is
// not UTF-8 or longer than limits::kName, and for a part that is encoded once more (Content-Transfer-Encoding).
Result<MultipartLayout> multipart_layout(ByteSource& body, std::string boundary);

}  // namespace lt::codec
