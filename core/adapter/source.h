// A source brings messages in: it speaks a partner's protocol and hands what it received to the Intake. Nothing else.
//
// The house decodes, validates, routes, checks rights, de-duplicates and journals. A source that listens is called by
// the house's HTTP listeners; a source that polls runs as one coroutine and acknowledges to the partner only after
// `submit` returned without an error: then our journal has the message.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/stream.h"
#include "core/message/outcome.h"
#include "core/net/http.h"
#include "core/net/task.h"

namespace lt::adapter {

// What came in, before it is understood.
struct Inbound {
  std::string type;       // message type, a type file's name; "" = the endpoint's declared type
  std::string principal;  // who was authenticated; for a polled partner the endpoint's `principal`
  std::string content_type;
  std::string document_part;    // of a multipart body, which part is the document; "" = the body is the document
  Body body;                    // from Intake::receive or Intake::keep
  std::string idempotency_key;  // "" = the type's dedupe key, or none
  std::vector<std::string> to;  // receivers, where the body does not name them
  std::string correlates;       // id text of the request this answers, when the source knows it
  std::vector<std::pair<std::string, std::string>> headers;  // what the endpoint keeps of them; never credentials
  std::string trace;                                         // W3C traceparent, "" when none came
  std::vector<WatchChange> watches;                          // take effect with the acceptance, or not at all
  std::optional<CursorChange> cursor;                        // likewise
  bool polled = false;  // cannot be refused: what does not decode is kept raw as dead
};

struct Submitted {
  Receipt receipt;
  bool duplicate = false;     // the receipt is the original's
  std::optional<Error> dead;  // polled input only: kept, but not understood, and why
};

// A partner's answer to what an endpoint with `exchange` asked.
struct Answer {
  Id id;  // of the question, as people find it
  std::string content_type, body;
  std::optional<std::chrono::seconds> age;  // of an answer from the cache
};

class Intake {
 public:
  virtual ~Intake() = default;
  // Streams a body into safe keeping: inline when small, else the blob store, SHA-256 on the way. What is not
  // `multipart` is understood on the way as well.
  virtual net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit, bool multipart = false) = 0;
  virtual Result<Body> keep(ByteSource& bytes, uint64_t limit) = 0;
  // The whole accept path. Returns after the fsync. Errors are what the sender should be told.
  virtual net::Task<Result<Submitted>> submit(Inbound inbound) = 0;
  // Whether this endpoint asks a partner while its caller waits: then request() takes the place of submit().
  virtual bool asks() const { return false; }
  // Checks, asks, and brings the answer back. On a shard. Errors are what the caller should be told.
  virtual net::Task<Result<Answer>> request(Inbound inbound);
  // Name of the principal this API key belongs to. Error unauthenticated.
  virtual Result<std::string> authenticate(std::string_view api_key) const = 0;
  // Why a poller should not ask its partner now, or none: nothing could be accepted.
  virtual std::optional<Error> paused() const { return std::nullopt; }
};

class Source {
 public:
  virtual ~Source() = default;
  // Polls until Services::rest says that it is over. A listening source returns at once.
  virtual net::Task<void> run(Intake* intake) = 0;
};

}  // namespace lt::adapter
