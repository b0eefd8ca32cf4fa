#include <algorithm>
#include <chrono>

#include "adapters/axis/axis.h"
#include "core/adapter/blueprint.h"
#include "core/adapter/reply.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/message/tree.h"
#include "core/net/client.h"
#include "core/net/multipart.h"

namespace lt::adapters {
namespace {

using std::chrono::milliseconds;

struct Settings {
  std::string url, system_id, secret;
  milliseconds timeout{60'000};
  std::vector<adapter::ReplyRule> replies;
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("axis destination settings")
          .text("url", &Settings::url,
                {.required = true,
                 .doc_en = "Address before /v1/sendEdoc",
                 .doc_vi = "Địa chỉ đứng trước /v1/sendEdoc",
                 .example = "https://truc.example.vn",
                 .least = 1})
          .text("system_id", &Settings::system_id,
                {.required = true, .doc_en = "X-SystemId", .doc_vi = "X-SystemId do trục cấp", .least = 1})
          .secret("secret", &Settings::secret,
                  {.required = true,
                   .doc_en = "X-SecretKey; never stored, never logged",
                   .doc_vi = "X-SecretKey; không lưu, không ghi nhật ký",
                   .example = "${file:axis.key}",
                   .least = 1})
          .duration("timeout", &Settings::timeout,
                    {.doc_en = "For one file; with large files between two writes",
                     .doc_vi = "Thời gian gửi một tệp; tệp lớn: giữa hai lần ghi",
                     .least = 1})
          .list("replies", &Settings::replies, adapter::reply_rule_spec(),
                {.doc_en = "How replies are judged, before the defaults",
                 .doc_vi = "Luật đọc trả lời, xét trước mặc định"});
  return spec;
}

// Success needs both: ErrorCode 0 and status OK. The words of a reply are put together as "status <status>;
// <ErrorDesc>", so that one rule can ask for both.
std::vector<adapter::ReplyRule> known_rules() {
  adapter::ReplyRule taken, refused, broken;
  taken.status = {200, 299};
  taken.codes = {"0"};
  taken.text = "status ok;";
  taken.is = OutcomeKind::delivered;
  refused.codes = {"10", "15", "18", "19", "21", "22", "23"};
  refused.is = OutcomeKind::permanent;
  broken.codes = {"20"};
  broken.is = OutcomeKind::retry;
  return {taken, refused, broken};
}

class AxisSink final : public adapter::Sink {
 public:
  static SinkClass sink_class(const Settings&) { return SinkClass::none; }
  AxisSink(std::shared_ptr<const Settings> settings, adapter::Services services)
      : settings_(std::move(settings)),
        account_{settings_->url, settings_->system_id, settings_->secret},
        rules_(adapter::joined(settings_->replies, known_rules())),
        services_(services) {}

  net::Task<std::vector<Outcome>> deliver(std::vector<adapter::Outgoing> batch) override {
    std::vector<Outcome> outcomes;
    for (auto& outgoing : batch) {
      net::Call call = prepared(outgoing);
      auto result = co_await services_.shard->client().call(std::move(call));
      Outcome outcome = judged(result);
      if (result && outcome.kind == OutcomeKind::delivered) add_refusals(*result, outgoing.receivers, outcome);
      outcome.detail = redacted(std::move(outcome.detail), account_);
      outcome.reference = redacted(std::move(outcome.reference), account_);
      outcomes.push_back(std::move(outcome));
    }
    co_return outcomes;
  }

 private:
  net::Call prepared(adapter::Outgoing& outgoing) const {
    net::Call call = axis_call(account_, "/v1/sendEdoc");
    call.total_time = settings_->timeout;
    net::MultipartWriter parts;
    const std::string name = outgoing.event_id + ".edxml";
    if (outgoing.stream)
      parts.add_file("edocFile", name, "application/octet-stream", std::move(outgoing.stream));
    else
      parts.add_file("edocFile", name, "application/octet-stream", std::move(outgoing.body));
    parts.add("messageType", outgoing.operation == "status" ? "status" : "edoc");
    call.headers.set("Content-Type", parts.content_type());
    call.stream = parts.finish();
    return call;
  }

  Outcome judged(const net::CallResult& result) const {
    static const adapter::ReplyFields fields{
        {"ErrorCode", "errorCode"}, {"ErrorDesc", "errorDesc"}, {"DocId", "docId", "data.docId"}};
    static const adapter::ReplyFields status{{"status"}, {}, {}};
    if (!result) return adapter::judge_failure(result.error().error, result.error().sent);
    adapter::Reply reply = adapter::read_reply(*result, fields);
    if (!reply.code.empty()) reply.text = "status " + adapter::read_reply(*result, status).code + "; " + reply.text;
    return rules_.judge(reply);
  }

  // Of a file that was taken, who among its receivers does not get it.
  void add_refusals(const net::Response& reply, const std::vector<std::string>& receivers, Outcome& outcome) const {
    Tree tree;
    if (!codec::parse_json(reply.body, tree) || tree.root()->kind != Kind::object) return;
    const Node* list = tree.root()->find("data");
    for (const Node* entry = list && list->kind == Kind::array ? list->first : nullptr; entry; entry = entry->next) {
      const auto text = [entry](const char* name) {
        const Node* member = entry->kind == Kind::object ? entry->find(name) : nullptr;
        return member && member->kind == Kind::text ? std::string(member->text) : std::string();
      };
      if (fold(text("sendStatus")) != "fail") continue;
      const auto code = AgencyCode::parse(text("toCode"));
      const auto named = std::find_if(receivers.begin(), receivers.end(), [&](const std::string& receiver) {
        const auto addressed = AgencyCode::parse(receiver);
        return code && addressed && *code == *addressed;
      });
      if (named == receivers.end()) continue;
      const std::string words = redacted(text("sendStatusDesc").substr(0, limits::kCauseText), account_);
      outcome.receivers.push_back({*named, OutcomeKind::permanent, words});
    }
  }

  std::shared_ptr<const Settings> settings_;
  AxisAccount account_;
  adapter::ReplyRules rules_;
  adapter::Services services_;
};

}  // namespace

net::Call axis_call(const AxisAccount& account, std::string_view path) {
  net::Call call;
  std::string_view base = account.url;
  while (base.ends_with('/')) base.remove_suffix(1);
  call.url = std::string(base) + std::string(path);
  call.headers.set("X-SystemId", account.system_id);
  call.headers.set("X-SecretKey", account.secret);
  return call;
}

std::string redacted(std::string text, const AxisAccount& account) {
  if (account.secret.empty()) return text;
  for (size_t at = text.find(account.secret); at != std::string::npos; at = text.find(account.secret, at + 3))
    text.replace(at, account.secret.size(), "***");
  return text;
}

std::shared_ptr<adapter::SinkBlueprint> parse_axis_sink(const config::Value& block, config::Diagnostics& diagnostics) {
  return adapter::read_sink<AxisSink>(settings_spec(), block, diagnostics);
}

void register_axis(adapter::Registry& registry) {
  registry.add(
      {.name = "axis",
       .doc = "National document axis (edXML), provincial variant: send, poll the inbox, acknowledge",
       .parse_source = parse_axis_source,
       .parse_sink = parse_axis_sink,
       .simulators = {{"axis", "The document axis with the agencies behind it: takes edXML files, lists an inbox",
                       make_axis_simulator}}});
}

}  // namespace lt::adapters
