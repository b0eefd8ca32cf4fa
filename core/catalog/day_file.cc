#include "core/catalog/day_file.h"

#include "core/base/limits.h"
#include "core/catalog/rows.h"

namespace lt::catalog {
namespace {

// State and kind numbers are those of DeliveryState, OutcomeKind and EventKind. The two indexes over deliveries hold
// only what went wrong, so that a message that goes well never touches them.
constexpr const char* kTables = R"(
CREATE TABLE applied(one INTEGER PRIMARY KEY, offset INTEGER NOT NULL);
INSERT INTO applied VALUES(1, 0);
CREATE TABLE message(
  pos INTEGER PRIMARY KEY, id BLOB NOT NULL, accepted INTEGER NOT NULL, type TEXT, endpoint TEXT, principal TEXT, sender TEXT,
  order_key TEXT, correlates TEXT, keys TEXT, content_type TEXT, trace TEXT, urgency INTEGER, size INTEGER, sha256 BLOB,
  attachments INTEGER, asks TEXT);
CREATE INDEX message_time ON message(accepted, id);
CREATE INDEX message_id ON message(id);
CREATE TABLE answer(about TEXT, pos INTEGER, part INTEGER, kind INTEGER, code TEXT, PRIMARY KEY(about, pos, part))
  WITHOUT ROWID;
CREATE TABLE key(folded TEXT, name TEXT, pos INTEGER, PRIMARY KEY(folded, name, pos)) WITHOUT ROWID;
CREATE TABLE delivery(
  pos INTEGER, ordinal INTEGER, destination TEXT, operation TEXT, mapping TEXT, state INTEGER, attempts INTEGER, changed INTEGER,
  next_at INTEGER, code INTEGER, detail TEXT, reference TEXT, receivers TEXT, outcomes BLOB, sent BLOB, sent_bytes INTEGER,
  mapping_version TEXT, cause TEXT, part INTEGER, order_key TEXT, PRIMARY KEY(pos, ordinal)) WITHOUT ROWID;
CREATE INDEX delivery_trouble ON delivery(state) WHERE state IN (2, 3, 4, 7);
CREATE INDEX delivery_code ON delivery(code) WHERE code <> 0;
CREATE TABLE event(
  message INTEGER, pos INTEGER, ordinal INTEGER, kind INTEGER, at INTEGER, attempt INTEGER, state INTEGER, outcome INTEGER,
  next_at INTEGER, code INTEGER, detail TEXT, reference TEXT, who TEXT, PRIMARY KEY(message, pos)) WITHOUT ROWID;
CREATE TABLE tally(destination TEXT, state INTEGER, n INTEGER, PRIMARY KEY(destination, state)) WITHOUT ROWID;
)";

bool in_trouble(DeliveryState state) {
  return state == DeliveryState::dead || state == DeliveryState::held || state == DeliveryState::unknown;
}
const DeliverySpec kNowhere;

int64_t next_at_of(const OutcomeFact& fact) { return fact.state == DeliveryState::retry ? to_ms(fact.next_at) : 0; }
int64_t number(uint64_t offset) { return static_cast<int64_t>(offset); }
template <class E>
int64_t ordinal_of(E value) {
  return static_cast<int64_t>(value);
}
std::string_view bytes_of(const auto& array) { return {reinterpret_cast<const char*>(array.data()), array.size()}; }

}  // namespace

Result<std::unique_ptr<DayFile>> DayFile::open(const std::string& path) {
  LT_ASSIGN(auto database, Database::open(path, Database::Use::write));
  LT_ASSIGN(Statement * version, database->prepare("PRAGMA user_version"));
  LT_ASSIGN(const bool row, version->step());
  const int64_t found = row ? version->integer(0) : 0;
  version->reset();
  if (found == 0) {
    const std::string make =
        "BEGIN IMMEDIATE;" + std::string(kTables) + "PRAGMA user_version=" + std::to_string(kSchemaVersion) + ";COMMIT";
    LT_TRY(database->execute(make.c_str()));
  } else if (found != kSchemaVersion) {
    return fail(Code::catalog_damaged, "tables of version " + std::to_string(found), in_file(path));
  }
  std::unique_ptr<DayFile> file(new DayFile(std::move(database)));
  LT_TRY(file->prepare());
  return file;
}

