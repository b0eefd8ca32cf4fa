// bench: the product against a bare relay, interleaved, in one run. See README.md.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>

#include "test/bench/http.h"
#include "test/bench/large.h"
#include "test/bench/load.h"
#include "test/bench/overload.h"
#include "test/bench/roles.h"
#include "test/bench/side.h"

namespace lt::bench {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr const char* kUsage =
    R"(bench [--rounds N] [--seconds N] [--class C] [--no-keys] [--only stick|product | --against FILE] [--connections N]...
  --rounds 3       rounds; stick and product take turns
  --seconds 4      measured time of each load, after one second of warm-up
  --class C        of the partner: partner_idempotent (default, like the stick) or none
  --no-keys        no Idempotency-Key on the messages
  --only S         one side, e.g. under a profiler
  --against FILE   instead of the stick another build of the program, called "other"
  --connections N  load; may be repeated; default 64 and 1
  --overload       instead: an open loop at twice the peak rate
  --restart N      instead: starting again on N unfinished messages
  --mapping        instead: the translator beside RapidJSON, libxml2 and libxslt; takes --rounds N. Without any option
                   this comes last.
  --large          instead: one attachment of 1 GiB against plain Beast + SHA-256 + fdatasync; --megabytes N: another size
)";

constexpr int kMappingRounds = 21;

struct Options {
  int rounds = 3, seconds = 4;
  std::string sink_class = "partner_idempotent", only, against;
  bool keys = true, overload = false, large = false, mapping = false, rounds_said = false;
  uint64_t restart = 0;
  size_t megabytes = 1024;
  std::vector<size_t> connections;
  std::string self;
  fs::path directory;  // for journals; on the disk of the build
};

const char* first_side(const Options& options) { return options.against.empty() ? "stick" : "other"; }

struct Figures {
  double rate = 0, p50_us = 0, p99_us = 0, cpu_us = 0, rss_mb = 0, sent_bytes = 0;
  uint64_t accepted = 0, delivered = 0, refused = 0;
};

double percentile(std::vector<uint32_t>& times, double share) {
  if (times.empty()) return 0;
  const size_t at = std::min(times.size() - 1, static_cast<size_t>(share * static_cast<double>(times.size())));
  std::nth_element(times.begin(), times.begin() + static_cast<ptrdiff_t>(at), times.end());
  return times[at];
}

