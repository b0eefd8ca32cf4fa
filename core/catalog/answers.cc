// Who has answered a message, and what: later messages tied to it by a value both carry, or by its id.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/base/limits.h"
#include "core/catalog/json_out.h"
#include "core/catalog/read_rows.h"
#include "core/catalog/rows.h"
#include "core/message/agency_code.h"

namespace lt::catalog {
namespace {

constexpr size_t kMostShown = 500;

// An answer, and the parts of the message it is about; none = the whole.
struct Said {
  AnswerRow row;
  uint16_t part = 0;  // of the answering message: its parts speak in their order
  std::vector<uint16_t> about;
};

// Both forms of a code are one agency.
std::string agency_text(const std::string& written) {
  const auto code = AgencyCode::parse(written);
  return code ? code->text() : written;
}

// Finds the answers of one message.
class Hearing {
 public:
  Hearing(ReadFiles& files, MessageDetails& details)
      : files_(files), details_(details), own_(details.message.position.offset), id_(details.message.id.text()) {
    deadline_ = files.clock().mono() + limits::kCatalogQueryTime;
  }

  Result<std::vector<Said>> hear(std::string_view asks) {
    std::map<std::string, std::vector<uint16_t>> keys;
    for (const Tie& tie : unpack_requests(asks)) keys[tie.key].push_back(tie.part);
    std::vector<Said> all;
    for (auto& [key, parts] : keys) {
      if (parts.front() == 0) parts.clear();
      LT_ASSIGN(auto said, under_key(key, parts));
      std::move(said.begin(), said.end(), std::back_inserter(all));
    }
    std::set<uint64_t> known;
    for (const Said& one : all) known.insert(one.row.position.offset);
    LT_ASSIGN(auto named, collect(id_, {}, nullptr));
    for (Said& one : named)
      if (!known.contains(one.row.position.offset)) all.push_back(std::move(one));
    std::sort(all.begin(), all.end(), [](const Said& a, const Said& b) {
      return std::tie(a.row.position, a.part) < std::tie(b.row.position, b.part);
    });
    return all;
  }

 private:
  // Positions of other requests of one key.
  struct Others {
    bool before = false;
    uint64_t after = UINT64_MAX;
  };

  Result<std::vector<Said>> under_key(const std::string& key, const std::vector<uint16_t>& parts) {
    Others others;
    LT_ASSIGN(auto said, collect(key, parts, &others));
    std::erase_if(said, [&](const Said& one) { return one.row.position.offset > others.after; });
    const auto early = [this](const Said& one) { return one.row.position.offset < own_; };
    if (std::none_of(said.begin(), said.end(), early)) return said;
    LT_TRY(look_before(key, others));
    if (others.before) std::erase_if(said, early);
    return said;
  }

  // From the day before the message on: an answer may have been accepted before the message it answers.
  Result<std::vector<Said>> collect(const std::string& about, const std::vector<uint16_t>& parts, Others* others) {
    std::vector<Said> said;
    const Day first = day_of(details_.message.accepted - std::chrono::hours(24));
    size_t walked = 0;
    for (auto day = files_.days().rbegin(); day != files_.days().rend(); ++day) {
      if (*day < first) continue;
      if (++walked > limits::kCatalogDays || read_ >= limits::kCatalogAnswers || files_.clock().mono() > deadline_) {
        details_.reach.partial = true;
        break;
      }
      LT_ASSIGN(Database * database, files_.open(*day));
      if (!database) continue;
      LT_ASSIGN(const auto snapshot, Snapshot::begin(*database));
      LT_TRY(read_answers(*database, about, parts, said));
      if (others) LT_TRY(read_requests(*database, about, *others));
    }
    return said;
  }

  Result<void> look_before(const std::string& key, Others& others) {
    const Day last = day_of(details_.message.accepted);
    for (const Day day : files_.days()) {
      if (day > last || others.before) continue;
      if (files_.clock().mono() > deadline_) break;
      LT_ASSIGN(Database * database, files_.open(day));
      if (database) LT_TRY(read_requests(*database, key, others));
    }
    return {};
  }

  Result<void> read_answers(Database& database, const std::string& about, const std::vector<uint16_t>& parts,
                            std::vector<Said>& out) {
    LT_ASSIGN(Statement * query,
              database.prepare("SELECT a.pos, a.part, a.kind, a.code, m.id, m.accepted, m.sender, m.correlates"
                               " FROM answer a JOIN message m ON m.pos=a.pos WHERE a.about=? ORDER BY a.pos, a.part"));
    query->bind(1, about);
    while (read_ < limits::kCatalogAnswers) {
      LT_ASSIGN(const bool row, query->step());
      if (!row) break;
      // It says itself that it answers another one.
      if (!query->text(7).empty() && query->text(7) != id_) continue;
      ++read_;
      Said& said = out.emplace_back();
      said.row.position = {files_.partition(), static_cast<uint64_t>(query->integer(0))};
      said.part = static_cast<uint16_t>(query->integer(1));
      said.row.kind = static_cast<AnswerKind>(query->integer(2));
      said.row.code = query->text(3);
      said.row.message = id_of(query->text(4));
      said.row.at = from_ms(query->integer(5));
      said.row.from = query->text(6);
      said.about = parts;
    }
    query->reset();
    return {};
  }

