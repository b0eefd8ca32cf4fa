#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "adapters/axis/axis.h"
#include "core/adapter/document_play.h"
#include "core/adapter/habits.h"
#include "core/base/json_text.h"
#include "core/codec/base64.h"
#include "core/codec/edxml.h"
#include "core/codec/json.h"
#include "core/net/multipart.h"

namespace lt::adapters {
namespace {

constexpr size_t kFileLimit = 1 << 30;

// Plays the axis and the agencies that hang on it. The bus is one subscriber of it: it sends for its own agencies and
// finds in its inbox what the others send to them. The axis takes every file it is given, repeats included.
class AxisSimulator final : public adapter::Simulator {
 public:
  explicit AxisSimulator(adapter::SimulatorServices services) : services_(services), random_(services.seed) {
    habits_.bind(settings_);
    settings_.bind("system_id", &system_id_);
    settings_.bind("secret", &secret_);
    settings_.bind("organ_id", &organ_id_);
    settings_.bind("agencies", &agencies_);
    settings_.bind("bus_agencies", &bus_agencies_);
    settings_.bind("start", &wanted_);
    settings_.bind("file_bytes", &file_bytes_);
    settings_.bind("big_every", &big_every_);
    settings_.bind("big_bytes", &big_bytes_);
    settings_.bind("update_every", &update_every_);
    settings_.bind("status_delay_ms", &status_delay_ms_);
    settings_.bind("raw", &raw_);
    settings_.bind("bad_list", &bad_list_);
    settings_.bind("list_twice", &list_twice_);
    settings_.bind("unordered", &unordered_);
  }

  void serve(net::Router& router) override {
    add(router, "/v1/sendEdoc", &AxisSimulator::send_edoc);
    add(router, "/v1/getReceivedEdocList", &AxisSimulator::list_inbox);
    add(router, "/v1/getEdoc", &AxisSimulator::get_edoc);
    add(router, "/v1/updateStatus", &AxisSimulator::update_status);
  }

  Result<void> control(const Node* settings) override {
    LT_TRY(settings_.apply(settings));
    const auto internal = adapter::split_list(agencies_, ',');
    const auto behind_bus = adapter::split_list(bus_agencies_, ',');
    if (wanted_ > begun_ && (internal.empty() || behind_bus.empty()))
      return fail(Code::usage, "`start` needs an agency in `agencies` and one in `bus_agencies`");
    while (begun_ < wanted_) LT_TRY(write_document(internal.front(), behind_bus.front()));
    return {};
  }

  std::string report() override;

 private:
  struct Entry {
    std::string kind, from, to, file, created;
    bool fetched = false, settled = false;
  };
  using Work = net::Task<net::Response> (AxisSimulator::*)(net::Exchange*);

  void add(net::Router& router, std::string path, Work work) {
    router.add("POST", std::move(path), [this, work](net::Exchange* exchange) {
      net::Handler known = [this, work](net::Exchange* inner) { return checked(inner, work); };
      return adapter::with_habits(exchange, &habits_, &random_, std::move(known));
    });
  }
  net::Task<net::Response> checked(net::Exchange* exchange, Work work);
  net::Task<net::Response> send_edoc(net::Exchange* exchange);
  net::Task<net::Response> list_inbox(net::Exchange* exchange);
  net::Task<net::Response> get_edoc(net::Exchange* exchange);
  net::Task<net::Response> update_status(net::Exchange* exchange);

