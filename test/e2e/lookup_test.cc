// The shipped gateway configuration in the real program: a partner is asked, and the program is killed while it is.
#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/net/client.h"
#include "core/net/server.h"
#include "test/e2e/program.h"

using namespace lt;
using namespace std::chrono_literals;

namespace {

const std::string kSource = LT_SOURCE_DIR;

std::string example(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(kSource + "/mappings/insurance/examples/" + name + ".json").rdbuf();
  return text.str();
}

// Answers at once, or never.
class Insurance {
 public:
  Insurance() : pool_(net::make_shard_pool(system_clock(), metrics_, {})) {
    auto server = net::serve(*pool_, metrics_, {}, [this](net::Exchange* exchange) { return take(exchange); });
    REQUIRE(server);
    server_ = std::move(*server);
  }
  ~Insurance() { pool_->stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::future<void> next_call() {
    called_ = std::promise<void>();
    return called_.get_future();
  }
  void answer(bool answers) { answers_ = answers; }
  // On a thread of its own: whoever is killed gives no answer.
  void ask(const std::string& bus, std::shared_ptr<std::promise<net::CallResult>> answer) {
    net::Call call;
    call.url = bus + "/lookup/insurance";
    call.headers.set("Content-Type", "application/json");
    call.headers.set("X-API-Key", "demo-key-onestop-a");
    call.body = example("query");
    pool_->shard(0).spawn("asker", carry(&pool_->shard(0), std::move(call), std::move(answer)));
  }

 private:
  net::Task<net::Response> take(net::Exchange* exchange) {
    auto body = co_await net::read_all(exchange->body, 1 << 20);
    called_.set_value();
    if (!answers_) co_await exchange->shard->sleep(1h);
    net::Response response;
    response.headers.add("Content-Type", "application/json");
    response.body = example("partner-reply");
    co_return response;
  }
  static net::Task<void> carry(net::Shard* shard, net::Call call,
                               std::shared_ptr<std::promise<net::CallResult>> answer) {
    auto result = co_await shard->client().call(std::move(call));
    answer->set_value(std::move(result));
  }

  std::atomic<bool> answers_{true};
  std::promise<void> called_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<net::HttpServer> server_;
};

struct Folder {
  std::string path = "/tmp/lienthong-lookup-XXXXXX";
  Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string port_of(const std::string& ready, const std::string& name) {
  const size_t at = ready.find("\"" + name + "\":") + name.size() + 3;
  return "http://127.0.0.1:" + ready.substr(at, ready.find_first_of(",}", at) - at);
}

}  // namespace

TEST_CASE("a program killed while it asks: its next life says that the partner may have acted, and asks again") {
  Folder folder;
  Insurance insurance;
  const std::map<std::string, std::string> environment{{"LIENTHONG_DATA", folder.path + "/data"},
                                                       {"LIENTHONG_LISTEN", "127.0.0.1:0"},
                                                       {"LIENTHONG_ADMIN_LISTEN", "127.0.0.1:0"},
                                                       {"BHXH_URL", insurance.url()}};
  const std::vector<std::string> run{"run", kSource + "/conf/lookup"};
  auto called = insurance.next_call();
  insurance.answer(false);
  {
    auto bus = cli::Process::start(LT_PROGRAM, run, environment, "/dev/null");
    REQUIRE(bus);
    const auto ready = bus->read_line();
    REQUIRE(ready);
    auto answer = std::make_shared<std::promise<net::CallResult>>();
    insurance.ask(port_of(*ready, "main"), answer);
    REQUIRE(called.wait_for(20s) == std::future_status::ready);
    bus->signal(SIGKILL);
    bus->wait();
    CHECK_FALSE(answer->get_future().get());
  }
  insurance.answer(true);
  called = insurance.next_call();
  auto bus = cli::Process::start(LT_PROGRAM, run, environment, "/dev/null");
  REQUIRE(bus);
  const auto ready = bus->read_line();
  REQUIRE(ready);
  auto answer = std::make_shared<std::promise<net::CallResult>>();
  insurance.ask(port_of(*ready, "main"), answer);
  const auto reply = answer->get_future().get();
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->body.find("2212345678") != std::string::npos);
  bus->signal(SIGTERM);
  CHECK(bus->wait() == 0);

  const auto records = test::run_program({"journal", "dump", folder.path + "/data", "--json"});
  const auto count = [&](const std::string& part) {
    size_t n = 0;
    for (size_t at = records.out.find(part); at != std::string::npos; at = records.out.find(part, at + 1)) ++n;
    return n;
  };
  CHECK(count("\"type\":\"asked\"") == 2);
  CHECK(count("\"type\":\"answered\"") == 2);
  CHECK(count("\"state\":\"unknown\"") == 1);
  CHECK(count("LT-5038") == 1);
  CHECK(count("\"state\":\"delivered\"") == 1);
  CHECK(records.out.find("Nguyễn") == std::string::npos);
}
