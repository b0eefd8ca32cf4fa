// The bad habits that all simulated partners share, and how they are set through /sim/control.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <variant>

#include "core/adapter/simulator.h"

namespace lt::adapter {

// Named settings of a simulator, bound to its members.
class SimulatorSettings {
 public:
  void bind(std::string name, bool* value) { bound_[std::move(name)] = value; }
  void bind(std::string name, int64_t* value) { bound_[std::move(name)] = value; }
  void bind(std::string name, double* value) { bound_[std::move(name)] = value; }
  void bind(std::string name, std::string* value) { bound_[std::move(name)] = value; }
  // Sets what the JSON object names. Error usage: an unknown name (with the known ones) or a wrong type; then nothing
  // is set.
  Result<void> apply(const Node* settings);

 private:
  using Target = std::variant<bool*, int64_t*, double*, std::string*>;
  std::map<std::string, Target> bound_;
};

// What a partner does besides its job. Rates are 0..1.
struct Habits {
  bool down = false;       // every call is answered 503
  double drop_before = 0;  // closes the connection without having done anything
  double drop_after = 0;   // does its job, then closes the connection without an answer
  double error = 0;        // answers 500 without having done anything
  int64_t slow_ms = 0;     // waits this long before it answers
  void bind(SimulatorSettings& settings);
};

// Runs a partner's work under its habits.
net::Task<net::Response> with_habits(net::Exchange* exchange, const Habits* habits, std::mt19937_64* random,
                                     net::Handler work);

// A response that makes the server close the connection without answering.
net::Response dropped();

}  // namespace lt::adapter
