// An open loop: messages fall due at a fixed rate, whatever becomes of those before - as in life, where senders do not
// wait for each other. A message's time counts from when it was due. While all connections are busy it waits here.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "test/bench/dossier.h"

namespace lt::bench {

struct OpenLoadOptions {
  uint16_t port = 0;
  size_t connections = 256;
  double rate = 0;  // due per second
  std::string template_file;
};

class OpenLoad {
 public:
  explicit OpenLoad(OpenLoadOptions options);  // begins at once, on a thread of its own
  ~OpenLoad() { stop(); }
  // Nothing falls due any more; waits for the answers that are out. What waited here is given up.
  void stop();

  uint64_t due() const { return due_; }
  uint64_t accepted() const { return accepted_; }
  uint64_t busy() const { return busy_; }                  // 503: told to come again
  uint64_t failed() const { return failed_; }              // any other answer, or none
  std::vector<uint32_t>& times_us() { return times_us_; }  // of the accepted; after stop

 private:
  void run();
  OpenLoadOptions options_;
  Dossiers dossiers_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> due_{0}, accepted_{0}, busy_{0}, failed_{0};
  std::vector<uint32_t> times_us_;
  std::thread thread_;
};

}  // namespace lt::bench
