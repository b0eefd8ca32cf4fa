#include "core/net/message_reader.h"

#include <algorithm>
#include <cstring>

#include <boost/asio/error.hpp>

#include "core/base/limits.h"

namespace lt::net {

constexpr size_t kFirstBuffer = 8 << 10;

MessageReader::MessageReader(Connection& connection, std::unique_ptr<MessageParser> parser, size_t header_limit)
    : connection_(connection), parser_(std::move(parser)), header_limit_(header_limit) {
  capacity_ = kFirstBuffer;
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
}

// Room behind end_, without ever holding much more than one header block. False when the buffer may not grow further.
bool MessageReader::make_room() {
  if (end_ < capacity_) return true;
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    return true;
  }
  const size_t most = std::max(header_limit_ + 4, kFirstBuffer);
  if (capacity_ >= most) return false;
  const size_t wider = std::min(capacity_ * 2, most);
  auto bytes = std::make_unique_for_overwrite<char[]>(wider);
  std::memcpy(bytes.get(), buffer_.get(), end_);
  buffer_ = std::move(bytes);
  capacity_ = wider;
  return true;
}

Task<MessageReader::Got> MessageReader::read_head(uint64_t body_limit, bool no_body) {
  head_ = MessageHead();
  error_.reset();
  fault_ = ParseFault::none;
  kind_ = Kind::none;
  expects_ = false;
  parser_->start(header_limit_, body_limit, no_body);
  bool begun = false;
  const auto start = [&] {
    begun = true;
    if (pace_.header.count() > 0) connection_.close_after(pace_.header);
  };
  if (pace_.first.count() > 0) connection_.close_after(pace_.first);
  while (true) {
    // RFC 9112 section 2.2: empty lines before a request line are ignored.
    while (!begun && end_ - begin_ >= 2 && buffer_[begin_] == '\r' && buffer_[begin_ + 1] == '\n') begin_ += 2;
    if (begin_ < end_) {
      MessageParser::Step step = parser_->header(std::string_view(buffer_.get() + begin_, end_ - begin_), head_);
      begin_ += step.used;
      if (step.fault != ParseFault::none) {
        fault_ = step.fault;
        why_ = std::move(step.why);
        co_return Got::fault;
      }
      if (step.done) break;
      if (!begun) start();
    }
    if (begin_ == end_) begin_ = end_ = 0;
    if (!make_room()) {
      fault_ = ParseFault::header_too_large;
      co_return Got::fault;
    }
    const auto [failure, got] = co_await connection_.read_some(buffer_.get() + end_, capacity_ - end_);
    if (failure) {
      error_ = connection_.lost(failure);
      co_return begun || connection_.timed_out() || failure != boost::asio::error::eof ? Got::lost : Got::nothing;
    }
    end_ += got;
  }
  if (pace_.header.count() > 0) connection_.never_close();
  body_starts();
  co_return Got::message;
}

void MessageReader::body_starts() {
  left_ = 0;
  body_got_ = 0;
  body_waited_ = {};
  kind_ = Kind::none;
  if (head_.no_body) return;
  if (head_.chunked) {
    kind_ = Kind::chunked;
  } else if (head_.until_end) {
    kind_ = Kind::until_end;
  } else if (head_.content_length) {
    kind_ = Kind::sized;
    left_ = *head_.content_length;
  }
}

std::optional<uint64_t> MessageReader::size() const {
  if (kind_ == Kind::none) return 0;
  return head_.content_length;
}

std::optional<std::string_view> MessageReader::take_ready(size_t limit) {
  if (error_ || (kind_ != Kind::sized && kind_ != Kind::none)) return std::nullopt;
  if (left_ > limit || left_ > end_ - begin_) return std::nullopt;
  const std::string_view whole(buffer_.get() + begin_, left_);
  begin_ += left_;
  left_ = 0;
  return whole;
}

Error MessageReader::body_error(Failure failure) {
  error_ = connection_.lost(failure);
  return *error_;
}

Task<Result<size_t>> MessageReader::read(char* out, size_t size) {
  if (error_) co_return fail(*error_);
  if (body_done() || size == 0) co_return size_t{0};
  if (expects_) {
    expects_ = false;
    if (begin_ == end_) {
      const Failure failure = co_await connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
      if (failure) co_return fail(body_error(failure));
    }
  }
  if (kind_ == Kind::chunked) co_return co_await read_chunked(out, size);
  const size_t most = kind_ == Kind::sized ? static_cast<size_t>(std::min<uint64_t>(left_, size)) : size;
  size_t got = std::min(most, end_ - begin_);
  if (got > 0) {
    std::memcpy(out, buffer_.get() + begin_, got);
    begin_ += got;
  } else {
    const auto [failure, read] = co_await wait_for_body(out, most);
    if (failure == boost::asio::error::eof && kind_ == Kind::until_end && !connection_.truncated()) {
      kind_ = Kind::none;
      co_return size_t{0};
    }
    if (failure) co_return fail(body_error(failure));
    got = read;
  }
  if (kind_ == Kind::sized) left_ -= got;
  co_return got;
}

Task<Result<size_t>> MessageReader::read_chunked(char* out, size_t size) {
  while (true) {
    if (begin_ < end_) {
      size_t made = 0;
      MessageParser::Step step =
          parser_->chunked(std::string_view(buffer_.get() + begin_, end_ - begin_), out, size, made);
      begin_ += step.used;
      if (step.fault != ParseFault::none) {
        error_ = step.fault == ParseFault::body_too_large ? Error(Code::too_large, "chunked body")
                                                          : Error(Code::bad_http, "chunked body: " + step.why);
        co_return fail(*error_);
      }
      if (step.done) kind_ = Kind::none;
      if (step.done || made > 0) co_return made;
    }
    if (begin_ == end_) begin_ = end_ = 0;
    if (!make_room()) {
      error_ = Error(Code::bad_http, "chunk header or trailer too long");
      co_return fail(*error_);
    }
    const auto [failure, got] = co_await wait_for_body(buffer_.get() + end_, capacity_ - end_);
    if (failure) co_return fail(body_error(failure));
    end_ += got;
  }
}

// A peer that sends a byte now and then never makes a single wait long; it falls behind the rate. Only our waits count,
// not the time in which nobody read.
Task<Connection::Read> MessageReader::wait_for_body(char* out, size_t size) {
  if (pace_.body.count() == 0) co_return co_await connection_.read_some(out, size);
  std::chrono::microseconds time = pace_.body;
  if (pace_.body_rate > 0) {
    const auto earned = std::chrono::microseconds(body_got_ * 1'000'000 / pace_.body_rate);
    time = std::clamp(pace_.body + earned - body_waited_, std::chrono::microseconds(1), pace_.body);
  }
  connection_.close_after(time);
  const Mono began = connection_.now();
  const Connection::Read read = co_await connection_.read_some(out, size);
  connection_.never_close();
  body_waited_ += connection_.now() - began;
  body_got_ += std::get<1>(read);
  co_return read;
}

}  // namespace lt::net
