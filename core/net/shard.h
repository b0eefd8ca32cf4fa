// An I/O shard: one thread, one io_context(1). What starts on a shard stays on it, so nothing on it needs a lock.
//
// Waits run on the shard's own timer wheel over the injected clock (1 ms resolution), never on Asio timers tied to the
// real clock: with a ManualClock nothing moves until `clock_moved` is called.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/net/promise.h"
#include "core/net/task.h"

namespace lt::net {

class HttpClient;

class Shard {
 public:
  virtual ~Shard() = default;
  virtual int index() const = 0;
  virtual const Clock& clock() const = 0;
  // Runs `work` on this shard's thread, soon, in order. Thread-safe. Work posted after stop() is dropped.
  virtual void post(std::function<void()> work) = 0;
  // Starts a coroutine on this shard; thread-safe. Called on the shard itself, it runs up to its first wait at once.
  // An exception that leaves it is logged as a bug under `name` and counted.
  virtual void spawn(std::string name, Task<void> task) = 0;
  // Waits on the injected clock. False when the shard stops: return then. Only on this shard.
  virtual Task<bool> sleep(std::chrono::microseconds time) = 0;
  // The pooled client of this shard. Only on this shard.
  virtual HttpClient& client() = 0;
  // A ManualClock was advanced: fire what is due. Thread-safe.
  virtual void clock_moved() = 0;
  // The shard whose thread this is, or null.
  static Shard* current();
};

struct PoolOptions {
  int shards = 1;
  int offload_threads = 1;   // CPU work over 64 KiB: hashing, inflating, XML
  int resolver_threads = 1;  // getaddrinfo cannot be cancelled
};

// All shards of a process, and the pools beside them. Threads start at construction.
class ShardPool {
 public:
  virtual ~ShardPool() = default;  // stops
  virtual size_t size() const = 0;
  virtual Shard& shard(size_t i) = 0;
  // Runs `work` on a pool thread, then resumes the caller on its shard. What `work` throws, the caller gets.
  virtual Task<void> offload(std::function<void()> work) = 0;
  // The same without waiting. `work` does not throw; it is dropped without a call when the pool stops.
  virtual void submit(std::function<void()> work) = 0;
  // Ends waits, closes listeners and connections, joins the threads. Idempotent; not from a shard. Coroutines that
  // still wait afterwards are destroyed with the pool: what they refer to must outlive it.
  virtual void stop() = 0;
};

std::unique_ptr<ShardPool> make_shard_pool(const Clock& clock, Metrics& metrics, PoolOptions options);

}  // namespace lt::net
