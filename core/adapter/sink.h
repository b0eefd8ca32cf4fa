// A sink carries deliveries out: it speaks a partner's protocol and says what became of each. Nothing else.
//
// The house owns retry, order, batching, concurrency and metrics. One sink object lives on each shard, so it needs no
// lock; calls may overlap. A sink never sleeps and never repeats a call that may have taken effect.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/stream.h"
#include "core/message/outcome.h"
#include "core/net/task.h"

namespace lt::adapter {

// A file that goes beside the document, which names it.
struct OutgoingPart {
  std::string name, filename, content_type;
  std::shared_ptr<ByteSource> stream;  // of known size
};

// One delivery, mapped and encoded for the wire.
struct Outgoing {
  DeliveryId id;
  uint32_t attempt = 1;
  std::string event_id;   // the same at every attempt: "<message id>-<ordinal>"; partners may de-duplicate by it
  std::string operation;  // what is asked of the partner; "" = the sink's default
  std::shared_ptr<const Message> message;  // as accepted
  std::vector<std::string> receivers;      // whom this delivery reaches there
  std::span<const BusinessKey> keys;       // of `message`: those of what is sent, which may be one part of it
  std::string content_type;                // of what is sent
  std::string body;                        // the encoded bytes, or ...
  std::shared_ptr<ByteSource> stream;      // ... a stream of them when there are large attachments
  std::vector<OutgoingPart> parts;         // only for sinks that take them
};

// What a partner that was asked replied.
struct Replied {
  Outcome outcome;  // delivered: the reply is an answer; retry: it did not act; ambiguous: no reply, it may have acted
  int status = 0;   // HTTP; 0 = no reply
  std::string content_type, body;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // One Outcome for each, in order. `sent_*` and `mapping_version` are filled in by the house.
  virtual net::Task<std::vector<Outcome>> deliver(std::vector<Outgoing> batch) = 0;
  // Whether it sends the files that its mapping puts beside the document; as its blueprint says.
  virtual bool takes_parts() const { return false; }
  // Does the partner have it? delivered | absent | retry (cannot tell now). Only called for sinks of class `probe`.
  virtual net::Task<Outcome> probe(Outgoing delivery);
  // Asks and brings back the reply, within `time` of the injected clock. Only called for sinks whose blueprint says
  // `answers_within`.
  virtual net::Task<Replied> request(Outgoing question, std::chrono::milliseconds time);
};

}  // namespace lt::adapter
