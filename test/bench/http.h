// Plain Beast for the stick, the sink and the load generator: what anybody would write first, with callbacks, one
// thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace lt::bench {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

// One keep-alive connection of a server. The handler gets it with the request and answers once with `reply`, then or
// later.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Handler = std::function<void(std::shared_ptr<Session>)>;
  Session(Tcp::socket socket, const Handler& handler) : socket_(std::move(socket)), handler_(handler) {}
  void read();
  void reply(int status, std::string body);
  Request& request() { return request_; }

 private:
  Tcp::socket socket_;
  const Handler& handler_;
  beast::flat_buffer buffer_;
  Request request_;
  Response response_;
};

// Listens on a free port of the loopback.
class Server {
 public:
  Server(asio::io_context& io, Session::Handler handler);
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept();
  Tcp::acceptor acceptor_;
  Session::Handler handler_;
};

// One keep-alive connection of a client; one call at a time. Connects at construction, throws when it cannot.
class Connection {
 public:
  Connection(asio::io_context& io, uint16_t port);
  // `done` gets the status, or 0 when the connection broke. The request lives in the connection until then.
  void send(std::function<void(int)> done);
  Request& request() { return request_; }
  const Response& response() const { return response_; }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Tcp::socket socket_;
  beast::flat_buffer buffer_;
  Request request_;
  Response response_;
  std::function<void(int)> done_;
};

// The body of the answer to GET `target`, waited for. "" when there was none.
std::string fetch(uint16_t port, const std::string& target);

}  // namespace lt::bench
