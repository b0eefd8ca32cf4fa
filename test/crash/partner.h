// Partners of the crash tests, inside the test program: they count what took effect and de-duplicate no more than they
// say.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/net/server.h"
#include "core/net/shard.h"

namespace lt::crash {

// What happened so far, on all sides; the killer waits for it.
class Progress {
 public:
  void add();
  uint64_t now() const;
  // False when `time` passed first.
  bool reaches(uint64_t target, std::chrono::seconds time);

 private:
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  uint64_t count_ = 0;
};

// The number in the messageId of a reference dossier: which message of the test it is, whoever sent it how often.
std::string number_of(std::string_view body);

class Partner {
 public:
  enum class Kind {
    recognises,  // a repeat of an event id is answered 409 and has no effect
    asked,       // applies every POST; GET /events/{id} says whether it was applied
    neither,     // applies every POST
  };
  Partner(Kind kind, uint64_t seed, Progress& progress);
  ~Partner();

  std::string url(std::string_view path) const;
  // From now on every reply leaves.
  void behave() { honest_ = true; }
  // While held, a POST stays in work until somebody asks about it.
  void hold(bool on) { holding_ = on; }

  struct Seen {
    std::map<std::string, int> applied;  // by number
    std::vector<std::string> log;        // numbers in the order they were applied
    size_t posts = 0, repeats = 0, asked = 0, found = 0, dropped = 0, overtaken = 0;
    size_t held = 0;  // POSTs in work, because of hold(), now
  };
  Seen seen() const;

 private:
  net::Task<net::Response> take(net::Exchange* exchange);
  net::Task<net::Response> tell(net::Exchange* exchange);
  net::Task<void> stay_in_work(net::Exchange* exchange, std::string event);
  bool chance(double rate);
  net::Response apply(const std::string& event, const std::string& number);

  const Kind kind_;
  Progress& progress_;
  std::mt19937_64 random_;           // of the shard
  std::map<std::string, int> busy_;  // of the shard: event ids whose POST is being worked on
  std::set<std::string> events_;     // of the shard
  std::set<std::string> questions_;  // of the shard: event ids asked about
  std::atomic<bool> honest_{false}, holding_{false};
  mutable std::mutex mutex_;
  Seen seen_;  // guarded
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace lt::crash