// Rate and CPU are those of the measured window, by what arrived at the sink; the counts are of the whole load, taken
// when nothing more came.
Figures measure(const Options& options, const Side& side, const Sink& sink, size_t connections) {
  const auto before = sink.figures();
  Load load({side.port, connections, options.keys, dossier_file()});
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const auto from = sink.figures();
  const double cpu = side.child->cpu_seconds();
  const auto began = Steady::now();
  load.measure(true);
  std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
  load.measure(false);
  const auto upto = sink.figures();
  const double seconds = std::chrono::duration<double>(Steady::now() - began).count();
  Figures figures;
  figures.cpu_us =
      (side.child->cpu_seconds() - cpu) * 1e6 / static_cast<double>(std::max<uint64_t>(1, upto.first - from.first));
  figures.rate = static_cast<double>(upto.first - from.first) / seconds;
  figures.rss_mb = side.child->resident_mb();
  load.stop();
  figures.accepted = load.accepted();
  figures.refused = load.refused();
  figures.p50_us = percentile(load.times_us(), 0.50);
  figures.p99_us = percentile(load.times_us(), 0.99);
  const auto patience = Steady::now() + std::chrono::seconds(20);
  for (auto now = sink.figures();; now = sink.figures()) {
    figures.delivered = now.first - before.first;
    figures.sent_bytes =
        static_cast<double>(now.second - before.second) / static_cast<double>(std::max<uint64_t>(1, figures.delivered));
    if (figures.delivered >= figures.accepted || Steady::now() > patience) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return figures;
}

struct Series {
  std::map<size_t, std::vector<Figures>> loads;  // by connections
  std::vector<double> syncs_per_record;
};

// Syncs of a whole round (all its loads) by journal records: two records a message, three with class none.
double syncs_per_record(bool stick, Side& side) {
  if (stick) {
    const std::string text = fetch(side.port, "/figures");
    size_t used = 0;
    const double records = std::stod(text, &used);
    side.child->stop();
    return std::stod(text.substr(used)) / records;
  }
  side.child->stop();
  return logged(side.log, "syncs") / std::max(1.0, logged(side.log, "records"));
}

void run_round(const Options& options, const std::string& name, const Sink& sink, size_t connections, Series& series) {
  const fs::path directory = options.directory / name;
  fs::remove_all(directory);
  fs::create_directories(directory);
  const bool stick = name == "stick";
  Side side = stick ? start_stick(options.self, directory, sink.port())
                    : start_product(directory, sink.port(), options.sink_class,
                                    name == "other" ? options.against : std::string(LT_PROGRAM));
  const Figures figures = measure(options, side, sink, connections);
  series.loads[connections].push_back(figures);
  if (connections > 1) series.syncs_per_record.push_back(syncs_per_record(stick, side));
  side.child->stop();
  std::fprintf(stderr,
               "%-8s %3zu connections: %7.0f msg/s, p50 %.0f us, p99 %.0f us, %.1f us CPU, accepted %llu, delivered "
               "%llu, refused %llu\n",
               name.c_str(), connections, figures.rate, figures.p50_us, figures.p99_us, figures.cpu_us,
               static_cast<unsigned long long>(figures.accepted), static_cast<unsigned long long>(figures.delivered),
               static_cast<unsigned long long>(figures.refused));
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double median_of(const std::vector<Figures>& rounds, double Figures::*member) {
  std::vector<double> values;
  for (const auto& figures : rounds) values.push_back(figures.*member);
  return median(std::move(values));
}

// True when everything accepted arrived, no more and no less, and nothing was refused.
bool print_table(const std::map<std::string, Series>& sides, const Options& options) {
  bool whole = true;
  std::printf(
      "| | connections | msg/s [min-max] | accept p50 | p99 | CPU us/msg | RSS MB | bytes sent | accepted = delivered "
      "|\n");
  std::printf("|---|---|---|---|---|---|---|---|---|\n");
  for (const size_t connections : options.connections) {
    for (const auto& [name, series] : sides) {
      const auto& rounds = series.loads.at(connections);
      uint64_t accepted = 0, delivered = 0, refused = 0;
      double least = rounds.front().rate, most = least;
      for (const auto& figures : rounds) {
        accepted += figures.accepted, delivered += figures.delivered, refused += figures.refused;
        least = std::min(least, figures.rate), most = std::max(most, figures.rate);
      }
      const bool equal = accepted == delivered && refused == 0;
      whole = whole && equal;
      std::printf("| %s | %zu | %.0f [%.0f-%.0f] | %.2f ms | %.2f ms | %.1f | %.0f | %.0f | %s %llu", name.c_str(),
                  connections, median_of(rounds, &Figures::rate), least, most,
                  median_of(rounds, &Figures::p50_us) / 1e3, median_of(rounds, &Figures::p99_us) / 1e3,
                  median_of(rounds, &Figures::cpu_us), median_of(rounds, &Figures::rss_mb),
                  median_of(rounds, &Figures::sent_bytes), equal ? "yes," : "NO,",
                  static_cast<unsigned long long>(accepted));
      if (!equal)
        std::printf(" / %llu, refused %llu", static_cast<unsigned long long>(delivered),
                    static_cast<unsigned long long>(refused));
      std::printf(" |\n");
    }
  }
  std::printf("\n");
  for (const auto& [name, series] : sides)
    if (!series.syncs_per_record.empty())
      std::printf("%s: %.3f syncs per message at many connections\n", name.c_str(),
                  median(series.syncs_per_record) * (name != "stick" && options.sink_class == "none" ? 3 : 2));
  if (sides.size() < 2) return whole;
  for (const size_t connections : options.connections) {
    const auto& stick = sides.at(first_side(options)).loads.at(connections);
    const auto& product = sides.at("product").loads.at(connections);
    std::vector<double> rates;
    for (size_t i = 0; i < stick.size(); ++i) rates.push_back(product[i].rate / std::max(1.0, stick[i].rate));
    std::printf("%zu connections: product / %s = %.2f in msg/s, %.2f in accept p50, %.2f in CPU per message\n",
                connections, first_side(options), median(rates),
                median_of(product, &Figures::p50_us) / std::max(1.0, median_of(stick, &Figures::p50_us)),
                median_of(product, &Figures::cpu_us) / std::max(1.0, median_of(stick, &Figures::cpu_us)));
  }
  return whole;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  options.self = fs::read_symlink("/proc/self/exe").string();
  options.directory = fs::path(options.self).parent_path() / "run";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--no-keys") {
      options.keys = false;
      continue;
    }
    if (word == "--overload") {
      options.overload = true;
      continue;
    }
    if (word == "--mapping") {
      options.mapping = true;
      continue;
    }
    if (word == "--large") {
      options.large = true;
      continue;
    }
    if (i + 1 >= argc) return std::nullopt;
    const std::string value = argv[++i];
    if (word == "--rounds")
      options.rounds = std::max(1, std::atoi(value.c_str())), options.rounds_said = true;
    else if (word == "--seconds")
      options.seconds = std::max(1, std::atoi(value.c_str()));
    else if (word == "--class")
      options.sink_class = value;
    else if (word == "--only" && (value == "stick" || value == "product"))
      options.only = value;
    else if (word == "--against" && fs::exists(value))
      options.against = value;
    else if (word == "--restart")
      options.restart = std::strtoull(value.c_str(), nullptr, 10);
    else if (word == "--megabytes")
      options.megabytes = static_cast<size_t>(std::max(1, std::atoi(value.c_str())));
    else if (word == "--connections")
      options.connections.push_back(static_cast<size_t>(std::max(1, std::atoi(value.c_str()))));
    else
      return std::nullopt;
  }
  if (options.connections.empty()) options.connections = {64, 1};
  return options;
}

