// Counters, gauges and histograms in the Prometheus text exposition format 0.0.4 (Debian 12 packages no client
// library).
//
// Handles are cheap to use from any thread and live as long as the Metrics they came from. Names start with
// "lienthong_", use base units, counters end in _total. Labels must be bounded: an endpoint, a destination, a code -
// never a message id.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lt {

class Counter {
 public:
  void add(uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(int64_t to) { value_.store(to, std::memory_order_relaxed); }
  void add(int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Latencies: bucket bounds from 100 us to 60 s. Observes microseconds, exposes seconds.
class Histogram {
 public:
  void observe_us(uint64_t microseconds);
  static constexpr uint64_t kBoundsUs[] = {100,       250,       500,       1'000,      2'500,     5'000,
                                           10'000,    25'000,    50'000,    100'000,    250'000,   500'000,
                                           1'000'000, 2'500'000, 5'000'000, 10'000'000, 60'000'000};
  static constexpr size_t kBuckets = std::size(kBoundsUs) + 1;
  uint64_t bucket(size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }
  uint64_t sum_us() const { return sum_us_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> buckets_[kBuckets]{};
  std::atomic<uint64_t> sum_us_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  // The same name and labels give the same handle. `help` counts at the first call.
  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});
  std::string expose() const;

 private:
  struct Family;
  Family& family(std::string_view name, std::string_view help, std::string_view type);
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
};

}  // namespace lt
