#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "adapters/axis/axis.h"
#include "adapters/axis/edoc_reply.h"
#include "core/adapter/blueprint.h"
#include "core/adapter/reply.h"
#include "core/base/json_text.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/codec/json.h"
#include "core/net/client.h"
#include "core/net/promise.h"

namespace lt::adapters {
namespace {

using std::chrono::milliseconds;

// The list has no pages: a hundred thousand entries come as one answer.
constexpr size_t kListLimit = 64 << 20;
// Rounds in which an entry that cannot be had holds back what its sender sent after it.
constexpr int kPatience = 3;

struct Settings {
  std::string url, system_id, secret;
  config::Located<std::string> principal;
  std::string document_type = "edxml/document", status_type = "edxml/status";
  milliseconds every{300'000};
  uint32_t at_once = 4;
  milliseconds timeout{30'000};
  uint64_t document_limit = 512 << 20;
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("axis endpoint settings")
          .text("url", &Settings::url,
                {.required = true,
                 .doc_en = "Address before /v1/getReceivedEdocList (the shape of that call is borrowed from the "
                           "national SDK: verify it with the axis)",
                 .doc_vi = "Địa chỉ đứng trước /v1/getReceivedEdocList (dạng lời gọi lấy theo SDK quốc gia: cần kiểm "
                           "chứng với trục)",
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
          .text("principal", &Settings::principal,
                {.required = true,
                 .doc_en = "Principal that received files are accepted as",
                 .doc_vi = "Chủ thể đứng tên văn bản nhận về",
                 .example = "axis"})
          .text("document_type", &Settings::document_type,
                {.doc_en = "Message type of documents", .doc_vi = "Loại thông điệp của văn bản"})
          .text("status_type", &Settings::status_type,
                {.doc_en = "Message type of status messages", .doc_vi = "Loại thông điệp của trạng thái"})
          .duration("every", &Settings::every,
                    {.doc_en = "Between two looks at the inbox",
                     .doc_vi = "Khoảng cách giữa hai lần xem hộp thư",
                     .least = 10})
          .integer(
              "at_once", &Settings::at_once,
              {.doc_en = "Files fetched at the same time", .doc_vi = "Số tệp tải cùng lúc", .least = 1, .most = 64})
          .duration("timeout", &Settings::timeout,
                    {.doc_en = "For one call; with large files between two reads",
                     .doc_vi = "Thời gian một lời gọi; tệp lớn: giữa hai lần đọc",
                     .least = 1})
          .size("document_limit", &Settings::document_limit,
                {.doc_en = "Largest file taken; a larger one stays in the inbox",
                 .doc_vi = "Tệp lớn nhất được nhận; tệp lớn hơn để lại trong hộp thư",
                 .least = 1});
  return spec;
}

std::string text_of(const Node* object, std::string_view name) {
  const Node* node = object->find(name);
  return node && (node->kind == Kind::text || node->kind == Kind::number) ? std::string(node->text) : std::string();
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// One entry of the inbox.
struct Item {
  std::string doc_id, from, created;
  net::Future<bool> before;  // the sender's entry before this one: false when it was not accepted yet
  net::Promise<bool> after;
};

// Oldest first, so that what a sender wrote later is not accepted earlier. Lists come in any order; the times have no
// fixed form but sort as text, and within one second numbers that rise tell.
bool older(const Item& a, const Item& b) {
  if (a.created != b.created) return a.created < b.created;
  if (!all_digits(a.doc_id) || !all_digits(b.doc_id)) return false;
  return a.doc_id.size() != b.doc_id.size() ? a.doc_id.size() < b.doc_id.size() : a.doc_id < b.doc_id;
}

class AxisSource final : public adapter::Source {
 public:
  static adapter::References references(const Settings& settings) { return {{}, {settings.principal}, {}}; }
  AxisSource(std::shared_ptr<const Settings> settings, adapter::Services services, adapter::Intake*)
      : settings_(std::move(settings)),
        account_{settings_->url, settings_->system_id, settings_->secret},
        services_(services),
        failures_(services.metrics->counter("lienthong_poll_failures_total",
                                            "Polls of a partner that got no usable answer",
                                            {{"endpoint", services.name}})) {}

  net::Task<void> run(adapter::Intake* intake) override {
    intake_ = intake;
    for (;;) {
      if (const auto why = intake_->paused()) {
        log::warn("axis", "the inbox is left alone: nothing could be accepted now",
                  {{"endpoint", services_.name}, {"error", *why}});
      } else {
        co_await empty_inbox(&documents_);
        co_await empty_inbox(&statuses_);
      }
      const bool go_on = co_await services_.rest(settings_->every);
      if (!go_on) co_return;
    }
  }

 private:
  // One kind of file and what is remembered of its entries while they are listed.
  struct Inbox {
    std::string kind;                                      // messageType
    std::unordered_map<std::string, std::string> settled;  // accepted, but the acknowledgement failed: what to say
    std::unordered_map<std::string, int> failed;           // rounds in a row
  };

  net::Task<void> empty_inbox(Inbox* inbox) {
    std::vector<Item> items;
    const bool listed = co_await list(inbox, &items);
    if (!listed) co_return;
    std::map<std::string, net::Future<bool>> last;
    for (Item& item : items) {
      if (auto before = last.find(item.from); before != last.end()) item.before = std::move(before->second);
      last[item.from] = item.after.future();
    }
    waiting_.assign(std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
    held_.clear();
    workers_ = std::min<size_t>(settings_->at_once, waiting_.size());
    if (workers_ == 0) co_return;
    net::Promise<bool> done;
    auto finished = done.future();
    const size_t workers = workers_;
    for (size_t i = 0; i < workers; ++i) services_.shard->spawn("axis fetch", fetch_some(inbox, done));
    co_await finished.wait();
  }

  net::Task<void> fetch_some(Inbox* inbox, net::Promise<bool> done) {
    while (!waiting_.empty()) {
      Item item = std::move(waiting_.front());
      waiting_.pop_front();
      co_await take(inbox, &item);
    }
    if (--workers_ == 0) done.set(true);
  }

  net::Task<bool> list(Inbox* inbox, std::vector<Item>* items) {
    net::Call call = json_call("/v1/getReceivedEdocList", "{\"messageType\":\"" + inbox->kind + "\"}");
    call.response_limit = kListLimit;
    auto reply = co_await services_.shard->client().call(std::move(call));
    if (auto problem = problem_of(reply); !problem.empty()) {
      poll_failed("the inbox could not be listed", inbox->kind, problem);
      co_return false;
    }
    Tree tree;
    if (auto parsed = codec::parse_json(std::move(reply->body), tree); !parsed)
      co_return false;  // problem_of has parsed it
    const Node* entries = tree.root()->find("data");
    std::set<std::string> ids;
    for (const Node* entry = entries && entries->kind == Kind::array ? entries->first : nullptr; entry;
         entry = entry->next) {
      if (entry->kind != Kind::object) continue;
      Item item;
      item.doc_id = text_of(entry, "docId");
      item.from = text_of(entry, "from");
      item.created = text_of(entry, "created_time");
      // An entry that is listed twice is one entry.
      if (!item.doc_id.empty() && ids.insert(item.doc_id).second) items->push_back(std::move(item));
    }
    std::stable_sort(items->begin(), items->end(), older);
    std::erase_if(inbox->settled, [&ids](const auto& entry) { return !ids.contains(entry.first); });
    std::erase_if(inbox->failed, [&ids](const auto& entry) { return !ids.contains(entry.first); });
    co_return true;
  }

  // Fetches side by side, but submits what one sender sent in its order. The acknowledgement comes last.
  net::Task<void> take(Inbox* inbox, Item* item) {
    if (auto known = inbox->settled.find(item->doc_id); known != inbox->settled.end()) {
      const std::string status = known->second;
      item->after.set(true);
      co_await acknowledge(inbox, item->doc_id, status);
      co_return;
    }
    if (held_.contains(item->from)) {
      item->after.set(false);
      co_return;
    }
    auto body = co_await fetch(item->doc_id);
    if (item->before.valid()) {
      const bool go_on = co_await item->before.wait();
      if (!go_on) {
        item->after.set(false);
        co_return;
      }
    }
    if (!body) {
      poll_failed("a file could not be fetched", item->doc_id, redacted(body.error().text(), account_));
      give_up_or_hold(inbox, item, false);
      co_return;
    }
    auto inbound = inbound_of(inbox, item->doc_id, std::move(*body));
    auto submitted = co_await intake_->submit(std::move(inbound));
    if (!submitted) {
      log::warn("axis", "a file could not be accepted; it is fetched again",
                {{"endpoint", services_.name}, {"document", item->doc_id}, {"error", submitted.error()}});
      give_up_or_hold(inbox, item, submitted.error().retry() == Retry::later);
      co_return;
    }
    inbox->failed.erase(item->doc_id);
    item->after.set(true);
    const std::string status = submitted->dead ? "fail" : "done";
    co_await acknowledge(inbox, item->doc_id, status);
  }

  // The sender's later files wait for this one, but not for ever when the fault seems to be its own.
  void give_up_or_hold(Inbox* inbox, Item* item, bool ours) {
    const bool hold = ours || ++inbox->failed[item->doc_id] < kPatience;
    if (hold) held_.insert(item->from);
    item->after.set(!hold);
  }

  net::Task<Result<Body>> fetch(std::string doc_id) {
    std::string question = "{\"docId\":";
    quote_json(doc_id, question);
    net::Call call = json_call("/v1/getEdoc", question + "}");
    EdocReply file(settings_->document_limit);
    call.response_sink = &file;
    call.sink_limit = codec::base64_size(settings_->document_limit) * 2;
    auto reply = co_await services_.shard->client().call(std::move(call));
    if (!reply) {
      // The reason of the one who stopped reading is better than that reading stopped.
      if (auto checked = file.check(); !checked && checked.error().code != Code::partner_unclear)
        co_return fail(checked.error());
      co_return fail(reply.error().error);
    }
    if (reply->status < 200 || reply->status > 299)
      co_return fail(Code::partner_busy, "HTTP " + std::to_string(reply->status));
    if (!file.raw()) {
      reply->body = file.skeleton();
      if (auto problem = problem_of(reply); !problem.empty()) co_return fail(Code::partner_refused, problem);
    }
    if (auto checked = file.check(); !checked) co_return fail(checked.error());
    SpoolReader reader(file.file());
    co_return co_await intake_->receive(&reader, settings_->document_limit);
  }

  adapter::Inbound inbound_of(const Inbox* inbox, const std::string& doc_id, Body body) const {
    adapter::Inbound inbound;
    inbound.type = inbox == &documents_ ? settings_->document_type : settings_->status_type;
    inbound.principal = settings_->principal.value;
    inbound.content_type = "application/xml";
    inbound.body = std::move(body);
    // Nobody says that documents and statuses share one row of numbers.
    inbound.idempotency_key = inbox->kind + '/' + doc_id;
    inbound.polled = true;
    return inbound;
  }

  net::Task<void> acknowledge(Inbox* inbox, std::string doc_id, std::string status) {
    std::string body = "{\"docId\":";
    quote_json(doc_id, body);
    net::Call call = json_call("/v1/updateStatus", body + ",\"status\":\"" + status + "\"}");
    auto reply = co_await services_.shard->client().call(std::move(call));
    if (auto problem = problem_of(reply); !problem.empty()) {
      poll_failed("a file was accepted, but this could not be acknowledged; it is said again", doc_id, problem);
      inbox->settled[doc_id] = status;
      co_return;
    }
    inbox->settled.erase(doc_id);
  }

  net::Call json_call(std::string_view path, std::string body) const {
    net::Call call = axis_call(account_, path);
    call.total_time = settings_->timeout;
    call.headers.set("Content-Type", "application/json");
    call.body = std::move(body);
    return call;
  }

  // "" for a JSON answer with ErrorCode 0. Old clients took an answer that is no JSON for an empty list.
  std::string problem_of(const net::CallResult& reply) const {
    static const adapter::ReplyFields fields{{"ErrorCode", "errorCode"}, {"ErrorDesc", "errorDesc"}, {}};
    if (!reply) return reply.error().error.text();
    if (reply->status < 200 || reply->status > 299) return "HTTP " + std::to_string(reply->status);
    const adapter::Reply read = adapter::read_reply(*reply, fields);
    if (read.code == "0") return {};
    if (read.code.empty()) return "the answer is no JSON with an ErrorCode";
    return redacted("code " + read.code + ": " + read.text.substr(0, limits::kCauseText), account_);
  }

  void poll_failed(std::string_view what, const std::string& which, const std::string& why) {
    failures_.add();
    log::warn("axis", what, {{"endpoint", services_.name}, {"document", which}, {"error", why}});
  }

  std::shared_ptr<const Settings> settings_;
  AxisAccount account_;
  adapter::Services services_;
  Counter& failures_;
  adapter::Intake* intake_ = nullptr;
  Inbox documents_{"edoc", {}, {}}, statuses_{"status", {}, {}};
  std::deque<Item> waiting_;
  std::set<std::string> held_;  // senders whose later files wait for the next round
  size_t workers_ = 0;
};

}  // namespace

std::shared_ptr<adapter::SourceBlueprint> parse_axis_source(const config::Value& block,
                                                            config::Diagnostics& diagnostics) {
  return adapter::read_source<AxisSource>(settings_spec(), block, diagnostics);
}

}  // namespace lt::adapters
