#include "core/cli/demo_partners.h"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <filesystem>

#include "core/codec/json.h"

namespace lt::cli {
namespace {

constexpr std::string_view kJudicialKey = "demo-auth-key", kAxisSystem = "lienthong-demo",
                           kAxisSecret = "demo-axis-secret";

int64_t number_of(const Node* node) {
  int64_t value = 0;
  if (node && node->kind == Kind::number)
    std::from_chars(node->text.data(), node->text.data() + node->text.size(), value);
  return value;
}

// The first line a child prints: where it listens.
Result<Report> first_line(Process& process) {
  LT_ASSIGN(std::string line, process.read_line());
  Report report;
  LT_TRY(codec::parse_json(std::move(line), report.tree));
  return report;
}

std::string local(int64_t port) { return "http://127.0.0.1:" + std::to_string(port); }

}  // namespace

int64_t Report::number(std::string_view name) const { return tree.root() ? number_of(tree.root()->find(name)) : 0; }

bool Report::flag(std::string_view name) const {
  const Node* node = tree.root() ? tree.root()->find(name) : nullptr;
  return node && node->kind == Kind::boolean && node->flag;
}

const Node* Report::object(std::string_view name) const { return tree.root() ? tree.root()->find(name) : nullptr; }

const std::vector<std::string>& DemoPartners::names() {
  static const std::vector<std::string> kNames{"onestop-a", "onestop-b", "judicial", "axis", "docs-a"};
  return kNames;
}

Result<void> DemoPartners::start_partner(const std::string& name, const std::string& kind,
                                         const std::string& settings) {
  LT_ASSIGN(Process process,
            Process::start(own_program(), {"simulate", kind, "--settings", settings}, {}, logs_ + "/" + name + ".log"));
  LT_ASSIGN(const Report report, first_line(process));
  urls_[name] = local(report.number("port"));
  partners_[name] = std::move(process);
  return {};
}

Result<void> DemoPartners::start_bus(const DemoOptions& options) {
  const std::map<std::string, std::string> environment{{"LIENTHONG_DATA", options.data + "/bus"},
                                                       {"LIENTHONG_LISTEN", "127.0.0.1:0"},
                                                       {"LIENTHONG_ADMIN_LISTEN", "127.0.0.1:0"},
                                                       {"ONESTOP_A_URL", urls_["onestop-a"]},
                                                       {"ONESTOP_B_URL", urls_["onestop-b"]},
                                                       {"JUDICIAL_URL", urls_["judicial"]},
                                                       {"JUDICIAL_KEY", std::string(kJudicialKey)},
                                                       {"JUDICIAL_EVERY", "200ms"},
                                                       {"AXIS_URL", urls_["axis"]},
                                                       {"AXIS_SYSTEM_ID", std::string(kAxisSystem)},
                                                       {"AXIS_SECRET", std::string(kAxisSecret)},
                                                       {"AXIS_EVERY", "100ms"},
                                                       {"DOCS_A_URL", urls_["docs-a"]}};
  LT_ASSIGN(bus_, Process::start(own_program(), {"run", options.home + "/conf/demo"}, environment, logs_ + "/bus.log"));
  auto ready = first_line(bus_);
  if (!ready) return fail(Error(Code::process_ended, "the bus did not start", Place{logs_ + "/bus.log", 0, 0, {}}));
  const Node* listeners = ready->object("listeners");
  bus_url_ = local(listeners ? number_of(listeners->find("main")) : 0);
  admin_url_ = local(ready->number("admin"));
  return {};
}

Result<void> DemoPartners::begin(const DemoOptions& options) {
  const int64_t dossiers = options.messages / 2, from_a = (options.messages - dossiers) / 2;
  const int64_t from_b = options.messages - dossiers - from_a;
  if (!options.down.empty()) LT_TRY(control(options.down, R"({"down":true})"));
  LT_TRY(control("onestop-a", fmt::format(R"({{"bus":"{}","start":{}}})", bus_url_, dossiers - dossiers / 2)));
  LT_TRY(control("onestop-b", fmt::format(R"({{"bus":"{}","start":{}}})", bus_url_, dossiers / 2)));
  LT_TRY(control("docs-a", fmt::format(R"({{"bus":"{}","start":{}}})", bus_url_, from_a)));
  return control("axis", fmt::format(R"({{"start":{}}})", from_b));
}

Result<std::unique_ptr<DemoPartners>> DemoPartners::start(const DemoOptions& options) {
  auto demo = std::make_unique<DemoPartners>();
  std::error_code ignored;
  std::filesystem::remove_all(options.data, ignored);
  demo->logs_ = options.data + "/logs";
  std::filesystem::create_directories(demo->logs_, ignored);
  LT_TRY(demo->start_partner("onestop-a", "onestop",
                             R"({"agency":"H49.01","path":"/a/dossiers","key":"demo-key-onestop-a"})"));
  LT_TRY(demo->start_partner("onestop-b", "onestop",
                             R"({"agency":"H49.02","path":"/b/dossiers","key":"demo-key-onestop-b"})"));
  LT_TRY(demo->start_partner("judicial", "judicial", fmt::format(R"({{"auth_key":"{}"}})", kJudicialKey)));
  LT_TRY(demo->start_partner(
      "axis", "axis",
      fmt::format(
          R"({{"system_id":"{}","secret":"{}","organ_id":"G22","agencies":"H05.02,G15.01","bus_agencies":"H49.10"}})",
          kAxisSystem, kAxisSecret)));
  LT_TRY(demo->start_partner(
      "docs-a", "documents",
      R"({"documents_path":"/docs-a/documents","statuses_path":"/docs-a/statuses","key":"demo-key-docs-a","organ_id":"H49.10","receivers":"H05.02;H05.02,G15.01"})"));
  LT_TRY(demo->start_bus(options));
  LT_TRY(demo->begin(options));
  return demo;
}

DemoPartners::~DemoPartners() {
  // The bus first, in order, so that its partners are still there for what is in flight.
  bus_.signal(SIGTERM);
  bus_.wait();
  for (auto& [name, process] : partners_) process.signal(SIGTERM);
  for (auto& [name, process] : partners_) process.wait();
}

Result<Report> DemoPartners::read(const std::string& url) {
  LT_ASSIGN(net::Response response, caller_.get(url));
  if (response.status != 200) return fail(Code::bad_http, url + ": HTTP " + std::to_string(response.status));
  Report report;
  LT_TRY(codec::parse_json(std::move(response.body), report.tree));
  return report;
}

Result<Report> DemoPartners::report(const std::string& partner) { return read(urls_.at(partner) + "/sim/report"); }
Result<Report> DemoPartners::lanes() { return read(admin_url_ + "/api/v1/lanes"); }

Result<void> DemoPartners::control(const std::string& partner, const std::string& settings) {
  if (!urls_.contains(partner))
    return fail(Code::usage, "no partner \"" + partner + "\"", {},
                "known: onestop-a, onestop-b, judicial, axis, docs-a");
  LT_ASSIGN(const net::Response response, caller_.post(urls_.at(partner) + "/sim/control", settings));
  if (response.status != 200) return fail(Code::usage, partner + ": " + response.body);
  return {};
}

}  // namespace lt::cli
