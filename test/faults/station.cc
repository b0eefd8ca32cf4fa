#include "test/faults/station.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/catalog/sqlite_catalog.h"
#include "core/journal/checkpoint.h"
#include "core/message/carried.h"
#include "core/runtime/retention_plan.h"

namespace lt::test {
namespace {

using namespace engine;

constexpr const char* kJournal = "data/journal";
constexpr auto kClass = journal::KeyClass::personal;

CellPolicy policy() {
  CellPolicy out;
  for (const char* name : {"axis", "late"}) {
    DestinationPolicy& p = out.destinations[name];
    p.sink_class = SinkClass::partner_idempotent;
    p.in_flight = 2;
  }
  return out;
}

}  // namespace

Station::Station(FaultEnv& env, Outside& outside, std::string catalog_folder)
    : env_(env), outside_(outside), catalog_folder_(std::move(catalog_folder)) {}

Station::~Station() { catalog_.reset(); }

Result<void> Station::open() {
  LT_TRY(env_.make_directories("data"));
  LT_ASSIGN(keys_, journal::KeyStore::open(env_, "data", CipherKey{1, 2, 3}));
  journal::FileJournalOptions options;
  options.directory = kJournal;
  options.segment_bytes = 16 << 10;
  options.reserve_bytes = 0;
  LT_ASSIGN(journal_, journal::SteppedJournal::open(env_, outside_.clock, keys_.get(), metrics_, options,
                                                    [this] { return ++outside_.salts; }));
  LT_ASSIGN(blobs_, blob::open_file_store(env_, "data/blobs", outside_.clock, *keys_));
  LT_ASSIGN(history_, journal::History::open(env_, "data/history", 0));
  catalog_ =
      catalog::open_sqlite_catalog(env_, outside_.clock, *journal_, metrics_,
                                   {.directory = catalog_folder_, .reserve_bytes = 0, .history = history_.get()});
  LT_TRY(recover());
  if (!env_.hit()) wait_for_catalog();
  Actions actions;
  cell_->start(now(), actions);
  act(actions);
  return {};
}

Result<void> Station::recover() {
  cell_ = std::make_unique<Cell>(policy(), 1);
  const Position begin{0, journal_->segments().front().base};
  LT_ASSIGN(const auto checkpoint, journal::newest_checkpoint(env_, kJournal, begin, journal_->end()));
  Position from;
  if (checkpoint) {
    LT_TRY(cell_->load(checkpoint->state));
    from = checkpoint->position;
  } else if (begin.offset > 0) {
    return fail(Code::journal_corrupt, "trimmed, and there is no checkpoint");
  }
  Result<void> done;
  LT_TRY(journal_->read({}, [&](const journal::RecordView& record) {
    const bool carried = record.type == journal::RecordType::carried;
    if (!carried) last_ = record.position;
    if (record.position <= from) return true;
    if (carried) {
      const auto copy = decode_carried(record.header);
      if (copy) cell_->carried(record.position, copy->message, copy->deliveries);
      if (!copy) done = fail(copy.error());
    } else {
      auto fact = decode_fact(static_cast<uint8_t>(record.type), record.header, record.body);
      if (fact) cell_->fold(record.position, *fact);
      if (!fact) done = fail(fact.error());
    }
    return done.has_value();
  }));
  return done;
}

Result<void> Station::retain() {
  const auto segments = journal_->segments();
  const uint64_t old = runtime::old_enough(segments, outside_.clock.wall(), milliseconds(0));
  LT_TRY(carry(old));
  LT_TRY(journal::write_checkpoint(env_, kJournal, {cell_->folded(), cell_->save()}));
  LT_ASSIGN(const auto intact, journal::intact_checkpoints(env_, kJournal, 0));
  const uint64_t to = runtime::trimmable(segments, old, intact);
  for (const auto& segment : segments) {
    if (segment.next > to) break;
    LT_TRY(history_->keep(*journal_, segment));
  }
  return journal_->trim({0, to});
}

Result<void> Station::carry(uint64_t to) {
  not_carried_ = 0;
  for (const auto& one : runtime::to_carry(*cell_, to, {}, 1'000)) {
    LT_ASSIGN(auto copy, runtime::carried_copy(*journal_, one));
    journal_->append(std::move(copy.first), [this, one, deliveries = copy.second](Result<Position> position) {
      inbox_.push_back(Carried{position ? *position : Position{}, one.message, deliveries});
    });
  }
  while (turn()) {
  }
  return not_carried_ == 0 ? Result<void>() : fail(Code::io_error, "not all could be carried");
}

Result<Body> Station::keep(const std::string& bytes) {
  if (bytes.size() <= limits::kInlineBody) return Body::of(bytes);
  LT_ASSIGN(auto upload, blobs_->create(kClass));
  for (size_t at = 0; at < bytes.size(); at += 50'000) {
    LT_TRY(upload->write(std::string_view(bytes).substr(at, 50'000)));
  }
  return upload->commit();
}

Result<std::string> Station::bytes_of(const Body& body) const {
  if (!body.stored()) return std::string(body.view());
  LT_ASSIGN(auto reader, blobs_->open(body.blob));
  std::string out(reader->size(), '\0');
  LT_ASSIGN(const size_t got, reader->read_at(0, out.data(), out.size()));
  out.resize(got);
  return out;
}

Result<Position> Station::accept(const std::string& dedupe_key, std::string body) {
  LT_ASSIGN(Body kept, keep(body));
  auto message = std::make_shared<Message>();
  Envelope& e = message->envelope;
  e.id = outside_.ids.next();
  e.type = "fault/message";
  e.dedupe_key = dedupe_key;
  e.order_key = "k:" + dedupe_key.substr(0, 1);
  e.keys.push_back({"MaHoSo", dedupe_key});
  e.key_class = static_cast<uint8_t>(kClass);
  e.accepted = outside_.clock.wall();
  for (const char* to : {"axis", "late"}) e.deliveries.push_back({to, {}, "", ""});
  message->body = std::move(kept);
  AcceptedFact fact;
  fact.message = std::move(message);
  const Ticket ticket = ++tickets_;
  step(Admit{ticket, std::move(fact)});
  while (!admitted_.contains(ticket) && turn()) {
  }
  const auto answer = admitted_.extract(ticket);
  if (answer.empty()) return fail(Code::bug, "the client got no answer");
  const AdmitAnswer& a = answer.mapped();
  if (a.kind == AdmitAnswer::Kind::accepted || a.kind == AdmitAnswer::Kind::duplicate) return a.position;
  return fail(a.error.value_or(Error(Code::bug, "refused without a reason")));
}

std::optional<Error> Station::operate(ActionKind kind, const std::string& destination) {
  Operate event;
  event.ticket = ++tickets_;
  event.fact.kind = kind;
  event.fact.name = destination;
  event.fact.by = "lan";
  event.fact.at = outside_.clock.wall();
  const Ticket ticket = event.ticket;
  step(std::move(event));
  while (!operated_.contains(ticket) && turn()) {
  }
  const auto answer = operated_.extract(ticket);
  return answer.empty() ? Error(Code::bug, "the operator got no answer") : answer.mapped();
}

void Station::work() {
  // A journal that ails is tried again each second of the clock; a few hundred turns are more than any of these needs.
  for (int idle = 0; idle < 300 && !failed();) {
    if (turn()) continue;
    if (cell_->idle() || !wake_at_) return;
    ++idle;
    outside_.clock.advance(std::max(std::chrono::microseconds(0), *wake_at_ - outside_.clock.mono()));
    wake_at_.reset();
    step(Tick{});
  }
}

void Station::close() {
  if (journal_) journal_->close();
  catalog_.reset();
  cell_.reset();
  blobs_.reset();
  history_.reset();
  journal_.reset();
  keys_.reset();
}

void Station::wait_for_catalog() {
  if (last_.offset > 0) catalog_->wait_until(last_);
}

bool Station::turn() {
  if (journal_->step() > 0) return true;
  if (!inbox_.empty()) {
    auto next = std::move(inbox_.front());
    inbox_.pop_front();
    if (auto* event = std::get_if<Event>(&next)) {
      step(std::move(*event));
    } else if (const auto& carried = std::get<Carried>(next); carried.position.offset > 0) {
      cell_->carried(carried.position, carried.message, carried.deliveries);
    } else {
      ++not_carried_;
    }
    return true;
  }
  if (to_send_.empty()) return false;
  const Deliver next = std::move(to_send_.front());
  to_send_.pop_front();
  deliver(next);
  return true;
}

void Station::step(Event event) {
  Actions actions;
  cell_->step(std::move(event), now(), actions);
  act(actions);
}

void Station::act(Actions& actions) {
  for (Action& action : actions) {
    if (auto* wanted = std::get_if<Append>(&action)) {
      append(std::move(*wanted));
    } else if (auto* send = std::get_if<Deliver>(&action)) {
      to_send_.push_back(std::move(*send));
    } else if (auto* answer = std::get_if<AdmitAnswer>(&action)) {
      admitted_[answer->ticket] = std::move(*answer);
    } else if (auto* done = std::get_if<OperatorAnswer>(&action)) {
      operated_[done->ticket] = std::move(done->error);
    } else if (auto* wake = std::get_if<WakeAt>(&action)) {
      wake_at_ = wake->at;
    }
  }
}

void Station::append(Append wanted) {
  journal::Record record;
  record.type = static_cast<journal::RecordType>(fact_record_type(wanted.fact));
  record.header = encode_fact_header(wanted.fact);
  if (const auto* accepted = std::get_if<AcceptedFact>(&wanted.fact); accepted && !accepted->message->body.stored()) {
    record.key_class = kClass;
    record.body = accepted->message->body.view();
  }
  auto kept = std::make_shared<Append>(std::move(wanted));
  journal_->append(std::move(record), [this, kept](Result<Position> position) {
    if (!position) {
      inbox_.push_back(AppendFailed{std::move(kept->fact), kept->ticket, std::move(position).error()});
      return;
    }
    last_ = *position;
    catalog_->apply({{*position, outside_.clock.wall(), std::make_shared<const Fact>(kept->fact)}});
    // The catalog's thread rests while the machine works, so that the nth operation is the same one each time.
    if (!env_.hit()) wait_for_catalog();
    inbox_.push_back(Committed{*position, std::move(kept->fact), kept->ticket});
  });
}

void Station::deliver(const Deliver& wanted) {
  std::shared_ptr<const Message> message = wanted.message;
  std::optional<Error> problem;
  if (!message) {
    auto done = journal_->read_at(wanted.stored, [&](const journal::RecordView& view) {
      auto read = decode_message(static_cast<uint8_t>(view.type), view.header, view.body);
      if (read) message = std::move(*read);
      if (!read) problem = read.error();
    });
    if (!done) problem = std::move(done).error();
  }
  Attempted attempted{wanted.delivery, wanted.attempt, wanted.probe, {}};
  Outcome& outcome = attempted.outcome;
  Result<std::string> bytes = problem ? Result<std::string>(fail(*problem)) : bytes_of(message->body);
  if (!bytes) {  // as the runtime does: ours to mend, later
    outcome.kind = OutcomeKind::retry;
    outcome.code = bytes.error().code;
    outcome.detail = bytes.error().text();
  } else {
    const bool first = outside_.effects[wanted.destination].emplace(message->envelope.id, std::move(*bytes)).second;
    outcome.kind = first ? OutcomeKind::delivered : OutcomeKind::duplicate;
  }
  step(std::move(attempted));
}

}  // namespace lt::test
