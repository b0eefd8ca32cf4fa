// Carries the engine's Deliver actions to the sinks of one shard and reports what became of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/adapter/sink.h"
#include "core/engine/event.h"
#include "core/journal/journal.h"
#include "core/net/shard.h"
#include "core/runtime/file_fetch.h"
#include "core/runtime/render.h"

namespace lt::runtime {

// One per shard; all calls on that shard.
class DeliveryRunner {
 public:
  DeliveryRunner(net::Shard& shard, net::ShardPool& pool, RenderParts render, journal::Journal& journal,
                 Metrics& metrics, FileFetcher fetcher, std::function<void(engine::Attempted)> report);

  void add_sink(const std::string& destination, std::unique_ptr<adapter::Sink> sink);
  adapter::Sink* sink(const std::string& destination) const { return lanes_.at(destination).sink.get(); }
  // Starts the delivery; its outcome goes to `report`, once. `keep` lives until then.
  void start(engine::Deliver deliver, std::shared_ptr<const void> keep);

 private:
  struct Lane {
    std::unique_ptr<adapter::Sink> sink;
    Histogram* time;
    std::map<OutcomeKind, Counter*> outcomes;
  };
  net::Task<void> carry(engine::Deliver deliver, std::shared_ptr<const void> keep);
  net::Task<Outcome> attempt(Lane* lane, engine::Deliver* deliver);
  net::Task<Result<Rendered>> prepare(const Message* message, const DeliverySpec* spec, Position stored);
  net::Task<Result<Rendered>> with_files(const Message* message, Rendered wanting);
  Result<std::shared_ptr<const Message>> message_of(const engine::Deliver& deliver) const;
  void count(Lane& lane, const std::string& destination, OutcomeKind kind);

  net::Shard& shard_;
  net::ShardPool& pool_;
  RenderParts render_;
  journal::Journal& journal_;
  Metrics& metrics_;
  FileFetcher fetcher_;
  std::function<void(engine::Attempted)> report_;
  std::map<std::string, Lane> lanes_;
};

}  // namespace lt::runtime
