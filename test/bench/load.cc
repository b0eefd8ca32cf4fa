#include "test/bench/load.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "test/bench/http.h"

namespace lt::bench {
namespace {

using Steady = std::chrono::steady_clock;

// Where the numbers of a message stand in the template: those of its id and of its dossier, which is its order key.
constexpr std::string_view kId = "1c2d3e4f5a6b";
constexpr std::string_view kDossier = "240517-0042";

struct Caller {
  Caller(asio::io_context& io, uint16_t port, const std::string& body) : connection(io, port) {
    Request& request = connection.request();
    request = Request(http::verb::post, "/in", 11);
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/json");
    request.set("X-API-Key", "bench-key");
    request.body() = body;
  }
  Connection connection;
  Steady::time_point sent;
};

}  // namespace

Load::Load(LoadOptions options) : options_(std::move(options)) {
  std::ifstream file(options_.template_file, std::ios::binary);
  body_.assign(std::istreambuf_iterator<char>(file), {});
  if (body_.find(kId) == body_.npos || body_.find(kDossier) == body_.npos)
    throw std::runtime_error(options_.template_file + " is not the reference dossier");
  times_us_.reserve(1 << 20);
  thread_ = std::thread([this] { run(); });
}

void Load::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Load::run() {
  asio::io_context io(1);
  std::vector<std::unique_ptr<Caller>> callers;
  for (size_t i = 0; i < options_.connections; ++i)
    callers.push_back(std::make_unique<Caller>(io, options_.port, body_));
  const size_t id_at = body_.find(kId), dossier_at = body_.find(kDossier);
  const uint64_t first =
      static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1'000 % 1'000'000'000;
  uint64_t number = first * 10;

  std::function<void(Caller*)> next = [&](Caller* caller) {
    if (stopping_) return caller->connection.close();
    ++number;
    char text[32];
    Request& request = caller->connection.request();
    std::snprintf(text, sizeof text, "%012llx", static_cast<unsigned long long>(number));
    request.body().replace(id_at, kId.size(), text, kId.size());
    if (options_.repeats) request.set("Idempotency-Key", text);
    std::snprintf(text, sizeof text, "%06llu-%04llu", static_cast<unsigned long long>(number / 10'000 % 1'000'000),
                  static_cast<unsigned long long>(number % 10'000));
    request.body().replace(dossier_at, kDossier.size(), text, kDossier.size());
    caller->sent = Steady::now();
    caller->connection.send([&, caller](int status) {
      if (status == 202)
        ++accepted_;
      else
        ++refused_;
      if (status == 0) return;
      if (measuring_) {
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - caller->sent);
        times_us_.push_back(static_cast<uint32_t>(took.count()));
      }
      next(caller);
    });
  };
  for (auto& caller : callers) next(caller.get());
  io.run();
}

}  // namespace lt::bench
