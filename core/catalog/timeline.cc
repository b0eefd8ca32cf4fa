// timeline: all messages of one dossier or document and what happened to each, as one list in time order.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/catalog/day_file.h"
#include "core/catalog/read_rows.h"
#include "core/catalog/rows.h"
#include "core/catalog/wording.h"

namespace lt::catalog {
namespace {

constexpr size_t kNamedReceivers = 3;
using What = TimelineEvent::What;

// Messages of the timeline as they are found.
struct Gathered {
  std::vector<Found> found;
  std::set<Id> ids;
  bool full = false;

  void add(Day day, MessageRow message) {
    if (ids.contains(message.id)) return;
    if (found.size() == limits::kCatalogTimelineMessages) {
      full = true;
      return;
    }
    ids.insert(message.id);
    found.push_back({day, std::move(message)});
  }
};

std::string name_some(const std::vector<std::string>& names, std::string_view otherwise) {
  if (names.empty()) return std::string(otherwise);
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), kNamedReceivers); ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > kNamedReceivers) out += fmt::format(" (+{})", names.size() - kNamedReceivers);
  return out;
}

Result<void> gather_by_key(ReadFiles& files, std::string_view folded, Gathered& out) {
  for (const Day day : files.days()) {
    LT_ASSIGN(Database * database, files.open(day));
    if (!database) continue;
    LT_ASSIGN(Statement * query, database->prepare(fmt::format(
                                     "SELECT {} FROM message m WHERE m.pos IN (SELECT pos FROM key WHERE folded=?)"
                                     " ORDER BY m.pos DESC",
                                     kMessageColumns)));
    query->bind(1, folded);
    while (!out.full) {
      LT_ASSIGN(const bool row, query->step());
      if (!row) break;
      out.add(day, read_message(*query, files.partition()));
    }
    query->reset();
  }
  return {};
}

// The requests these messages answer, and the answers these messages got; one step, so that a dossier does not draw in
// others.
Result<void> gather_related(ReadFiles& files, Gathered& out) {
  const std::vector<Found> known = out.found;
  for (const auto& one : known) {
    const auto request = Id::parse(one.message.correlates);
    if (!request || out.ids.contains(*request)) continue;
    LT_ASSIGN(auto found, find_message(files, *request));
    if (found) out.add(found->day, std::move(found->message));
  }
  Day oldest = 0;
  for (const auto& one : known) oldest = oldest == 0 ? one.day : std::min(oldest, one.day);
  for (const Day day : files.days()) {
    if (known.empty() || day < oldest) break;
    for (const auto& one : known) {
      LT_ASSIGN(Database * database, files.open(day));
      if (!database) break;
      LT_ASSIGN(const auto answers, answers_in(*database, one.message.id));
      for (const Id& answer : answers) {
        if (out.ids.contains(answer) || out.full) continue;
        LT_ASSIGN(auto found, find_message(files, answer));
        if (found) out.add(found->day, std::move(found->message));
      }
    }
  }
  return {};
}

What what_of(EventKind kind, DeliveryState state, OutcomeKind outcome) {
  if (kind == EventKind::attempt) return What::attempt;
  if (kind == EventKind::replay) return What::replay;
  if (kind == EventKind::discard) return What::discard;
  if (kind == EventKind::confirm) return What::confirm;
  if (kind == EventKind::asked) return state == DeliveryState::delivered ? What::cached : What::asked;
  if (kind == EventKind::answered) {
    if (state == DeliveryState::delivered) return What::answered;
    return state == DeliveryState::unknown ? What::unsure : What::unanswered;
  }
  switch (state) {
    case DeliveryState::delivered:
      return outcome == OutcomeKind::duplicate ? What::duplicate : What::delivered;
    case DeliveryState::retry:
      return What::retry;
    case DeliveryState::held:
      return What::held;
    case DeliveryState::unknown:
      return What::unknown;
    case DeliveryState::dead:
      return What::dead;
    case DeliveryState::discarded:
      return What::discard;
    case DeliveryState::superseded:
      return What::superseded;
    case DeliveryState::queued:
    case DeliveryState::in_flight:
    case DeliveryState::behind:
      break;
  }
  return What::queued;
}

struct Addressee {
  std::string destination, to;
  Code refused = Code::none;
  std::string detail;
};

