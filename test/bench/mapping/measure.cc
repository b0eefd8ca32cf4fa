#include "test/bench/mapping/measure.h"

#include <algorithm>
#include <ctime>
#include <stdexcept>

namespace lt::bench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

double thread_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

Rounds::Rounds(std::vector<Step> steps, int rounds, double slice_us) : steps_(std::move(steps)) {
  std::vector<int> times;
  for (const Step& step : steps_) {
    step.run();  // warm
    const double began = thread_cpu_us();
    step.run();
    times.push_back(std::max(1, static_cast<int>(slice_us / std::max(1.0, thread_cpu_us() - began))));
  }
  us_.resize(steps_.size());
  for (int round = 0; round < rounds; ++round)
    for (size_t i = 0; i < steps_.size(); ++i) {
      const double began = thread_cpu_us();
      for (int n = 0; n < times[i]; ++n) steps_[i].run();
      us_[i].push_back((thread_cpu_us() - began) / times[i]);
    }
}

const std::vector<double>& Rounds::series(const std::string& name) const {
  for (size_t i = 0; i < steps_.size(); ++i)
    if (steps_[i].name == name) return us_[i];
  throw std::logic_error("no step " + name);
}

double Rounds::us(const std::string& name) const { return median(series(name)); }

double Rounds::ratio(const std::string& name, const std::string& to) const {
  const auto &over = series(name), &under = series(to);
  std::vector<double> ratios;
  for (size_t i = 0; i < over.size(); ++i) ratios.push_back(over[i] / under[i]);
  return median(std::move(ratios));
}

}  // namespace lt::bench
