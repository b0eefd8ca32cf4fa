#include <chrono>

#include "adapters/onestop/onestop.h"
#include "core/adapter/blueprint.h"
#include "core/adapter/reply.h"
#include "core/base/text.h"
#include "core/net/client.h"

namespace lt::adapters {
namespace {

using std::chrono::milliseconds;

struct Settings {
  std::string url;
  std::string key;
  milliseconds timeout{30'000};
  std::vector<adapter::ReplyRule> replies;
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("onestop destination settings")
          .text("url", &Settings::url,
                {.required = true,
                 .doc_en = "Base of the call-back: POST <url>/dossiers/<MaHoSo>/progress",
                 .doc_vi = "Gốc địa chỉ gọi lại: POST <url>/dossiers/<MaHoSo>/progress",
                 .example = "https://motcua.example.vn/lienthong"})
          .secret("key", &Settings::key,
                  {.doc_en = "Sent as X-API-Key", .doc_vi = "Gửi trong X-API-Key", .example = "${file:onestop.key}"})
          .duration("timeout", &Settings::timeout,
                    {.doc_en = "For the whole call", .doc_vi = "Thời gian cả lượt gọi", .least = 1})
          .list("replies", &Settings::replies, adapter::reply_rule_spec(),
                {.doc_en = "How replies are judged, before the defaults",
                 .doc_vi = "Luật đọc trả lời, xét trước mặc định"});
  return spec;
}

// {"error_code": 0 | 1 | -1, "message": "..."}: 0 taken, 1 known already (by our event id), -1 failed. Codes come as
// numbers and as strings.
std::vector<adapter::ReplyRule> known_rules() {
  adapter::ReplyRule taken, again, failed;
  taken.status = again.status = failed.status = {200, 299};
  taken.codes = {"0"};
  taken.is = OutcomeKind::delivered;
  again.codes = {"1"};
  again.is = OutcomeKind::duplicate;
  failed.codes = {"-1"};
  failed.is = OutcomeKind::permanent;
  return {taken, again, failed};
}

class OnestopSink final : public adapter::Sink {
 public:
  static SinkClass sink_class(const Settings&) { return SinkClass::partner_idempotent; }
  OnestopSink(std::shared_ptr<const Settings> settings, adapter::Services services)
      : settings_(std::move(settings)),
        fields_{{"error_code"}, {"message"}, {}},
        rules_(adapter::joined(settings_->replies, known_rules())),
        services_(services) {}

  net::Task<std::vector<Outcome>> deliver(std::vector<adapter::Outgoing> batch) override {
    std::vector<Outcome> outcomes;
    for (auto& outgoing : batch) {
      net::Call call = prepared(outgoing);
      auto result = co_await services_.shard->client().call(std::move(call));
      outcomes.push_back(adapter::judge_call(result, fields_, rules_));
    }
    co_return outcomes;
  }

 private:
  net::Call prepared(adapter::Outgoing& outgoing) const {
    std::string dossier;
    for (const auto& key : outgoing.keys)
      if (key.name == "MaHoSo") dossier = key.value;
    net::Call call;
    call.url = settings_->url + "/dossiers/" + percent_encode(dossier) + "/progress";
    call.total_time = settings_->timeout;
    call.headers.set("Content-Type", outgoing.content_type);
    call.headers.set("X-Event-Id", outgoing.event_id);
    if (!settings_->key.empty()) call.headers.set("X-API-Key", settings_->key);
    call.body = std::move(outgoing.body);
    call.stream = std::move(outgoing.stream);
    return call;
  }

  std::shared_ptr<const Settings> settings_;
  adapter::ReplyFields fields_;
  adapter::ReplyRules rules_;
  adapter::Services services_;
};

}  // namespace

std::shared_ptr<adapter::SinkBlueprint> parse_onestop_sink(const config::Value& block,
                                                           config::Diagnostics& diagnostics) {
  return adapter::read_sink<OnestopSink>(settings_spec(), block, diagnostics);
}

void register_onestop(adapter::Registry& registry) {
  registry.add({.name = "onestop",
                .doc = "Provincial one-stop software: dossiers in, status and result call-backs out",
                .parse_source = parse_onestop_source,
                .parse_sink = parse_onestop_sink,
                .simulators = {{"onestop", "A provincial one-stop system: sends dossiers, takes call-backs",
                                make_onestop_simulator}}});
}

}  // namespace lt::adapters
