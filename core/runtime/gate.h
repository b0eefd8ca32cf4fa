// Lets work in, or holds it back for a moment: what enters after close() waits until open(). For changes that nobody
// may be in the middle of.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "core/net/promise.h"

namespace lt::runtime {

class Gate {
 public:
  class Pass {
   public:
    explicit Pass(Gate* gate) : gate_(gate) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_) gate_->leave();
    }

   private:
    Gate* gate_;
  };

  // Waits while the gate is closed. On a shard.
  net::Task<Pass> enter();
  // From now on nobody enters. True: nobody is inside any more. False: `time` of the real clock passed before.
  bool close(std::chrono::milliseconds time);
  void open();

 private:
  void leave();

  std::mutex mutex_;
  std::condition_variable empty_;
  bool closed_ = false;
  size_t inside_ = 0;
  std::vector<net::Promise<bool>> waiting_;
};

}  // namespace lt::runtime