Result<std::vector<Addressee>> addressees_of(Database& database, int64_t message) {
  LT_ASSIGN(Statement * query,
            database.prepare("SELECT destination, receivers, code, detail FROM delivery WHERE pos=? ORDER BY ordinal"));
  query->bind(1, message);
  std::vector<Addressee> out;
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    Addressee& one = out.emplace_back();
    one.destination = query->text(0);
    one.to = name_some(split_lines(query->text(1)), one.destination);
    one.refused = static_cast<Code>(query->integer(2));
    one.detail = query->text(3);
  }
  query->reset();
  return out;
}

TimelineEvent acceptance(const Found& of, const std::vector<Addressee>& addressees) {
  const MessageRow& message = of.message;
  TimelineEvent event;
  event.at = message.accepted;
  event.position = message.position;
  event.message = message.id;
  event.type = message.type;
  event.from = !message.from.empty() ? message.from : message.principal;
  std::vector<std::string> names;
  for (const auto& one : addressees) {
    if (!one.to.empty()) names.push_back(one.to);
  }
  event.to = name_some(names, "");
  if (addressees.size() == 1 && addressees[0].destination.empty()) {
    event.what = What::refused;
    event.code = addressees[0].refused;
    event.detail = addressees[0].detail;
  }
  return event;
}

Result<void> add_events(ReadFiles& files, const Found& of, Timeline& out) {
  LT_ASSIGN(Database * database, files.open(of.day));
  if (!database) return {};
  LT_ASSIGN(const auto snapshot, Snapshot::begin(*database));
  const auto message = static_cast<int64_t>(of.message.position.offset);
  LT_ASSIGN(const auto addressees, addressees_of(*database, message));
  TimelineEvent accepted = acceptance(of, addressees);
  describe(accepted, of.message.endpoint, std::nullopt);
  out.events.push_back(accepted);
  LT_ASSIGN(
      Statement * query,
      database->prepare("SELECT pos, ordinal, kind, at, attempt, state, outcome, next_at, code, detail, reference, who"
                        " FROM event WHERE message=? ORDER BY pos"));
  query->bind(1, message);
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    if (out.events.size() >= limits::kCatalogTimeline) {
      out.truncated = true;
      break;
    }
    TimelineEvent event;
    event.message = accepted.message;
    event.type = accepted.type;
    event.from = accepted.from;
    event.position = {files.partition(), static_cast<uint64_t>(query->integer(0))};
    if (const auto ordinal = static_cast<size_t>(query->integer(1)); ordinal < addressees.size()) {
      event.destination = addressees[ordinal].destination;
      event.to = addressees[ordinal].to;
    }
    event.at = from_ms(query->integer(3));
    event.attempt = static_cast<uint32_t>(query->integer(4));
    event.what = what_of(static_cast<EventKind>(query->integer(2)), static_cast<DeliveryState>(query->integer(5)),
                         static_cast<OutcomeKind>(query->integer(6)));
    std::optional<Wall> next_at;
    if (query->integer(7) != 0) next_at = from_ms(query->integer(7));
    event.code = static_cast<Code>(query->integer(8));
    event.detail = query->text(9);
    event.reference = query->text(10);
    event.by = query->text(11);
    describe(event, of.message.endpoint, next_at);
    out.events.push_back(std::move(event));
  }
  query->reset();
  return {};
}

}  // namespace

Result<Timeline> timeline_of(ReadFiles& files, std::string_view key) {
  if (key.size() > limits::kName) return fail(Code::usage, fmt::format("a key has at most {} bytes", limits::kName));
  Timeline timeline;
  timeline.key = key;
  std::string folded;
  fold_key(key, folded);
  if (folded.empty()) return fail(Code::usage, "an empty key");
  Gathered gathered;
  if (const auto id = Id::parse(folded)) {
    LT_ASSIGN(auto found, find_message(files, *id));
    if (found) gathered.add(found->day, std::move(found->message));
  }
  LT_TRY(gather_by_key(files, folded, gathered));
  LT_TRY(gather_related(files, gathered));
  std::sort(gathered.found.begin(), gathered.found.end(),
            [](const Found& a, const Found& b) { return a.message.position < b.message.position; });
  timeline.truncated = gathered.full;
  for (const auto& one : gathered.found) {
    if (timeline.events.size() >= limits::kCatalogTimeline) {
      timeline.truncated = true;
      break;
    }
    timeline.messages.push_back(one.message.id);
    LT_TRY(add_events(files, one, timeline));
  }
  std::sort(timeline.events.begin(), timeline.events.end(), [](const TimelineEvent& a, const TimelineEvent& b) {
    return std::tie(a.at, a.position) < std::tie(b.at, b.position);
  });
  return timeline;
}

}  // namespace lt::catalog
