// `./dev sim`: many histories; a failing one is shrunk and told.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/canary.h"
#include "test/sim/fleet.h"
#include "test/sim/shrink.h"

namespace {

using namespace lt::sim;

constexpr const char* kUsage =
    "usage: sim [--seeds N] [--from S] [--minutes M] [--threads T] [--catalog-every K] [--canary NAME]\n"
    "  --seeds N          how many histories (1000; with --minutes as many as fit)\n"
    "  --from S           the first seed (1)\n"
    "  --minutes M        begin no new history after M minutes (no limit)\n"
    "  --threads T        at a time (one per core)\n"
    "  --catalog-every K  every Kth history keeps a catalog in files and audits it (20; 0 = none)\n"
    "  --canary NAME      with a bug on purpose: lost_outcome, double_send, reordered_key, trimmed_pending\n"
    "exit: 0 no promise broken, 1 one was, 2 usage\n";

struct Wanted {
  Voyage voyage;
  std::string canary;
};

std::optional<uint64_t> number(std::string_view text) {
  char* end = nullptr;
  const std::string copy(text);
  const uint64_t value = std::strtoull(copy.c_str(), &end, 10);
  if (copy.empty() || *end != '\0') return std::nullopt;
  return value;
}

std::optional<Wanted> wanted(int count, char** words) {
  Wanted out;
  bool counted = false;
  for (int i = 1; i < count; i += 2) {
    const std::string_view option = words[i];
    if (i + 1 == count) return std::nullopt;
    if (option == "--canary") {
      out.canary = words[i + 1];
      continue;
    }
    const auto value = number(words[i + 1]);
    if (!value) return std::nullopt;
    if (option == "--seeds") {
      out.voyage.seeds = *value;
      counted = true;
    } else if (option == "--from") {
      out.voyage.first = *value;
    } else if (option == "--minutes") {
      out.voyage.at_most = std::chrono::minutes(*value);
    } else if (option == "--threads") {
      out.voyage.threads = static_cast<unsigned>(*value);
    } else if (option == "--catalog-every") {
      out.voyage.catalog_every = *value;
    } else {
      return std::nullopt;
    }
  }
  if (!counted && out.voyage.at_most.count() > 0) out.voyage.seeds = UINT64_MAX - out.voyage.first;
  return out;
}

bool choose_canary(const std::string& name) {
  if (name.empty()) return true;
#ifdef LT_CANARY
  return lt::choose_canary(name);
#else
  return false;
#endif
}

}  // namespace

int main(int count, char** words) {
  auto asked = wanted(count, words);
  if (!asked || !choose_canary(asked->canary)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  asked->voyage.log = [](uint64_t done) {
    std::fprintf(stderr, "\r%llu seeds", static_cast<unsigned long long>(done));
  };
  const Landing landing = sail(asked->voyage);
  std::fputs("\r", stderr);
  fmt::print("{}", to_text(landing));
  if (!landing.broken) {
    fmt::print("no promise broken\n");
    return 0;
  }
  fmt::print("\nseed {}: {}\n", landing.broken->seed, landing.what);
  fmt::print("{}", to_text(shrink(*landing.broken)));
  fmt::print("repeat it: ./dev sim --from {} --seeds 1{}{}\n", landing.broken->seed,
             asked->canary.empty() ? "" : " --canary ", asked->canary);
  return 1;
}
