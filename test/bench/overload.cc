#include "test/bench/overload.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "test/bench/load.h"
#include "test/bench/open_load.h"
#include "test/bench/side.h"

namespace lt::bench {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(60);

double since(Steady::time_point began) { return std::chrono::duration<double>(Steady::now() - began).count(); }

fs::path fresh(const fs::path& directory) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  return directory;
}

// Waits until the sink has `wanted` more than before. False: it did not come.
bool arrives(const Sink& sink, uint64_t before, uint64_t wanted) {
  const auto began = Steady::now();
  while (sink.figures().first - before < wanted) {
    if (Steady::now() - began > kPatience) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

struct Pace {
  double rate = 0, cpu_us = 0;  // deliveries per second; the server's CPU for each
};

// What the sink and the server did between two looks.
class Look {
 public:
  Look(const Sink& sink, const Side& side)
      : sink_(sink), side_(side), from_(sink.figures().first), cpu_(side.child->cpu_seconds()) {}
  Pace pace() const {
    const auto got = static_cast<double>(sink_.figures().first - from_);
    return {got / since(began_), (side_.child->cpu_seconds() - cpu_) * 1e6 / std::max(1.0, got)};
  }

 private:
  const Sink& sink_;
  const Side& side_;
  const Steady::time_point began_ = Steady::now();
  const uint64_t from_;
  const double cpu_;
};

// Of a closed loop with 64 connections.
Pace peak(const Sink& sink, const Side& side, int seconds) {
  const uint64_t before = sink.figures().first;
  Load load({side.port, 64, true, dossier_file()});
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const Look look(sink, side);
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const Pace pace = look.pace();
  load.stop();
  arrives(sink, before, load.accepted());
  return pace;
}

struct Overload {
  Pace peak, goodput;
  double rss_begin_mb = 0, rss_end_mb = 0, p99_ms = 0;
  uint64_t due = 0, accepted = 0, busy = 0, failed = 0;
  bool whole = false;
};

Overload overload(const OverloadOptions& options, const Sink& sink) {
  Overload out;
  const Side side = start_product(fresh(options.directory / "overload"), sink.port(), "partner_idempotent");
  out.peak = peak(sink, side, std::max(3, options.seconds / 2));
  const uint64_t before = sink.figures().first;
  OpenLoad load({side.port, 256, 2 * out.peak.rate, dossier_file()});
  std::this_thread::sleep_for(std::chrono::seconds(2));
  out.rss_begin_mb = side.child->resident_mb();
  const Look look(sink, side);
  std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
  out.goodput = look.pace();
  out.rss_end_mb = side.child->resident_mb();
  load.stop();
  out.due = load.due(), out.accepted = load.accepted(), out.busy = load.busy(), out.failed = load.failed();
  out.whole = arrives(sink, before, out.accepted) && sink.figures().first - before == out.accepted;
  auto& times = load.times_us();
  if (!times.empty()) {
    const auto at = times.begin() + static_cast<ptrdiff_t>(times.size() * 99 / 100);
    std::nth_element(times.begin(), at, times.end());
    out.p99_ms = *at / 1e3;
  }
  side.child->stop();
  return out;
}

}  // namespace

int measure_overload(const OverloadOptions& options) {
  fs::create_directories(options.directory);
  Sink sink(options.self, options.directory);
  bool whole = true;
  std::printf(
      "| peak msg/s, 64 connections | goodput at 2x, open loop | ratio | CPU us per delivery, peak - overload | RSS "
      "MB, "
      "begin - end | p99 from due | accepted, 503, failed | every 202 delivered "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (int round = 0; round < options.rounds; ++round) {
    const Overload o = overload(options, sink);
    std::printf("| %.0f | %.0f | %.2f | %.0f - %.0f | %.0f - %.0f | %.0f ms | %llu, %llu, %llu | %s |\n", o.peak.rate,
                o.goodput.rate, o.goodput.rate / std::max(1.0, o.peak.rate), o.peak.cpu_us, o.goodput.cpu_us,
                o.rss_begin_mb, o.rss_end_mb, o.p99_ms, static_cast<unsigned long long>(o.accepted),
                static_cast<unsigned long long>(o.busy), static_cast<unsigned long long>(o.failed),
                o.whole ? "yes" : "NO");
    std::fflush(stdout);
    whole = whole && o.whole && o.failed == 0;
  }
  sink.stop();
  return whole ? 0 : 1;
}

int measure_restart(const RestartOptions& options) {
  const fs::path directory = fresh(options.directory / "restart");
  constexpr uint16_t kNobody = 1;  // of the service tcpmux, which nobody runs
  auto began = Steady::now();
  Side side = start_product(directory, kNobody, "partner_idempotent");
  std::printf("empty start: %.0f ms to ready, RSS %.0f MB\n", since(began) * 1e3, side.child->resident_mb());
  uint64_t accepted = 0;
  {
    Load load({side.port, 64, true, dossier_file()});
    began = Steady::now();
    double last = 0;
    while (load.accepted() < options.messages) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      if (since(began) - last < 10) continue;
      last = since(began);
      std::fprintf(stderr, "accepted %llu, refused %llu, RSS %.0f MB\n",
                   static_cast<unsigned long long>(load.accepted()), static_cast<unsigned long long>(load.refused()),
                   side.child->resident_mb());
    }
    load.stop();
    accepted = load.accepted();
    std::printf("accepted %llu with the partner away: %.0f msg/s, RSS %.0f MB\n",
                static_cast<unsigned long long>(accepted), static_cast<double>(accepted) / since(began),
                side.child->resident_mb());
  }
  side.child->stop();
  Sink sink(options.self, options.directory);
  began = Steady::now();
  side = start_product(directory, sink.port(), "partner_idempotent");
  std::printf("restart: %.2f s to ready, RSS %.0f MB\n", since(began), side.child->resident_mb());
  std::fflush(stdout);
  began = Steady::now();
  const bool drained = arrives(sink, 0, accepted);
  std::printf("drained: %llu in %.1f s%s\n", static_cast<unsigned long long>(sink.figures().first), since(began),
              drained ? "" : " and going on: given up waiting");
  side.child->stop();
  sink.stop();
  return drained ? 0 : 1;
}

}  // namespace lt::bench
