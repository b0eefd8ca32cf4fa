// What tests of large bodies share: bodies that are never whole in memory, a partner that keeps nothing, the peak of
// our memory.
#pragma once

#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/base/hash.h"
#include "test/core/codec/sources.h"
#include "test/core/runtime/bed.h"

namespace lt::runtime::test {

// Most memory this process held since the last reset, in KiB.
inline void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }
inline long peak_kib() { return static_cast<long>(lt::test::peak_memory() >> 10); }
// Sanitizers keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr long kPeakAllowance = 4 << 20;
#else
inline constexpr long kPeakAllowance = 0;
#endif

inline Sha256 hash_of(ByteSource& source) {
  Sha256Stream hash;
  std::string piece(64 << 10, '\0');
  for (;;) {
    const auto n = source.read(piece.data(), piece.size());
    if (!n) throw std::runtime_error(n.error().text());
    if (*n == 0) return hash.finish();
    hash.update(std::string_view(piece.data(), *n));
  }
}

// Counts and hashes what comes, keeps nothing.
class Drain {
 public:
  struct Got {
    uint64_t bytes = 0;
    Sha256 sha256{};
  };
  explicit Drain(const Clock& clock) : pool_(net::make_shard_pool(clock, metrics_, {})) {
    auto server = net::serve(*pool_, metrics_, {}, [this](net::Exchange* exchange) { return take(exchange); });
    if (!server) throw std::runtime_error(server.error().text());
    server_ = std::move(*server);
  }
  ~Drain() { pool_->stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::future<Got> first() { return done_.get_future(); }

 private:
  net::Task<net::Response> take(net::Exchange* exchange) {
    std::string piece(32 << 10, '\0');
    Sha256Stream hash;
    Got got;
    for (;;) {
      auto read = co_await exchange->body->read(piece.data(), piece.size());
      if (!read || *read == 0) break;
      hash.update(std::string_view(piece.data(), *read));
      got.bytes += *read;
    }
    got.sha256 = hash.finish();
    done_.set_value(got);
    co_return net::Response{};
  }
  std::promise<Got> done_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace lt::runtime::test
