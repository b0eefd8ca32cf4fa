// Threads for work that must not run on a shard.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lt::net {

class WorkerPool {
 public:
  WorkerPool(const char* name, int threads);
  ~WorkerPool() { stop(); }
  void submit(std::function<void()> work);  // dropped after stop
  void stop();                              // finishes what runs, drops what waits

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::function<void()>> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace lt::net
