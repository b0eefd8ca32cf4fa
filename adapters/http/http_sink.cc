#include <chrono>
#include <map>

#include "adapters/http/http.h"
#include "core/adapter/blueprint.h"
#include "core/adapter/reply.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/net/client.h"
#include "core/net/multipart.h"

namespace lt::adapters {
namespace {

using std::chrono::milliseconds;

struct Operation {
  std::string url;
  std::string method = "POST";
};

struct Settings {
  std::string url;
  std::string method = "POST";
  std::map<std::string, Operation> operations;
  std::map<std::string, std::string> headers;
  SinkClass sink_class = SinkClass::none;
  std::string probe_url;
  std::string event_header = "Idempotency-Key";
  std::string document_part = "document";
  milliseconds connect_time{5'000};
  milliseconds timeout{30'000};
  std::vector<std::string> code_fields, text_fields, reference_fields;
  std::vector<adapter::ReplyRule> replies;
};

const config::Spec<Operation>& operation_spec() {
  static const auto spec =
      config::Spec<Operation>("http operation")
          .text("url", &Operation::url,
                {.required = true, .doc_en = "Where this operation is sent", .doc_vi = "Địa chỉ của thao tác này"})
          .one_of("method", &Operation::method, {{"POST", "POST"}, {"PUT", "PUT"}},
                  {.doc_en = "HTTP method", .doc_vi = "Phương thức HTTP"});
  return spec;
}

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("http destination settings")
          .text("url", &Settings::url,
                {.required = true,
                 .doc_en = "Where messages are sent",
                 .doc_vi = "Địa chỉ nhận",
                 .example = "https://qlvb.example.vn/edxml"})
          .one_of("method", &Settings::method, {{"POST", "POST"}, {"PUT", "PUT"}},
                  {.doc_en = "HTTP method", .doc_vi = "Phương thức HTTP"})
          .map("operations", &Settings::operations, operation_spec(),
               {.doc_en = "Operations that go elsewhere than `url`", .doc_vi = "Thao tác gửi tới địa chỉ khác"})
          .text_map("headers", &Settings::headers,
                    {.doc_en = "Headers to add, e.g. a key from ${file:...}",
                     .doc_vi = "Header thêm vào, ví dụ khoá từ ${file:...}"})
          .one_of("class", &Settings::sink_class,
                  {{"partner_idempotent", SinkClass::partner_idempotent},
                   {"probe", SinkClass::probe},
                   {"none", SinkClass::none}},
                  {.doc_en = "What the partner does with a repeat", .doc_vi = "Đối tác xử lý bản gửi lặp thế nào"})
          .text("probe_url", &Settings::probe_url,
                {.doc_en = "For class probe: GET, {event_id} is replaced; 200 = has it, 404 = has it not",
                 .doc_vi = "Với class probe: GET, thay {event_id}; 200 = đã có, 404 = chưa có"})
          .text("event_header", &Settings::event_header,
                {.doc_en = "Header that carries our event id", .doc_vi = "Header mang mã sự kiện của trục"})
          .text("document_part", &Settings::document_part,
                {.doc_en = "Name of the document in a multipart body, beside the files of `as: part`",
                 .doc_vi = "Tên phần tài liệu trong thân multipart, bên cạnh các tệp của `as: part`",
                 .least = 1})
          .duration("connect_time", &Settings::connect_time,
                    {.doc_en = "To connect", .doc_vi = "Thời gian kết nối", .least = 1})
          .duration("timeout", &Settings::timeout,
                    {.doc_en = "For the whole call", .doc_vi = "Thời gian cả lượt gọi", .least = 1})
          .texts("code_fields", &Settings::code_fields,
                 {.doc_en = "Members of a JSON reply that hold the partner's code",
                  .doc_vi = "Trường chứa mã trong trả lời JSON"})
          .texts("text_fields", &Settings::text_fields,
                 {.doc_en = "Members that hold its words; none: the whole body",
                  .doc_vi = "Trường chứa lời trả lời; không khai: toàn bộ thân"})
          .texts("reference_fields", &Settings::reference_fields,
                 {.doc_en = "Members that hold its number for what it took", .doc_vi = "Trường chứa số của đối tác"})
          .list("replies", &Settings::replies, adapter::reply_rule_spec(),
                {.doc_en = "How replies are judged, before the defaults",
                 .doc_vi = "Luật đọc trả lời, xét trước mặc định"})
          .check([](const Settings& settings, const config::Value& at, config::Diagnostics& diagnostics) {
            if (settings.sink_class != SinkClass::probe || !settings.probe_url.empty()) return true;
            diagnostics.error(Code::missing_key, at.place(), "class probe needs probe_url",
                              "add probe_url: https://partner/events/{event_id}");
            return false;
          });
  return spec;
}

std::vector<adapter::ReplyRule> known_rules(SinkClass sink_class) {
  std::vector<adapter::ReplyRule> rules;
  adapter::ReplyRule taken;
  taken.status = {200, 299};
  taken.is = OutcomeKind::delivered;
  rules.push_back(taken);
  if (sink_class == SinkClass::partner_idempotent) {
    adapter::ReplyRule again;
    again.status = {409, 409};
    again.is = OutcomeKind::duplicate;
    rules.push_back(again);
  }
  return rules;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  if (const size_t at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
  return text;
}

class HttpSink final : public adapter::Sink {
 public:
  static SinkClass sink_class(const Settings& settings) { return settings.sink_class; }
  static constexpr bool kTakesParts = true;
  static milliseconds answers_within(const Settings& settings) { return settings.timeout; }
  HttpSink(std::shared_ptr<const Settings> settings, adapter::Services services)
      : settings_(std::move(settings)),
        fields_{settings_->code_fields, settings_->text_fields, settings_->reference_fields},
        rules_(adapter::joined(settings_->replies, known_rules(settings_->sink_class))),
        services_(services) {}

  bool takes_parts() const override { return kTakesParts; }
  net::Task<std::vector<Outcome>> deliver(std::vector<adapter::Outgoing> batch) override {
    std::vector<Outcome> outcomes;
    for (auto& outgoing : batch) {
      net::Call call = prepared(outgoing);
      auto result = co_await services_.shard->client().call(std::move(call));
      outcomes.push_back(adapter::judge_call(result, fields_, rules_));
    }
    co_return outcomes;
  }

  net::Task<Outcome> probe(adapter::Outgoing outgoing) override {
    net::Call call;
    call.method = "GET";
    call.url = replaced(settings_->probe_url, "{event_id}", percent_encode(outgoing.event_id));
    add_headers(call);
    auto result = co_await services_.shard->client().call(std::move(call));
    if (!result) co_return adapter::judge_failure(result.error().error, false);
    Outcome outcome;
    if (result->status == 200) {
      outcome.kind = OutcomeKind::delivered;
    } else if (result->status == 404) {
      outcome.kind = OutcomeKind::absent;
    } else {
      outcome.kind = OutcomeKind::retry;
      outcome.code = Code::partner_busy;
      outcome.detail = "asked whether it arrived: HTTP " + std::to_string(result->status);
    }
    co_return outcome;
  }

  net::Task<adapter::Replied> request(adapter::Outgoing question, milliseconds time) override {
    net::Call call = prepared(question);
    call.total_time = std::min(call.total_time, time);
    call.connect_time = std::min(call.connect_time, time);
    call.response_limit = limits::kExchangeReply;
    auto result = co_await services_.shard->client().call(std::move(call));
    adapter::Replied replied;
    replied.outcome = adapter::judge_call(result, fields_, rules_);
    if (result) {
      replied.status = result->status;
      replied.content_type = result->headers.get("Content-Type");
      replied.body = std::move(result->body);
    }
    co_return replied;
  }

 private:
  net::Call prepared(adapter::Outgoing& outgoing) const {
    net::Call call;
    call.url = settings_->url;
    call.method = settings_->method;
    if (auto found = settings_->operations.find(outgoing.operation); found != settings_->operations.end()) {
      call.url = found->second.url;
      call.method = found->second.method;
    }
    add_headers(call);
    call.headers.set("Content-Type", outgoing.content_type);
    call.headers.set(settings_->event_header, outgoing.event_id);
    if (!outgoing.message->envelope.trace.empty()) call.headers.set("traceparent", outgoing.message->envelope.trace);
    if (!outgoing.parts.empty()) {
      join_parts(outgoing, call);
      return call;
    }
    call.body = std::move(outgoing.body);
    call.stream = std::move(outgoing.stream);
    return call;
  }

  // multipart/form-data: the document first, then its files under the names by which the document knows them.
  void join_parts(adapter::Outgoing& outgoing, net::Call& call) const {
    // The same at every attempt: a repeat is the same body, to the byte.
    net::MultipartWriter writer("lienthong-" + hex(sha256(outgoing.event_id)).substr(0, 32));
    writer.name_twice();
    if (outgoing.stream)
      writer.add_file(settings_->document_part, {}, outgoing.content_type, std::move(outgoing.stream));
    else
      writer.add_file(settings_->document_part, {}, outgoing.content_type, std::move(outgoing.body));
    for (adapter::OutgoingPart& part : outgoing.parts)
      writer.add_file(part.name, part.filename, part.content_type, std::move(part.stream));
    call.headers.set("Content-Type", writer.content_type());
    call.stream = writer.finish();
  }

  void add_headers(net::Call& call) const {
    call.connect_time = settings_->connect_time;
    call.total_time = settings_->timeout;
    for (const auto& [name, value] : settings_->headers) call.headers.set(name, value);
  }

  std::shared_ptr<const Settings> settings_;
  adapter::ReplyFields fields_;
  adapter::ReplyRules rules_;
  adapter::Services services_;
};

}  // namespace

std::shared_ptr<adapter::SinkBlueprint> parse_http_sink(const config::Value& block, config::Diagnostics& diagnostics) {
  return adapter::read_sink<HttpSink>(settings_spec(), block, diagnostics);
}

void register_http(adapter::Registry& registry) {
  registry.add(
      {.name = "http",
       .doc = "Generic HTTP: JSON or XML posted in, posted out",
       .parse_source = parse_http_source,
       .parse_sink = parse_http_sink,
       .simulators = {
           {"documents", "The document-management system of an agency: sends edXML documents, takes and answers them",
            make_documents_simulator},
           {"inbox", "A system that takes anything posted to /in and keeps it as files", make_inbox_simulator}}});
}

}  // namespace lt::adapters
