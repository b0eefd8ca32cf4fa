#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <thread>

#include <fmt/format.h>

#include "core/cli/command.h"
#include "core/cli/demo_partners.h"

namespace lt::cli {
namespace {

struct Options {
  DemoOptions demo;
  bool exit_when_done = false;
  bool json = false;
  int64_t deadline_s = 600;
};

volatile std::sig_atomic_t interrupted = 0;

// What the partners say happened. The bus is asked only for what no partner can know: what it holds for a person.
struct Tally {
  int64_t accepted = 0, delivered = 0, answered = 0, dead = 0, unknown = 0, lost = 0, duplicated = 0, out_of_order = 0;
  bool done = false, others_done = false;
  std::map<std::string, Report> reports;
};

std::string home_of(const std::string& program) {
  for (auto at = std::filesystem::current_path();; at = at.parent_path()) {
    if (std::filesystem::exists(at / "conf/demo/lienthong.yaml")) return at.string();
    if (at == at.parent_path()) break;
  }
  for (auto at = std::filesystem::path(program).parent_path(); at != at.parent_path(); at = at.parent_path())
    if (std::filesystem::exists(at / "conf/demo/lienthong.yaml")) return at.string();
  return {};
}

// Entries of `sent` that `got` lacks or has with other content.
int64_t missing(const Node* sent, const Node* got) {
  int64_t count = 0;
  for (const Node* one = sent ? sent->first : nullptr; one; one = one->next) {
    const Node* other = got ? got->find(one->name) : nullptr;
    std::string a, b;
    for (const auto& [node, text] : {std::pair{one, &a}, std::pair{other, &b}}) {
      if (!node) continue;
      if (node->kind == Kind::text) *text = node->text;
      for (const Node* part = node->first; part; part = part->next) {
        *text += '|';
        *text += part->text;
        for (const Node* file = part->first; file; file = file->next) *text += std::string(file->text) + ',';
      }
    }
    if (!other || a != b) ++count;
  }
  return count;
}

Result<Tally> count(DemoPartners& demo, const std::string& down) {
  Tally tally;
  tally.done = tally.others_done = true;
  for (const auto& name : DemoPartners::names()) {
    LT_ASSIGN(Report report, demo.report(name));
    tally.accepted += report.number("sent");
    tally.delivered += report.number("applied");
    tally.duplicated += report.number("duplicated");
    tally.out_of_order += report.number("out_of_order");
    const bool dossier_side = name == "judicial" || name.starts_with("onestop");
    const bool touched =
        !down.empty() && (name == down || (dossier_side && (down == "judicial" || down.starts_with("onestop"))) ||
                          (!dossier_side && (down == "axis" || down == "docs-a")));
    if (!report.flag("done")) tally.done = false;
    if (!report.flag("done") && !touched) tally.others_done = false;
    tally.reports.emplace(name, std::move(report));
  }
  auto& reports = tally.reports;
  tally.answered = reports["onestop-a"].number("finished") + reports["onestop-b"].number("finished") +
                   reports["docs-a"].number("statuses_received") + reports["axis"].number("statuses_received");
  const int64_t dossiers = reports["onestop-a"].number("sent") + reports["onestop-b"].number("sent");
  tally.lost = std::max<int64_t>(0, dossiers - reports["judicial"].number("applied"));
  // Each certificate has to be at one of the two one-stop systems, to the byte.
  const Node* issued = reports["judicial"].object("results");
  const int64_t at_a = missing(issued, reports["onestop-a"].object("results"));
  const int64_t at_b = missing(issued, reports["onestop-b"].object("results"));
  const int64_t certificates = issued ? static_cast<int64_t>(issued->count) : 0;
  tally.lost += std::max<int64_t>(0, at_a + at_b - certificates);
  tally.lost += missing(reports["docs-a"].object("sent_documents"), reports["axis"].object("received_documents"));
  tally.lost += missing(reports["axis"].object("sent_documents"), reports["docs-a"].object("received_documents"));
  LT_ASSIGN(const Report lanes, demo.lanes());
  const Node* items = lanes.object("items");
  for (const Node* lane = items ? items->first : nullptr; lane; lane = lane->next) {
    for (const auto& [name, figure] : {std::pair{"dead", &tally.dead}, std::pair{"unknown", &tally.unknown}})
      if (const Node* value = lane->find(name)) *figure += std::strtoll(std::string(value->text).c_str(), nullptr, 10);
  }
  return tally;
}

std::string json_of(const Tally& tally) {
  return fmt::format(
      R"({{"accepted":{},"delivered":{},"answered":{},"dead":{},"unknown":{},"lost":{},"duplicated":{},"out_of_order":{},"done":{}}})",
      tally.accepted, tally.delivered, tally.answered, tally.dead, tally.unknown, tally.lost, tally.duplicated,
      tally.out_of_order, tally.done);
}

void show(const Tally& tally, bool terminal) {
  if (terminal) std::cout << "\033[H\033[J";
  std::cout << "Liên Thông - trình diễn / demo\n\n"
            << fmt::format("  {:<12} {:>9} {:>9} {:>10} {:>12}  {}\n", "đối tác", "gửi", "nhận", "trùng", "sai thứ tự",
                           "xong");
  for (const auto& [name, report] : tally.reports)
    std::cout << fmt::format("  {:<10} {:>8} {:>8} {:>8} {:>10}     {}\n", name, report.number("sent"),
                             report.number("applied"), report.number("duplicated"), report.number("out_of_order"),
                             report.flag("done") ? "✓" : "…");
  std::cout << fmt::format("\n  nhận/accepted {}  tới nơi/delivered {}  trả lời/answered {}  dead {}  unknown {}\n",
                           tally.accepted, tally.delivered, tally.answered, tally.dead, tally.unknown)
            << std::flush;
}

void invite(const DemoPartners& demo) {
  std::cout << "\nTrục / bus:     " << demo.bus_url() << "\nQuản trị/admin: " << demo.admin_url() << "\n";
  for (const auto& name : DemoPartners::names())
    std::cout << fmt::format("{:<15} {}/sim/report\n", name, demo.url(name));
  std::cout << "\nThử / worth typing:\n"
            << "  lienthong dossier H49.01-261120-00001 --admin " << demo.admin_url() << "\n"
            << "  lienthong status --admin " << demo.admin_url() << "\n"
            << "  curl -X POST " << demo.url("judicial")
            << "/sim/control -d '{\"down\":true}'\n\nCtrl-C để dừng / to stop.\n"
            << std::flush;
}

// Exit code of a finished run: nothing lost, nothing twice, nothing out of order, nothing left for a person.
int verdict(const Tally& tally) {
  const bool good = tally.done && tally.lost == 0 && tally.duplicated == 0 && tally.out_of_order == 0 &&
                    tally.dead == 0 && tally.unknown == 0;
  return good ? kOk : kFailure;
}

int demo(Options options) {
  if (options.demo.home.empty()) options.demo.home = home_of(own_program());
  if (options.demo.home.empty())
    return report_failure(
        Error(Code::usage, "no conf/demo found from here upward", {}, "run it in the source tree, or give --home"));
  if (options.demo.data.empty()) options.demo.data = options.demo.home + "/demo-data";
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  auto started = DemoPartners::start(options.demo);
  if (!started) return report_failure(started.error());
  DemoPartners& running = **started;
  const bool terminal = isatty(STDOUT_FILENO) && !options.json;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(options.deadline_s);
  std::string down = options.demo.down;
  bool invited = false;
  for (;;) {
    auto tally = count(running, down);
    if (!tally) return report_failure(tally.error());
    if (!down.empty() && tally->others_done) {
      // Everybody who does not depend on it is done: now it comes back.
      if (auto up = running.control(down, R"({"down":false})"); !up) return report_failure(up.error());
      down.clear();
    }
    const bool over = std::chrono::steady_clock::now() > deadline || interrupted;
    if (terminal && !invited) show(*tally, true);
    if (tally->done && terminal && !options.exit_when_done && !invited) {
      invite(running);
      invited = true;
    }
    if (over || (tally->done && (options.exit_when_done || !terminal))) {
      if (options.json)
        std::cout << json_of(*tally) << std::endl;
      else if (!invited)
        show(*tally, false);
      return verdict(*tally);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace

void add_demo(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("demo", "Run the bus between simulated partners: dossiers and documents, live");
  command->add_option("--messages", options->demo.messages, "dossiers and documents that partners start")
      ->capture_default_str()
      ->check(CLI::Range(4, 1'000'000));
  command->add_flag("--exit-when-done", options->exit_when_done,
                    "end when every message has its answer; exit code 0 when nothing was lost, doubled or reordered");
  command->add_flag("--json", options->json, "only the final counts, as JSON");
  command->add_option("--down", options->demo.down, "a partner that stays down until the others are done")
      ->check(CLI::IsMember(DemoPartners::names()));
  command->add_option("--home", options->demo.home, "directory with conf, schemas and mappings");
  command->add_option("--data", options->demo.data, "directory for its data, made anew; default <home>/demo-data");
  command->add_option("--deadline", options->deadline_s, "seconds after which it gives up")->capture_default_str();
  command->footer("  lienthong demo --messages 2000 --exit-when-done --json");
  command->callback([options, &chosen] { chosen = [options] { return demo(*options); }; });
}

}  // namespace lt::cli
