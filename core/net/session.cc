#include "core/net/session.h"

#include <charconv>
#include <exception>

#include <boost/asio/error.hpp>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/net/body_writer.h"

namespace lt::net {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

bool is_framing(std::string_view name) {
  const auto same = [&](std::string_view other) {
    return name.size() == other.size() && std::equal(name.begin(), name.end(), other.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
           });
  };
  return same("content-length") || same("transfer-encoding") || same("connection") || same("date");
}

void append_number(std::string& out, uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  static_cast<void>(error);
  out.append(digits, end);
}

// "http://host/a" (absolute form, for proxies) means "/a".
std::string_view origin_form(std::string_view target) {
  const size_t scheme = target.find("://");
  if (target.empty() || target.front() == '/' || scheme == std::string_view::npos) return target;
  const size_t path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

Session::Session(std::shared_ptr<Listener> listener, boost::asio::ip::tcp::socket socket)
    : listener_(std::move(listener)),
      connection_(listener_->shard(), std::move(socket)),
      reader_(connection_, make_request_parser(), listener_->options().header_limit) {
  listener_->entered(this);
  peer_ = connection_.peer();
}

Session::~Session() { listener_->left(this); }

Task<void> Session::run(std::shared_ptr<Session> self) {
  const ServerOptions& options = self->listener_->options();
  if (self->listener_->tls()) {
    const bool secure = co_await self->start_tls();
    if (!secure) co_return;
  }
  MessageReader::Pace pace{options.header_time, options.header_time, options.body_time, options.body_rate};
  while (!self->listener_->draining()) {
    self->reader_.pace(pace);
    self->idle_ = true;
    const MessageReader::Got got = co_await self->reader_.read_head(options.body_limit);
    self->idle_ = false;
    if (got == MessageReader::Got::fault) {
      co_await self->refuse(self->reader_.fault());
      co_return;
    }
    if (got != MessageReader::Got::message) co_return;
    const bool again = co_await self->serve_one();
    if (!again) co_return;
    pace.first = options.idle_time;
  }
}

Task<bool> Session::start_tls() {
  connection_.close_after(listener_->options().header_time);
  std::unique_ptr<TlsEngine> engine = TlsEngine::server(listener_->tls());
  const Result<void> secure = co_await connection_.handshake(std::move(engine));
  connection_.never_close();
  if (!secure) {
    log::debug("net", "TLS handshake failed", {{"peer", peer_}, {"error", secure.error()}});
    co_return false;
  }
  certificate_ = connection_.tls()->peer_certificate();
  co_return true;
}

Task<void> Session::refuse(ParseFault fault) {
  keep_ = false;
  head_only_ = false;
  const Code code = fault == ParseFault::header_too_large ? Code::header_too_large
                    : fault == ParseFault::body_too_large ? Code::too_large
                                                          : Code::bad_http;
  Response response = problem(Error(code, reader_.why()));
  co_await reply(std::move(response));
  co_await linger();
}

void Session::fill_exchange() {
  MessageHead& head = reader_.head();
  RequestHead& out = exchange_.head;
  out.method = std::move(head.method);
  out.target = std::move(head.target);
  out.headers = std::move(head.headers);
  const std::string_view target = origin_form(out.target);
  const size_t question = std::min(target.find('?'), target.size());
  out.path = percent_decode(target.substr(0, question));
  out.query = question < target.size() ? std::string(target.substr(question + 1)) : std::string();
  out.content_length = head.content_length;
  out.peer = peer_;
  out.client_certificate = certificate_;
  exchange_.body = &reader_;
  exchange_.shard = &listener_->shard();
  head_only_ = out.method == "HEAD";
  keep_ = head.keep_alive;
  // Only "100-continue" is defined; anything else is ignored, as RFC 9110 allows.
  reader_.expect_continue(!reader_.body_done() && head.version >= 11 && out.headers.get("Expect").size() == 12);
}

Task<bool> Session::serve_one() {
  fill_exchange();
  std::exception_ptr thrown;
  Response response;
  try {
    response = co_await listener_->handler()(&exchange_);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    std::string what = "not a std::exception";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
    }
    log::error("net", "a request handler threw", {{"path", exchange_.head.path}, {"detail", what}});
    response = problem(Error(Code::bug));
  }
  if (listener_->draining()) keep_ = false;
  // A body left unread: read the rest if it is short, else the connection ends with this answer.
  const uint64_t unread = reader_.body_done() ? 0 : reader_.size().value_or(0);
  if (!reader_.body_done() && (reader_.continue_owed() || unread > limits::kUnreadBody)) keep_ = false;
  const bool sent = co_await reply(std::move(response));
  if (!sent) co_return false;
  if (keep_ && reader_.body_done()) co_return true;
  if (keep_) {
    const bool drained = co_await finish_body();
    if (drained) co_return true;
  }
  co_await linger();
  co_return false;
}