Result<void> DayFile::prepare() {
  const std::pair<Statement**, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&set_applied_, "UPDATE applied SET offset=? WHERE one=1"},
      {&tally_, "INSERT INTO tally VALUES(?,?,?) ON CONFLICT DO UPDATE SET n=n+excluded.n"},
      {&holds_, "SELECT 1 FROM message WHERE pos=?"},
      {&message_, "INSERT OR REPLACE INTO message VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
      {&key_, "INSERT OR IGNORE INTO key VALUES(?,?,?)"},
      {&answer_, "INSERT OR IGNORE INTO answer VALUES(?,?,?,?,?)"},
      {&delivery_, "INSERT OR REPLACE INTO delivery VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
      {&state_of_, "SELECT state, destination FROM delivery WHERE pos=? AND ordinal=?"},
      {&set_state_, "UPDATE delivery SET state=?3, changed=?4, next_at=0 WHERE pos=?1 AND ordinal=?2"},
      {&set_attempt_, "UPDATE delivery SET state=?3, changed=?4, attempts=?5, next_at=0 WHERE pos=?1 AND ordinal=?2"},
      {&set_outcome_,
       "UPDATE delivery SET state=?3, changed=?4, attempts=?5, next_at=?6, code=?7, detail=?8,"
       " reference=coalesce(nullif(?9, ''), reference), outcomes=?10, sent=coalesce(?11, sent), sent_bytes=iif(?11 IS "
       "NULL, sent_bytes, ?12),"
       " mapping_version=coalesce(nullif(?13, ''), mapping_version), cause=?14 WHERE pos=?1 AND ordinal=?2"},
      {&event_, "INSERT OR REPLACE INTO event VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"},
  };
  for (const auto& [statement, sql] : statements) {
    LT_ASSIGN(*statement, database_->prepare(sql));
  }
  LT_ASSIGN(Statement * applied, database_->prepare("SELECT offset FROM applied WHERE one=1"));
  LT_ASSIGN(const bool row, applied->step());
  if (!row) return fail(Code::catalog_damaged, "no row in applied", in_file(database_->path()));
  applied_ = static_cast<uint64_t>(applied->integer(0));
  applied->reset();
  return {};
}

Result<bool> DayFile::holds(uint64_t message) {
  auto row = holds_->bind(1, number(message)).step();
  holds_->reset();
  return row;
}

Result<std::pair<uint64_t, uint64_t>> DayFile::range() {
  LT_ASSIGN(Statement * ends,
            database_->prepare("SELECT (SELECT min(pos) FROM message), (SELECT max(pos) FROM message)"));
  LT_TRY(ends->step());
  const std::pair held{static_cast<uint64_t>(ends->integer(0)), static_cast<uint64_t>(ends->integer(1))};
  ends->reset();
  return held;
}

Result<void> DayFile::begin() {
  if (changing_) return {};
  LT_TRY(begin_->run());
  changing_ = true;
  return {};
}

Result<void> DayFile::commit(uint64_t applied) {
  LT_TRY(write_fresh());
  for (const auto& [what, n] : counted_) {
    if (n != 0) LT_TRY(tally_->bind(1, what.first).bind(2, ordinal_of(what.second)).bind(3, n).run());
  }
  LT_TRY(set_applied_->bind(1, number(applied)).run());
  LT_TRY(commit_->run());
  counted_.clear();
  changing_ = false;
  applied_ = applied;
  return {};
}

