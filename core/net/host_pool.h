// Inside of net: the connections of one shard to one partner, lent one call at a time, first come first served.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/net/client.h"
#include "core/net/message_reader.h"
#include "core/net/url.h"

namespace lt::net {

// A connection and the reader that may hold bytes of it.
struct Line {
  explicit Line(ShardImpl& shard)
      : connection(shard), reader(connection, make_response_parser(), limits::kHeaderBlockMost) {}
  Connection connection;
  MessageReader reader;
};

class HostPool final : public std::enable_shared_from_this<HostPool> {
 public:
  HostPool(ShardImpl& shard, Url url, SslContext tls, std::string name, const size_t& limit);
  ~HostPool();

  // A permit for one connection, with an idle one if there is any that the peer has not closed. Gives all back when
  // destroyed.
  class Lease {
   public:
    Lease(std::shared_ptr<HostPool> pool, std::unique_ptr<Line> line)
        : pool_(std::move(pool)), line_(std::move(line)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_) pool_->give_back(nullptr);
    }
    Line* line() { return line_.get(); }
    void set_line(std::unique_ptr<Line> line) { line_ = std::move(line); }
    void keep() {  // the connection may serve another call
      auto pool = std::move(pool_);
      pool->give_back(std::move(line_));
    }

   private:
    std::shared_ptr<HostPool> pool_;
    std::unique_ptr<Line> line_;
  };
  // Empty when `time` passed first.
  static Task<std::optional<Lease>> lease(std::shared_ptr<HostPool> pool, std::chrono::microseconds time);

  // Connects a new line, name look-up and TLS included.
  static Task<Result<std::unique_ptr<Line>>> connect(std::shared_ptr<HostPool> pool, std::chrono::microseconds time);
  const Url& url() const { return url_; }
  void close_idle();
  void remember_session(Line& line);

 private:
  struct Turn : detail::Latch {
    std::unique_ptr<Line> line;
  };
  void give_back(std::unique_ptr<Line> line);
  std::unique_ptr<Line> take_idle();

  ShardImpl& shard_;
  const Url url_;  // of the first call: only scheme, host and port count
  const SslContext tls_;
  const std::string name_;  // for SNI and the name check
  const size_t& limit_;
  size_t open_ = 0;  // permits given out and idle lines
  std::vector<std::unique_ptr<Line>> idle_;
  std::deque<std::shared_ptr<Turn>> waiting_;
  SSL_SESSION* session_ = nullptr;
};

}  // namespace lt::net
