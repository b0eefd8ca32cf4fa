#include "test/bench/load.h"

#include <chrono>
#include <functional>
#include <memory>

namespace lt::bench {
namespace {

using Steady = std::chrono::steady_clock;

struct Caller {
  Caller(asio::io_context& io, uint16_t port, const Dossiers& dossiers) : connection(io, port) {
    dossiers.prepare(connection.request());
  }
  Connection connection;
  Steady::time_point sent;
};

}  // namespace

Load::Load(LoadOptions options) : options_(std::move(options)), dossiers_(options_.template_file) {
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
    callers.push_back(std::make_unique<Caller>(io, options_.port, dossiers_));

  std::function<void(Caller*)> next = [&](Caller* caller) {
    if (stopping_) return caller->connection.close();
    dossiers_.next(caller->connection.request(), options_.repeats);
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
