// The servers of a measurement: the sink, and the side that is measured, started afresh with a directory of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "test/bench/child.h"

namespace lt::bench {

// Answers 200 and counts, in a process of its own. `self` is this program.
class Sink {
 public:
  Sink(const std::string& self, const std::filesystem::path& directory);
  uint16_t port() const { return port_; }
  // Deliveries, body bytes.
  std::pair<uint64_t, uint64_t> figures() const;
  void stop() { child_.stop(); }

 private:
  Child child_;
  uint16_t port_;
};

struct Side {
  std::unique_ptr<Child> child;
  uint16_t port = 0;
  std::string log;
};

Side start_stick(const std::string& self, const std::filesystem::path& directory, uint16_t sink_port);
// `sink_class`: what the partner is declared as. `program`: which build.
Side start_product(const std::filesystem::path& directory, uint16_t sink_port, const std::string& sink_class,
                   const std::string& program = LT_PROGRAM);

// The number after `"name":` in the last line of a log that has it; 0 when none has.
double logged(const std::string& log, const std::string& name);
// The reference dossier.
std::string dossier_file();

}  // namespace lt::bench
