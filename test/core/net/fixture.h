// What the tests of net share: a pool on a clock that the test moves, a coroutine run to its end, raw sockets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/net/client.h"
#include "core/net/server.h"
#include "core/net/shard.h"

namespace lt::net {

template <class T>
Task<void> hand_over(Task<T> task, std::shared_ptr<std::promise<T>> to) {
  T value = co_await std::move(task);
  to->set_value(std::move(value));
}

struct World {
  explicit World(int shards = 1) : pool(make_shard_pool(clock, metrics, {shards, 1, 1})) {}

  Shard& shard(size_t i = 0) { return pool->shard(i); }

  template <class T>
  std::future<T> begin(Task<T> task, size_t i = 0) {
    auto to = std::make_shared<std::promise<T>>();
    auto future = to->get_future();
    shard(i).spawn("test", hand_over(std::move(task), std::move(to)));
    return future;
  }
  template <class T>
  T run(Task<T> task, size_t i = 0) {
    return begin(std::move(task), i).get();
  }
  // Everything posted to all shards so far is done.
  void barrier() {
    for (size_t i = 0; i < pool->size(); ++i) {
      std::promise<void> done;
      shard(i).post([&done] { done.set_value(); });
      done.get_future().wait();
    }
  }
  void advance(std::chrono::microseconds by) {
    clock.advance(by);
    for (size_t i = 0; i < pool->size(); ++i) shard(i).clock_moved();
    barrier();
  }
  // Moves the clock on, step by step, until `done` says so. False: it never did.
  template <class Done>
  bool advance_until(std::chrono::microseconds step, Done done) {
    for (int i = 0; i < 200'000; ++i) {
      if (done()) return true;
      advance(step);
      std::this_thread::yield();
    }
    return false;
  }

  ManualClock clock;
  Metrics metrics;
  std::unique_ptr<ShardPool> pool;
};

inline std::unique_ptr<HttpServer> must_serve(World& world, Handler handler, ServerOptions options = {}) {
  auto server = serve(*world.pool, world.metrics, std::move(options), std::move(handler));
  if (!server) throw std::runtime_error(server.error().text());
  return std::move(*server);
}

inline Response text_answer(std::string text, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

// A blocking client or peer that may break every rule.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~RawSocket() { close(); }

  static RawSocket connect(uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error("connect");
    return RawSocket(fd);
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  // What is there next; "" at the end or after a reset.
  std::string receive() {
    char bytes[16384];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    return n > 0 ? std::string(bytes, static_cast<size_t>(n)) : std::string();
  }
  std::string receive_until(std::string_view mark) {
    while (kept_.find(mark) == std::string::npos) {
      const std::string more = receive();
      if (more.empty()) break;
      kept_ += more;
    }
    const size_t end = kept_.find(mark);
    std::string out = kept_.substr(0, end == std::string::npos ? end : end + mark.size());
    kept_.erase(0, out.size());
    return out;
  }
  std::string receive_all() {
    std::string all = std::move(kept_);
    kept_.clear();
    for (std::string more = receive(); !more.empty(); more = receive()) all += more;
    return all;
  }
  // One response with Content-Length: head and body.
  std::string receive_response() {
    std::string response = receive_until("\r\n\r\n");
    const size_t at = response.find("Content-Length: ");
    const size_t length = at == std::string::npos ? 0 : std::stoul(response.substr(at + 16));
    while (kept_.size() < length) {
      const std::string more = receive();
      if (more.empty()) break;
      kept_ += more;
    }
    response += kept_.substr(0, length);
    kept_.erase(0, length);
    return response;
  }
  bool readable() const {
    pollfd wait{fd_, POLLIN, 0};
    return ::poll(&wait, 1, 0) > 0;
  }
  void close_sending() { ::shutdown(fd_, SHUT_WR); }
  void reset() {  // closes with RST
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }

 private:
  int fd_;
  std::string kept_;
};

class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(fd_, 16) != 0)
      throw std::runtime_error("listen");
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  ~RawListener() { ::close(fd_); }
  uint16_t port() const { return port_; }
  RawSocket accept() { return RawSocket(::accept(fd_, nullptr, nullptr)); }
  bool waiting() const {
    pollfd wait{fd_, POLLIN, 0};
    return ::poll(&wait, 1, 0) > 0;
  }

 private:
  int fd_;
  uint16_t port_ = 0;
};

inline std::string url_of(uint16_t port, std::string_view target = "/") {
  return "http://127.0.0.1:" + std::to_string(port) + std::string(target);
}

inline Task<CallResult> call_on(Shard* shard, Call call) { return shard->client().call(std::move(call)); }

}  // namespace lt::net
