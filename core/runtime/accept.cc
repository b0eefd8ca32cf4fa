#include "core/runtime/accept.h"

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/message/carried.h"
#include "core/net/promise.h"
#include "core/runtime/split.h"
#include "core/runtime/understand.h"

namespace lt::runtime {
namespace {

// Reading and understanding a message costs as much as sending one. Who would be told afterwards that the bus is busy
// is told before; for so short a time that the ranks of those who wait have hardly thinned.
constexpr std::chrono::milliseconds kBusyFor{20};

net::Task<Result<Body>> refused(Error error) { co_return fail(std::move(error)); }

// Repeats are recognised per principal: two senders may use the same key for different things.
std::string dedupe_key(const adapter::Inbound& inbound, const EndpointPlan& endpoint, const std::string& declared) {
  const std::string& key = inbound.idempotency_key.empty() ? declared : inbound.idempotency_key;
  return key.empty() ? std::string() : endpoint.name + '\n' + inbound.principal + '\n' + key;
}

}  // namespace

uint8_t key_class_of(const schema::MessageType& type) {
  const bool document = type.file.key_class == schema::TypeKeyClass::document;
  return static_cast<uint8_t>(document ? journal::KeyClass::document : journal::KeyClass::personal);
}

Error answer_error(const engine::AdmitAnswer& answer) {
  if (answer.kind == engine::AdmitAnswer::Kind::conflict)
    return Error(Code::duplicate_key_conflict, "first accepted at position " + answer.position.text());
  if (!answer.error) return Error(Code::busy);
  // Our disk, not the sender's message: it may come again.
  if (answer.error->code == Code::io_error) return Error(Code::journal_failed, answer.error->detail);
  return *answer.error;
}

Accept::Accept(AcceptParts parts)
    : parts_(std::move(parts)),
      accepted_(parts_.metrics->counter("lienthong_accepted_total", "Messages accepted: durable and answered")),
      duplicates_(parts_.metrics->counter("lienthong_duplicates_total", "Repeats answered with the first receipt")),
      refused_(parts_.metrics->counter("lienthong_refused_total", "Messages refused with an error")),
      undecoded_(parts_.metrics->counter("lienthong_undecoded_total",
                                         "Polled input kept raw because it was not understood")) {}

Result<AcceptedFact> Accept::fact_of(const AcceptRules& rules, const EndpointPlan& endpoint,
                                     const schema::MessageType& type, adapter::Inbound& inbound) {
  LT_ASSIGN(Understood understood, understand(type, inbound, *parts_.bodies));
  inbound.body.scan.reset();
  schema::Extracted& extracted = understood.extracted;
  const std::vector<std::string>& to = inbound.to.empty() ? extracted.receivers : inbound.to;
  LT_TRY(rules.rights->check(inbound.principal, extracted.from, type.file.type, to));

  auto message = std::make_shared<Message>();
  Envelope& envelope = message->envelope;
  envelope.accepted = parts_.clock->wall();
  route::RouteRequest request;
  request.endpoint = endpoint.name;
  request.type = type.file.type;
  request.from = extracted.from;
  request.to = inbound.to;
  request.headers = inbound.headers;
  request.unknown = endpoint.unknown;
  request.day = route::vietnam_date(envelope.accepted);
  LT_ASSIGN(route::Routed routed, route_message(*rules.router, request, extracted));
  for (const auto& [receiver, error] : routed.refused)
    log::warn("accept", "a receiver was left out",
              {{"endpoint", endpoint.name}, {"receiver", receiver}, {"error", error}});

  envelope.id = parts_.ids->next();
  envelope.type = type.file.type;
  envelope.endpoint = endpoint.name;
  envelope.principal = inbound.principal;
  envelope.from = std::move(extracted.from);
  envelope.content_type = std::move(inbound.content_type);
  envelope.order_key = std::move(extracted.order_key);
  envelope.dedupe_key = dedupe_key(inbound, endpoint, extracted.dedupe_key);
  envelope.keys = std::move(extracted.keys);
  envelope.headers = std::move(inbound.headers);
  envelope.urgency = extracted.urgency;
  envelope.key_class = key_class_of(type);
  envelope.trace = inbound.trace.empty() ? std::move(extracted.trace) : std::move(inbound.trace);
  envelope.correlates = std::move(inbound.correlates);
  envelope.attachments = std::move(understood.attachments);
  envelope.document = understood.document;
  envelope.deliveries = std::move(routed.deliveries);
  envelope.ties = std::move(extracted.ties);
  if (type.file.split) envelope.split = type.file.split->value;
  envelope.parts.assign(std::make_move_iterator(extracted.parts.begin()),
                        std::make_move_iterator(extracted.parts.end()));
  message->body = std::move(inbound.body);

  AcceptedFact fact;
  fact.message = std::move(message);
  fact.watches = std::move(inbound.watches);
  fact.cursor = std::move(inbound.cursor);
  return fact;
}

AcceptedFact Accept::dead_fact(const EndpointPlan& endpoint, const schema::MessageType& type, adapter::Inbound& inbound,
                               const Error& why) {
  auto message = std::make_shared<Message>();
  Envelope& envelope = message->envelope;
  envelope.id = parts_.ids->next();
  envelope.accepted = parts_.clock->wall();
  envelope.type = type.file.type;
  envelope.endpoint = endpoint.name;
  envelope.principal = inbound.principal;
  envelope.content_type = std::move(inbound.content_type);
  envelope.dedupe_key = dedupe_key(inbound, endpoint, "");
  envelope.key_class = key_class_of(type);
  envelope.correlates = std::move(inbound.correlates);
  message->body = std::move(inbound.body);
  message->body.scan.reset();
  AcceptedFact fact;
  fact.message = std::move(message);
  fact.watches = std::move(inbound.watches);
  fact.cursor = std::move(inbound.cursor);
  fact.dead = why.code;
  fact.dead_detail = why.text();
  return fact;
}

net::Task<Result<AcceptedFact>> Accept::make_fact(const AcceptRules* rules, const EndpointPlan* endpoint,
                                                  const schema::MessageType* type, adapter::Inbound* inbound) {
  // Small bodies are understood faster than a hand-off takes; stored ones read the disk and go to the pool.
  if (!inbound->body.stored()) co_return fact_of(*rules, *endpoint, *type, *inbound);
  Result<AcceptedFact> fact = fail(Code::bug);
  std::function<void()> work = [&] { fact = fact_of(*rules, *endpoint, *type, *inbound); };
  co_await parts_.pool->offload(std::move(work));
  co_return fact;
}

net::Task<Result<adapter::Submitted>> Accept::submit(std::string endpoint_name, adapter::Inbound inbound) {
  const Mono began = parts_.clock->mono();
  const Gate::Pass pass = co_await gate_.enter();
  const auto rules = rules_.get();
  const auto found = rules->endpoints.find(endpoint_name);
  if (found == rules->endpoints.end())
    co_return fail(Code::unavailable, "endpoint \"" + endpoint_name + "\" is no longer configured");
  const EndpointPlan* endpoint = &found->second;
  const schema::MessageType* type = inbound.type.empty() ? endpoint->type : rules->schemas->find(inbound.type);
  if (!type) co_return fail(Code::unknown_message_type, "message type \"" + inbound.type + "\"");
  const bool polled = inbound.polled;
  auto fact = co_await make_fact(rules.get(), endpoint, type, &inbound);
  std::optional<Error> dead;
  if (!fact) {
    if (!polled) {
      refused_.add();
      co_return fail(std::move(fact).error());
    }
    dead = std::move(fact).error();
    undecoded_.add();
    log::warn("accept", "polled input was kept raw: it was not understood",
              {{"endpoint", endpoint->name}, {"error", *dead}});
    fact = dead_fact(*endpoint, *type, inbound, *dead);
  }
  const Message& message = *fact->message;
  auto claim = parts_.quotas->claim(message.envelope.from, message.body.size, message.envelope.accepted, polled);
  std::optional<Error> refuse;
  if (!claim) refuse = std::move(claim).error();
  auto submitted = co_await admit(std::move(*fact), polled, std::move(refuse));
  if (submitted && !submitted->duplicate && claim) claim->keep();
  if (submitted) {
    submitted->dead = std::move(dead);
    (submitted->duplicate ? duplicates_ : accepted_).add();
    endpoint->accept_time->observe_us(static_cast<uint64_t>((parts_.clock->mono() - began).count()));
  } else {
    refused_.add();
    if (submitted.error().code == Code::busy) endpoint->busy_until = parts_.clock->mono() + kBusyFor;
  }
  co_return submitted;
}

std::optional<Error> Accept::shed(const EndpointPlan& endpoint) {
  if (parts_.clock->mono() >= endpoint.busy_until.load(std::memory_order_relaxed)) return std::nullopt;
  refused_.add();
  return Error(Code::busy, "more messages come in than can be sent");
}

net::Task<Result<adapter::Submitted>> Accept::admit(AcceptedFact fact, bool polled, std::optional<Error> refuse) {
  const std::shared_ptr<const Message> message = fact.message;
  engine::AdmitAnswer answer;
  // A run of keys may go to disk between the look there and the cell's own.
  do {
    DedupeStore::Looked looked;
    if (parts_.dedupe && !message->envelope.dedupe_key.empty()) {
      auto found = parts_.dedupe->look(message->envelope.dedupe_key, message->body.sha256);
      if (!found) co_return fail(std::move(found).error());
      looked = *found;
    }
    net::Promise<engine::AdmitAnswer> promise;
    auto future = promise.future();
    parts_.cell->admit(
        fact, refuse, [promise](engine::AdmitAnswer a) mutable { promise.set(std::move(a)); }, looked);
    answer = co_await future.wait();
  } while (answer.kind == engine::AdmitAnswer::Kind::look_again);

  adapter::Submitted submitted;
  using Kind = engine::AdmitAnswer::Kind;
  if (answer.kind == Kind::accepted) {
    submitted.receipt = make_receipt(message->envelope, message->body.sha256, answer.position);
    co_return submitted;
  }
  // A polled partner cannot be told of a conflict; what it lists under a known key is that known thing.
  if (answer.kind == Kind::duplicate || (answer.kind == Kind::conflict && polled)) {
    submitted.duplicate = true;
    auto receipt = first_receipt(answer.position);
    if (!receipt) co_return fail(std::move(receipt).error());
    submitted.receipt = std::move(*receipt);
    co_return submitted;
  }
  co_return fail(answer_error(answer));
}

// From the journal, or from history when its segment was freed; the body may be erased by now.
Result<Receipt> Accept::first_receipt(Position position) const {
  Result<Receipt> receipt = fail(Code::bug, "no record at " + position.text());
  LT_TRY(parts_.log->read_at(position, [&](const journal::RecordView& record) {
    const auto message = decode_message_header(static_cast<uint8_t>(record.type), record.header);
    receipt = message ? Result<Receipt>(make_receipt((*message)->envelope, (*message)->body.sha256, position))
                      : fail(message.error());
  }));
  return receipt;
}

journal::KeyClass EndpointIntake::key_class() const {
  const auto rules = accept_.rules();
  const auto found = rules->endpoints.find(endpoint_);
  // An endpoint that is gone accepts nothing: what it still receives is kept as if it were personal, and let go.
  if (found == rules->endpoints.end()) return journal::KeyClass::personal;
  return static_cast<journal::KeyClass>(key_class_of(*found->second.type));
}

net::Task<Result<Body>> EndpointIntake::receive(net::BodyReader* body, uint64_t limit, bool multipart) {
  const auto rules = accept_.rules();
  const auto found = rules->endpoints.find(endpoint_);
  // The rules keep the type alive, also when they are exchanged while the body comes.
  std::shared_ptr<const schema::MessageType> type;
  if (found != rules->endpoints.end()) {
    if (auto busy = accept_.shed(found->second)) return refused(std::move(*busy));
    type = {rules, found->second.type};
  }
  if (type && type->file.split) limit = std::min(limit, limits::kSplitBody);
  if (multipart) type = nullptr;  // the document in it is read when it is known where it stands
  return accept_.parts().bodies->receive(body, limit, key_class(), std::move(type));
}

Result<Body> EndpointIntake::keep(ByteSource& bytes, uint64_t limit) {
  return accept_.parts().bodies->keep(bytes, limit, key_class());
}

net::Task<Result<adapter::Submitted>> EndpointIntake::submit(adapter::Inbound inbound) {
  return accept_.submit(endpoint_, std::move(inbound));
}

Result<std::string> EndpointIntake::authenticate(std::string_view api_key) const {
  return accept_.rules()->principals->authenticate(api_key);
}

std::optional<Error> EndpointIntake::paused() const {
  auto room = accept_.parts().disk->room();
  return room ? std::nullopt : std::optional(std::move(room).error());
}

}  // namespace lt::runtime
