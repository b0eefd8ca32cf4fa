#include "core/message/fact.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "core/message/wire.h"

namespace lt {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::array<std::string_view, 10> kStateNames = {"queued", "in_flight", "retry", "held",      "unknown",
                                                          "behind", "delivered", "dead",  "discarded", "superseded"};
// Numbers of journal::RecordType; the journal stands below the messages and is not included here.
enum : uint8_t { kAccepted = 1, kAttempt = 2, kOutcome = 3, kAction = 4, kWatch = 6, kAsked = 11, kAnswered = 12 };
constexpr uint8_t kFactTypes[] = {kAccepted, kAttempt, kOutcome, kAction, kWatch, kAsked, kAnswered};  // as in Fact

void put(WireWriter& w, Wall v) { w.signed_varint(v.time_since_epoch().count()); }
void put(WireWriter& w, Code v) { w.varint(static_cast<uint64_t>(v)); }
void put(WireWriter& w, const DeliveryId& v) {
  w.varint(v.message.partition);
  w.varint(v.message.offset);
  w.varint(v.ordinal);
}
void put(WireWriter& w, const std::vector<WatchChange>& watches) {
  w.varint(watches.size());
  for (const auto& v : watches) {
    w.text(v.set);
    w.text(v.key);
    w.text(v.context);
    w.u8(v.open);
  }
}
void put(WireWriter& w, const std::optional<CursorChange>& cursor) {
  w.u8(cursor.has_value());
  if (!cursor) return;
  w.text(cursor->source);
  w.text(cursor->value);
}
void put(WireWriter& w, const Outcome& v) {
  w.u8(static_cast<uint8_t>(v.kind));
  put(w, v.code);
  w.text(v.detail);
  w.text(v.reference);
  w.text(v.operation);
  w.signed_varint(v.after.count());
  w.u8(static_cast<uint8_t>(v.scope));
  w.raw(v.sent_sha256.data(), v.sent_sha256.size());
  w.varint(v.sent_bytes);
  w.text(v.mapping_version);
  w.varint(v.receivers.size());
  for (const auto& r : v.receivers) {
    w.text(r.receiver);
    w.u8(static_cast<uint8_t>(r.kind));
    w.text(r.detail);
  }
  put(w, v.watches);
}

void put(WireWriter& w, const Message& message) {
  std::string envelope;
  encode(message.envelope, envelope);
  w.text(envelope);
  const Body& body = message.body;
  w.u8(body.stored());
  if (body.stored()) w.raw(body.blob.bytes.data(), body.blob.bytes.size());
  w.varint(body.size);
  w.raw(body.sha256.data(), body.sha256.size());
}

void encode(const AcceptedFact& fact, WireWriter& w) {
  put(w, *fact.message);
  put(w, fact.watches);
  put(w, fact.cursor);
  put(w, fact.dead);
  w.text(fact.dead_detail);
}
void encode(const AttemptFact& fact, WireWriter& w) {
  put(w, fact.delivery);
  w.varint(fact.attempt);
  put(w, fact.at);
}
void encode(const OutcomeFact& fact, WireWriter& w) {
  put(w, fact.delivery);
  w.varint(fact.attempt);
  put(w, fact.at);
  put(w, fact.outcome);
  w.u8(static_cast<uint8_t>(fact.state));
  put(w, fact.next_at);
}
void encode(const ActionFact& fact, WireWriter& w) {
  w.u8(static_cast<uint8_t>(fact.kind));
  put(w, fact.delivery);
  w.text(fact.name);
  w.text(fact.by);
  w.text(fact.why);
  put(w, fact.at);
  w.u8(static_cast<uint8_t>(fact.scope));
  w.u8(fact.out_of_order);
}
void encode(const WatchFact& fact, WireWriter& w) {
  put(w, fact.watches);
  put(w, fact.cursor);
  put(w, fact.at);
}
void encode(const AskedFact& fact, WireWriter& w) {
  put(w, *fact.message);
  w.varint(fact.cached.partition);
  w.varint(fact.cached.offset);
}
void encode(const AnsweredFact& fact, WireWriter& w) {
  encode(fact.outcome, w);
  w.varint(static_cast<uint64_t>(fact.status));
  w.raw(fact.reply_sha256.data(), fact.reply_sha256.size());
  w.varint(fact.reply_bytes);
  w.signed_varint(fact.took.count());
}

// Reads what put() wrote. After the first bad value everything reads as zero and ok() is false.
class FactReader {
 public:
  explicit FactReader(std::string_view in) : r_(in) {}
  bool ok() const { return ok_ && r_.ok(); }
  bool done() const { return r_.done(); }

