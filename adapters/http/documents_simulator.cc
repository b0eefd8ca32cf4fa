#include <algorithm>
#include <random>
#include <unordered_set>

#include <fmt/format.h>

#include "adapters/http/http.h"
#include "core/adapter/document_play.h"
#include "core/adapter/habits.h"
#include "core/base/json_text.h"
#include "core/base/log.h"
#include "core/codec/json.h"
#include "core/net/client.h"

namespace lt::adapters {
namespace {

constexpr size_t kFileLimit = 1 << 30;
constexpr std::chrono::milliseconds kBetweenTries{100};

// Plays the document-management system of an agency: sends documents until each has its receipt, takes documents and
// statuses at /edxml/in, and reports 01, 03 and 06 on every document it received.
class DocumentsSimulator final : public adapter::Simulator {
 public:
  explicit DocumentsSimulator(adapter::SimulatorServices services) : services_(services), random_(services.seed) {
    habits_.bind(settings_);
    settings_.bind("bus", &bus_);
    settings_.bind("documents_path", &documents_path_);
    settings_.bind("statuses_path", &statuses_path_);
    settings_.bind("key", &key_);
    settings_.bind("organ_id", &organ_id_);
    settings_.bind("receivers", &receivers_);
    settings_.bind("start", &wanted_);
    settings_.bind("at_once", &at_once_);
    settings_.bind("file_bytes", &file_bytes_);
    settings_.bind("big_every", &big_every_);
    settings_.bind("big_bytes", &big_bytes_);
    settings_.bind("update_every", &update_every_);
    settings_.bind("status_delay_ms", &status_delay_ms_);
    settings_.bind("recognise_repeats", &recognise_repeats_);
  }

  void serve(net::Router& router) override {
    router.add("POST", "/edxml/in", [this](net::Exchange* exchange) {
      net::Handler work = [this](net::Exchange* inner) { return arrive(inner); };
      return adapter::with_habits(exchange, &habits_, &random_, std::move(work));
    });
  }

  Result<void> control(const Node* settings) override {
    LT_TRY(settings_.apply(settings));
    if (wanted_ > begun_ && adapter::split_list(receivers_, ';').empty())
      return fail(Code::usage, "`start` needs `receivers`");
    const int64_t senders = std::min(at_once_, wanted_ - begun_);
    while (senders_ < senders) {
      ++senders_;
      services_.pool->shard(0).spawn("documents sender", send_documents());
    }
    return {};
  }

  std::string report() override;

 private:
  struct Post {
    std::string path, key, file;
  };
  net::Task<void> send_documents();
  net::Task<void> send_document(int64_t number, std::string updates);
  net::Task<void> answer(codec::EdxmlFile document);
  net::Task<bool> post(Post what);
  net::Task<net::Response> arrive(net::Exchange* exchange);
  std::vector<std::string> receivers_of(int64_t number) const {
    const auto patterns = adapter::split_list(receivers_, ';');
    return adapter::split_list(patterns[static_cast<size_t>(number) % patterns.size()], ',');
  }
  Wall now() const { return services_.clock->wall(); }

