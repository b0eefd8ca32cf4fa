// A bus in the test's process, against partners on real sockets, under a clock that only the test moves.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/message/fact.h"
#include "core/net/client.h"
#include "core/net/server.h"
#include "core/runtime/bus.h"

namespace lt::runtime::test {

// The machine's files, with a gate before every sync, and a disk that is as full as the test says.
class GateEnv final : public Env {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> rename(const std::string& from, const std::string& to) override { return system_env().rename(from, to); }
  Result<void> remove(const std::string& path) override { return system_env().remove(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override { return system_env().list(directory); }
  Result<void> make_directories(const std::string& path) override { return system_env().make_directories(path); }
  Result<void> sync_directory(const std::string& path) override { return system_env().sync_directory(path); }
  Result<bool> exists(const std::string& path) override { return system_env().exists(path); }
  Result<uint64_t> free_bytes(const std::string& path) override {
    const uint64_t said = free_;
    return said == kReal ? system_env().free_bytes(path) : Result<uint64_t>(said);
  }

  static constexpr uint64_t kReal = UINT64_MAX;
  void set_free(uint64_t bytes) { free_ = bytes; }
  // Writes to files whose path has `part` fail: no space. "" = none.
  void full_at(std::string part);
  Result<void> may_write(const std::string& path);

  void close_gate();
  void wait_at_gate();  // until a sync stands before it
  void open_gate(bool fail = false);
  Result<void> pass();

 private:
  std::mutex mutex_;
  std::condition_variable moved_;
  std::atomic<uint64_t> free_{kReal};
  std::string full_at_;
  bool closed_ = false, failing_ = false;
  int waiting_ = 0;
};

// A partner that remembers what it was sent and answers as it is told.
class Partner {
 public:
  explicit Partner(const Clock& clock);
  ~Partner();
  struct Got {
    std::string event, body;
  };
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  void answer(int status) { status_ = status; }
  // Replies instead of "taken"; called on the partner's thread with target and body.
  void script(std::function<std::string(const std::string& path, const std::string& body)> reply);
  std::vector<Got> got() const;  // answered 200
  size_t calls() const;          // all
  // Until `done` holds; asked after every call. False: not within 20 s of real time.
  bool until(std::function<bool(const std::vector<Got>&)> done);
  bool until_got(size_t count) {
    return until([count](const auto& got) { return got.size() >= count; });
  }

 private:
  net::Task<net::Response> take(net::Exchange* exchange);
  std::atomic<int> status_{200};
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::vector<Got> got_;
  size_t calls_ = 0;
  std::function<std::string(const std::string&, const std::string&)> reply_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<net::HttpServer> server_;
};

class Bed {
 public:
  Bed();
  ~Bed();
  const std::string& folder() const { return folder_; }
  // `rest`: endpoints, destinations, routes and what else there is; `bus`, `listeners`, `agencies`, `principals`
  // (sender with the key "test-key", weak with "weak-key" and no right) and `rights` (sender: everything) are there
  // already.
  void configure(const std::string& rest);
  void start();
  // Has the running bus go by what configure() wrote last. Throws when that has mistakes.
  Result<ReloadReport> reload();
  void stop() { bus_.reset(); }
  Bus& bus() { return *bus_; }
  GateEnv& env() { return env_; }
  std::string figures() const { return metrics_.expose(); }

  using HeaderList = std::vector<std::pair<std::string, std::string>>;
  // With the sender's key unless `headers` has one.
  net::Call call(const std::string& path, std::string body, const HeaderList& headers = {}) const;
  std::future<net::CallResult> begin(net::Call call);
  net::Response post(const std::string& path, std::string body, const HeaderList& headers = {});

  void advance(std::chrono::milliseconds by);
  // From here on started and reloaded buses get this changed text of the configuration's head.
  void replace_in_head(const std::string& what, const std::string& by) { head_changes_.emplace_back(what, by); }
  // Advances step by step until `done`; false after 20 s of real time.
  bool until(const std::function<bool()>& done, std::chrono::milliseconds step = std::chrono::milliseconds(0));
  engine::LaneStatus lane(const std::string& destination);
  std::vector<engine::DeliveryStatus> pending();
  std::optional<Error> operate(ActionFact fact);
  // All facts of the journal.
  std::vector<std::pair<Position, Fact>> facts();

  ManualClock clock;
  std::string schemas, mappings;  // of the source tree; change before configure()
  std::string bus_settings;       // more of the section `bus`: ", name: value"
  // Of what no configuration says, before a bus is started or reloaded.
  std::function<void(engine::CellPolicy&)> change_policy;

 private:
  std::shared_ptr<const Graph> read_graph();

  std::string folder_;
  std::vector<std::pair<std::string, std::string>> head_changes_;
  GateEnv env_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<Bus> bus_;
};

// The reference dossier with another message id, order key and receiver.
std::string bench_dossier(const std::string& message_id, const std::string& order_key = "K",
                          const std::string& receiver = "G12");
std::string onestop_dossier();
std::string replaced(std::string text, const std::string& what, const std::string& by);
// A member of a JSON object as text, "" when absent.
std::string member(const std::string& json, std::string_view name);

}  // namespace lt::runtime::test
