// Inside of net: one HTTP message after the other from a connection. Server and client read through it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/net/connection.h"
#include "core/net/parse.h"

namespace lt::net {

class MessageReader final : public BodyReader {
 public:
  // How long the peer may take; zero leaves the connection's deadline as it is.
  struct Pace {
    std::chrono::microseconds first{0};   // until the first byte of a message
    std::chrono::microseconds header{0};  // from there to the end of the header block
    std::chrono::microseconds body{0};    // between two reads of the body
    uint64_t body_rate = 0;               // bytes/s the waits for a body may not fall below; 0 = any
  };

  MessageReader(Connection& connection, std::unique_ptr<MessageParser> parser, size_t header_limit);

  void pace(Pace pace) { pace_ = pace; }
  // A peer that waits for "100 Continue" gets it at the first read of the body.
  void expect_continue(bool expected) { expects_ = expected; }

  enum class Got : uint8_t { message, nothing, fault, lost };  // nothing: the peer closed between two messages
  // The next header block. After a fault `fault()` and `why()` say more, after lost `error()`.
  Task<Got> read_head(uint64_t body_limit, bool no_body = false);
  MessageHead& head() { return head_; }
  ParseFault fault() const { return fault_; }
  const std::string& why() const { return why_; }
  const Error& error() const { return *error_; }

  Task<Result<size_t>> read(char* out, size_t size) override;
  std::optional<uint64_t> size() const override;
  // What has not been read of the body, as far as it is known.
  bool body_done() const { return kind_ == Kind::none || (kind_ == Kind::sized && left_ == 0); }
  bool continue_owed() const { return expects_; }
  // Bytes of a next message are already here.
  bool has_more() const { return begin_ < end_; }
  std::optional<std::string_view> take_ready(size_t limit) override;

 private:
  enum class Kind : uint8_t { none, sized, chunked, until_end };
  bool make_room();
  void body_starts();
  Task<Result<size_t>> read_chunked(char* out, size_t size);
  Error body_error(Failure failure);
  Task<Connection::Read> wait_for_body(char* out, size_t size);

  Connection& connection_;
  std::unique_ptr<MessageParser> parser_;
  const size_t header_limit_;
  Pace pace_;
  MessageHead head_;
  ParseFault fault_ = ParseFault::none;
  std::string why_;
  std::optional<Error> error_;  // of a body: repeated by every later read

  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  Kind kind_ = Kind::none;
  uint64_t left_ = 0;
  uint64_t body_got_ = 0;                     // bytes of the body that were waited for ...
  std::chrono::microseconds body_waited_{0};  // ... and how long
  bool expects_ = false;
};

}  // namespace lt::net
