#include <fmt/format.h>

#include <random>
#include <unordered_set>

#include "adapters/http/http.h"
#include "core/adapter/habits.h"
#include "core/base/env.h"
#include "core/base/json_text.h"
#include "core/base/limits.h"

namespace lt::adapters {
namespace {

constexpr const char* kPath = "/in";

// A system that takes whatever is posted to /in and keeps each body as a file: what a new connection is tried against.
class InboxSimulator final : public adapter::Simulator {
 public:
  explicit InboxSimulator(adapter::SimulatorServices services) : random_(services.seed) {
    habits_.bind(settings_);
    settings_.bind("folder", &folder_);
    settings_.bind("extension", &extension_);
    settings_.bind("recognise_repeats", &recognise_repeats_);
  }

  void serve(net::Router& router) override {
    router.add("POST", kPath, [this](net::Exchange* exchange) {
      net::Handler work = [this](net::Exchange* inner) { return arrive(inner); };
      return adapter::with_habits(exchange, &habits_, &random_, std::move(work));
    });
  }

  Result<void> control(const Node* settings) override { return settings_.apply(settings); }

  std::string report() override {
    std::string out = fmt::format(R"({{"received":{},"repeats":{},"last_error":)", received_, repeats_);
    quote_json(last_error_, out);
    return out + '}';
  }

 private:
  net::Task<net::Response> arrive(net::Exchange* exchange);
  Result<void> keep(const std::string& body) {
    LT_TRY(system_env().make_directories(folder_));
    return replace_file(system_env(), fmt::format("{}/{}.{}", folder_, received_ + 1, extension_), body);
  }

  std::mt19937_64 random_;
  adapter::SimulatorSettings settings_;
  adapter::Habits habits_;
  std::string folder_ = "inbox", extension_ = "json";
  bool recognise_repeats_ = true;
  std::unordered_set<std::string> events_;
  size_t received_ = 0, repeats_ = 0;
  std::string last_error_;
};

net::Task<net::Response> InboxSimulator::arrive(net::Exchange* exchange) {
  net::Response response;
  const std::string event(exchange->head.headers.get("Idempotency-Key"));
  const auto body = co_await net::read_all(exchange->body, limits::kBody);
  if (!body) co_return net::problem(body.error());
  if (recognise_repeats_ && !event.empty() && events_.contains(event)) {
    ++repeats_;
    response.status = 409;
    co_return response;
  }
  if (const auto kept = keep(*body); !kept) {
    last_error_ = kept.error().text();
    co_return net::problem(kept.error());
  }
  ++received_;
  events_.insert(event);
  co_return response;
}

}  // namespace

std::unique_ptr<adapter::Simulator> make_inbox_simulator(adapter::SimulatorServices services) {
  return std::make_unique<InboxSimulator>(services);
}

}  // namespace lt::adapters
