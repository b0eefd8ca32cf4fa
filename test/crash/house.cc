#include "test/crash/house.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/cli/configuration.h"
#include "core/codec/json.h"
#include "core/engine/cell.h"
#include "core/journal/file_journal.h"

namespace lt::crash {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  return std::move(*result);
}

// The number behind `"name":` of a line of JSON.
uint16_t port_in(const std::string& line, const std::string& name) {
  const size_t at = line.find('"' + name + "\":");
  if (at == std::string::npos) throw std::runtime_error("no port of " + name + " in: " + line);
  return static_cast<uint16_t>(std::stoi(line.substr(at + name.size() + 3)));
}

}  // namespace

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lienthong-crash-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
}

Folder::~Folder() {
  if (!done_) {
    std::fprintf(stderr, "kept for a look: %s\n", path_.c_str());
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

SimulatorProcess::SimulatorProcess(cli::Caller& caller, const std::string& kind, const std::string& settings,
                                   uint64_t seed, const std::string& log)
    : caller_(caller),
      process_(must(cli::Process::start(
          LT_PROGRAM, {"simulate", kind, "--settings", settings, "--seed", std::to_string(seed)}, {}, log))) {
  url_ = "http://127.0.0.1:" + std::to_string(port_in(must(process_.read_line()), "port"));
}

void SimulatorProcess::control(const std::string& json) {
  const auto answer = must(caller_.post(url_ + "/sim/control", json));
  if (answer.status != 200) throw std::runtime_error("control " + json + ": " + answer.body);
}

std::string SimulatorProcess::report() { return must(caller_.get(url_ + "/sim/report")).body; }

std::string SimulatorProcess::figure(std::string_view name) {
  const std::string text = report();
  Tree tree;
  if (!codec::parse_json(text, tree)) throw std::runtime_error("report: " + text);
  const Node* node = tree.root()->find(name);
  if (!node) throw std::runtime_error("no figure " + std::string(name) + " in " + text);
  return node->kind == Kind::boolean ? (node->flag ? "true" : "false") : std::string(node->text);
}

uint16_t BusProcess::start() {
  process_ = must(cli::Process::start(LT_PROGRAM, {"run", configuration_, "--log-level", "warn"}, {}, log_));
  return port_in(must(process_.read_line()), "main");
}

void BusProcess::kill() {
  process_.signal(SIGKILL);
  process_.wait();
}

int BusProcess::stop() {
  process_.signal(SIGTERM);
  return process_.wait();
}

Truth read_truth(const std::string& configuration, const std::string& data) {
  config::Diagnostics diagnostics;
  const auto graph = cli::load_graph(configuration, diagnostics);
  if (!graph) throw std::runtime_error(diagnostics.text());
  Env& env = system_env();
  Metrics metrics;
  const auto master = must(journal::parse_master_key(must(read_file(env, data + "/master.key"))));
  const auto keys = must(journal::KeyStore::open(env, data, master));
  journal::FileJournalOptions options;
  options.directory = data + "/journal";
  options.segment_bytes = graph->config.bus.journal_segment;
  const auto journal = must(journal::open_file_journal(env, system_clock(), keys.get(), metrics, options));

  Truth truth;
  engine::Cell cell(graph->policy, 1);
  auto read = journal->read({}, [&](const journal::RecordView& record) {
    const Fact fact = must(decode_fact(static_cast<uint8_t>(record.type), record.header, record.body));
    ++truth.records;
    if (const auto* accepted = std::get_if<AcceptedFact>(&fact)) {
      const Envelope& envelope = accepted->message->envelope;
      if (envelope.deliveries.size() != 1)
        throw std::runtime_error("a message with " + std::to_string(envelope.deliveries.size()) + " deliveries");
      truth.deliveries[record.position.text()].destination = envelope.deliveries[0].destination;
      truth.ids[record.position.text()] = envelope.id.text();
    } else if (const auto* attempt = std::get_if<AttemptFact>(&fact)) {
      ++truth.deliveries[attempt->delivery.message.text()].attempts_recorded;
    }
    cell.fold(record.position, fact);
    return true;
  });
  if (!read) throw std::runtime_error(read.error().text());
  for (const auto& pending : cell.pending(SIZE_MAX)) truth.deliveries[pending.id.message.text()].state = pending.state;
  return truth;
}

}  // namespace lt::crash
