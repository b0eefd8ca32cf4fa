#include "test/core/runtime/house.h"

#include <doctest/doctest.h>

#include <future>
#include <set>
#include <thread>

#include "core/base/log.h"
#include "core/message/carried.h"
#include "core/runtime/recover.h"

namespace lt::runtime::test {
namespace {

engine::CellPolicy policy() {
  engine::CellPolicy out;
  for (const char* name : {"out", "stuck"}) {
    auto& destination = out.destinations[name];
    destination.sink_class = SinkClass::partner_idempotent;
    destination.order = engine::Order::none;
    destination.retry.max_age = std::chrono::days(3'000);
  }
  return out;
}

template <class T>
T ask(CellLoop& cell, const std::function<T(const engine::Cell&)>& question) {
  std::promise<T> answer;
  cell.inspect([&](const engine::Cell& c) { answer.set_value(question(c)); });
  return answer.get_future().get();
}

}  // namespace

House::House() {
  log::set_level(log::Level::error);
  answer.kind = OutcomeKind::delivered;
  rules.every = std::chrono::days(30'000);  // rounds come when a test asks for one
}

House::~House() { close(); }

Result<void> House::open() {
  LT_ASSIGN(keys, journal::KeyStore::open(env, "d", CipherKey{7}));
  LT_ASSIGN(auto first, journal::newest_checkpoint(env, "d/journal", {}, {0, UINT64_MAX}));
  journal::FileJournalOptions options;
  options.directory = "d/journal";
  options.segment_bytes = segment_bytes;
  options.reserve_bytes = 0;
  options.trusted = first ? first->position.offset : 0;
  LT_ASSIGN(journal, journal::open_file_journal(env, clock, keys.get(), metrics_, options));
  LT_ASSIGN(history, journal::History::open(env, "d/history", 0));
  LT_ASSIGN(blobs, blob::open_file_store(env, "d/blobs", clock, *keys));
  CellLoopHooks hooks;
  hooks.deliver = [this](engine::Deliver deliver) {
    if (deliver.destination != "out") return;
    engine::Attempted attempted;
    attempted.delivery = deliver.delivery;
    attempted.attempt = deliver.attempt;
    attempted.outcome = answer;
    cell->attempted(std::move(attempted));
  };
  hooks.checkpoint = [this](journal::Checkpoint checkpoint) {
    offered += checkpoint.state.size();
    upkeep->offer(std::move(checkpoint));
  };
  hooks.checkpoint_every = segment_bytes;
  cell = std::make_unique<CellLoop>(policy(), *journal, clock, metrics_, 1, std::move(hooks));
  LT_ASSIGN(const auto recovered, recover_cell(env, "d/journal", *journal, *keys, *cell, std::move(first)));
  from_checkpoint = recovered.checkpoint.has_value();
  folded = recovered.records;
  UpkeepParts parts{&env,          &clock,     &metrics_,   "d/journal", journal.get(),
                    history.get(), keys.get(), blobs.get(), cell.get()};
  upkeep = std::make_unique<Upkeep>(std::move(parts), rules);
  cell->start();
  if (!upkeep_sleeps) upkeep->start();
  return {};
}

void House::close() {
  if (upkeep) {
    upkeep->stop();
    cell->stop();
    (void)journal::write_checkpoint(env, "d/journal", cell->checkpoint());  // may fail: some tests break the disk
  } else if (cell) {
    cell->stop();
  }
  upkeep.reset();
  cell.reset();
  blobs.reset();
  history.reset();
  journal.reset();
  keys.reset();
}

void House::crash(uint64_t seed) {
  env.power_off_after(0);
  close();
  env.crash(seed);
}

Position House::accept(AcceptedFact fact) {
  std::promise<engine::AdmitAnswer> answered;
  cell->admit(std::move(fact), std::nullopt, [&](engine::AdmitAnswer a) { answered.set_value(std::move(a)); });
  const auto got = answered.get_future().get();
  REQUIRE(got.kind == engine::AdmitAnswer::Kind::accepted);
  return got.position;
}

AcceptedFact House::fact_of(const std::string& id, const std::string& destination, Body body, uint8_t key_class) {
  auto message = std::make_shared<Message>();
  message->envelope.type = "test/message";
  message->envelope.trace = id;
  message->envelope.accepted = clock.wall();
  message->envelope.key_class = key_class;
  message->envelope.deliveries.push_back({destination, {}, "", ""});
  message->body = std::move(body);
  AcceptedFact fact;
  fact.message = std::move(message);
  return fact;
}

Position House::accept(const std::string& id, const std::string& destination, size_t body_bytes, uint8_t key_class) {
  return accept(fact_of(id, destination, Body::of(id + std::string(body_bytes, 'x')), key_class));
}

Position House::accept_stored(const std::string& id, const std::string& destination, const std::string& body) {
  auto upload = blobs->create(journal::KeyClass::personal);
  REQUIRE(upload);
  REQUIRE((*upload)->write(body));
  auto kept = (*upload)->commit();
  REQUIRE(kept);
  return accept(fact_of(id, destination, std::move(*kept), 1));
}

void House::fill(int count) {
  for (int i = 0; i < count; ++i) {
    clock.advance(std::chrono::minutes(10));
    accept("filler " + std::to_string(i), "out");
  }
  while (!ask<bool>(*cell, [](const engine::Cell& c) { return c.idle() || c.lanes(Wall{})[0].in_flight == 0; }))
    std::this_thread::yield();
  journal->flush();
}

std::string House::state() {
  return ask<std::string>(*cell, [](const engine::Cell& c) { return c.save(); });
}

std::vector<std::string> House::log() {
  std::vector<std::string> out;
  const auto read = journal::WholeLog(*journal, history.get()).read({}, [&](const journal::RecordView& view) {
    if (view.type != journal::RecordType::carried) out.push_back(view.position.text() + ' ' + std::string(view.header));
    return true;
  });
  if (!read) FAIL(read.error().text());
  return out;
}

std::vector<Position> House::unfinished() {
  return ask<std::vector<Position>>(*cell, [](const engine::Cell& c) {
    std::set<Position> all;
    c.each_unfinished([&](const engine::Unfinished& one) { return all.insert(one.message), true; });
    return std::vector<Position>(all.begin(), all.end());
  });
}

Position House::stored(Position message) {
  return ask<Position>(*cell, [message](const engine::Cell& c) {
    Position out;
    c.each_unfinished([&](const engine::Unfinished& one) {
      if (one.message == message) out = one.stored;
      return true;
    });
    return out;
  });
}

Result<std::shared_ptr<const Message>> House::message_at(Position at) {
  Result<std::shared_ptr<const Message>> out = fail(Code::bug);
  LT_TRY(journal->read_at(at, [&](const journal::RecordView& view) {
    out = decode_message(static_cast<uint8_t>(view.type), view.header, view.body);
  }));
  return out;
}

}  // namespace lt::runtime::test
