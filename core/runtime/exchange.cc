#include "core/runtime/exchange.h"

#include <exception>

#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/message/wire.h"
#include "core/net/client.h"
#include "core/runtime/accept.h"
#include "core/runtime/message_files.h"
#include "core/runtime/understand.h"

namespace lt::runtime {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{50};  // before a second call; doubles
constexpr int kAskAgainAfter = 1;

Counter& counter(Metrics& metrics, const std::string& endpoint, const char* outcome) {
  return metrics.counter("lienthong_exchanges_total", "Questions to partners whose caller waits, by outcome",
                         {{"endpoint", endpoint}, {"outcome", outcome}});
}

// What a caller is told of an outcome that is no answer.
Error told(const Outcome& outcome, bool may_have_acted) {
  const bool late = outcome.code == Code::timed_out || outcome.code == Code::exchange_unsent;
  Code code = Code::exchange_refused;
  if (outcome.kind == OutcomeKind::ambiguous || (may_have_acted && outcome.kind == OutcomeKind::retry)) {
    code = late ? Code::exchange_late : Code::exchange_unclear;
  } else if (outcome.kind == OutcomeKind::retry) {
    code = late ? Code::exchange_unsent : Code::exchange_failed;
  }
  std::string detail = outcome.detail;
  if (outcome.code == Code::timed_out && detail.empty()) detail = "no answer within the deadline";
  if (outcome.code != Code::none && outcome.code != Code::exchange_unsent)
    detail = code_text(outcome.code) + (detail.empty() ? "" : " " + detail);
  Error error(code, std::move(detail));
  if (info(code).retry == Retry::later)
    error.after_s = std::max<int>(kAskAgainAfter, static_cast<int>(outcome.after.count() / 1'000));
  return error;
}

Result<std::string> read_whole(ByteSource& source, size_t limit) {
  std::string out;
  std::string piece(limits::kIoChunk, '\0');
  for (;;) {
    LT_ASSIGN(const size_t got, source.read(piece.data(), piece.size()));
    if (got == 0) return out;
    if (out.size() + got > limit) return fail(Code::too_large, "more than " + std::to_string(limit) + " bytes");
    out.append(piece, 0, got);
  }
}

// In memory: what is asked and answered is small.
Result<Rendered> whole(Result<Rendered> rendered) {
  LT_TRY(rendered);
  if (!rendered->wanted.empty()) return fail(Code::fetch_not_allowed, "nothing is fetched while a caller waits");
  if (rendered->stream) {
    LT_ASSIGN(rendered->body, read_whole(*rendered->stream, 2 * limits::kExchangeReply));
    rendered->stream.reset();
  }
  return rendered;
}

}  // namespace

ExchangeIntake::ExchangeIntake(std::shared_ptr<const Graph> graph, const ExchangePlan& plan, ExchangeParts parts)
    : graph_(std::move(graph)),
      plan_(plan),
      parts_(std::move(parts)),
      rates_(plan.rate, plan.burst),
      cache_(plan.cache ? std::make_unique<AnswerCache>(plan.cache->kept, plan.cache->entries, plan.cache->bytes)
                        : nullptr),
      time_(parts_.metrics->histogram("lienthong_exchange_seconds", "From the whole question to its answer",
                                      {{"endpoint", plan.endpoint}})),
      answered_(counter(*parts_.metrics, plan.endpoint, "answered")),
      cached_(counter(*parts_.metrics, plan.endpoint, "cached")),
      refused_(counter(*parts_.metrics, plan.endpoint, "refused")),
      failed_(counter(*parts_.metrics, plan.endpoint, "failed")),
      unknown_(counter(*parts_.metrics, plan.endpoint, "unknown")) {}

net::Task<Result<Body>> ExchangeIntake::receive(net::BodyReader* body, uint64_t limit, bool) {
  // Never long enough to be stored: a question stands in the journal whole.
  const uint64_t most = std::min<uint64_t>(limit, limits::kInlineBody);
  return parts_.bodies->receive(body, most, static_cast<journal::KeyClass>(key_class_of(*plan_.type)));
}

Result<Body> ExchangeIntake::keep(ByteSource& bytes, uint64_t limit) {
  const uint64_t most = std::min<uint64_t>(limit, limits::kInlineBody);
  return parts_.bodies->keep(bytes, most, static_cast<journal::KeyClass>(key_class_of(*plan_.type)));
}

Result<std::string> ExchangeIntake::authenticate(std::string_view api_key) const {
  return graph_->principals->authenticate(api_key);
}

net::Task<Result<adapter::Submitted>> ExchangeIntake::submit(adapter::Inbound) {
  co_return fail(Code::bug, "endpoint \"" + plan_.endpoint + "\" asks and accepts nothing");
}

net::Task<Result<adapter::Answer>> ExchangeIntake::request(adapter::Inbound inbound) {
  const auto under = parts_.under();
  const Mono began = parts_.clock->mono();
  auto answer = co_await work(std::move(inbound), began);
  time_.observe_us(static_cast<uint64_t>((parts_.clock->mono() - began).count()));
  count(answer);
  co_return answer;
}

void ExchangeIntake::count(const Result<adapter::Answer>& answer) {
  if (answer) return (answer->age ? cached_ : answered_).add();
  switch (answer.error().code) {
    case Code::exchange_late:
    case Code::exchange_unclear:
      return unknown_.add();
    case Code::exchange_unsent:
    case Code::exchange_failed:
    case Code::exchange_refused:
    case Code::reply_not_understood:
      return failed_.add();
    default:
      return refused_.add();
  }
}

Result<ExchangeIntake::Question> ExchangeIntake::understand_question(adapter::Inbound& inbound) const {
  LT_ASSIGN(Understood understood, understand(*plan_.type, inbound, *parts_.bodies));
  schema::Extracted& extracted = understood.extracted;
  const std::string& type = plan_.type->file.type;
  const std::vector<std::string>& to = inbound.to.empty() ? extracted.receivers : inbound.to;
  LT_TRY(graph_->rights->check(inbound.principal, extracted.from, type, to));

  Question question;
  if (plan_.cache) {
    const bool all = plan_.cache->key.paths.empty();
    const auto asked =
        all ? std::optional(std::string(inbound.body.view())) : plan_.cache->key.of(understood.tree.root());
    std::string text;
    WireWriter w(text);
    // Only who asked may have it again, in whose name he asked.
    w.text(inbound.principal);
    w.text(extracted.from);
    w.text(asked.value_or(std::string()));
    if (asked) question.key = sha256(text);
  }
  auto message = std::make_shared<Message>();
  Envelope& envelope = message->envelope;
  envelope.id = parts_.ids->next();
  envelope.accepted = parts_.clock->wall();
  envelope.type = type;
  envelope.endpoint = plan_.endpoint;
  envelope.principal = inbound.principal;
  DeliverySpec asked;
  asked.destination = plan_.destination;
  asked.receivers = to;
  asked.operation = plan_.operation;
  asked.mapping = plan_.request;
  envelope.deliveries.push_back(std::move(asked));
  envelope.from = std::move(extracted.from);
  envelope.content_type = std::move(inbound.content_type);
  envelope.keys = std::move(extracted.keys);
  envelope.headers = std::move(inbound.headers);
  envelope.urgency = extracted.urgency;
  envelope.key_class = key_class_of(*plan_.type);
  envelope.trace = inbound.trace.empty() ? std::move(extracted.trace) : std::move(inbound.trace);
  envelope.attachments = std::move(understood.attachments);
  envelope.document = understood.document;
  message->body = std::move(inbound.body);
  message->body.scan.reset();
  question.message = std::move(message);
  return question;
}

net::Task<Result<Position>> ExchangeIntake::journal(AskedFact fact) {
  net::Promise<engine::AdmitAnswer> promise;
  auto future = promise.future();
  parts_.cell->ask(std::move(fact), [promise](engine::AdmitAnswer answer) mutable { promise.set(std::move(answer)); });
  engine::AdmitAnswer answer = co_await future.wait();
  if (answer.kind != engine::AdmitAnswer::Kind::accepted) co_return fail(answer_error(answer));
  co_return answer.position;
}

net::Task<Result<adapter::Answer>> ExchangeIntake::work(adapter::Inbound inbound, Mono began) {
  const Mono until = began + plan_.deadline;
  auto allowed = rates_.take(inbound.principal, began);
  if (!allowed) co_return fail(std::move(allowed).error());
  auto question = understand_question(inbound);
  if (!question) co_return fail(std::move(question).error());
  if (question->key) {
    auto kept = cache_->find(*question->key, parts_.clock->mono());
    if (kept) co_return co_await answer_again(std::move(*question), std::move(kept));
  }
  auto pass = parts_.gate->enter(parts_.clock->mono());
  if (!pass) co_return fail(std::move(pass).error());
  const std::shared_ptr<const Message> message = question->message;
  auto rendered = whole(render(parts_.render, *message, message->envelope.deliveries.front(), Position()));
  if (!rendered) co_return fail(std::move(rendered).error());
  AskedFact fact{message, {}};
  auto position = co_await journal(std::move(fact));
  if (!position) co_return fail(std::move(position).error());

  const Called called = co_await call(message, &*rendered, until, &*pass);
  Judged judged = co_await judge(message.get(), &called);
  parts_.cell->ask_ended(end_of(*position, *rendered, called, judged, began));
  if (judged.answer && question->key) {
    AnswerCache::Kept kept{judged.answer->content_type, judged.answer->body, *position, parts_.clock->mono()};
    cache_->keep(*question->key, std::move(kept));
  }
  co_return std::move(judged.answer);
}

// Who looked, at whose data, when: that is durable before he sees it.
net::Task<Result<adapter::Answer>> ExchangeIntake::answer_again(Question question,
                                                                std::shared_ptr<const AnswerCache::Kept> kept) {
  AskedFact fact{question.message, kept->asked};
  auto position = co_await journal(std::move(fact));
  if (!position) co_return fail(std::move(position).error());
  adapter::Answer answer;
  answer.id = question.message->envelope.id;
  answer.content_type = kept->content_type;
  answer.body = kept->body;
  answer.age = std::chrono::floor<std::chrono::seconds>(parts_.clock->mono() - kept->at);
  co_return answer;
}

net::Task<ExchangeIntake::Called> ExchangeIntake::call(std::shared_ptr<const Message> message, const Rendered* rendered,
                                                       Mono until, PartnerGate::Pass* pass) {
  Called called;
  called.replied.outcome.kind = OutcomeKind::retry;
  called.replied.outcome.code = Code::exchange_unsent;
  const DeliverySpec& spec = message->envelope.deliveries.front();
  for (milliseconds wait = kFirstWait;; wait *= 2) {
    const auto left = std::chrono::floor<milliseconds>(until - parts_.clock->mono());
    if (left <= milliseconds(0)) break;
    adapter::Outgoing outgoing;
    outgoing.attempt = ++called.calls;
    outgoing.event_id = message->envelope.id.text() + "-0";
    outgoing.operation = spec.operation;
    outgoing.message = message;
    outgoing.receivers = spec.receivers;
    outgoing.content_type = rendered->content_type;
    outgoing.body = rendered->body;
    called.replied = co_await call_once(std::move(outgoing), left);
    const Outcome& outcome = called.replied.outcome;
    const bool well = pass->learn(outcome, parts_.clock->mono());
    called.may_have_acted = called.may_have_acted || outcome.kind == OutcomeKind::ambiguous;
    const bool again = outcome.kind == OutcomeKind::retry || outcome.kind == OutcomeKind::ambiguous;
    if (!again || !well || called.calls >= plan_.attempts) break;
    if (parts_.clock->mono() + wait >= until) break;
    const bool go_on = co_await net::Shard::current()->sleep(wait);
    if (!go_on) break;
  }
  co_return called;
}

net::Task<adapter::Replied> ExchangeIntake::call_once(adapter::Outgoing outgoing, milliseconds time) {
  adapter::Sink* sink = parts_.sink(net::Shard::current()->index());
  adapter::Replied replied;
  std::exception_ptr thrown;
  try {
    replied = co_await sink->request(std::move(outgoing), time);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    log::error("exchange", "a sink threw", {{"endpoint", plan_.endpoint}, {"destination", plan_.destination}});
    replied.outcome.kind = OutcomeKind::ambiguous;
    replied.outcome.code = Code::bug;
    replied.outcome.detail = "the sink of " + plan_.destination + " threw";
  }
  co_return replied;
}

net::Task<ExchangeIntake::Judged> ExchangeIntake::judge(const Message* message, const Called* called) {
  const OutcomeKind kind = called->replied.outcome.kind;
  if (kind != OutcomeKind::delivered && kind != OutcomeKind::duplicate) {
    Judged judged{fail(told(called->replied.outcome, called->may_have_acted)), {}};
    co_return judged;
  }
  if (called->replied.body.size() <= limits::kInlineBody) co_return read_reply(*message, called->replied);
  Judged judged{fail(Code::bug), {}};
  std::function<void()> work = [&] { judged = read_reply(*message, called->replied); };
  co_await parts_.pool->offload(std::move(work));
  co_return judged;
}

ExchangeIntake::Judged ExchangeIntake::read_reply(const Message& message, const adapter::Replied& replied) const {
  Judged judged{adapter::Answer{message.envelope.id, replied.content_type, replied.body, std::nullopt}, {}};
  if (!plan_.reply_type) return judged;
  const auto translated = [&]() -> Result<Rendered> {
    const Body body = Body::of(replied.body);
    Tree tree;
    LT_TRY(decode(*plan_.reply_type, body, {}, *parts_.bodies, tree));
    LT_TRY(plan_.reply_type->check(tree.root()));
    if (!plan_.reply) return Rendered{replied.content_type, replied.body, nullptr, {}, {}, {}, {}};
    return whole(translate(*plan_.reply, tree.root(), message.envelope, files_of(body, *parts_.bodies)));
  };
  auto rendered = translated();
  if (!rendered) {
    Error why = std::move(rendered).error();
    std::string detail = why.text();
    judged.answer = fail(Error(Code::reply_not_understood, std::move(detail)).because(std::move(why)));
    return judged;
  }
  judged.answer->content_type = std::move(rendered->content_type);
  judged.answer->body = std::move(rendered->body);
  judged.mapping_version = std::move(rendered->mapping_version);
  return judged;
}

AnsweredFact ExchangeIntake::end_of(Position position, const Rendered& rendered, const Called& called,
                                    const Judged& judged, Mono began) const {
  AnsweredFact fact;
  fact.status = called.replied.status;
  fact.took = std::chrono::floor<milliseconds>(parts_.clock->mono() - began);
  if (fact.status != 0) {
    fact.reply_sha256 = sha256(called.replied.body);
    fact.reply_bytes = called.replied.body.size();
  }
  OutcomeFact& end = fact.outcome;
  end.delivery.message = position;
  end.attempt = called.calls;
  end.at = parts_.clock->wall();
  end.outcome = called.replied.outcome;
  end.outcome.watches.clear();
  if (called.calls > 0) {
    end.outcome.sent_sha256 = sha256(rendered.body);
    end.outcome.sent_bytes = rendered.body.size();
  }
  end.outcome.mapping_version = rendered.mapping_version;
  if (!judged.mapping_version.empty())
    end.outcome.mapping_version += (rendered.mapping_version.empty() ? "" : ", ") + judged.mapping_version;
  if (judged.answer) {
    end.state = DeliveryState::delivered;
    end.outcome.detail = fmt::format("HTTP {}, {} bytes in {} ms, sha256 {}", fact.status, fact.reply_bytes,
                                     fact.took.count(), hex(fact.reply_sha256));
    return fact;
  }
  const Error& error = judged.answer.error();
  const bool unsure = error.code == Code::exchange_late || error.code == Code::exchange_unclear;
  end.state = unsure ? DeliveryState::unknown : DeliveryState::dead;
  end.outcome.code = error.code;
  end.outcome.detail = error.detail;
  return fact;
}

}  // namespace lt::runtime
