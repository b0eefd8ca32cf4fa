// HTTP/1.1 messages as plain values. The only HTTP types adapters see.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/stream.h"
#include "core/net/task.h"

namespace lt::net {

struct Header {
  std::string name;
  std::string value;
};

class Headers {
 public:
  void add(std::string name, std::string value) { list_.push_back({std::move(name), std::move(value)}); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  std::string_view get(std::string_view name) const;   // first value, case-insensitive; "" when absent
  bool has(std::string_view name) const;
  const std::vector<Header>& all() const { return list_; }

 private:
  std::vector<Header> list_;
};

struct RequestHead {
  std::string method;  // upper case
  std::string target;  // as received
  std::string path;    // percent-decoded, without the query
  std::string query;   // raw, without '?'
  Headers headers;
  std::optional<uint64_t> content_length;
  std::string peer;                // "127.0.0.1:40022"
  std::string client_certificate;  // PEM of the verified client certificate; "" without mTLS
};
// First value of `name` in a raw query, percent-decoded; "" when absent.
std::string query_value(std::string_view query, std::string_view name);

// The body of a request or response as it arrives. Error too_large past the limit, net_* when the peer goes away.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  virtual Task<Result<size_t>> read(char* out, size_t size) = 0;  // 0 = end
  virtual std::optional<uint64_t> size() const = 0;
  // The whole rest of the body when it has already arrived and is not longer than `limit`: spares a coroutine. It
  // counts as read; the view holds until the handler's next wait.
  virtual std::optional<std::string_view> take_ready(size_t limit) {
    static_cast<void>(limit);
    return std::nullopt;
  }
};
// Reads all of it, at most `limit` bytes.
Task<Result<std::string>> read_all(BodyReader* body, size_t limit);

struct Response {
  int status = 200;  // 0: the connection is closed without an answer (simulated partners do that)
  Headers headers;
  std::string body;                    // used when `stream` is null
  std::shared_ptr<ByteSource> stream;  // body of any size; chunked when its size is unknown
};

// problem+json (RFC 9457): type, title, title_vi, status, detail, code, path, line, column, hint, hint_vi.
Response problem(const Error& error, std::string_view trace_id = {});

}  // namespace lt::net
