#include "core/net/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/base/limits.h"

namespace lt::net {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr size_t kCipherBuffer = 17 << 10;  // one TLS record

Connection::Connection(ShardImpl& shard) : shard_(shard), socket_(shard.io()) {}

Connection::Connection(ShardImpl& shard, tcp::socket socket) : shard_(shard), socket_(std::move(socket)) {
  Failure ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
}

Connection::~Connection() { close(); }

Task<Failure> Connection::connect(Endpoint to) {
  Failure failure;
  co_await socket_.async_connect(to, asio::redirect_error(asio::use_awaitable, failure));
  Failure ignored;
  if (!failure) socket_.set_option(tcp::no_delay(true), ignored);
  co_return failure;
}

Task<Result<void>> Connection::handshake(std::unique_ptr<TlsEngine> engine) {
  tls_ = std::move(engine);
  cipher_ = std::make_unique<char[]>(kCipherBuffer);
  while (true) {
    const TlsEngine::Step step = tls_->handshake();
    const Failure sent = co_await flush();
    if (step == TlsEngine::Step::done) co_return Result<void>();
    if (step != TlsEngine::Step::want_read) co_return fail(Code::tls_failed, tls_->complaint());
    if (sent) co_return fail(lost(sent));
    const auto buffer = asio::buffer(cipher_.get(), kCipherBuffer);
    const auto [failure, got] = co_await socket_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    if (failure == asio::error::eof && !timed_out_)
      co_return fail(Code::tls_failed, "the peer closed during the handshake");
    if (failure) co_return fail(lost(failure));
    tls_->feed(cipher_.get(), got);
  }
}

Task<Connection::Read> Connection::read_some(char* out, size_t size) {
  if (tls_) return read_tls(out, size);
  return socket_.async_read_some(asio::buffer(out, size), asio::as_tuple(asio::use_awaitable));
}

Task<Connection::Read> Connection::read_tls(char* out, size_t size) {
  while (true) {
    size_t got = 0;
    const TlsEngine::Step step = tls_->read(out, size, got);
    if (step == TlsEngine::Step::done) co_return Read(Failure(), got);
    if (step == TlsEngine::Step::closed) co_return Read(asio::error::eof, 0);
    if (!tls_->pending().empty()) co_await flush();  // an alert or a key update
    if (step == TlsEngine::Step::failed) co_return Read(asio::error::connection_aborted, 0);
    const auto buffer = asio::buffer(cipher_.get(), kCipherBuffer);
    const auto [failure, read] = co_await socket_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    if (failure == asio::error::eof) truncated_ = true;
    if (failure) co_return Read(failure, 0);
    tls_->feed(cipher_.get(), read);
  }
}

ssize_t Connection::send_now(std::string_view first, std::string_view second, Failure& failure) {
  iovec parts[2] = {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  while (true) {
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) failure.assign(errno, boost::system::system_category());
    return 0;
  }
}

Failure Connection::write_now(std::string_view& first, std::string_view& second) {
  Failure failure;
  while (!tls_ && !(first.empty() && second.empty())) {
    size_t sent = static_cast<size_t>(send_now(first, second, failure));
    if (sent == 0) return failure;
    touched_ = true;
    const size_t of_first = std::min(sent, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(sent - of_first);
  }
  while (tls_) {
    if (const std::string_view cipher = tls_->pending(); !cipher.empty()) {
      const ssize_t sent = send_now(cipher, {}, failure);
      if (sent == 0) return failure;
      touched_ = true;
      tls_->sent(static_cast<size_t>(sent));
      continue;
    }
    std::string_view& plain = first.empty() ? second : first;
    if (plain.empty()) break;
    if (!tls_->write(plain)) return asio::error::connection_aborted;
  }
  return failure;
}

Task<Failure> Connection::write(std::string_view first, std::string_view second) {
  while (true) {
    Failure failure = write_now(first, second);
    if (failure || (first.empty() && second.empty() && !unsent())) co_return failure;
    co_await socket_.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return failure;
  }
}

void Connection::close_after(std::chrono::microseconds time) {
  deadline_ = shard_.clock().mono() + time;
  // An earlier timer stays: it looks again when it is due. So a busy keep-alive connection never touches the wheel.
  if (armed() && tick() * 1000 <= static_cast<uint64_t>(deadline_->time_since_epoch().count())) return;
  shard_.arm(*this, time);
}

void Connection::never_close() { deadline_.reset(); }

void Connection::due() {
  if (!deadline_) return;
  const auto left = *deadline_ - shard_.clock().mono();
  if (left.count() > 0) return shard_.arm(*this, left);
  timed_out_ = true;
  close();
}

void Connection::close() {
  cancel();
  if (!socket_.is_open()) return;
  if (tls_ && !timed_out_) {
    tls_->say_goodbye();
    std::string_view none, nothing;
    write_now(none, nothing);
  }
  Failure ignored;
  socket_.close(ignored);
}

void Connection::close_sending() {
  if (tls_) {
    tls_->say_goodbye();
    std::string_view none, nothing;
    write_now(none, nothing);
  }
  Failure ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

bool Connection::is_quiet() {
  char byte = 0;
  const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string Connection::peer() const {
  Failure failure;
  const Endpoint end = socket_.remote_endpoint(failure);
  if (failure) return {};
  const std::string address = end.address().to_string();
  return (end.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(end.port());
}

Error Connection::lost(Failure failure) const {
  if (timed_out_) return Error(Code::timed_out);
  std::string why = failure == asio::error::eof ? "the peer closed the connection" : failure.message();
  if (tls_ && !tls_->complaint().empty()) return Error(Code::tls_failed, tls_->complaint());
  return Error(Code::connection_lost, std::move(why));
}

}  // namespace lt::net
