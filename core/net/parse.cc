#include "core/net/parse.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "core/base/limits.h"

namespace lt::net {
namespace {

namespace http = boost::beast::http;
using View = boost::beast::string_view;
using Failure = boost::system::error_code;

bool same_word(View a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

template <bool kRequest>
class Core final : public http::basic_parser<kRequest> {
 public:
  MessageHead* head = nullptr;
  char* out = nullptr;
  size_t room = 0, made = 0;
  const char* complaint = nullptr;

 private:
  Failure refuse(const char* why) {
    complaint = why;
    return http::make_error_code(http::error::bad_field);
  }

  void on_request_impl(http::verb, View method, View target, int version, Failure& failure) override {
    head->method.assign(method.data(), method.size());
    head->target.assign(target.data(), target.size());
    head->version = version;
    failure = {};
  }
  void on_response_impl(int code, View, int version, Failure& failure) override {
    head->status = code;
    head->version = version;
    failure = {};
  }
  void on_field_impl(http::field field, View name, View value, Failure& failure) override {
    failure = {};
    if (head->headers.all().size() >= limits::kHeaderFields) failure = http::make_error_code(http::error::header_limit);
    if (field == http::field::transfer_encoding) {
      // Anything but one plain "chunked" is read differently by different software: the root of request smuggling.
      if (!same_word(value, "chunked")) failure = refuse("Transfer-Encoding other than chunked");
      if (head->version < 11) failure = refuse("Transfer-Encoding in HTTP/1.0");
    } else if (kRequest && field == http::field::host) {
      if (head->headers.has("Host")) failure = refuse("two Host fields");
    } else if (field == http::field::content_length && head->headers.has("Content-Length")) {
      failure = refuse("two Content-Length fields");
    }
    head->headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  void on_header_impl(Failure& failure) override {
    failure = {};
    if (kRequest && head->version >= 11 && !head->headers.has("Host")) failure = refuse("no Host field");
  }
  void on_body_init_impl(const boost::optional<uint64_t>&, Failure& failure) override { failure = {}; }
  size_t on_body_impl(View, Failure& failure) override {
    failure = {};
    return 0;
  }
  void on_chunk_header_impl(uint64_t, View, Failure& failure) override { failure = {}; }
  size_t on_chunk_body_impl(uint64_t, View body, Failure& failure) override {
    const size_t taken = std::min(body.size(), room - made);
    std::memcpy(out + made, body.data(), taken);
    made += taken;
    failure = {};
    if (taken < body.size()) failure = http::make_error_code(http::error::need_buffer);
    return taken;
  }
  void on_finish_impl(Failure& failure) override { failure = {}; }
};

template <bool kRequest>
class Parser final : public MessageParser {
 public:
  void start(size_t header_limit, uint64_t body_limit, bool no_body) override {
    core_.emplace();
    core_->header_limit(static_cast<uint32_t>(header_limit));
    core_->body_limit(body_limit);
    core_->skip(no_body);
  }

  Step header(std::string_view in, MessageHead& head) override {
    core_->head = &head;
    core_->eager(false);
    Step step = put(in);
    if (step.fault != ParseFault::none || !core_->is_header_done()) return step;
    step.done = true;
    head.no_body = core_->is_done();
    head.chunked = core_->chunked() && !core_->is_done();
    head.until_end = !core_->is_done() && core_->need_eof();
    head.keep_alive = core_->keep_alive();
    if (const auto length = core_->content_length()) head.content_length = *length;
    return step;
  }

  Step chunked(std::string_view in, char* out, size_t room, size_t& made) override {
    core_->eager(true);
    core_->out = out;
    core_->room = room;
    core_->made = 0;
    Step step = put(in);
    made = core_->made;
    step.done = core_->is_done();
    return step;
  }

 private:
  Step put(std::string_view in) {
    Step step;
    Failure failure;
    step.used = core_->put(boost::asio::const_buffer(in.data(), in.size()), failure);
    if (!failure || failure == http::error::need_more || failure == http::error::need_buffer) return step;
    step.fault = failure == http::error::header_limit ? ParseFault::header_too_large
                 : failure == http::error::body_limit ? ParseFault::body_too_large
                                                      : ParseFault::bad;
    step.why = core_->complaint ? core_->complaint : failure.message();
    return step;
  }

  std::optional<Core<kRequest>> core_;
};

}  // namespace

std::unique_ptr<MessageParser> make_request_parser() { return std::make_unique<Parser<true>>(); }
std::unique_ptr<MessageParser> make_response_parser() { return std::make_unique<Parser<false>>(); }

}  // namespace lt::net