  net::Response answer(const char* code, const std::string& words, const std::string& more = {});
  std::pair<const char*, std::string> accept(const std::string& kind, const std::string& file);
  void relay_document(const codec::EdxmlFile& read, const std::string& file);
  void arrive(const std::string& agency, const std::string& file);
  net::Task<void> report_on(codec::EdxmlFile document, std::string agency);
  void put_status(const codec::EdxmlFile& about, const std::string& agency, const std::string& code);
  void put(std::string kind, std::string from, std::string to, std::string file);
  Result<void> write_document(const std::string& from, const std::string& to);
  std::string with_hop(const std::string& file) const;
  bool chance(double rate) { return rate > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < rate; }
  Wall now() const { return services_.clock->wall(); }
  static bool listed(const std::string& agencies, const std::string& agency) {
    const auto all = adapter::split_list(agencies, ',');
    return std::find(all.begin(), all.end(), agency) != all.end();
  }

  adapter::SimulatorServices services_;
  std::mt19937_64 random_;
  adapter::SimulatorSettings settings_;
  adapter::Habits habits_;
  std::string system_id_ = "lienthong", secret_ = "demo-secret", organ_id_ = "H49.00", agencies_ = "H49.02,G15.01",
              bus_agencies_ = "H22.10";
  int64_t wanted_ = 0, file_bytes_ = 1'000, big_every_ = 0, big_bytes_ = 8'000'000, update_every_ = 0,
          status_delay_ms_ = 50;
  double raw_ = 0, bad_list_ = 0, list_twice_ = 0;
  bool unordered_ = true;
  int64_t begun_ = 0;
  std::map<uint64_t, Entry> inbox_;  // of the bus, settled entries without their file
  uint64_t last_id_ = 1'000;
  adapter::DocumentLedger ledger_;
  size_t open_ = 0, to_report_ = 0, done_ = 0, failed_ = 0, unfetched_ = 0, repeated_settlements_ = 0, refused_ = 0,
         taken_ = 0, lists_ = 0;
  std::string last_refusal_;
};

net::Response AxisSimulator::answer(const char* code, const std::string& words, const std::string& more) {
  const bool ok = std::string_view(code) == "0";
  // Deployed systems answer with a number or with a string, as it comes.
  const std::string quote = (random_() & 1) != 0 ? "\"" : "";
  net::Response response;
  response.headers.add("Content-Type", "application/json");
  response.body =
      fmt::format("{{\"status\":\"{}\",\"ErrorCode\":{}{}{},\"ErrorDesc\":", ok ? "OK" : "FAIL", quote, code, quote);
  quote_json(words, response.body);
  response.body += more + "}";
  return response;
}

net::Task<net::Response> AxisSimulator::checked(net::Exchange* exchange, Work work) {
  const auto& headers = exchange->head.headers;
  if (headers.get("X-SystemId") != system_id_ || headers.get("X-SecretKey") != secret_) {
    ++refused_;
    last_refusal_ = "15";
    co_return answer("15", "Sai SystemId hoac SecretKey");
  }
  co_return co_await (this->*work)(exchange);
}

net::Task<net::Response> AxisSimulator::send_edoc(net::Exchange* exchange) {
  std::string file, kind;
  bool sound = false;
  if (auto boundary = net::multipart_boundary(exchange->head.headers.get("Content-Type"))) {
    net::MultipartReader parts(exchange->body, std::move(*boundary));
    for (;;) {
      auto part = co_await parts.next();
      if (!part) break;
      sound = !*part;
      if (sound) break;
      auto text = co_await net::read_all(&parts, kFileLimit);
      if (!text) break;
      if ((*part)->name == "edocFile" && !(*part)->filename.empty()) file = std::move(*text);
      if ((*part)->name == "messageType") kind = std::move(*text);
    }
  }
  auto [code, words] = sound && !file.empty() && (kind == "edoc" || kind == "status")
                           ? accept(kind, file)
                           : std::pair<const char*, std::string>("10", "File khong hop le");
  if (std::string_view(code) != "0") {
    ++refused_;
    last_refusal_ = std::string(code) + ": " + words;
    co_return answer(code, words);
  }
  co_return answer(code, words, ",\"DocId\":\"" + std::to_string(++last_id_) + '"');
}

// The result code, and its words in ASCII as the axis writes them.
std::pair<const char*, std::string> AxisSimulator::accept(const std::string& kind, const std::string& file) {
  // Receivers there look for the literal prefix.
  if (file.find("<edXML:edXMLHeader") == std::string::npos) return {"22", "Khong dung cau truc edXML"};
  const auto read = codec::read_edxml(file);
  if (!read) return {"22", "Khong dung cau truc edXML"};
  if (read->status != (kind == "status")) return {"22", "messageType khong khop noi dung"};
  if (!listed(bus_agencies_, read->from)) return {"19", "Don vi gui chua dang ky: " + read->from};
  for (const auto& to : read->to)
    if (!listed(agencies_, to) && !listed(bus_agencies_, to)) return {"18", "Khong co don vi nhan: " + to};
  ++taken_;
  if (read->status)
    ledger_.status(*read);
  else
    relay_document(*read, file);
  return {"0", ""};
}

std::string AxisSimulator::with_hop(const std::string& file) const {
  const auto hop = codec::plan_trace_header(file, organ_id_, now());
  if (!hop || !*hop) return file;
  std::string out = file;
  return out.replace((*hop)->offset, (*hop)->removed, (*hop)->text);
}

void AxisSimulator::relay_document(const codec::EdxmlFile& read, const std::string& file) {
  const std::string relayed = with_hop(file);
  for (const auto& to : read.to) {
    if (listed(bus_agencies_, to))
      put("edoc", read.from, to, relayed);
    else
      arrive(to, relayed);
  }
}

void AxisSimulator::arrive(const std::string& agency, const std::string& file) {
  auto read = codec::read_edxml(file);
  if (!read || !ledger_.document(*read, agency)) return;
  put_status(*read, agency, "01");
  ++to_report_;
  services_.pool->shard(0).spawn("axis agency", report_on(std::move(*read), agency));
}

net::Task<void> AxisSimulator::report_on(codec::EdxmlFile document, std::string agency) {
  const auto pause = std::chrono::milliseconds(status_delay_ms_);
  const bool go_on = co_await services_.pool->shard(0).sleep(pause);
  if (!go_on) co_return;
  put_status(document, agency, "03");
  put_status(document, agency, "06");
  --to_report_;
}

void AxisSimulator::put_status(const codec::EdxmlFile& about, const std::string& agency, const std::string& code) {
  if (auto file = adapter::sample_status(about, agency, code, now()))
    put("status", agency, about.from, std::move(*file));
}

void AxisSimulator::put(std::string kind, std::string from, std::string to, std::string file) {
  ++open_;
  inbox_[++last_id_] = {
      std::move(kind), std::move(from), std::move(to), std::move(file), codec::edxml_timestamp(now()), false, false};
}

Result<void> AxisSimulator::write_document(const std::string& from, const std::string& to) {
  adapter::SampleDocument sample;
  sample.from = from;
  sample.to = {to};
  sample.number = ++begun_;
  sample.file_bytes = static_cast<size_t>(big_every_ > 0 && begun_ % big_every_ == 0 ? big_bytes_ : file_bytes_);
  if (update_every_ > 1 && begun_ % update_every_ == 0) sample.updates = adapter::sample_document_id(from, begun_ - 1);
  sample.at = now();
  LT_ASSIGN(std::string file, adapter::sample_document(sample));
  LT_ASSIGN(const auto read, codec::read_edxml(file));
  ledger_.sent(read);
  put("edoc", from, to, with_hop(file));
  return {};
}

Result<Tree> read_question(Result<std::string> body) {
  if (!body) return fail(std::move(body).error());
  Tree tree;
  LT_TRY(codec::parse_json(std::move(*body), tree));
  if (tree.root()->kind != Kind::object) return fail(Code::bad_json, "no object");
  return tree;
}

std::string member(const Tree& tree, std::string_view name) {
  const Node* node = tree.root()->find(name);
  return node && node->scalar() ? std::string(node->text) : std::string();
}

net::Task<net::Response> AxisSimulator::list_inbox(net::Exchange* exchange) {
  ++lists_;
  auto body = co_await net::read_all(exchange->body, 1 << 20);
  auto question = read_question(std::move(body));
  const std::string kind = question ? member(*question, "messageType") : "";
  if (kind != "edoc" && kind != "status") co_return answer("10", "messageType khong hop le");
  if (chance(bad_list_)) {
    net::Response page;
    page.headers.add("Content-Type", "text/html");
    page.body = "<html><body>He thong dang bao tri</body></html>";
    co_return page;
  }
  std::vector<std::string> entries;
  for (const auto& [id, entry] : inbox_) {
    if (entry.settled || entry.kind != kind) continue;
    std::string text = fmt::format(
        R"({{"docId":"{}","serviceType":"eDoc","messageType":"{}","created_time":"{}","updated_time":"{}","from":"{}","to":"{}","status":"initial","status_desc":""}})",
        id, kind, entry.created, entry.created, entry.from, entry.to);
    if (chance(list_twice_)) entries.push_back(text);
    entries.push_back(std::move(text));
  }
  if (unordered_) std::shuffle(entries.begin(), entries.end(), random_);
  co_return answer("0", "", fmt::format(",\"data\":[{}]", fmt::join(entries, ",")));
}

net::Task<net::Response> AxisSimulator::get_edoc(net::Exchange* exchange) {
  auto body = co_await net::read_all(exchange->body, 1 << 20);
  auto question = read_question(std::move(body));
  const auto found = inbox_.find(question ? std::strtoull(member(*question, "docId").c_str(), nullptr, 10) : 0);
  if (found == inbox_.end() || found->second.settled) co_return answer("10", "Khong co tep nay");
  Entry& entry = found->second;
  entry.fetched = true;
  if (!chance(raw_)) co_return answer("0", "", ",\"data\":\"" + codec::encode_base64(entry.file) + '"');
  net::Response file;
  file.headers.add("Content-Type", "application/octet-stream");
  file.body = entry.file;
  co_return file;
}

net::Task<net::Response> AxisSimulator::update_status(net::Exchange* exchange) {
  auto body = co_await net::read_all(exchange->body, 1 << 20);
  auto question = read_question(std::move(body));
  const auto found = inbox_.find(question ? std::strtoull(member(*question, "docId").c_str(), nullptr, 10) : 0);
  const std::string status = question ? member(*question, "status") : "";
  if (found == inbox_.end() || (status != "done" && status != "fail"))
    co_return answer("10", "docId hoac status khong hop le");
  Entry& entry = found->second;
  if (entry.settled) {
    ++repeated_settlements_;
    co_return answer("0", "");
  }
  if (!entry.fetched) ++unfetched_;
  entry.settled = true;
  entry.file = {};
  --open_;
  ++(status == "done" ? done_ : failed_);
  co_return answer("0", "");
}

std::string AxisSimulator::report() {
  const bool done = begun_ == wanted_ && ledger_.all_reported() && open_ == 0 && to_report_ == 0;
  std::string out = fmt::format(
      R"({{"sent":{},"done":{},"documents_sent":{},"acknowledged_done":{},"acknowledged_fail":{},"acknowledged_unfetched":{},"repeated_acknowledgements":{},"inbox":{},"taken":{},"lists":{},"refused":{},"last_refusal":)",
      done_, done, ledger_.sent_count(), done_, failed_, unfetched_, repeated_settlements_, open_, taken_, lists_,
      refused_);
  quote_json(last_refusal_, out);
  return out + ',' + ledger_.report() + '}';
}

}  // namespace

std::unique_ptr<adapter::Simulator> make_axis_simulator(adapter::SimulatorServices services) {
  return std::make_unique<AxisSimulator>(services);
}

}  // namespace lt::adapters