Result<void> DayFile::add_message(uint64_t offset, const Message& message) {
  const Envelope& envelope = message.envelope;
  scratch_.clear();
  for (const auto& key : envelope.keys) ((scratch_ += '\n') += key.name) += '\t', scratch_ += key.value;
  if (!scratch_.empty()) scratch_ += '\n';
  message_->bind(1, number(offset))
      .bind_blob(2, bytes_of(envelope.id.bytes))
      .bind(3, to_ms(envelope.accepted))
      .bind(4, envelope.type);
  message_->bind(5, envelope.endpoint).bind(6, envelope.principal).bind(7, envelope.from).bind(8, envelope.order_key);
  message_->bind(9, envelope.correlates).bind(10, scratch_).bind(11, envelope.content_type).bind(12, envelope.trace);
  message_->bind(13, int64_t{envelope.urgency}).bind(14, number(message.body.size));
  message_->bind_blob(15, bytes_of(message.body.sha256)).bind(16, static_cast<int64_t>(envelope.attachments.size()));
  const std::string asks = pack_requests(envelope.ties);
  LT_TRY(message_->bind(17, asks).run());
  LT_TRY(add_answers(offset, envelope));
  for (const auto& key : envelope.keys) {
    fold_key(key.value, folded_);
    LT_TRY(key_->bind(1, folded_).bind(2, key.name).bind(3, number(offset)).run());
  }
  return {};
}

Result<void> DayFile::accept(uint64_t offset, const AcceptedFact& fact) {
  const Envelope& envelope = fact.message->envelope;
  LT_TRY(add_message(offset, *fact.message));
  uint16_t ordinal = 0;
  for (const auto& spec : envelope.deliveries) add_delivery(offset, ordinal++, spec, to_ms(envelope.accepted), fact);
  // Kept raw with its cause: shown and grouped as a dead delivery to nowhere.
  if (ordinal == 0 && fact.dead != Code::none) add_delivery(offset, 0, kNowhere, to_ms(envelope.accepted), fact);
  return {};
}

// Under the value both sides carry and, where the source knew it, under the id of the request.
Result<void> DayFile::add_answers(uint64_t offset, const Envelope& envelope) {
  const auto add = [&](const std::string& about, const Tie& tie) {
    answer_->bind(1, about).bind(2, number(offset)).bind(3, int64_t{tie.part});
    return answer_->bind(4, ordinal_of(tie.kind)).bind(5, tie.code).run();
  };
  bool said = false;
  for (const Tie& tie : envelope.ties) {
    if (!tie.answer) continue;
    said = true;
    LT_TRY(add(tie.key, tie));
    if (!envelope.correlates.empty()) LT_TRY(add(envelope.correlates, tie));
  }
  if (!said && !envelope.correlates.empty()) return add(envelope.correlates, Tie());
  return {};
}

Result<void> DayFile::asked(uint64_t offset, const AskedFact& fact) {
  const Envelope& envelope = fact.message->envelope;
  LT_TRY(add_message(offset, *fact.message));
  const bool cached = fact.cached != Position{};
  const DeliveryState state = cached ? DeliveryState::delivered : DeliveryState::in_flight;
  const std::string& detail =
      made_up_.emplace_back(cached ? "from the cache, as answered to " + fact.cached.text() : "");
  const DeliverySpec& spec = envelope.deliveries.front();
  const int64_t at = to_ms(envelope.accepted);
  fresh_[{offset, uint16_t{0}}] = {
      .spec = &spec, .order_key = {}, .state = state, .changed = at, .code = Code::none, .detail = detail};
  ++counted_[{spec.destination, state}];
  event_->bind(1, number(offset)).bind(2, number(offset)).bind(3, int64_t{0}).bind(4, ordinal_of(EventKind::asked));
  event_->bind(5, at).bind(6, int64_t{0}).bind(7, ordinal_of(state)).bind(8, int64_t{0}).bind(9, int64_t{0});
  return event_->bind(10, int64_t{0}).bind(11, detail).bind(12, "").bind(13, envelope.principal).run();
}

void DayFile::add_delivery(uint64_t offset, uint16_t ordinal, const DeliverySpec& spec, int64_t at,
                           const AcceptedFact& fact) {
  const DeliveryState state = fact.dead == Code::none ? DeliveryState::queued : DeliveryState::dead;
  fresh_[{offset, ordinal}] = {
      .spec = &spec,
      .order_key = spec.part == 0 ? std::string_view() : order_key_of(fact.message->envelope, spec),
      .state = state,
      .changed = at,
      .code = fact.dead,
      .detail = fact.dead_detail};
  ++counted_[{spec.destination, state}];
}