Task<bool> Session::finish_body() {
  const auto buffer = std::make_unique_for_overwrite<char[]>(limits::kIoChunk);
  size_t total = 0;
  while (!reader_.body_done() && total <= limits::kUnreadBody) {
    const Result<size_t> got = co_await reader_.read(buffer.get(), limits::kIoChunk);
    if (!got) co_return false;
    total += *got;
  }
  co_return reader_.body_done();
}

// Closing while the peer still sends would reset the connection and lose our answer on its way.
Task<void> Session::linger() {
  connection_.close_sending();
  connection_.close_after(std::chrono::milliseconds(limits::kLingerMs));
  const auto buffer = std::make_unique_for_overwrite<char[]>(limits::kIoChunk);
  for (size_t total = 0; total < limits::kLingerBytes;) {
    const auto [failure, got] = co_await connection_.read_some(buffer.get(), limits::kIoChunk);
    if (failure) break;
    total += got;
  }
  connection_.close();
}

void Session::make_head(const Response& response, bool no_body, bool chunked, std::optional<uint64_t> length) {
  out_.clear();
  out_ += "HTTP/1.1 ";
  append_number(out_, static_cast<uint64_t>(response.status));
  out_ += ' ';
  out_ += reason(response.status);
  out_ += "\r\n";
  out_ += listener_->date_line();
  for (const Header& header : response.headers.all()) {
    if (!is_framing(header.name)) append_field(out_, header.name, header.value);
  }
  if (!no_body && length) {
    out_ += "Content-Length: ";
    append_number(out_, *length);
    out_ += "\r\n";
  } else if (!no_body && chunked) {
    out_ += "Transfer-Encoding: chunked\r\n";
  }
  if (!keep_) {
    out_ += "Connection: close\r\n";
  } else if (reader_.head().version < 11) {
    out_ += "Connection: keep-alive\r\n";
  }
  out_ += "\r\n";
}

Task<bool> Session::reply(Response response) {
  listener_->answered(response.status);
  const bool no_body = response.status < 200 || response.status == 204 || response.status == 304;
  const std::optional<uint64_t> length = response.stream ? response.stream->size() : response.body.size();
  const bool chunked = !length && reader_.head().version >= 11;
  if (!length && !chunked) keep_ = false;
  make_head(response, no_body, chunked, length);
  if (response.stream && !no_body && !head_only_) {
    const Result<void> sent = co_await write_stream(&connection_, std::move(out_), std::move(response.stream), length,
                                                    !length && !chunked, listener_->options().body_time);
    if (!sent && sent.error().code != Code::connection_lost && sent.error().code != Code::timed_out) {
      log::error("net", "a response body broke off", {{"path", exchange_.head.path}, {"error", sent.error()}});
    }
    co_return sent.has_value();
  }
  std::string_view head = out_;
  std::string_view body = no_body || head_only_ ? std::string_view() : std::string_view(response.body);
  Failure failure = connection_.write_now(head, body);
  if (!failure && (!head.empty() || !body.empty() || connection_.unsent())) {
    connection_.close_after(listener_->options().body_time);
    failure = co_await connection_.write(head, body);
    connection_.never_close();
  }
  co_return !failure;
}

}  // namespace lt::net
