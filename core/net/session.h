// Inside of net: the connections of one listener on one shard, and one connection being served.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include <boost/asio/ip/tcp.hpp>

#include "core/net/message_reader.h"
#include "core/net/server.h"

namespace lt::net {

class Session;

struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics);
  Gauge& connections;
  Counter& refused;
  Counter* answers[6];  // by the first digit of the status
};

// Everything on its shard.
class Listener final : public std::enable_shared_from_this<Listener>, private Closable {
 public:
  Listener(ShardImpl& shard, ServerOptions options, SslContext tls, Handler handler,
           boost::asio::ip::tcp::acceptor acceptor);
  void start();
  void drain();
  void close_all() override;

  ShardImpl& shard() { return shard_; }
  const ServerOptions& options() const { return options_; }
  const Handler& handler() const { return handler_; }
  const SslContext& tls() const { return tls_; }
  bool draining() const { return draining_; }
  const std::string& date_line();  // "Date: ...\r\n", made once a second

  // Of sessions.
  void entered(Session* session);
  void left(Session* session);
  void answered(int status);

 private:
  static Task<void> accept_loop(std::shared_ptr<Listener> self);
  void refuse(boost::asio::ip::tcp::socket socket);
  void close_acceptor();

  ShardImpl& shard_;
  const ServerOptions options_;
  const SslContext tls_;
  const Handler handler_;
  ServerMetrics metrics_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::unordered_set<Session*> sessions_;
  bool draining_ = false, registered_ = false;
  int64_t date_second_ = 0;
  std::string date_;
};

class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Listener> listener, boost::asio::ip::tcp::socket socket);
  ~Session();
  static Task<void> run(std::shared_ptr<Session> self);
  void close() { connection_.close(); }
  bool idle() const { return idle_; }

 private:
  Task<bool> start_tls();
  Task<void> refuse(ParseFault fault);
  Task<bool> serve_one();
  Task<bool> reply(Response response);
  Task<bool> finish_body();
  Task<void> linger();
  void fill_exchange();
  void make_head(const Response& response, bool no_body, bool chunked, std::optional<uint64_t> length);

  std::shared_ptr<Listener> listener_;
  Connection connection_;
  MessageReader reader_;
  Exchange exchange_;
  std::string peer_, certificate_;
  std::string out_;
  bool idle_ = true, keep_ = true, head_only_ = false;
};

}  // namespace lt::net
