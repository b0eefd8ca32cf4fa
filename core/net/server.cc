#include "core/net/server.h"

#include <sys/socket.h>

#include <charconv>
#include <ctime>
#include <future>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/net/session.h"

namespace lt::net {

using boost::asio::ip::tcp;

ServerMetrics::ServerMetrics(Metrics& metrics)
    : connections(metrics.gauge("lienthong_http_connections", "Open connections of the HTTP servers")),
      refused(metrics.counter("lienthong_http_connections_refused_total", "Connections refused over the limit")) {
  static constexpr const char* kClasses[] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (size_t i = 0; i < std::size(kClasses); ++i) {
    answers[i] =
        &metrics.counter("lienthong_http_answers_total", "Answers of the HTTP servers", {{"status", kClasses[i]}});
  }
}

Listener::Listener(ShardImpl& shard, ServerOptions options, SslContext tls, Handler handler, tcp::acceptor acceptor)
    : shard_(shard),
      options_(std::move(options)),
      tls_(std::move(tls)),
      handler_(std::move(handler)),
      metrics_(shard.metrics()),
      acceptor_(std::move(acceptor)) {}

void Listener::start() {
  shard_.add(this);
  registered_ = true;
  shard_.spawn("accept", accept_loop(shared_from_this()));
}

void Listener::entered(Session* session) {
  sessions_.insert(session);
  metrics_.connections.add(1);
}

void Listener::left(Session* session) {
  sessions_.erase(session);
  metrics_.connections.add(-1);
}

void Listener::answered(int status) {
  const int digit = status / 100;
  metrics_.answers[digit >= 1 && digit <= 5 ? digit : 0]->add();
}

void Listener::close_acceptor() {
  draining_ = true;
  Failure ignored;
  acceptor_.close(ignored);
}

void Listener::drain() {
  close_acceptor();
  for (Session* session : sessions_) {
    if (session->idle()) session->close();
  }
}

void Listener::close_all() {
  if (registered_) shard_.remove(this);
  registered_ = false;
  close_acceptor();
  for (Session* session : sessions_) session->close();
}

const std::string& Listener::date_line() {
  const int64_t second = std::chrono::floor<std::chrono::seconds>(shard_.clock().wall()).time_since_epoch().count();
  if (second != date_second_) {
    date_second_ = second;
    const std::time_t time = second;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char line[64];
    const size_t size = std::strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    date_.assign(line, size);
  }
  return date_;
}

// Answers at once and reads nothing, so that a flood of connections costs no memory.
void Listener::refuse(tcp::socket socket) {
  metrics_.refused.add();
  answered(503);
  if (tls_) return;
  const Response response = problem(Error(Code::busy, "too many connections"));
  const std::string text =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
      "Content-Type: application/problem+json\r\nContent-Length: " +
      std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
  static_cast<void>(::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::shutdown(socket.native_handle(), SHUT_WR);
  char dropped[4096];
  while (::recv(socket.native_handle(), dropped, sizeof dropped, MSG_DONTWAIT) > 0) {
  }
}

Task<void> Listener::accept_loop(std::shared_ptr<Listener> self) {
  while (self->acceptor_.is_open()) {
    tcp::socket socket(self->shard_.io());
    Failure failure;
    co_await self->acceptor_.async_accept(socket, boost::asio::redirect_error(boost::asio::use_awaitable, failure));
    if (failure == boost::asio::error::operation_aborted) break;
    if (failure) {
      // Out of descriptors, most likely: wait for some to come back instead of spinning.
      log::warn("net", "cannot accept", {{"detail", failure.message()}});
      const std::chrono::milliseconds pause(50);
      const bool waited = co_await self->shard_.sleep(pause);
      if (!waited) break;
      continue;
    }
    if (self->draining_) break;
    if (self->sessions_.size() >= self->options_.connections) {
      self->refuse(std::move(socket));
      continue;
    }
    auto session = std::make_shared<Session>(self, std::move(socket));
    self->shard_.spawn("session", Session::run(std::move(session)));
  }
}

namespace {

Result<Endpoint> parse_listen(const std::string& text) {
  const size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (host.empty() || host == "*") host = "0.0.0.0";
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  Failure failure;
  const auto address = boost::asio::ip::make_address(host, failure);
  if (colon == std::string::npos || failure) return fail(Code::listen_failed, "\"" + text + "\" is not address:port");
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || stop != end) return fail(Code::listen_failed, "\"" + text + "\" has no port number");
  return Endpoint(address, port);
}

Result<tcp::acceptor> open_acceptor(boost::asio::io_context& io, Endpoint end, bool shared) {
  tcp::acceptor acceptor(io);
  Failure failure;
  acceptor.open(end.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  const int on = shared ? 1 : 0;
  if (!failure) ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (!failure) acceptor.bind(end, failure);
  if (!failure) acceptor.listen(boost::asio::socket_base::max_listen_connections, failure);
  if (!failure) return acceptor;
  return fail(Code::listen_failed,
              end.address().to_string() + ":" + std::to_string(end.port()) + ": " + failure.message());
}

class Server final : public HttpServer {
 public:
  ~Server() override {
    tell([](Listener& listener) { listener.close_all(); });
  }

  Result<void> start(ShardPool& pool, ServerOptions options, SslContext tls, Handler handler) {
    LT_ASSIGN(Endpoint end, parse_listen(options.listen));
    auto& first = static_cast<ShardImpl&>(pool.shard(0));
    // With SO_REUSEPORT alone another process could share the port unnoticed: a plain bind finds that out.
    if (end.port() != 0) LT_TRY(open_acceptor(first.io(), end, false));
    for (size_t i = 0; i < pool.size(); ++i) {
      auto& shard = static_cast<ShardImpl&>(pool.shard(i));
      LT_ASSIGN(tcp::acceptor acceptor, open_acceptor(shard.io(), end, pool.size() > 1));
      Failure failure;
      end.port(acceptor.local_endpoint(failure).port());
      listeners_.push_back(std::make_shared<Listener>(shard, options, tls, handler, std::move(acceptor)));
    }
    port_ = end.port();
    for (auto& listener : listeners_) listener->shard().post([listener] { listener->start(); });
    return {};
  }

  uint16_t port() const override { return port_; }
  void drain() override {
    for (auto& listener : listeners_) listener->shard().post([listener] { listener->drain(); });
  }

 private:
  // Does `work` on every shard and waits for it; on a shard that has stopped it is not done, and nothing is left to do.
  template <class Work>
  void tell(Work work) {
    struct Done {
      std::promise<void> promise;
      ~Done() { promise.set_value(); }
    };
    for (auto& listener : listeners_) {
      if (Shard::current() == &listener->shard()) {
        work(*listener);
        continue;
      }
      auto done = std::make_shared<Done>();
      auto waiting = done->promise.get_future();
      listener->shard().post([done = std::move(done), listener, work] { work(*listener); });
      waiting.wait();
    }
    listeners_.clear();
  }

  std::vector<std::shared_ptr<Listener>> listeners_;
  uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> serve(ShardPool& pool, Metrics& metrics, ServerOptions options, Handler handler) {
  static_cast<void>(metrics);
  if (options.header_limit == 0) options.header_limit = limits::kHeaderBlock;
  if (options.body_limit == 0) options.body_limit = limits::kBody;
  if (options.body_rate == 0) options.body_rate = limits::kBodyRate;
  SslContext tls;
  if (!options.tls.certificate_file.empty()) {
    LT_ASSIGN(tls, server_context(options.tls));
  }
  auto server = std::make_unique<Server>();
  LT_TRY(server->start(pool, std::move(options), std::move(tls), std::move(handler)));
  return server;
}

}  // namespace lt::net
