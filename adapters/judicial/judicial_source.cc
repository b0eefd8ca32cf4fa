#include <algorithm>
#include <chrono>
#include <deque>

#include "adapters/judicial/judicial.h"
#include "core/adapter/blueprint.h"
#include "core/base/json_text.h"
#include "core/base/log.h"
#include "core/codec/json.h"
#include "core/net/client.h"
#include "core/net/promise.h"

namespace lt::adapters {
namespace {

using std::chrono::milliseconds;

// A reply with the certificate in base64; PDFs of certificates are well under this.
constexpr size_t kReplyLimit = 16 << 20;

struct Settings {
  std::string url;
  std::string auth_key;
  std::string province;
  config::Located<std::string> principal;
  milliseconds every{300'000};
  uint32_t at_once = 4;
  milliseconds timeout{60'000};
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("judicial endpoint settings")
          .text("url", &Settings::url,
                {.required = true,
                 .doc_en = "Where results are asked for",
                 .doc_vi = "Địa chỉ hỏi kết quả",
                 .example = "https://lltp.example.vn/api/traKetQua"})
          .secret("auth_key", &Settings::auth_key,
                  {.required = true, .doc_en = "authKey of the body", .doc_vi = "authKey trong thân"})
          .text("province", &Settings::province,
                {.required = true, .doc_en = "maTinh of the question", .doc_vi = "maTinh khi hỏi", .example = "22"})
          .text("principal", &Settings::principal,
                {.required = true,
                 .doc_en = "Principal the answers are accepted as",
                 .doc_vi = "Chủ thể đứng tên kết quả nhận về",
                 .example = "judicial"})
          .duration("every", &Settings::every,
                    {.doc_en = "Between two rounds over all open dossiers",
                     .doc_vi = "Khoảng cách giữa hai vòng hỏi",
                     .least = 10})
          .integer("at_once", &Settings::at_once,
                   {.doc_en = "Questions in flight", .doc_vi = "Số câu hỏi cùng lúc", .least = 1, .most = 64})
          .duration("timeout", &Settings::timeout,
                    {.doc_en = "For one question", .doc_vi = "Thời gian một câu hỏi", .least = 1});
  return spec;
}

int state_of(const Node* node) {
  // "9" and 9 are the same; anything else is no state.
  if (!node || (node->kind != Kind::number && node->kind != Kind::text)) return 0;
  const auto text = node->text;
  if (text.empty() || text.size() > 2) return 0;
  int state = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    state = state * 10 + (c - '0');
  }
  return state;
}

const Node* item_of(const Node* root, std::string_view dossier) {
  const Node* values = root && root->kind == Kind::object ? root->find("value") : nullptr;
  if (!values || values->kind != Kind::array) return nullptr;
  for (const Node* item = values->first; item; item = item->next) {
    const Node* number = item->kind == Kind::object ? item->find("maHoSoMCDT") : nullptr;
    if (number && number->text == dossier) return item;
  }
  return nullptr;
}

class JudicialSource final : public adapter::Source {
 public:
  static adapter::References references(const Settings& settings) { return {{}, {settings.principal}, {}}; }
  JudicialSource(std::shared_ptr<const Settings> settings, adapter::Services services, adapter::Intake*)
      : settings_(std::move(settings)),
        services_(services),
        failures_(services.metrics->counter("lienthong_poll_failures_total",
                                            "Polls of a partner that got no usable answer",
                                            {{"endpoint", services.name}})) {}

  net::Task<void> run(adapter::Intake* intake) override {
    intake_ = intake;
    for (;;) {
      waiting_.clear();
      if (const auto why = intake_->paused()) {
        log::warn("judicial", "nobody is asked: nothing could be accepted now",
                  {{"endpoint", services_.name}, {"error", *why}});
      } else {
        auto open = co_await services_.watches->open(services_.name);
        waiting_.assign(open.begin(), open.end());
        co_await ask_all();
      }
      const bool go_on = co_await services_.rest(settings_->every);
      if (!go_on) co_return;
    }
  }