  adapter::SimulatorServices services_;
  std::mt19937_64 random_;
  adapter::SimulatorSettings settings_;
  adapter::Habits habits_;
  std::string bus_, documents_path_ = "/edxml/documents", statuses_path_ = "/edxml/statuses", key_,
                    organ_id_ = "H22.10";
  std::string receivers_ = "H49.02;H49.02,G15.01";  // by turns
  int64_t wanted_ = 0, at_once_ = 8, file_bytes_ = 1'000, big_every_ = 0, big_bytes_ = 8'000'000, update_every_ = 0,
          status_delay_ms_ = 0;
  bool recognise_repeats_ = true;  // by our event id, as the contract with this system says
  int64_t begun_ = 0, senders_ = 0;
  adapter::DocumentLedger ledger_;
  std::unordered_set<std::string> events_;
  size_t sent_ = 0, reported_ = 0, answered_ = 0, to_answer_ = 0, repeats_ = 0, refused_ = 0, unreadable_ = 0;
  std::string last_refusal_;
};

net::Task<void> DocumentsSimulator::send_documents() {
  while (begun_ < wanted_) {
    const int64_t number = ++begun_;
    const std::string none;
    co_await send_document(number, none);
    // Its update leaves after it was accepted, as a clerk would send it.
    if (update_every_ <= 0 || number % update_every_ != 0 || begun_ >= wanted_) continue;
    const int64_t update = ++begun_;
    const std::string updated = adapter::sample_document_id(organ_id_, number);
    co_await send_document(update, updated);
  }
  --senders_;
}

net::Task<void> DocumentsSimulator::send_document(int64_t number, std::string updates) {
  adapter::SampleDocument sample;
  sample.from = organ_id_;
  sample.to = receivers_of(number);
  if (!updates.empty()) {
    // To those who have the document that is updated.
    const auto slash = updates.rfind('/');
    const auto comma = updates.rfind(',');
    sample.to = receivers_of(std::atoll(updates.substr(comma + 1, slash - comma - 1).c_str()));
  }
  sample.number = number;
  sample.file_bytes = static_cast<size_t>(big_every_ > 0 && number % big_every_ == 0 ? big_bytes_ : file_bytes_);
  sample.updates = std::move(updates);
  sample.at = now();
  auto file = adapter::sample_document(sample);
  auto read = file ? codec::read_edxml(*file) : Result<codec::EdxmlFile>(fail(file.error()));
  if (!read) {
    ++refused_;
    last_refusal_ = read.error().text();
    co_return;
  }
  ledger_.sent(*read);
  Post what{documents_path_, read->document_id, std::move(*file)};
  const bool accepted = co_await post(std::move(what));
  if (accepted) ++sent_;
}

net::Task<bool> DocumentsSimulator::post(Post what) {
  for (;;) {
    net::Call call;
    call.url = bus_ + what.path;
    call.headers.set("Content-Type", "application/xml");
    call.headers.set("X-API-Key", key_);
    call.headers.set("Idempotency-Key", what.key);
    call.body = what.file;
    auto reply = co_await services_.pool->shard(0).client().call(std::move(call));
    if (reply && reply->status == 202) co_return true;
    if (reply && reply->status != 503 && reply->status != 507) {
      ++refused_;
      last_refusal_ = reply->body;
      log::warn("documents", "the bus refused a file",
                {{"document", what.key}, {"status", reply->status}, {"error", reply->body}});
      co_return false;
    }
    const bool go_on = co_await services_.pool->shard(0).sleep(kBetweenTries);
    if (!go_on) co_return false;
  }
}

net::Task<net::Response> DocumentsSimulator::arrive(net::Exchange* exchange) {
  net::Response response;
  const std::string event(exchange->head.headers.get("Idempotency-Key"));
  auto body = co_await net::read_all(exchange->body, kFileLimit);
  auto read = body ? codec::read_edxml(*body) : Result<codec::EdxmlFile>(fail(body.error()));
  if (!read) {
    ++unreadable_;
    response.status = 400;
    response.body = read.error().text();
    co_return response;
  }
  if (!events_.insert(event).second) {
    ++repeats_;
    if (recognise_repeats_) {
      response.status = 409;
      co_return response;
    }
  }
  if (read->status) {
    ledger_.status(*read);
  } else if (ledger_.document(*read, organ_id_)) {
    ++to_answer_;
    services_.pool->shard(0).spawn("documents answer", answer(std::move(*read)));
  }
  co_return response;
}

net::Task<void> DocumentsSimulator::answer(codec::EdxmlFile document) {
  for (const char* code : adapter::kReportedStatuses) {
    auto file = adapter::sample_status(document, organ_id_, code, now());
    if (!file) co_return;
    Post what{statuses_path_, fmt::format("{}#{}#{}", document.document_id, organ_id_, code), std::move(*file)};
    const bool accepted = co_await post(std::move(what));
    if (!accepted) co_return;
    ++reported_;
    const auto pause = std::chrono::milliseconds(status_delay_ms_);
    if (status_delay_ms_ <= 0) continue;
    const bool go_on = co_await services_.pool->shard(0).sleep(pause);
    if (!go_on) co_return;
  }
  ++answered_;
  --to_answer_;
}

std::string DocumentsSimulator::report() {
  const bool done = static_cast<int64_t>(sent_) == wanted_ && ledger_.all_reported() && to_answer_ == 0;
  std::string out = fmt::format(
      R"({{"sent":{},"done":{},"documents_sent":{},"statuses_sent":{},"answered":{},"to_answer":{},"repeats":{},"refused":{},"unreadable":{},"last_refusal":)",
      sent_ + reported_, done, sent_, reported_, answered_, to_answer_, repeats_, refused_, unreadable_);
  quote_json(last_refusal_, out);
  return out + ',' + ledger_.report() + '}';
}

}  // namespace

std::unique_ptr<adapter::Simulator> make_documents_simulator(adapter::SimulatorServices services) {
  return std::make_unique<DocumentsSimulator>(services);
}

}  // namespace lt::adapters
