// Inside of net: HTTP/1.1 messages from bytes. Beast's parser underneath, hidden, so that only parse.cc instantiates
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/net/http.h"

namespace lt::net {

enum class ParseFault : uint8_t { none, bad, header_too_large, body_too_large };

// What a header block says.
struct MessageHead {
  std::string method, target;  // of a request
  int status = 0;              // of a response
  int version = 11;            // 10 or 11
  Headers headers;
  std::optional<uint64_t> content_length;
  bool no_body = false;  // nothing follows the header block, whatever Content-Length says
  bool chunked = false;
  bool until_end = false;  // a response whose body ends with the connection
  bool keep_alive = true;
};

class MessageParser {
 public:
  virtual ~MessageParser() = default;
  struct Step {
    size_t used = 0;
    bool done = false;
    ParseFault fault = ParseFault::none;
    std::string why;  // of a fault
  };
  // Begins a message. `no_body`: the response to a HEAD.
  virtual void start(size_t header_limit, uint64_t body_limit, bool no_body) = 0;
  // `in` must start where the message starts; nothing is used until the whole block is there.
  virtual Step header(std::string_view in, MessageHead& head) = 0;
  // Chunked bodies: writes what it decodes to `out`. Done after the last chunk and the trailer.
  virtual Step chunked(std::string_view in, char* out, size_t room, size_t& made) = 0;
};

std::unique_ptr<MessageParser> make_request_parser();
std::unique_ptr<MessageParser> make_response_parser();

}  // namespace lt::net
