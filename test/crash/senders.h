// Senders of the crash tests: each message is sent with the same Idempotency-Key until it is answered 202.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "core/net/client.h"
#include "core/net/shard.h"
#include "test/crash/partner.h"

namespace lt::crash {

class Senders {
 public:
  struct Receipt {
    std::string position, text, order_key;
  };
  struct Lane {
    std::string path;    // at the bus
    size_t per_key = 1;  // messages that share an order key
  };
  Senders(std::string key, uint64_t seed, Progress& progress);
  ~Senders();

  // Where the bus listens now.
  void aim(uint16_t port) { port_ = port; }
  void start(const std::string& name, Lane lane, int at_once);
  // Every message begun gets its receipt, then no more. False: not within `time`.
  bool finish(std::chrono::seconds time);
  // One more message of that lane, after finish(); waits for its receipt. Its number.
  std::string send_last(const std::string& name, std::chrono::seconds time);

  // By number.
  std::map<std::string, Receipt> receipts(const std::string& name) const;
  // Answers that were neither 202 nor "later", and repeats that got another receipt.
  std::vector<std::string> complaints() const;
  size_t repeats() const { return repeats_; }

 private:
  struct State {
    Lane lane;
    size_t begun = 0;
    std::map<std::string, Receipt> receipts;
  };
  net::Task<void> send_many(std::string name);
  net::Task<void> send_one(std::string name, size_t index);
  net::Task<net::CallResult> post(std::string path, std::string number, std::string order_key);
  void complain(std::string what);

  const std::string key_, dossier_;
  Progress& progress_;
  std::mt19937_64 random_;  // of the shard
  std::atomic<uint16_t> port_{0};
  std::atomic<bool> enough_{false};
  std::atomic<size_t> repeats_{0}, running_{0};
  mutable std::mutex mutex_;
  std::map<std::string, State> lanes_;   // guarded
  std::vector<std::string> complaints_;  // guarded
  std::condition_variable ended_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
};

}  // namespace lt::crash
