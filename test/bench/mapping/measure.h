// CPU time of steps that take turns: what the box does meanwhile hits them all alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lt::bench {

double thread_cpu_us();

struct Step {
  std::string name;
  std::function<void()> run;
};

class Rounds {
 public:
  // Each round runs every step for about `slice_us`.
  Rounds(std::vector<Step> steps, int rounds, double slice_us);

  double us(const std::string& name) const;  // of one run, median of the rounds
  // Of the two in the same round, median of the rounds.
  double ratio(const std::string& name, const std::string& to) const;

 private:
  const std::vector<double>& series(const std::string& name) const;
  std::vector<Step> steps_;
  std::vector<std::vector<double>> us_;  // by step, by round
};

}  // namespace lt::bench