Result<void> DayFile::write_fresh() {
  for (const auto& [id, row] : fresh_) {
    const std::string receivers = join_lines(row.spec->receivers);
    const std::string cause = in_trouble(row.state) ? normalise_detail(row.detail) : std::string();
    const std::string outcomes = row.outcomes ? pack(*row.outcomes) : std::string();
    delivery_->bind(1, number(id.first)).bind(2, int64_t{id.second}).bind(3, row.spec->destination);
    delivery_->bind(4, row.spec->operation).bind(5, row.spec->mapping).bind(6, ordinal_of(row.state));
    delivery_->bind(7, int64_t{row.attempts}).bind(8, row.changed).bind(9, row.next_at).bind(10, ordinal_of(row.code));
    delivery_->bind(11, row.detail).bind(12, row.reference).bind(13, receivers).bind_blob(14, outcomes);
    if (row.sent)
      delivery_->bind_blob(15, bytes_of(*row.sent));
    else
      delivery_->bind_null(15);
    delivery_->bind(16, number(row.sent_bytes)).bind(17, row.mapping_version).bind(18, cause);
    LT_TRY(delivery_->bind(19, int64_t{row.spec->part}).bind(20, row.order_key).run());
  }
  fresh_.clear();
  made_up_.clear();
  return {};
}

DayFile::FreshDelivery* DayFile::fresh(const DeliveryId& delivery) {
  const auto found = fresh_.find({delivery.message.offset, delivery.ordinal});
  return found == fresh_.end() ? nullptr : &found->second;
}

void DayFile::count_over(std::string_view destination, DeliveryState from, DeliveryState to) {
  if (from == to) return;
  std::pair<std::string, DeliveryState> what{destination, from};
  --counted_[what];
  what.second = to;
  ++counted_[what];
}

Result<bool> DayFile::move(const DeliveryId& delivery, DeliveryState to) {
  LT_ASSIGN(const bool row,
            state_of_->bind(1, number(delivery.message.offset)).bind(2, int64_t{delivery.ordinal}).step());
  if (!row) {
    state_of_->reset();
    return false;
  }
  count_over(state_of_->text(1), static_cast<DeliveryState>(state_of_->integer(0)), to);
  state_of_->reset();
  return true;
}

Result<void> DayFile::attempt(uint64_t offset, const AttemptFact& fact) {
  const int64_t message = number(fact.delivery.message.offset), at = to_ms(fact.at),
                state = ordinal_of(DeliveryState::in_flight);
  if (FreshDelivery* row = fresh(fact.delivery)) {
    count_over(row->spec->destination, row->state, DeliveryState::in_flight);
    row->state = DeliveryState::in_flight;
    row->attempts = fact.attempt;
    row->changed = at;
    row->next_at = 0;
  } else {
    LT_ASSIGN(const bool known, move(fact.delivery, DeliveryState::in_flight));
    if (!known) return {};
    set_attempt_->bind(1, message).bind(2, int64_t{fact.delivery.ordinal}).bind(3, state).bind(4, at);
    LT_TRY(set_attempt_->bind(5, int64_t{fact.attempt}).run());
  }
  event_->bind(1, message)
      .bind(2, number(offset))
      .bind(3, int64_t{fact.delivery.ordinal})
      .bind(4, ordinal_of(EventKind::attempt));
  event_->bind(5, at)
      .bind(6, int64_t{fact.attempt})
      .bind(7, state)
      .bind(8, int64_t{0})
      .bind(9, int64_t{0})
      .bind(10, int64_t{0});
  return event_->bind(11, "").bind(12, "").bind(13, "").run();
}