 private:
  net::Task<void> ask_all() {
    const size_t askers = std::min<size_t>(settings_->at_once, waiting_.size());
    if (askers == 0) co_return;
    net::Promise<bool> done;
    auto finished = done.future();
    asking_ = askers;
    for (size_t i = 0; i < askers; ++i) services_.shard->spawn("judicial poll", ask_some(done));
    co_await finished.wait();
  }

  net::Task<void> ask_some(net::Promise<bool> done) {
    while (!waiting_.empty()) {
      WatchChange watch = std::move(waiting_.front());
      waiting_.pop_front();
      co_await ask(std::move(watch));
    }
    if (--asking_ == 0) done.set(true);
  }

  net::Task<void> ask(WatchChange watch) {
    net::Call call;
    call.url = settings_->url;
    call.total_time = settings_->timeout;
    call.response_limit = kReplyLimit;
    call.headers.set("Content-Type", "application/json");
    call.body = question(watch.key);
    auto reply = co_await services_.shard->client().call(std::move(call));
    if (!reply || reply->status != 200) {
      failures_.add();
      log::warn("judicial", "no answer about a dossier",
                {{"endpoint", services_.name},
                 {"dossier", watch.key},
                 {"error", reply ? "HTTP " + std::to_string(reply->status) : reply.error().error.text()}});
      co_return;
    }
    Tree tree;
    if (auto parsed = codec::parse_json(std::move(reply->body), tree); !parsed) {
      failures_.add();
      log::warn("judicial", "an answer that is no JSON",
                {{"endpoint", services_.name}, {"dossier", watch.key}, {"error", parsed.error()}});
      co_return;
    }
    // Not there yet is a normal answer: the partner lists a dossier once it has something to say.
    const Node* item = item_of(tree.root(), watch.key);
    if (!item) co_return;
    const int state = state_of(item->find("trangThaiXuLy"));
    const OpenDossier before = from_context(watch.context);
    if (!moves_forward(before.state, state)) co_return;
    auto inbound = answer(watch, before, state, item);
    Result<adapter::Submitted> submitted;
    if (inbound)
      submitted = co_await intake_->submit(std::move(*inbound));
    else
      submitted = fail(std::move(inbound).error());
    if (!submitted) {
      log::warn("judicial", "an answer could not be accepted; it is asked for again",
                {{"endpoint", services_.name}, {"dossier", watch.key}, {"error", submitted.error()}});
    }
  }

  std::string question(const std::string& dossier) const {
    std::string body = "{\"authKey\":";
    quote_json(settings_->auth_key, body);
    body += ",\"maTinh\":";
    quote_json(settings_->province, body);
    body += ",\"maHoSoMCDT\":";
    quote_json(dossier, body);
    body += '}';
    return body;
  }

  Result<adapter::Inbound> answer(const WatchChange& watch, OpenDossier dossier, int state, const Node* item) const {
    adapter::Inbound inbound;
    inbound.principal = settings_->principal.value;
    inbound.content_type = "application/json";
    std::string text;
    LT_TRY(codec::write_json(item, text));
    MemorySource bytes(text);
    LT_ASSIGN(inbound.body, intake_->keep(bytes, kReplyLimit));
    inbound.idempotency_key = watch.key + '#' + std::to_string(state);
    inbound.to = {dossier.agency};
    inbound.correlates = dossier.request;
    inbound.polled = true;
    dossier.state = state;
    inbound.watches.push_back({watch.set, watch.key, to_context(dossier), !is_final_state(state)});
    return inbound;
  }

  std::shared_ptr<const Settings> settings_;
  adapter::Services services_;
  Counter& failures_;
  adapter::Intake* intake_ = nullptr;
  std::deque<WatchChange> waiting_;
  size_t asking_ = 0;
};

}  // namespace

std::shared_ptr<adapter::SourceBlueprint> parse_judicial_source(const config::Value& block,
                                                                config::Diagnostics& diagnostics) {
  return adapter::read_source<JudicialSource>(settings_spec(), block, diagnostics);
}

}  // namespace lt::adapters
