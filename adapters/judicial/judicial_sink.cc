#include <chrono>

#include "adapters/judicial/judicial.h"
#include "core/adapter/blueprint.h"
#include "core/adapter/reply.h"
#include "core/base/json_text.h"
#include "core/codec/json.h"
#include "core/net/client.h"

namespace lt::adapters {
namespace {

using std::chrono::milliseconds;

struct Settings {
  std::string url;
  std::string auth_key;
  config::Located<std::string> watch;
  milliseconds timeout{60'000};
  std::vector<adapter::ReplyRule> replies;
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("judicial destination settings")
          .text("url", &Settings::url,
                {.required = true,
                 .doc_en = "Where dossiers are submitted",
                 .doc_vi = "Địa chỉ nhận hồ sơ",
                 .example = "https://lltp.example.vn/api/nhanHoSo"})
          .secret("auth_key", &Settings::auth_key,
                  {.required = true,
                   .doc_en = "authKey of the body; never stored, never logged",
                   .doc_vi = "authKey trong thân; không lưu, không ghi nhật ký",
                   .example = "${file:lltp.key}"})
          .text("watch", &Settings::watch,
                {.required = true,
                 .doc_en = "The endpoint that polls the submitted dossiers",
                 .doc_vi = "Endpoint hỏi kết quả hồ sơ đã nộp",
                 .example = "judicial-results"})
          .duration("timeout", &Settings::timeout,
                    {.doc_en = "For the whole call", .doc_vi = "Thời gian cả lượt gọi", .least = 1})
          .list("replies", &Settings::replies, adapter::reply_rule_spec(),
                {.doc_en = "How replies are judged, before the defaults",
                 .doc_vi = "Luật đọc trả lời, xét trước mặc định"});
  return spec;
}

// The two texts a deployed client takes for success, whatever `status` says; status "0" without them is a refusal.
std::vector<adapter::ReplyRule> known_rules() {
  adapter::ReplyRule taken, again, refused;
  taken.text = "gửi thông tin thành công";
  taken.is = OutcomeKind::delivered;
  again.text = "đã được tiếp nhận, không thể cập nhật thông tin";
  again.is = OutcomeKind::duplicate;
  refused.status = {200, 299};
  refused.codes = {"0"};
  refused.is = OutcomeKind::permanent;
  return {taken, again, refused};
}

// `{"authKey":"...",` and then the rest of the object: the key is put in on the wire only.
class KeyedSource final : public ByteSource {
 public:
  KeyedSource(std::string opening, std::shared_ptr<ByteSource> rest)
      : opening_(std::move(opening)), rest_(std::move(rest)) {
    if (auto size = rest_->size()) size_ = *size - 1 + opening_.size();
  }
  Result<size_t> read(char* out, size_t size) override {
    if (at_ < opening_.size()) {
      const size_t n = opening_.copy(out, size, at_);
      at_ += n;
      return n;
    }
    if (!skipped_) {
      char brace;
      LT_ASSIGN(const size_t n, rest_->read(&brace, 1));
      if (n != 1 || brace != '{') return fail(Code::bug, "the judicial mapping did not make a JSON object");
      skipped_ = true;
    }
    return rest_->read(out, size);
  }
  std::optional<uint64_t> size() const override { return size_; }

 private:
  std::string opening_;
  std::shared_ptr<ByteSource> rest_;
  std::optional<uint64_t> size_;
  size_t at_ = 0;
  bool skipped_ = false;
};

class JudicialSink final : public adapter::Sink {
 public:
  static SinkClass sink_class(const Settings&) { return SinkClass::partner_idempotent; }
  static adapter::References references(const Settings& settings) { return {{}, {}, {settings.watch}}; }
  JudicialSink(std::shared_ptr<const Settings> settings, adapter::Services services)
      : settings_(std::move(settings)),
        fields_{{"status"}, {"statusDescription", "errorDescription"}, {}},
        rules_(adapter::joined(settings_->replies, known_rules())),
        services_(services) {
    opening_ = "{\"authKey\":";
    quote_json(settings_->auth_key, opening_);
    opening_ += ',';
  }

  net::Task<std::vector<Outcome>> deliver(std::vector<adapter::Outgoing> batch) override {
    std::vector<Outcome> outcomes;
    for (auto& outgoing : batch) {
      net::Call call = prepared(outgoing);
      auto result = co_await services_.shard->client().call(std::move(call));
      Outcome outcome = adapter::judge_call(result, fields_, rules_);
      redact(outcome.detail);
      if (outcome.kind == OutcomeKind::delivered || outcome.kind == OutcomeKind::duplicate)
        open_watch(outgoing, outcome);
      outcomes.push_back(std::move(outcome));
    }
    co_return outcomes;
  }

 private:
  net::Call prepared(adapter::Outgoing& outgoing) const {
    net::Call call;
    call.url = settings_->url;
    call.total_time = settings_->timeout;
    call.headers.set("Content-Type", outgoing.content_type);
    if (outgoing.stream) {
      call.stream = std::make_shared<KeyedSource>(opening_, std::move(outgoing.stream));
    } else {
      call.body = opening_;
      call.body.append(outgoing.body, 1);
    }
    return call;
  }

  // A partner that quotes our request back must not bring the key into the journal.
  void redact(std::string& text) const {
    for (size_t at = text.find(settings_->auth_key); at != std::string::npos; at = text.find(settings_->auth_key, at))
      text.replace(at, settings_->auth_key.size(), "***");
  }

  void open_watch(const adapter::Outgoing& outgoing, Outcome& outcome) const {
    const Envelope& envelope = outgoing.message->envelope;
    for (const auto& key : outgoing.keys) {
      if (key.name != "MaHoSo") continue;
      OpenDossier dossier;
      dossier.request = envelope.id.text();
      dossier.agency = envelope.from;
      outcome.watches.push_back({settings_->watch.value, key.value, to_context(dossier), true});
    }
  }

  std::shared_ptr<const Settings> settings_;
  adapter::ReplyFields fields_;
  adapter::ReplyRules rules_;
  adapter::Services services_;
  std::string opening_;
};

}  // namespace

std::shared_ptr<adapter::SinkBlueprint> parse_judicial_sink(const config::Value& block,
                                                            config::Diagnostics& diagnostics) {
  return adapter::read_sink<JudicialSink>(settings_spec(), block, diagnostics);
}

void register_judicial(adapter::Registry& registry) {
  registry.add({.name = "judicial",
                .doc = "Judicial records (LLTP), newer API: submit, poll each open dossier, result with PDF",
                .parse_source = parse_judicial_source,
                .parse_sink = parse_judicial_sink,
                .simulators = {{"judicial", "The judicial records system: takes dossiers, issues certificates",
                                make_judicial_simulator}}});
}

}  // namespace lt::adapters
