// Files that a document names by their address (`blob: {..., carrier: url}`), fetched when a delivery of it is made
// ready. Nothing is sent to the partner before all of them are here, so whatever goes wrong is no doubt:
//
//   fetch_not_allowed (LT-5040)  the address is below no place of files.fetch.from: nothing was asked of anybody
//   fetch_refused (LT-5041)      the place does not give it, or gives what is no whole file: a person looks
//   fetch_failed (LT-5042)       no answer, a broken one, 408, 425, 429, 5xx: tried again later
//   too_large                    more than `limit`, or too many files, or too much together
//   unavailable                  the bus stops
//
// What was fetched lies in the blob store like an upload whose message was never accepted: no record names it, so
// retention frees it after a day. The next attempt fetches again.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/base/metrics.h"
#include "core/net/client.h"
#include "core/net/shard.h"
#include "core/runtime/body_store.h"
#include "core/runtime/fetch_places.h"
#include "core/runtime/render.h"

namespace lt::runtime {

// What is being fetched in the whole bus, so that a stop ends it with an outcome: an attempt without one would look
// like a doubt after the next start. Thread-safe.
class FetchesUnderWay {
 public:
  void stop();

  // Held while it is under way; `stopped` when it must not begin.
  class Entry {
   public:
    Entry(FetchesUnderWay& all, net::Promise<bool> ended);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();
    bool stopped() const { return stopped_; }

   private:
    FetchesUnderWay& all_;
    uint64_t number_ = 0;
    bool stopped_ = false;
  };

 private:
  std::mutex mutex_;
  bool stopped_ = false;                          // guarded
  uint64_t last_ = 0;                             // guarded
  std::map<uint64_t, net::Promise<bool>> ended_;  // guarded; set to false by a stop
};

// What one configuration says about fetching.
struct FetchRules {
  explicit FetchRules(FileFetchingSection section) : settings(std::move(section)), places(settings.from) {}
  const FileFetchingSection settings;
  const FetchPlaces places;
  uint64_t together = limits::kBody;  // bytes of all files of one delivery
};

// Of one shard; all calls on it. What is referred to outlives the shard.
class FileFetcher {
 public:
  // `rules` null: nothing is fetched.
  FileFetcher(net::Shard& shard, net::ShardPool& pool, BodyStore& bodies, FetchesUnderWay& under_way, Metrics& metrics,
              std::shared_ptr<const FetchRules> rules);
  // Each of them once. To be opened by address; what is kept is sealed under `key_class`. Errors as above, at the path
  // of the file.
  net::Task<Result<mapping::OpenNamed>> fetch(std::vector<mapping::WantedFile> files, journal::KeyClass key_class);

 private:
  struct Counters;
  struct Job;
  class Taker;
  static net::Task<void> work(std::shared_ptr<Job> job);
  static net::Task<Result<Body>> fetch_one(std::shared_ptr<Job> job, const FetchTarget* target);
  static Result<void> judge(const Job& job, const FetchTarget& target, const Taker& taker,
                            const net::CallResult& answer);

  net::Shard& shard_;
  net::ShardPool& pool_;
  BodyStore& bodies_;
  FetchesUnderWay& under_way_;
  std::shared_ptr<const Counters> counters_;
  std::shared_ptr<const FetchRules> rules_;
};

}  // namespace lt::runtime
