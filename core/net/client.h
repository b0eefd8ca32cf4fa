// Pooled HTTP/1.1 client of one shard: keep-alive, one request in flight per connection, no pipelining, no redirects.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/net/http.h"
#include "core/net/tls.h"

namespace lt::net {

struct Call {
  std::string method = "POST";
  std::string url;                     // http:// or https://
  Headers headers;                     // Host and Content-Length are set by the client
  std::string body;                    // used when `stream` is null
  std::shared_ptr<ByteSource> stream;  // chunked when its size is unknown
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds total_time{30'000};  // for the whole call; with a stream: between two writes or reads
  size_t response_limit = 1 << 20;               // of a response kept in memory
  ByteSink* response_sink = nullptr;             // a 2xx response body goes here instead (not owned; outlives the call)
  uint64_t sink_limit = uint64_t{2} << 30;
  std::shared_ptr<const TlsClientOptions> tls;  // for https; null = defaults
};

// Why there is no answer. `sent`: bytes of the request were handed to the socket, so it may have taken effect.
struct CallFailure {
  Error error;
  bool sent = false;
};
using CallResult = tl::expected<Response, CallFailure>;

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any HTTP status is a Response. An idle pooled connection that the peer has closed is noticed before it is used.
  virtual Task<CallResult> call(Call call) = 0;
  // Connections to one host:port at a time; more calls wait their turn. Default 64.
  virtual void set_connection_limit(size_t per_host) = 0;
};

}  // namespace lt::net
