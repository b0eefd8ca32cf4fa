#include "core/runtime/delivery.h"

#include <exception>

#include "core/base/log.h"
#include "core/message/carried.h"

namespace lt::runtime {
namespace {

std::string_view kind_name(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::delivered:
      return "delivered";
    case OutcomeKind::duplicate:
      return "duplicate";
    case OutcomeKind::retry:
      return "retry";
    case OutcomeKind::permanent:
      return "permanent";
    case OutcomeKind::ambiguous:
      return "ambiguous";
    case OutcomeKind::redo_as:
      return "redo_as";
    case OutcomeKind::absent:
      return "absent";
    case OutcomeKind::held:
      return "held";
  }
  return "";
}

constexpr std::chrono::milliseconds kMovedWait{1'000};

Outcome outcome_of(OutcomeKind kind, const Error& error) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.code = error.code;
  outcome.detail = error.text();
  return outcome;
}

// What keeps a message from being rendered: a mapping that lacks something waits for its fix (and heals every message
// that waits); a table that says reject refuses; a disk that cannot be read now is tried again.
Outcome unrendered(const Error& error) {
  // Erased for good: nothing will ever be sent of it.
  if (error.code == Code::key_destroyed) return outcome_of(OutcomeKind::permanent, error);
  // Its segment was freed between the engine's word and this read: the engine knows by now where it was carried to.
  if (error.code == Code::no_such_record) {
    Outcome moved = outcome_of(OutcomeKind::retry, error);
    moved.after = kMovedWait;
    return moved;
  }
  // A fetch that the bus's stop ended: ours, not the delivery's failure.
  if (error.code == Code::unavailable) {
    Outcome stopped = outcome_of(OutcomeKind::retry, error);
    stopped.scope = RetryScope::lane;
    stopped.after = kMovedWait;
    return stopped;
  }
  if (error.code == Code::table_refused) return outcome_of(OutcomeKind::permanent, error);
  if (error.retry() == Retry::later) return outcome_of(OutcomeKind::retry, error);
  return outcome_of(OutcomeKind::held, error);
}

Outcome unasked(Outcome outcome) {
  outcome.unasked = true;
  return outcome;
}

// Hashes what is read through it.
class HashedSource final : public ByteSource {
 public:
  explicit HashedSource(std::shared_ptr<ByteSource> inner) : inner_(std::move(inner)) {}
  Result<size_t> read(char* out, size_t size) override {
    LT_ASSIGN(const size_t n, inner_->read(out, size));
    hash_.update(std::string_view(out, n));
    bytes_ += n;
    return n;
  }
  std::optional<uint64_t> size() const override { return inner_->size(); }
  Sha256 digest() { return hash_.finish(); }
  uint64_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<ByteSource> inner_;
  Sha256Stream hash_;
  uint64_t bytes_ = 0;
};

}  // namespace

DeliveryRunner::DeliveryRunner(net::Shard& shard, net::ShardPool& pool, RenderParts render, journal::Journal& journal,
                               Metrics& metrics, FileFetcher fetcher, std::function<void(engine::Attempted)> report)
    : shard_(shard),
      pool_(pool),
      render_(std::move(render)),
      journal_(journal),
      metrics_(metrics),
      fetcher_(std::move(fetcher)),
      report_(std::move(report)) {}

void DeliveryRunner::add_sink(const std::string& destination, std::unique_ptr<adapter::Sink> sink) {
  Lane lane;
  lane.sink = std::move(sink);
  lane.time = &metrics_.histogram("lienthong_delivery_seconds", "From the start of an attempt to its outcome",
                                  {{"destination", destination}});
  lanes_[destination] = std::move(lane);
}

void DeliveryRunner::start(engine::Deliver deliver, std::shared_ptr<const void> keep) {
  shard_.spawn("delivery", carry(std::move(deliver), std::move(keep)));
}

void DeliveryRunner::count(Lane& lane, const std::string& destination, OutcomeKind kind) {
  Counter*& counter = lane.outcomes[kind];
  if (!counter)
    counter = &metrics_.counter("lienthong_attempts_total", "Attempts to deliver, by outcome",
                                {{"destination", destination}, {"outcome", std::string(kind_name(kind))}});
  counter->add();
}

net::Task<void> DeliveryRunner::carry(engine::Deliver deliver, [[maybe_unused]] std::shared_ptr<const void> keep) {
  engine::Attempted attempted;
  attempted.delivery = deliver.delivery;
  attempted.attempt = deliver.attempt;
  attempted.probe = deliver.probe;
  const auto lane = lanes_.find(deliver.destination);
  if (lane == lanes_.end()) {
    attempted.outcome = unasked(outcome_of(OutcomeKind::held, Error(Code::destination_gone, deliver.destination)));
    report_(std::move(attempted));
    co_return;
  }
  const Mono began = shard_.clock().mono();
  std::exception_ptr thrown;
  try {
    attempted.outcome = co_await attempt(&lane->second, &deliver);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    // A bug in an adapter: nothing is known of what it sent.
    attempted.outcome =
        outcome_of(OutcomeKind::ambiguous, Error(Code::bug, "the sink of " + deliver.destination + " threw"));
    log::error("delivery", "a sink threw",
               {{"destination", deliver.destination}, {"delivery", deliver.delivery.text()}});
  }
  lane->second.time->observe_us(static_cast<uint64_t>((shard_.clock().mono() - began).count()));
  count(lane->second, deliver.destination, attempted.outcome.kind);
  report_(std::move(attempted));
}