// A program of its own, since it has our code in it: becomes this process.
int measure_mapping(const Options& options) {
  const std::string rounds = std::to_string(options.rounds_said ? options.rounds : kMappingRounds);
  ::execl(LT_BENCH_MAPPING, LT_BENCH_MAPPING, rounds.c_str(), nullptr);
  throw std::runtime_error("cannot start " LT_BENCH_MAPPING);
}

int compare(const Options& options) {
  fs::create_directories(options.directory);
  std::map<std::string, Series> sides;
  Sink sink(options.self, options.directory);
  for (int round = 0; round < options.rounds; ++round)
    for (const size_t connections : options.connections)
      for (const char* name : {first_side(options), "product"})
        if (options.only.empty() || options.only == name) run_round(options, name, sink, connections, sides[name]);
  sink.stop();
  const bool whole = print_table(sides, options);
  if (!whole)
    std::fprintf(stderr, "not everything accepted was delivered, or something was refused; see %s\n",
                 options.directory.c_str());
  return whole ? 0 : 1;
}

}  // namespace
}  // namespace lt::bench

int main(int argc, char** argv) {
  using namespace lt::bench;
  const std::string role = argc > 1 ? argv[1] : "";
  try {
    if (role == "sink") return run_sink();
    if (role == "stick" && argc == 4) return run_stick(static_cast<uint16_t>(std::atoi(argv[2])), argv[3]);
    if (role == "drain") return run_drain();
    if (role == "stick-large" && argc == 3) return run_stick_large(argv[2]);
    const auto options = parse(argc, argv);
    if (options && options->overload)
      return measure_overload({options->self, options->directory, options->rounds, options->seconds});
    if (options && options->restart > 0) return measure_restart({options->self, options->directory, options->restart});
    if (options && options->large)
      return compare_large({options->self, options->directory.string(), options->megabytes, options->rounds});
    if (options && options->mapping) return measure_mapping(*options);
    if (options) {
      const int done = compare(*options);
      if (argc > 1 || done != 0) return done;
      std::printf("\n");
      std::fflush(stdout);
      return measure_mapping(*options);
    }
    std::cerr << kUsage;
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "bench: " << e.what() << std::endl;
    return 1;
  }
}
