// All that an adapter gets from the house, and nothing global.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "core/base/stream.h"
#include "core/message/outcome.h"
#include "core/net/server.h"
#include "core/net/shard.h"

namespace lt::adapter {

// Open requests of one polling source, and how far a listing source has read. Durable: folded from the journal.
class Watches {
 public:
  virtual ~Watches() = default;
  // Open watches of `set`, oldest first. A copy.
  virtual net::Task<std::vector<WatchChange>> open(std::string set) = 0;
  virtual net::Task<std::string> cursor(std::string source) = 0;  // "" = never set
};

// Paths on the listeners of the configuration. Called while the house is built, before traffic.
class Routes {
 public:
  virtual ~Routes() = default;
  virtual void add(std::string listener, std::string method, std::string path, net::Handler handler) = 0;
};

// Bytes of accepted bodies.
class Bodies {
 public:
  virtual ~Bodies() = default;
  // `length` bytes of the body from `offset`; npos = to the end.
  virtual Result<std::unique_ptr<ByteSource>> open(const Body& body, uint64_t offset = 0,
                                                   uint64_t length = UINT64_MAX) = 0;
};

struct Services {
  std::string name;      // of the endpoint or destination
  std::string organ_id;  // our own agency code on the axis, from `bus.organ_id`
  const Clock* clock;
  Metrics* metrics;
  net::Shard* shard;  // where this object lives
  // A polling source waits between its rounds. False: return from run() - the house stops, or replaces this source.
  std::function<net::Task<bool>(std::chrono::microseconds)> rest;
  net::ShardPool* pool;  // for offload
  Watches* watches;
  Routes* routes;
  Bodies* bodies;
};

}  // namespace lt::adapter
