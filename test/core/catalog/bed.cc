#include "test/core/catalog/bed.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

namespace lt::test {

Position MemoryJournal::put(const Fact& fact, Wall written) {
  std::string body;
  if (const auto* accepted = std::get_if<AcceptedFact>(&fact)) body = accepted->message->body.view();
  const std::lock_guard lock(mutex_);
  const Position at = end_;
  kept_.push_back(
      {at, {static_cast<journal::RecordType>(fact_record_type(fact)), {}, encode_fact_header(fact), body}, written});
  end_.offset += 100 + kept_.back().record.header.size();
  return at;
}

void MemoryJournal::forget_before(Position position) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Kept& kept) { return kept.position < position; });
}

void MemoryJournal::append(journal::Record record, journal::Appended done) {
  Position at;
  {
    const std::lock_guard lock(mutex_);
    at = end_;
    end_.offset += 100 + record.header.size();
    kept_.push_back({at, std::move(record), {}});
  }
  done(at);
}

Result<void> MemoryJournal::read(Position from, const std::function<bool(const journal::RecordView&)>& visit) const {
  std::vector<Kept> kept;
  {
    const std::lock_guard lock(mutex_);
    kept = kept_;
  }
  for (const auto& one : kept) {
    if (one.position < from) continue;
    if (!visit({one.position, one.record.type, one.record.key_class, one.written, one.record.header, one.record.body}))
      break;
  }
  return {};
}

Result<void> MemoryJournal::read_at(Position position,
                                    const std::function<void(const journal::RecordView&)>& visit) const {
  bool found = false;
  LT_TRY(read(position, [&](const journal::RecordView& record) {
    found = record.position == position;
    if (found) visit(record);
    return false;
  }));
  return found ? Result<void>() : fail(Code::no_such_record, position.text());
}

Position MemoryJournal::oldest() const {
  const std::lock_guard lock(mutex_);
  return kept_.empty() ? end_ : kept_.front().position;
}

Position MemoryJournal::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

Bed::Bed() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lt-catalog-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  directory = pattern;
}

Bed::~Bed() {
  close();
  std::filesystem::remove_all(directory);
}

void Bed::open(Env& env) {
  catalog = catalog::open_sqlite_catalog(env, clock, journal, metrics, {directory, reserve_bytes, {}, history});
}

Position Bed::write(Fact fact, bool tell) {
  last = journal.put(fact, clock.wall());
  written.push_back({last, clock.wall(), std::make_shared<const Fact>(std::move(fact))});
  if (tell) catalog->apply({written.back()});
  return last;
}

Position Bed::accept(const std::string& dossier, const std::string& destination,
                     const std::function<void(Envelope&)>& edit, bool tell) {
  clock.advance(10ms);
  Message message;
  message.envelope.id = ids.next();
  message.envelope.type = "onestop/dossier";
  message.envelope.endpoint = "onestop-in";
  message.envelope.principal = "mot-cua";
  message.envelope.from = "H49.02";
  message.envelope.accepted = clock.wall();
  message.envelope.content_type = "application/json";
  message.envelope.keys = {{"MaHoSo", dossier}};
  message.envelope.order_key = "dossier:" + dossier;
  message.envelope.deliveries.push_back({destination, {"H49.05.01"}, "submit", "to-" + destination});
  if (edit) edit(message.envelope);
  message.body = Body::of("{\"HoTen\":\"Nguyễn Thị Bí Mật\"}");
  const Id id = message.envelope.id;
  AcceptedFact fact;
  fact.message = std::make_shared<const Message>(std::move(message));
  const Position at = write(std::move(fact), tell);
  ids_of[at] = id;
  return at;
}

Position Bed::outcome(Position message, DeliveryState state, const std::function<void(OutcomeFact&)>& edit,
                      uint16_t ordinal, bool tell) {
  clock.advance(10ms);
  OutcomeFact fact;
  fact.delivery = {message, ordinal};
  fact.attempt = 1;
  fact.at = clock.wall();
  fact.state = state;
  if (state == DeliveryState::dead) fact.outcome.kind = OutcomeKind::permanent;
  if (edit) edit(fact);
  return write(std::move(fact), tell);
}

Position Bed::action(Position message, ActionKind kind, const std::string& by, const std::string& why) {
  clock.advance(10ms);
  ActionFact fact;
  fact.kind = kind;
  fact.delivery = {message, 0};
  fact.by = by;
  fact.why = why;
  fact.at = clock.wall();
  return write(std::move(fact));
}

std::string Bed::dump() {
  std::string out;
  catalog::PageRequest page;
  page.limit = 3;
  std::vector<catalog::MessageRow> rows;
  do {
    auto answer = catalog->list({}, page);
    REQUIRE(answer.has_value());
    rows.insert(rows.end(), answer->items.begin(), answer->items.end());
    page.cursor = answer->next_cursor;
  } while (!page.cursor.empty());
  for (const auto& row : rows) {
    auto details = catalog->details(row.id);
    REQUIRE(details.has_value());
    out += to_json(row) + "\n" + to_json(*details) + "\n";
    for (const auto& key : row.keys) {
      auto timeline = catalog->timeline(key.value);
      REQUIRE(timeline.has_value());
      out += to_json(*timeline) + "\n";
    }
  }
  out += to_json(catalog->counts({}).value()) + "\n";
  out += to_json(catalog->causes({}, "", 100).value()) + "\n";
  return out;
}

std::vector<std::string> Bed::files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lt::test
