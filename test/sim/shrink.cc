#include "test/sim/shrink.h"

#include <algorithm>

namespace lt::sim {
namespace {

using Decisions = std::vector<Decision>;
constexpr uint64_t kTwists = 500;

class Shrinker {
 public:
  Shrinker(const Scenario& failing, size_t most) : scenario_(failing), most_(most) {
    scenario_.record = false;
    scenario_.only = nullptr;
  }

  Shrunk run() {
    Shrunk out;
    Scenario whole = scenario_;
    whole.record = true;
    {
      World world(whole);
      out.broken = world.run();
      out.story = world.story();
      left_ = world.struck();
    }
    promise_ = promise_of(out.broken);
    forget_repeats();
    out.decisions = left_.size();
    if (breaks(left_)) {
      leave_out();
      while (count(Kind::message) > 1 && fewer_at_other_times()) leave_out();
      whole.twist = scenario_.twist;
      const Fate::Chosen only = ids(left_);
      whole.only = &only;
      World world(whole);
      out.broken = world.run();
      out.story = world.story();
    }
    out.left = left_.size();
    out.replays = replays_;
    return out;
  }

 private:
  static Fate::Chosen ids(const Decisions& decisions) {
    Fate::Chosen out;
    for (const Decision& d : decisions) out.insert(d.id);
    return out;
  }
  void forget_repeats() {
    Fate::Chosen seen;
    std::erase_if(left_, [&seen](const Decision& d) { return !seen.insert(d.id).second; });
  }
  bool breaks(const Decisions& decisions) {
    if (++replays_ > most_) return false;
    const Fate::Chosen only = ids(decisions);
    Scenario smaller = scenario_;
    smaller.only = &only;
    World world(smaller);
    const std::string broken = world.run();
    return !broken.empty() && promise_of(broken) == promise_;
  }
  bool keep_if_it_breaks(Decisions smaller) {
    if (smaller.size() == left_.size() || !breaks(smaller)) return false;
    left_ = std::move(smaller);
    return true;
  }
  void leave_out() {
    leave_out_kinds();
    keep_few(Kind::message);
    keep_few(Kind::disk);
    keep_few(Kind::crash);
    keep_few(Kind::operation);
    for (size_t before = 0; before != left_.size();) {
      before = left_.size();
      for (size_t size = std::max<size_t>(1, before / 2); size > 0; size /= 2) leave_out_runs(size);
    }
  }
  void leave_out_kinds() {
    for (int kind = static_cast<int>(Kind::message); kind <= static_cast<int>(Kind::split); ++kind) {
      Decisions smaller = left_;
      std::erase_if(smaller, [kind](const Decision& d) { return d.kind == static_cast<Kind>(kind); });
      keep_if_it_breaks(std::move(smaller));
    }
  }
  // Leaving out one after the other gets stuck where things depend on each other's timing: so first the other way
  // round, whether a few of them are enough.
  void keep_few(Kind kind) {
    for (size_t parts = 2; parts < 2 * count(kind); parts *= 2) {
      const size_t size = (count(kind) + parts - 1) / parts;
      for (size_t first = 0; first < count(kind); first += size) {
        size_t nth = 0;
        Decisions smaller;
        for (const Decision& d : left_) {
          const bool other = d.kind == kind && (nth < first || nth >= first + size);
          if (d.kind == kind) ++nth;
          if (!other) smaller.push_back(d);
        }
        if (!keep_if_it_breaks(std::move(smaller))) continue;
        parts = 1;
        break;
      }
    }
  }
  // What is left may need just this timing, with all its messages; with another one, half of them may do.
  bool fewer_at_other_times() {
    const uint64_t before = scenario_.twist;
    for (uint64_t twist = before + 1; twist <= before + kTwists; ++twist) {
      const Fate dice(twist);
      const uint64_t share = 1 + dice.roll(3, Kind::size);  // of four messages
      Decisions smaller;
      for (const Decision& d : left_) {
        if (d.kind != Kind::message || dice.roll(4, Kind::message, d.id) < share) smaller.push_back(d);
      }
      scenario_.twist = twist;
      if (keep_if_it_breaks(std::move(smaller))) return true;
    }
    scenario_.twist = before;
    return false;
  }
  size_t count(Kind kind) const {
    return static_cast<size_t>(
        std::count_if(left_.begin(), left_.end(), [kind](const Decision& d) { return d.kind == kind; }));
  }
  // From the end: what came late often matters least.
  void leave_out_runs(size_t size) {
    for (size_t end = left_.size(); end > 0;) {
      end = std::min(end, left_.size());
      const size_t begin = end > size ? end - size : 0;
      Decisions smaller(left_.begin(), left_.begin() + static_cast<ptrdiff_t>(begin));
      smaller.insert(smaller.end(), left_.begin() + static_cast<ptrdiff_t>(end), left_.end());
      keep_if_it_breaks(std::move(smaller));
      end = begin;
    }
  }

  Scenario scenario_;
  const size_t most_;
  size_t replays_ = 0;
  std::string promise_;
  Decisions left_;
};

}  // namespace

Shrunk shrink(const Scenario& failing, size_t most) { return Shrinker(failing, most).run(); }

std::string to_text(const Shrunk& shrunk) {
  std::string out = fmt::format("{} of {} decisions are enough ({} replays). What happens then:\n", shrunk.left,
                                shrunk.decisions, shrunk.replays);
  size_t number = 0;
  for (const auto& line : shrunk.story) out += fmt::format("{:>4}. {}\n", ++number, line);
  return out;
}

}  // namespace lt::sim
