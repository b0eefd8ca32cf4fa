#include "core/admin/json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/base/text.h"
#include "core/catalog/json_out.h"
#include "core/net/http.h"
#include "core/runtime/bus.h"

namespace lt::admin {
namespace {

struct Writer : rapidjson::Writer<rapidjson::StringBuffer> {
  Writer() : rapidjson::Writer<rapidjson::StringBuffer>(buffer) {}
  void name(std::string_view text) { Key(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
  void member(std::string_view key, std::string_view text) {  // left out when empty
    if (text.empty()) return;
    name(key);
    const std::string clean = is_utf8(text) ? std::string(text) : percent_encode(text);
    String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  }
  void number(std::string_view key, uint64_t value) {
    name(key);
    Uint64(value);
  }
  void signed_number(std::string_view key, int64_t value) {
    name(key);
    Int64(value);
  }
  void flag(std::string_view key, bool value) {
    name(key);
    Bool(value);
  }
  void time(std::string_view key, Wall value) {
    if (value != Wall{}) member(key, format_rfc3339(value));
  }
  void code(Code value) {
    if (value == Code::none) return;
    member("code", code_text(value));
    member("title_vi", info(value).title_vi);
    member("title_en", info(value).title_en);
  }
  std::string take() const { return {buffer.GetString(), buffer.GetSize()}; }

  rapidjson::StringBuffer buffer;
};

void write(Writer& out, const engine::LaneStatus& lane) {
  out.StartObject();
  out.member("destination", lane.destination);
  out.number("queued", lane.queued);
  out.number("in_flight", lane.in_flight);
  out.number("retry", lane.retry);
  out.number("held", lane.held);
  out.number("unknown", lane.unknown);
  out.number("behind", lane.behind);
  out.number("dead", lane.dead);
  out.number("delivered", lane.delivered);
  out.member("breaker", breaker_name(lane.breaker));
  out.member("partner", lane.partner);
  out.flag("paused", lane.paused);
  out.flag("draining", lane.draining);
  out.member("stopped_by", lane.stopped_by);
  out.member("stopped_why", lane.stopped_why);
  out.time("opens_at", lane.opens);
  out.time("oldest_at", lane.oldest);
  out.member("last_error", lane.last_error);
  out.EndObject();
}

void write(Writer& out, const engine::DeliveryStatus& delivery) {
  out.StartObject();
  out.member("id", delivery.id.text());
  out.member("destination", delivery.destination);
  out.member("state", state_name(delivery.state));
  out.number("attempts", delivery.attempts);
  if (delivery.state == DeliveryState::retry) out.time("next_at", delivery.next_at);
  if (delivery.state == DeliveryState::behind) out.member("behind", delivery.behind.text());
  out.code(delivery.code);
  out.member("detail", delivery.detail);
  out.member("operation", delivery.operation);
  out.time("sent_at", delivery.sent_at);
  if (delivery.sent_bytes > 0) out.number("sent_bytes", delivery.sent_bytes);
  out.member("mapping_version", delivery.mapping_version);
  out.EndObject();
}

void write(Writer& out, const engine::ControlStatus& control) {
  out.StartObject();
  out.member("scope", scope_name(control.scope));
  out.member("name", control.name);
  out.flag("paused", control.paused);
  out.flag("draining", control.draining);
  out.member("by", control.by);
  out.member("why", control.why);
  out.time("at", control.at);
  out.EndObject();
}

void write(Writer& out, const runtime::DiskFigures& disk) {
  out.name("disk");
  out.StartObject();
  out.number("free", disk.free);
  out.number("reserve", disk.reserve);
  out.flag("accepting", disk.accepting);
  if (disk.growth_per_day) out.signed_number("growth_per_day", *disk.growth_per_day);
  if (disk.full_in_days) out.signed_number("full_in_days", *disk.full_in_days);
  out.EndObject();
}

template <class T>
std::string items_json(const std::vector<T>& items) {
  Writer out;
  out.StartObject();
  out.name("items");
  out.StartArray();
  for (const T& item : items) write(out, item);
  out.EndArray();
  out.EndObject();
  return out.take();
}

}  // namespace

std::string_view breaker_name(engine::LaneStatus::Breaker breaker) {
  static constexpr std::string_view kNames[] = {"closed", "open", "trying"};
  return kNames[static_cast<size_t>(breaker)];
}

std::string to_json(const std::vector<engine::LaneStatus>& lanes) { return items_json(lanes); }
std::string to_json(const std::vector<engine::ControlStatus>& controls) { return items_json(controls); }
std::string to_json(const std::vector<engine::DeliveryStatus>& pending) { return items_json(pending); }

std::string status_json(runtime::Bus& bus) {
  Writer out;
  out.StartObject();
  out.member("name", bus.graph()->config.bus.name);
  const auto unready = bus.unready();
  out.flag("ready", !unready);
  if (unready) {
    out.code(unready->code);
    out.member("problem", unready->text());
  }
  const auto figures = bus.journal().figures();
  out.name("journal");
  out.StartObject();
  out.member("oldest", bus.journal().oldest().text());
  out.member("end", bus.journal().end().text());
  out.number("records", figures.records);
  out.number("bytes", bus.journal().end().offset - bus.journal().oldest().offset);
  out.flag("failed", figures.failed);
  out.EndObject();
  write(out, bus.disk());
  const std::string catalog = catalog::to_json(bus.catalog().status());
  out.name("catalog");
  out.RawValue(catalog.data(), catalog.size(), rapidjson::kObjectType);
  out.EndObject();
  return out.take();
}

std::string reload_json(const runtime::ReloadReport& report) {
  Writer out;
  out.StartObject();
  out.member("config_hash", report.config_hash);
  for (const auto& [name, items] : {std::pair("added", &report.added), std::pair("removed", &report.removed)}) {
    out.name(name);
    out.StartArray();
    for (const auto& item : *items) out.String(item.data(), static_cast<rapidjson::SizeType>(item.size()));
    out.EndArray();
  }
  out.EndObject();
  return out.take();
}

std::string action_json(const ActionFact& fact) {
  Writer out;
  out.StartObject();
  out.member("action", action_name(fact.kind));
  if (is_of_delivery(fact.kind))
    out.member("delivery", fact.delivery.text());
  else
    out.member(scope_name(fact.scope), fact.name);
  out.member("by", fact.by);
  out.member("why", fact.why);
  out.time("at", fact.at);
  if (fact.out_of_order) out.flag("out_of_order", true);
  out.EndObject();
  return out.take();
}

}  // namespace lt::admin