net::Task<Outcome> DeliveryRunner::attempt(Lane* lane, engine::Deliver* deliver) {
  if (!deliver->message) {
    auto read = message_of(*deliver);
    if (!read) co_return unasked(unrendered(read.error()));
    deliver->message = std::move(*read);
  }
  const DeliverySpec& spec = deliver->message->envelope.deliveries.at(deliver->delivery.ordinal);
  adapter::Outgoing outgoing;
  outgoing.id = deliver->delivery;
  outgoing.attempt = deliver->attempt;
  outgoing.event_id = deliver->message->envelope.id.text() + '-' + std::to_string(deliver->delivery.ordinal);
  outgoing.operation = deliver->operation.empty() ? spec.operation : deliver->operation;
  outgoing.message = deliver->message;
  outgoing.receivers = spec.receivers;
  outgoing.keys = keys_of(deliver->message->envelope, spec);
  if (deliver->probe) co_return co_await lane->sink->probe(std::move(outgoing));

  auto rendered = co_await prepare(deliver->message.get(), &spec, deliver->stored);
  if (!rendered) co_return unasked(unrendered(rendered.error()));
  if (!rendered->parts.empty() && !lane->sink->takes_parts())
    co_return unasked(outcome_of(
        OutcomeKind::held,
        Error(Code::wrong_type, "mapping " + rendered->mapping_version + " puts files beside the document, and " +
                                    deliver->destination + " sends documents only")));
  outgoing.parts = std::move(rendered->parts);
  outgoing.content_type = std::move(rendered->content_type);
  Sha256 digest{};
  uint64_t size = rendered->body.size();
  std::shared_ptr<HashedSource> hashed;
  if (rendered->stream) {
    hashed = std::make_shared<HashedSource>(std::move(rendered->stream));
    outgoing.stream = hashed;
  } else {
    digest = sha256(rendered->body);
    outgoing.body = std::move(rendered->body);
  }
  std::vector<adapter::Outgoing> batch;
  batch.push_back(std::move(outgoing));
  std::vector<Outcome> outcomes = co_await lane->sink->deliver(std::move(batch));
  if (outcomes.size() != 1) co_return outcome_of(OutcomeKind::ambiguous, Error(Code::bug, "the sink gave no outcome"));
  Outcome outcome = std::move(outcomes.front());
  outcome.sent_sha256 = hashed ? hashed->digest() : digest;
  outcome.sent_bytes = hashed ? hashed->bytes() : size;
  outcome.mapping_version = std::move(rendered->mapping_version);
  co_return outcome;
}

net::Task<Result<Rendered>> DeliveryRunner::prepare(const Message* message, const DeliverySpec* spec, Position stored) {
  Result<Rendered> rendered = fail(Code::bug);
  if (message->body.stored()) {
    std::function<void()> work = [&] { rendered = render(render_, *message, *spec, stored); };
    co_await pool_.offload(std::move(work));
  } else {
    rendered = render(render_, *message, *spec, stored);
  }
  if (!rendered || rendered->wanted.empty()) co_return rendered;
  co_return co_await with_files(message, std::move(*rendered));
}

net::Task<Result<Rendered>> DeliveryRunner::with_files(const Message* message, Rendered wanting) {
  const auto key_class = static_cast<journal::KeyClass>(message->envelope.key_class);
  std::vector<mapping::WantedFile> files = wanting.wanted;
  auto fetched = co_await fetcher_.fetch(std::move(files), key_class);
  if (!fetched) co_return fail(std::move(fetched).error());
  Result<Rendered> rendered = fail(Code::bug);
  std::function<void()> work = [&] { rendered = finish(std::move(wanting), std::move(*fetched)); };
  co_await pool_.offload(std::move(work));
  co_return rendered;
}

Result<std::shared_ptr<const Message>> DeliveryRunner::message_of(const engine::Deliver& deliver) const {
  Result<std::shared_ptr<const Message>> message = fail(Code::bug, "no message at " + deliver.stored.text());
  auto read = journal_.read_at(deliver.stored, [&](const journal::RecordView& record) {
    message = decode_message(static_cast<uint8_t>(record.type), record.header, record.body);
  });
  const Error* error = !read ? &read.error() : !message ? &message.error() : nullptr;
  if (error && error->code == Code::key_destroyed && deliver.probe) {
    // To ask whether the partner has it, its body is not needed.
    read = journal_.read_header_at(deliver.stored, [&](const journal::RecordView& record) {
      message = decode_message_header(static_cast<uint8_t>(record.type), record.header);
    });
  }
  if (!read) return fail(std::move(read).error());
  return message;
}

}  // namespace lt::runtime
