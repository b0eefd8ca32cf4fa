#include "core/cli/record_text.h"

#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/catalog/json_out.h"
#include "core/cli/admin_text.h"
#include "core/cli/table.h"
#include "core/codec/json.h"
#include "core/journal/keys.h"
#include "core/message/carried.h"
#include "core/message/fact.h"

namespace lt::cli {
namespace {

using Members = std::vector<std::pair<std::string_view, std::string>>;

void describe(const Message& message, Members& out) {
  const Envelope& envelope = message.envelope;
  out.emplace_back("id", envelope.id.text());
  out.emplace_back("message_type", envelope.type);
  out.emplace_back("endpoint", envelope.endpoint);
  out.emplace_back("from", envelope.from);
  std::string keys, destinations;
  for (const auto& key : envelope.keys) keys += (keys.empty() ? "" : ",") + key.name + "=" + key.value;
  std::set<std::string_view> named;
  for (const auto& delivery : envelope.deliveries) {
    if (named.insert(delivery.destination).second)
      destinations += (destinations.empty() ? "" : ",") + delivery.destination;
  }
  out.emplace_back("keys", keys);
  if (!envelope.parts.empty()) out.emplace_back("parts", std::to_string(envelope.parts.size()));
  out.emplace_back("destinations", destinations);
  out.emplace_back("body_bytes", std::to_string(message.body.size));
  out.emplace_back("sha256", hex(message.body.sha256));
}

void describe(const AcceptedFact& fact, Members& out) {
  describe(*fact.message, out);
  if (fact.dead != Code::none) out.emplace_back("code", code_text(fact.dead));
  out.emplace_back("detail", fact.dead_detail);
}

void describe(const AttemptFact& fact, Members& out) {
  out.emplace_back("delivery", fact.delivery.text());
  out.emplace_back("attempt", std::to_string(fact.attempt));
}

void describe(const OutcomeFact& fact, Members& out) {
  out.emplace_back("delivery", fact.delivery.text());
  out.emplace_back("attempt", std::to_string(fact.attempt));
  out.emplace_back("outcome", catalog::outcome_name(fact.outcome.kind));
  out.emplace_back("state", state_name(fact.state));
  if (fact.state == DeliveryState::retry) out.emplace_back("next_at", format_rfc3339(fact.next_at));
  if (fact.outcome.code != Code::none) out.emplace_back("code", code_text(fact.outcome.code));
  out.emplace_back("detail", fact.outcome.detail);
  out.emplace_back("reference", fact.outcome.reference);
}

void describe(const ActionFact& fact, Members& out) {
  out.emplace_back("action", action_name(fact.kind));
  if (is_of_delivery(fact.kind))
    out.emplace_back("delivery", fact.delivery.text());
  else
    out.emplace_back(scope_name(fact.scope), fact.name);
  if (fact.out_of_order) out.emplace_back("out_of_order", "true");
  out.emplace_back("by", fact.by);
  out.emplace_back("why", fact.why);
}

void describe(const WatchFact& fact, Members& out) {
  std::string watches;
  for (const auto& watch : fact.watches)
    watches += (watches.empty() ? "" : ",") + std::string(watch.open ? "+" : "-") + watch.set + ":" + watch.key;
  out.emplace_back("watches", watches);
  if (fact.cursor) out.emplace_back("cursor", fact.cursor->source + "=" + fact.cursor->value);
}

void describe(const AskedFact& fact, Members& out) {
  describe(*fact.message, out);
  out.emplace_back("principal", fact.message->envelope.principal);
  if (fact.cached != Position{}) out.emplace_back("cached", fact.cached.text());
}

void describe(const AnsweredFact& fact, Members& out) {
  describe(fact.outcome, out);
  out.emplace_back("took_ms", std::to_string(fact.took.count()));
  if (fact.status == 0) return;
  out.emplace_back("status", std::to_string(fact.status));
  out.emplace_back("reply_bytes", std::to_string(fact.reply_bytes));
  out.emplace_back("reply_sha256", hex(fact.reply_sha256));
}

Members meaning_of_carried(const journal::OfflineRecord& record) {
  Members out;
  const auto carried = decode_carried(record.header);
  const auto fact = carried ? decode_fact_header(static_cast<uint8_t>(journal::RecordType::accepted), carried->header)
                            : Result<Fact>(fail(carried.error()));
  if (!fact) return {{"unreadable", fact.error().text()}};
  out.emplace_back("accepted_at", carried->message.text());
  if (carried->erased) out.emplace_back("body_erased", "true");
  std::visit([&](const auto& one) { describe(one, out); }, *fact);
  return out;
}

Members meaning_of_erasure(const journal::OfflineRecord& record) {
  const auto erasure = decode_erasure(record.header);
  if (!erasure) return {{"unreadable", erasure.error().text()}};
  return {{"key_class", std::string(journal::key_class_name(static_cast<journal::KeyClass>(erasure->key_class)))},
          {"day", format_rfc3339(journal::end_of_key_day(erasure->day) - std::chrono::days(1)).substr(0, 10)},
          {"by", erasure->by},
          {"why", erasure->why}};
}

Members meaning(const journal::OfflineRecord& record) {
  Members out;
  if (record.type == journal::RecordType::erasure) return meaning_of_erasure(record);
  if (record.type == journal::RecordType::carried) {
    out = meaning_of_carried(record);
    std::erase_if(out, [](const auto& member) { return member.second.empty(); });
    return out;
  }
  if (!is_fact(static_cast<uint8_t>(record.type))) return out;
  const auto fact = decode_fact_header(static_cast<uint8_t>(record.type), record.header);
  if (!fact)
    out.emplace_back("unreadable", fact.error().text());
  else
    std::visit([&](const auto& one) { describe(one, out); }, *fact);
  std::erase_if(out, [](const auto& member) { return member.second.empty(); });
  return out;
}

void add_body(const journal::OfflineRecord& record, Members& members) {
  if (record.body_size == 0) return;
  if (!record.body)
    members.emplace_back("body_sealed", std::to_string(record.body_size));
  else if (is_utf8(*record.body))
    members.emplace_back("body", *record.body);
  else
    members.emplace_back("body_hex", hex(*record.body));
}

}  // namespace

std::string_view type_name(journal::RecordType type) {
  static constexpr std::string_view kNames[] = {"?",       "accepted", "attempt",   "outcome",    "action",
                                                "cursor",  "watch",    "reference", "checkpoint", "carried",
                                                "erasure", "asked",    "answered"};
  const auto index = static_cast<size_t>(type);
  return index < std::size(kNames) ? kNames[index] : kNames[0];
}

std::string record_text(const journal::OfflineRecord& record, const RecordOptions& options) {
  Members members = meaning(record);
  if (options.bodies) add_body(record, members);
  if (!options.json) {
    std::string out = record.position.text() + "  " + short_time(format_rfc3339(record.written)) + "  " +
                      std::string(type_name(record.type));
    for (const auto& [name, value] : members) out += "  " + std::string(name) + "=" + printable(value);
    return out;
  }
  std::string out = "{\"position\":\"" + record.position.text() + "\",\"written_at\":\"" +
                    format_rfc3339(record.written) + "\",\"type\":\"" + std::string(type_name(record.type)) + "\"";
  for (const auto& [name, value] : members) {
    out += ',';
    quote_json(name, out);
    out += ':';
    quote_json(is_utf8(value) ? value : printable(value), out);
  }
  return out + "}";
}

}  // namespace lt::cli
