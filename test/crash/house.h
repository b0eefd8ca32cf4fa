// The bus and the simulated partners as processes of their own, and what the journal says once the bus is down.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/cli/call.h"
#include "core/cli/process.h"
#include "core/message/fact.h"

namespace lt::crash {

// A temporary directory: removed when the test got to its end, else kept and named.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::string& path() const { return path_; }
  void done() { done_ = true; }

 private:
  std::string path_;
  bool done_ = false;
};

// `lienthong simulate <kind>`.
class SimulatorProcess {
 public:
  SimulatorProcess(cli::Caller& caller, const std::string& kind, const std::string& settings, uint64_t seed,
                   const std::string& log);
  const std::string& url() const { return url_; }
  void control(const std::string& json);
  std::string report();
  std::string figure(std::string_view name);

 private:
  cli::Caller& caller_;
  cli::Process process_;
  std::string url_;
};

// `lienthong run`.
class BusProcess {
 public:
  BusProcess(std::string configuration, std::string log)
      : configuration_(std::move(configuration)), log_(std::move(log)) {}
  // Waits until it listens. The port.
  uint16_t start();
  void kill();
  // SIGTERM. The exit code.
  int stop();

 private:
  std::string configuration_, log_;
  cli::Process process_;
};

// Everything the journal says, folded. The bus must be down.
struct Truth {
  struct Delivery {
    std::string destination;
    DeliveryState state = DeliveryState::delivered;
    size_t attempts_recorded = 0;
  };
  std::map<std::string, Delivery>
      deliveries;                          // by position of the message: every route of the test has one destination
  std::map<std::string, std::string> ids;  // position -> message id
  size_t records = 0;
};
Truth read_truth(const std::string& configuration, const std::string& data);

}  // namespace lt::crash
