// A closed loop: each connection sends the reference dossier with numbers of its own, waits for the 202, sends the
// next.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "test/bench/dossier.h"

namespace lt::bench {

struct LoadOptions {
  uint16_t port = 0;
  size_t connections = 1;
  bool repeats = true;  // an Idempotency-Key, another for each message
  std::string template_file;
};

class Load {
 public:
  explicit Load(LoadOptions options);  // begins at once, on a thread of its own
  ~Load() { stop(); }
  // Accept times are kept from here on / no longer.
  void measure(bool on) { measuring_ = on; }
  // Sends no more, waits for the answers that are out.
  void stop();

  uint64_t accepted() const { return accepted_; }
  uint64_t refused() const { return refused_; }  // anything but 202
  // Of the measured time, in microseconds; after stop.
  std::vector<uint32_t>& times_us() { return times_us_; }

 private:
  void run();
  LoadOptions options_;
  Dossiers dossiers_;
  std::atomic<bool> measuring_{false}, stopping_{false};
  std::atomic<uint64_t> accepted_{0}, refused_{0};
  std::vector<uint32_t> times_us_;
  std::thread thread_;
};

}  // namespace lt::bench