  std::string text() { return std::string(r_.text()); }
  uint64_t number(uint64_t most = UINT64_MAX) {
    const uint64_t v = r_.varint();
    if (v <= most) return v;
    ok_ = false;
    return 0;
  }
  bool flag() { return number(1) != 0; }
  template <class Enum>
  Enum one_of(Enum last) {
    return static_cast<Enum>(number(static_cast<uint64_t>(last)));
  }
  Wall wall() { return Wall(Wall::duration(r_.signed_varint())); }
  std::chrono::milliseconds wait() { return std::chrono::milliseconds(r_.signed_varint()); }
  // A code of a newer program stays a number; the catalogue answers for it as for any unknown one.
  Code code() { return static_cast<Code>(number(UINT16_MAX)); }
  void raw(Sha256& out) { r_.raw(out.data(), out.size()); }
  Position position() {
    Position p;
    p.partition = static_cast<uint32_t>(number(UINT32_MAX));
    p.offset = number();
    return p;
  }
  DeliveryId delivery() {
    DeliveryId id;
    id.message = position();
    id.ordinal = static_cast<uint16_t>(number(UINT16_MAX));
    return id;
  }
  std::vector<WatchChange> watches() {
    std::vector<WatchChange> out;
    for (size_t n = r_.count(); n > 0 && ok(); --n) {
      auto& v = out.emplace_back();
      v.set = text();
      v.key = text();
      v.context = text();
      v.open = flag();
    }
    return out;
  }
  std::optional<CursorChange> cursor() {
    if (!flag()) return std::nullopt;
    CursorChange v;
    v.source = text();
    v.value = text();
    return v;
  }
  Outcome outcome() {
    Outcome v;
    v.kind = one_of(OutcomeKind::held);
    v.code = code();
    v.detail = text();
    v.reference = text();
    v.operation = text();
    v.after = wait();
    v.scope = one_of(RetryScope::session);
    raw(v.sent_sha256);
    v.sent_bytes = number();
    v.mapping_version = text();
    for (size_t n = r_.count(); n > 0 && ok(); --n) {
      auto& receiver = v.receivers.emplace_back();
      receiver.receiver = text();
      receiver.kind = one_of(OutcomeKind::held);
      receiver.detail = text();
    }
    v.watches = watches();
    return v;
  }

