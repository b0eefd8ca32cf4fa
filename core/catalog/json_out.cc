#include "core/catalog/json_out.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/base/text.h"

namespace lt::catalog {
namespace {

class Writer {
 public:
  void begin_object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) { writer_.Key(name.data(), size(name)); }
  void text(std::string_view value) {
    if (is_utf8(value)) {
      writer_.String(value.data(), size(value));
      return;
    }
    // Words of a partner in some other encoding: keep what is readable.
    std::string clean;
    for (size_t bad = find_bad_utf8(value); bad != std::string_view::npos; bad = find_bad_utf8(value)) {
      (clean += value.substr(0, bad)) += "\xEF\xBF\xBD";
      value.remove_prefix(bad + 1);
    }
    clean += value;
    writer_.String(clean.data(), size(clean));
  }
  void member(std::string_view name, std::string_view value) {  // left out when empty
    if (value.empty()) return;
    key(name);
    text(value);
  }
  void number(std::string_view name, uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
  }
  void time(std::string_view name, Wall value) { member(name, format_rfc3339(value)); }
  void code(Code value) {
    if (value == Code::none) return;
    member("code", code_text(value));
    member("title_vi", info(value).title_vi);
    member("title_en", info(value).title_en);
  }
  void ids(std::string_view name, const std::vector<Id>& values) {
    key(name);
    begin_array();
    for (const Id& id : values) text(id.text());
    end_array();
  }
  std::string take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  static rapidjson::SizeType size(std::string_view value) { return static_cast<rapidjson::SizeType>(value.size()); }
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

void members(Writer& out, const MessageRow& row) {
  out.member("id", row.id.text());
  out.member("position", row.position.text());
  out.time("accepted_at", row.accepted);
  out.member("type", row.type);
  out.member("endpoint", row.endpoint);
  out.member("principal", row.principal);
  out.member("from", row.from);
  out.member("order_key", row.order_key);
  out.member("correlates", row.correlates);
  out.key("keys");
  out.begin_array();
  for (const auto& key : row.keys) {
    out.begin_object();
    out.member("name", key.name);
    out.member("value", key.value);
    out.end_object();
  }
  out.end_array();
  out.key("to");
  out.begin_array();
  for (const auto& receiver : row.to) out.text(receiver);
  out.end_array();
  out.number("delivery_count", row.deliveries);
  if (row.deliveries > 0) {
    out.member("state", state_name(row.state));
    out.member("delivery", DeliveryId{row.position, row.ordinal}.text());
  }
  out.code(row.code);
  out.member("detail", row.detail);
}

void write(Writer& out, const MessageRow& row) {
  out.begin_object();
  members(out, row);
  out.end_object();
}

void write(Writer& out, const AnswerRow& row) {
  out.begin_object();
  out.member("kind", answer_name(row.kind));
  out.member("code", row.code);
  out.time("at", row.at);
  out.member("from", row.from);
  out.member("message_id", row.message.text());
  out.end_object();
}

void write(Writer& out, const Reach& reach) {
  out.begin_object();
  const std::pair<std::string_view, uint32_t> counts[] = {
      {"receivers", reach.receivers}, {"delivered", reach.delivered}, {"failed", reach.failed},
      {"waiting", reach.waiting},     {"read", reach.read},           {"refused", reach.refused},
      {"noted", reach.noted},         {"silent", reach.silent}};
  for (const auto& [name, count] : counts) out.number(name, count);
  if (reach.partial) out.flag("partial", true);
  out.end_object();
}

void write(Writer& out, const DeliveryRow& row, const Position& message) {
  out.begin_object();
  out.member("id", DeliveryId{message, row.ordinal}.text());
  out.number("ordinal", row.ordinal);
  if (row.part != 0) {
    out.number("part", row.part);
    out.member("order_key", row.order_key);
  }
  out.member("destination", row.destination);
  out.member("operation", row.operation);
  out.member("mapping", row.mapping);
  out.member("mapping_version", row.mapping_version);
  out.member("state", state_name(row.state));
  out.number("attempts", row.attempts);
  out.time("changed_at", row.changed);
  if (row.next_at) out.time("next_at", *row.next_at);
  out.code(row.code);
  out.member("detail", row.detail);
  out.member("reference", row.reference);
  out.key("receivers");
  out.begin_array();
  for (const auto& receiver : row.receivers) {
    out.begin_object();
    out.member("receiver", receiver.receiver);
    out.member("outcome", receiver.outcome);
    out.member("detail", receiver.detail);
    if (receiver.answer) {
      out.key("answer");
      write(out, *receiver.answer);
    }
    out.end_object();
  }
  out.end_array();
  out.member("sent_sha256", row.sent_sha256);
  if (!row.sent_sha256.empty()) out.number("sent_bytes", row.sent_bytes);
  out.end_object();
}

void write(Writer& out, const TimelineEvent& event) {
  out.begin_object();
  out.time("at", event.at);
  out.member("position", event.position.text());
  out.member("message_id", event.message.text());
  out.member("type", event.type);
  out.member("from", event.from);
  out.member("to", event.to);
  out.member("destination", event.destination);
  out.member("what", what_name(event.what));
  if (event.attempt > 0) out.number("attempt", event.attempt);
  out.code(event.code);
  out.member("detail", event.detail);
  out.member("reference", event.reference);
  out.member("by", event.by);
  out.member("vi", event.vi);
  out.member("en", event.en);
  out.end_object();
}

void write(Writer& out, const StateCount& count) {
  out.begin_object();
  out.member("destination", count.destination);
  out.member("state", state_name(count.state));
  out.number("count", count.count);
  out.end_object();
}

void write(Writer& out, const CauseGroup& group) {
  out.begin_object();
  out.member("state", state_name(group.state));
  out.code(group.code);
  out.member("destination", group.destination);
  out.member("detail", group.detail);
  out.number("count", group.count);
  out.time("first_seen_at", group.first_seen);
  out.time("last_seen_at", group.last_seen);
  out.ids("sample_ids", group.samples);
  out.end_object();
}

template <class T>
void write_items(Writer& out, std::string_view name, const std::vector<T>& items) {
  out.key(name);
  out.begin_array();
  for (const auto& item : items) write(out, item);
  out.end_array();
}

template <class T>
std::string items_json(const std::vector<T>& items) {
  Writer out;
  out.begin_object();
  write_items(out, "items", items);
  out.end_object();
  return out.take();
}

}  // namespace

std::string_view what_name(TimelineEvent::What what) {
  static constexpr std::string_view kNames[] = {"accepted",   "refused",  "attempt",    "delivered", "duplicate",
                                                "retry",      "held",     "unknown",    "dead",      "queued",
                                                "superseded", "replay",   "discard",    "confirm",   "asked",
                                                "cached",     "answered", "unanswered", "unsure"};
  return kNames[static_cast<size_t>(what)];
}

std::string_view outcome_name(OutcomeKind kind) {
  static constexpr std::string_view kNames[] = {"delivered", "duplicate", "retry",  "permanent",
                                                "ambiguous", "redo_as",   "absent", "held"};
  const auto index = static_cast<size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : std::string_view();
}

std::string_view answer_name(AnswerKind kind) {
  static constexpr std::string_view kNames[] = {"noted", "read", "refused"};
  return kNames[static_cast<size_t>(kind)];
}

std::string to_json(const MessageRow& row) {
  Writer out;
  write(out, row);
  return out.take();
}

std::string to_json(const MessagePage& page) {
  Writer out;
  out.begin_object();
  write_items(out, "items", page.items);
  out.member("next_cursor", page.next_cursor);
  out.end_object();
  return out.take();
}

std::string to_json(const MessageDetails& details) {
  Writer out;
  out.begin_object();
  members(out, details.message);
  out.member("content_type", details.content_type);
  out.member("trace", details.trace);
  out.number("urgency", details.urgency);
  out.number("body_size", details.body_size);
  out.member("body_sha256", details.body_sha256);
  out.number("attachments", details.attachments);
  out.key("deliveries");
  out.begin_array();
  for (const DeliveryRow& delivery : details.deliveries) write(out, delivery, details.message.position);
  out.end_array();
  out.key("reach");
  write(out, details.reach);
  write_items(out, "strangers", details.strangers);
  out.ids("answers", details.answers);
  out.end_object();
  return out.take();
}

std::string to_json(const Timeline& timeline) {
  Writer out;
  out.begin_object();
  out.member("key", timeline.key);
  out.ids("messages", timeline.messages);
  write_items(out, "events", timeline.events);
  out.flag("truncated", timeline.truncated);
  out.end_object();
  return out.take();
}

std::string to_json(const std::vector<StateCount>& counts) { return items_json(counts); }
std::string to_json(const std::vector<CauseGroup>& groups) { return items_json(groups); }

std::string to_json(const Status& status) {
  Writer out;
  out.begin_object();
  out.member("applied", status.applied.text());
  out.flag("lagging", status.lagging);
  out.number("lag_records", status.lag_records);
  if (status.paused) {
    out.code(status.paused->code);
    out.member("paused", status.paused->text());
  }
  out.end_object();
  return out.take();
}

}  // namespace lt::catalog