// False: there is no such delivery.
Result<bool> DayFile::update_outcome(const OutcomeFact& fact) {
  LT_ASSIGN(const bool known, move(fact.delivery, fact.state));
  if (!known) return false;
  const Outcome& outcome = fact.outcome;
  const std::string cause = in_trouble(fact.state) ? normalise_detail(outcome.detail) : std::string();
  const std::string receivers = pack(outcome.receivers);
  set_outcome_->bind(1, number(fact.delivery.message.offset)).bind(2, int64_t{fact.delivery.ordinal});
  set_outcome_->bind(3, ordinal_of(fact.state)).bind(4, to_ms(fact.at)).bind(5, int64_t{fact.attempt});
  set_outcome_->bind(6, next_at_of(fact)).bind(7, ordinal_of(outcome.code)).bind(8, outcome.detail);
  set_outcome_->bind(9, outcome.reference).bind_blob(10, receivers).bind(12, number(outcome.sent_bytes));
  if (outcome.sent_sha256 == Sha256{}) {
    set_outcome_->bind_null(11);
  } else {
    set_outcome_->bind_blob(11, bytes_of(outcome.sent_sha256));
  }
  LT_TRY(set_outcome_->bind(13, outcome.mapping_version).bind(14, cause).run());
  return true;
}

Result<void> DayFile::outcome(uint64_t offset, const OutcomeFact& fact, EventKind kind) {
  const Outcome& outcome = fact.outcome;
  const int64_t message = number(fact.delivery.message.offset), at = to_ms(fact.at), next_at = next_at_of(fact);
  if (FreshDelivery* row = fresh(fact.delivery)) {
    count_over(row->spec->destination, row->state, fact.state);
    row->state = fact.state;
    row->attempts = fact.attempt;
    row->changed = at;
    row->next_at = next_at;
    row->code = outcome.code;
    row->detail = outcome.detail;
    row->outcomes = &outcome.receivers;
    if (!outcome.reference.empty()) row->reference = outcome.reference;
    if (!outcome.mapping_version.empty()) row->mapping_version = outcome.mapping_version;
    if (outcome.sent_sha256 != Sha256{}) {
      row->sent = &outcome.sent_sha256;
      row->sent_bytes = outcome.sent_bytes;
    }
  } else {
    LT_ASSIGN(const bool known, update_outcome(fact));
    if (!known) return {};
  }
  event_->bind(1, message).bind(2, number(offset)).bind(3, int64_t{fact.delivery.ordinal}).bind(4, ordinal_of(kind));
  event_->bind(5, at)
      .bind(6, int64_t{fact.attempt})
      .bind(7, ordinal_of(fact.state))
      .bind(8, ordinal_of(outcome.kind))
      .bind(9, next_at);
  event_->bind(10, ordinal_of(outcome.code)).bind(11, outcome.detail).bind(12, outcome.reference).bind(13, "");
  return event_->run();
}

Result<void> DayFile::action(uint64_t offset, const ActionFact& fact) {
  const auto [kind, state] = [&]() -> std::pair<EventKind, DeliveryState> {
    if (fact.kind == ActionKind::replay) return {EventKind::replay, DeliveryState::queued};
    if (fact.kind == ActionKind::confirm) return {EventKind::confirm, DeliveryState::delivered};
    return {EventKind::discard, DeliveryState::discarded};
  }();
  const int64_t message = number(fact.delivery.message.offset), at = to_ms(fact.at);
  if (FreshDelivery* row = fresh(fact.delivery)) {
    count_over(row->spec->destination, row->state, state);
    row->state = state;
    row->changed = at;
    row->next_at = 0;
  } else {
    LT_ASSIGN(const bool known, move(fact.delivery, state));
    if (!known) return {};
    set_state_->bind(1, message).bind(2, int64_t{fact.delivery.ordinal}).bind(3, ordinal_of(state)).bind(4, at);
    LT_TRY(set_state_->run());
  }
  // Bound text is not copied.
  const std::string why = fact.out_of_order ? fact.why + " (trái thứ tự / out of order)" : fact.why;
  event_->bind(1, message).bind(2, number(offset)).bind(3, int64_t{fact.delivery.ordinal});
  event_->bind(4, ordinal_of(kind)).bind(5, at).bind(6, int64_t{0}).bind(7, ordinal_of(state));
  event_->bind(8, int64_t{0}).bind(9, int64_t{0}).bind(10, int64_t{0}).bind(11, why).bind(12, "").bind(13, fact.by);
  return event_->run();
}

}  // namespace lt::catalog
