#include "test/bench/http.h"

#include <boost/asio/connect.hpp>

namespace lt::bench {

using boost::system::error_code;

void Session::read() {
  request_ = {};
  http::async_read(socket_, buffer_, request_, [self = shared_from_this()](error_code error, size_t) {
    if (!error) self->handler_(self);
  });
}

void Session::reply(int status, std::string body) {
  response_ = Response(static_cast<http::status>(status), 11);
  response_.set(http::field::content_type, "application/json");
  response_.body() = std::move(body);
  response_.prepare_payload();
  http::async_write(socket_, response_, [self = shared_from_this()](error_code error, size_t) {
    if (!error) self->read();
  });
}

Server::Server(asio::io_context& io, Session::Handler handler)
    : acceptor_(io, {asio::ip::address_v4::loopback(), 0}), handler_(std::move(handler)) {
  accept();
}

void Server::accept() {
  acceptor_.async_accept([this](error_code error, Tcp::socket socket) {
    if (error) return;
    socket.set_option(Tcp::no_delay(true));
    std::make_shared<Session>(std::move(socket), handler_)->read();
    accept();
  });
}

Connection::Connection(asio::io_context& io, uint16_t port) : socket_(io) {
  socket_.connect({asio::ip::address_v4::loopback(), port});
  socket_.set_option(Tcp::no_delay(true));
}

void Connection::send(std::function<void(int)> done) {
  done_ = std::move(done);
  request_.prepare_payload();
  http::async_write(socket_, request_, [this](error_code error, size_t) {
    if (error) return std::exchange(done_, nullptr)(0);
    response_ = {};
    http::async_read(socket_, buffer_, response_, [this](error_code broken, size_t) {
      std::exchange(done_, nullptr)(broken ? 0 : static_cast<int>(response_.result_int()));
    });
  });
}

std::string fetch(uint16_t port, const std::string& target) {
  asio::io_context io;
  Connection connection(io, port);
  connection.request() = Request(http::verb::get, target, 11);
  connection.request().set(http::field::host, "127.0.0.1");
  std::string body;
  connection.send([&](int status) {
    if (status == 200) body = connection.response().body();
  });
  io.run();
  return body;
}

}  // namespace lt::bench