 private:
  WireReader r_;
  bool ok_ = true;
};

tl::unexpected<Error> malformed(std::string detail) { return fail(Code::record_malformed, std::move(detail)); }

// `bytes` of the body: none when they are left out.
Result<std::shared_ptr<const Message>> decode_message(FactReader& r, std::optional<std::string_view> bytes) {
  auto message = std::make_shared<Message>();
  LT_ASSIGN(message->envelope, decode_envelope(r.text()));
  Body& body = message->body;
  const bool stored = r.flag();
  if (stored) r.raw(body.blob.bytes);
  body.size = r.number();
  r.raw(body.sha256);
  if (!r.ok()) return malformed("header of a message cut short");
  if (stored == body.blob.empty()) return malformed("a stored body without its address");
  if (stored && bytes && !bytes->empty()) return malformed("a stored body and inline bytes at once");
  if (!stored && bytes) {
    if (body.size != bytes->size()) {
      return malformed("body of " + std::to_string(bytes->size()) + " bytes where " + std::to_string(body.size) +
                       " were written");
    }
    body.inline_bytes = std::make_shared<const std::string>(*bytes);
  }
  return message;
}

Result<Fact> decode_accepted(FactReader& r, std::optional<std::string_view> bytes) {
  AcceptedFact fact;
  LT_ASSIGN(fact.message, decode_message(r, bytes));
  fact.watches = r.watches();
  fact.cursor = r.cursor();
  fact.dead = r.code();
  fact.dead_detail = r.text();
  if (!r.ok()) return malformed("header of an accepted message cut short");
  return fact;
}

Result<Fact> decode_asked(FactReader& r, std::optional<std::string_view> bytes) {
  AskedFact fact;
  LT_ASSIGN(fact.message, decode_message(r, bytes));
  fact.cached = r.position();
  if (!r.ok()) return malformed("header of a question cut short");
  if (fact.message->envelope.deliveries.size() != 1) return malformed("a question that does not ask one destination");
  return fact;
}

OutcomeFact read_outcome(FactReader& r) {
  OutcomeFact v;
  v.delivery = r.delivery();
  v.attempt = static_cast<uint32_t>(r.number(UINT32_MAX));
  v.at = r.wall();
  v.outcome = r.outcome();
  v.state = r.one_of(DeliveryState::superseded);
  v.next_at = r.wall();
  return v;
}

Result<Fact> decode_plain(uint8_t type, FactReader& r) {
  Fact fact;
  if (type == kAttempt) {
    AttemptFact v;
    v.delivery = r.delivery();
    v.attempt = static_cast<uint32_t>(r.number(UINT32_MAX));
    v.at = r.wall();
    fact = v;
  } else if (type == kOutcome) {
    fact = read_outcome(r);
  } else if (type == kAnswered) {
    AnsweredFact v;
    v.outcome = read_outcome(r);
    v.status = static_cast<int>(r.number(999));
    r.raw(v.reply_sha256);
    v.reply_bytes = r.number();
    v.took = r.wait();
    fact = std::move(v);
  } else if (type == kAction) {
    ActionFact v;
    v.kind = r.one_of(ActionKind::confirm);
    v.delivery = r.delivery();
    v.name = r.text();
    v.by = r.text();
    v.why = r.text();
    v.at = r.wall();
    if (!r.done()) {  // records of the first program end here
      v.scope = r.one_of(ActionScope::route);
      v.out_of_order = r.flag();
    }
    fact = std::move(v);
  } else if (type == kWatch) {
    WatchFact v;
    v.watches = r.watches();
    v.cursor = r.cursor();
    v.at = r.wall();
    fact = std::move(v);
  } else {
    return malformed("record type " + std::to_string(type) + " is no fact");
  }
  if (!r.ok()) return malformed("header of record type " + std::to_string(type) + " cut short");
  return fact;
}

Result<Fact> decode(uint8_t type, std::string_view header, std::optional<std::string_view> body) {
  if (header.empty()) return malformed("empty header");
  const auto version = static_cast<uint8_t>(header.front());
  if (version != kVersion) return malformed("fact version " + std::to_string(version) + ", this program knows 1");
  // Trailing bytes are left alone: a later program of the same version may add members at the end.
  FactReader r(header.substr(1));
  if (type == kAccepted) return decode_accepted(r, body);
  if (type == kAsked) return decode_asked(r, body);
  return decode_plain(type, r);
}

}  // namespace

std::string_view state_name(DeliveryState state) {
  const auto i = static_cast<size_t>(state);
  return i < kStateNames.size() ? kStateNames[i] : "?";
}

std::string_view action_name(ActionKind kind) {
  static constexpr std::string_view kNames[] = {"replay", "discard", "pause", "resume", "drain", "confirm"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view scope_name(ActionScope scope) {
  static constexpr std::string_view kNames[] = {"destination", "partner", "route"};
  return kNames[static_cast<size_t>(scope)];
}

std::optional<DeliveryState> parse_state(std::string_view name) {
  for (size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<DeliveryState>(i);
  }
  return std::nullopt;
}

std::string encode_fact_header(const Fact& fact) {
  std::string out;
  WireWriter w(out);
  w.u8(kVersion);
  std::visit([&w](const auto& v) { encode(v, w); }, fact);
  return out;
}

Result<Fact> decode_fact(uint8_t type, std::string_view header, std::string_view body) {
  return decode(type, header, body);
}

Result<Fact> decode_fact_header(uint8_t type, std::string_view header) { return decode(type, header, std::nullopt); }

uint8_t fact_record_type(const Fact& fact) { return kFactTypes[fact.index()]; }

bool is_fact(uint8_t record_type) {
  return std::find(std::begin(kFactTypes), std::end(kFactTypes), record_type) != std::end(kFactTypes);
}

const Message* message_of(const Fact& fact) {
  if (const auto* accepted = std::get_if<AcceptedFact>(&fact)) return accepted->message.get();
  const auto* asked = std::get_if<AskedFact>(&fact);
  return asked ? asked->message.get() : nullptr;
}

}  // namespace lt
