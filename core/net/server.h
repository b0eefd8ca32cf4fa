// HTTP/1.1 server on all shards of a pool (SO_REUSEPORT). A connection stays on the shard that accepted it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/net/http.h"
#include "core/net/shard.h"
#include "core/net/tls.h"

namespace lt::net {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";             // host:port; port 0 picks a free one
  TlsServerOptions tls;                           // off when no certificate is named
  size_t header_limit = 0;                        // bytes; 0 = limits::kHeaderBlock
  uint64_t body_limit = 0;                        // bytes; 0 = limits::kBody
  size_t connections = 4096;                      // per shard; more are answered 503 and closed
  std::chrono::milliseconds header_time{30'000};  // to receive a whole header block
  std::chrono::milliseconds body_time{60'000};    // between two reads of a body
  uint64_t body_rate = 0;                         // bytes/s a whole body must reach; 0 = limits::kBodyRate
  std::chrono::milliseconds idle_time{120'000};   // keep-alive without a request
  bool operator==(const ServerOptions&) const = default;
};

// One request being served. Owned by the session; valid until the handler's coroutine returns.
struct Exchange {
  RequestHead head;
  BodyReader* body = nullptr;  // a handler may leave it unread; the session then drains or closes
  Shard* shard = nullptr;
};
// Runs on the connection's shard. What it throws is answered 500 and logged as a bug.
using Handler = std::function<Task<Response>(Exchange*)>;

class HttpServer {
 public:
  virtual ~HttpServer() = default;  // stops accepting, ends the connections
  virtual uint16_t port() const = 0;
  // Stops accepting; connections end after their present request.
  virtual void drain() = 0;
};

// `handler` is copied once per shard at start.
Result<std::unique_ptr<HttpServer>> serve(ShardPool& pool, Metrics& metrics, ServerOptions options, Handler handler);

// Picks a handler by method and path. A path segment "{name}" matches any one segment, "*" at the end the rest.
// No match is answered 404, a wrong method 405 with Allow.
class Router {
 public:
  void add(std::string method, std::string path, Handler handler);
  Handler handler() const;  // a copy of what was added so far
  // Value of "{name}" for the pattern that matched.
  static std::string segment(const RequestHead& head, std::string_view pattern, std::string_view name);

 private:
  struct Entry {
    std::string method, path;
    Handler handler;
  };
  std::vector<Entry> entries_;
};

}  // namespace lt::net
