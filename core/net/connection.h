// Inside of net: one TCP connection, plain or TLS, with a deadline. Includes Asio.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "core/net/shard_impl.h"
#include "core/net/tls_engine.h"

namespace lt::net {

using Failure = boost::system::error_code;
using Endpoint = boost::asio::ip::tcp::endpoint;

class Connection final : private TimerWheel::Timer {
 public:
  using Read = std::tuple<Failure, size_t>;  // {error::eof, 0} at the end

  explicit Connection(ShardImpl& shard);
  Connection(ShardImpl& shard, boost::asio::ip::tcp::socket socket);
  ~Connection() override;

  Task<Failure> connect(Endpoint to);
  // Ok, or why not.
  Task<Result<void>> handshake(std::unique_ptr<TlsEngine> engine);

  // One outstanding read and one write. `out` must live until the read ends.
  Task<Read> read_some(char* out, size_t size);
  // Sends what goes without waiting and drops it from `first` and `second`.
  Failure write_now(std::string_view& first, std::string_view& second);
  // Sends all of it.
  Task<Failure> write(std::string_view first, std::string_view second = {});
  Task<Failure> flush() { return write(std::string_view()); }
  // True when write_now left something of its own (ciphertext) behind.
  bool unsent() const { return tls_ && !tls_->pending().empty(); }

  // Closes the connection that long from now; a later call replaces it.
  void close_after(std::chrono::microseconds time);
  void never_close();
  bool timed_out() const { return timed_out_; }
  void close();
  void close_sending();  // half: the peer sees the end, we can still read
  bool is_open() const { return socket_.is_open(); }
  // Nothing to read, no end, no error: fit for another request.
  bool is_quiet();
  // Something was handed to the socket since the last reset.
  bool touched() const { return touched_; }
  void reset_touched() { touched_ = false; }
  // The end of the stream came without a close_notify.
  bool truncated() const { return truncated_; }
  std::string peer() const;
  Mono now() const { return shard_.clock().mono(); }
  TlsEngine* tls() { return tls_.get(); }
  Error lost(Failure failure) const;  // timed_out or connection_lost

 private:
  void due() override;
  ssize_t send_now(std::string_view first, std::string_view second, Failure& failure);
  Task<Read> read_tls(char* out, size_t size);

  ShardImpl& shard_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsEngine> tls_;
  std::unique_ptr<char[]> cipher_;
  std::optional<Mono> deadline_;
  bool timed_out_ = false, touched_ = false, truncated_ = false;
};

// Numeric addresses at once, names on the resolver pool. Error name_not_found, timed_out.
Task<Result<std::vector<Endpoint>>> resolve(std::string host, uint16_t port, std::chrono::microseconds time);

}  // namespace lt::net
