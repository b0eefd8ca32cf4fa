// Asks a partner while the caller waits (`endpoints.<name>.exchange`): rate, understand, right, cache, map, call, map
// back. Before the call the question is durable, after it what came of it is recorded; a question whose end is not
// recorded, because the process died, ends as unknown at the next start.
//
// Not kept: the reply, only its hash. Not retried unless the service is declared idempotent, and never beyond the
// deadline. A caller that goes away changes nothing: the call ends and is recorded. One of its kind belongs to a wiring
// and goes by that configuration to its end; a reload makes the next, with an empty cache.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/adapter/sink.h"
#include "core/adapter/source.h"
#include "core/runtime/answer_cache.h"
#include "core/runtime/body_store.h"
#include "core/runtime/cell_loop.h"
#include "core/runtime/exchange_limits.h"
#include "core/runtime/graph.h"
#include "core/runtime/render.h"

namespace lt::runtime {

struct ExchangeParts {
  CellLoop* cell = nullptr;
  BodyStore* bodies = nullptr;
  net::ShardPool* pool = nullptr;
  const Clock* clock = nullptr;
  IdSource* ids = nullptr;
  Metrics* metrics = nullptr;
  RenderParts render;
  std::shared_ptr<PartnerGate> gate;                   // of the destination
  std::function<adapter::Sink*(int shard)> sink;       // of the destination
  std::function<std::shared_ptr<const void>()> under;  // held while something is under way
};

class ExchangeIntake final : public adapter::Intake {
 public:
  // `plan` is of `graph`.
  ExchangeIntake(std::shared_ptr<const Graph> graph, const ExchangePlan& plan, ExchangeParts parts);

  bool asks() const override { return true; }
  net::Task<Result<adapter::Answer>> request(adapter::Inbound inbound) override;
  net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit, bool multipart) override;
  Result<Body> keep(ByteSource& bytes, uint64_t limit) override;
  Result<std::string> authenticate(std::string_view api_key) const override;
  net::Task<Result<adapter::Submitted>> submit(adapter::Inbound inbound) override;

 private:
  struct Question {
    std::shared_ptr<const Message> message;
    std::optional<Sha256> key;  // in the cache
  };
  // The calls and what came of them.
  struct Called {
    adapter::Replied replied;
    uint32_t calls = 0;
    bool may_have_acted = false;  // the partner, on a call that was not answered
  };
  struct Judged {
    Result<adapter::Answer> answer;
    std::string mapping_version;  // of the reply
  };

  net::Task<Result<adapter::Answer>> work(adapter::Inbound inbound, Mono began);
  Result<Question> understand_question(adapter::Inbound& inbound) const;
  net::Task<Result<Position>> journal(AskedFact fact);
  net::Task<Result<adapter::Answer>> answer_again(Question question, std::shared_ptr<const AnswerCache::Kept> kept);
  net::Task<Called> call(std::shared_ptr<const Message> message, const Rendered* rendered, Mono until,
                         PartnerGate::Pass* pass);
  net::Task<adapter::Replied> call_once(adapter::Outgoing outgoing, std::chrono::milliseconds time);
  net::Task<Judged> judge(const Message* message, const Called* called);
  Judged read_reply(const Message& message, const adapter::Replied& replied) const;
  AnsweredFact end_of(Position position, const Rendered& rendered, const Called& called, const Judged& judged,
                      Mono began) const;
  void count(const Result<adapter::Answer>& answer);

  const std::shared_ptr<const Graph> graph_;
  const ExchangePlan& plan_;
  const ExchangeParts parts_;
  PrincipalRates rates_;
  std::unique_ptr<AnswerCache> cache_;  // null: none
  Histogram& time_;
  Counter &answered_, &cached_, &refused_, &failed_, &unknown_;
};

}  // namespace lt::runtime