  // Found by their business keys; see schema::CorrelationRule.
  Result<void> read_requests(Database& database, const std::string& key, Others& others) {
    const std::string value = key.substr(std::min(key.find(':') + 1, key.size()));
    std::string folded;
    fold_key(value, folded);
    LT_ASSIGN(Statement * query, database.prepare("SELECT m.pos, m.asks FROM key k JOIN message m ON m.pos=k.pos"
                                                  " WHERE k.folded=? AND m.asks<>''"));
    query->bind(1, folded);
    const std::string sought = '\t' + key + '\n';
    for (;;) {
      LT_ASSIGN(const bool row, query->step());
      if (!row) break;
      const auto at = static_cast<uint64_t>(query->integer(0));
      if (at == own_ || query->text(1).find(sought) == std::string_view::npos) continue;
      others.before = others.before || at < own_;
      if (at > own_) others.after = std::min(others.after, at);
    }
    query->reset();
    return {};
  }

  ReadFiles& files_;
  MessageDetails& details_;
  const uint64_t own_;
  const std::string id_;
  Mono deadline_;
  size_t read_ = 0;
};

// The receivers of a message by their codes.
class Addressees {
 public:
  explicit Addressees(std::vector<DeliveryRow>& deliveries) : deliveries_(deliveries) {
    for (const DeliveryRow& delivery : deliveries) {
      auto& codes = codes_.emplace_back();
      for (size_t i = 0; i < delivery.receivers.size(); ++i)
        codes.emplace(agency_text(delivery.receivers[i].receiver), i);
      of_part_[delivery.part] += std::max<size_t>(1, delivery.receivers.size());
    }
  }

  // False: nobody it could be.
  bool place(const Said& said) {
    bool placed = false;
    for (size_t i = 0; i < deliveries_.size(); ++i) {
      const DeliveryRow& delivery = deliveries_[i];
      const bool about = said.about.empty() || delivery.part == 0 ||
                         std::find(said.about.begin(), said.about.end(), delivery.part) != said.about.end();
      if (!about) continue;
      ReceiverRow* row = find(i, said.row.from);
      if (!row) continue;
      placed = true;
      const bool stands = !row->answer || said.row.kind >= row->answer->kind;
      if (stands) row->answer = said.row;
    }
    return placed;
  }

 private:
  // Who answers without a name, or for a destination, is told where there is but one it can be. A unit answers for the
  // agency above it that was addressed.
  ReceiverRow* find(size_t at, const std::string& from) {
    DeliveryRow& delivery = deliveries_[at];
    if (!from.empty() && !codes_[at].empty()) {
      if (const auto exact = codes_[at].find(agency_text(from)); exact != codes_[at].end())
        return &delivery.receivers[exact->second];
      auto code = AgencyCode::parse(from);
      for (auto above = code ? code->parent() : std::nullopt; above; above = above->parent())
        if (const auto found = codes_[at].find(above->text()); found != codes_[at].end())
          return &delivery.receivers[found->second];
      return nullptr;
    }
    if (of_part_[delivery.part] != 1) return nullptr;
    if (delivery.receivers.empty()) delivery.receivers.push_back({delivery.destination, {}, {}, {}});
    return &delivery.receivers.front();
  }

  std::vector<DeliveryRow>& deliveries_;
  std::vector<std::unordered_map<std::string, size_t>> codes_;  // empty: the destination is the receiver
  std::map<uint16_t, size_t> of_part_;
};

void count(const DeliveryRow& delivery, const ReceiverRow& receiver, Reach& reach) {
  ++reach.receivers;
  const bool pending = !is_final(delivery.state);
  const bool reached = receiver.outcome.empty() || receiver.outcome == outcome_name(OutcomeKind::delivered) ||
                       receiver.outcome == outcome_name(OutcomeKind::duplicate);
  ++(pending ? reach.waiting : delivery.state == DeliveryState::delivered && reached ? reach.delivered : reach.failed);
  if (!receiver.answer) {
    ++reach.silent;
  } else {
    ++(receiver.answer->kind == AnswerKind::refused ? reach.refused
       : receiver.answer->kind == AnswerKind::read  ? reach.read
                                                    : reach.noted);
  }
}

}  // namespace

Result<std::vector<Id>> answers_in(Database& database, const Id& request) {
  const std::string text = request.text();
  LT_ASSIGN(Statement * query, database.prepare("SELECT DISTINCT m.id FROM answer a JOIN message m ON m.pos=a.pos"
                                                " WHERE a.about=? ORDER BY a.pos"));
  query->bind(1, text);
  std::vector<Id> answers;
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    if (answers.size() < kMostShown) answers.push_back(id_of(query->text(0)));
  }
  query->reset();
  return answers;
}

Result<void> add_answers(ReadFiles& files, std::string_view asks, MessageDetails& details) {
  LT_ASSIGN(const auto said, Hearing(files, details).hear(asks));
  Addressees addressees(details.deliveries);
  for (const Said& one : said) {
    if (!addressees.place(one) && details.strangers.size() < kMostShown) details.strangers.push_back(one.row);
    if (details.answers.size() < kMostShown && (details.answers.empty() || details.answers.back() != one.row.message))
      details.answers.push_back(one.row.message);
  }
  for (const DeliveryRow& delivery : details.deliveries) {
    if (delivery.receivers.empty()) count(delivery, ReceiverRow(), details.reach);
    for (const ReceiverRow& receiver : delivery.receivers) count(delivery, receiver, details.reach);
  }
  return {};
}

}  // namespace lt::catalog
