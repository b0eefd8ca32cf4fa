#include "test/bench/open_load.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>

#include <boost/asio/steady_timer.hpp>

namespace lt::bench {
namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(1);

}  // namespace

OpenLoad::OpenLoad(OpenLoadOptions options) : options_(std::move(options)), dossiers_(options_.template_file) {
  times_us_.reserve(1 << 20);
  thread_ = std::thread([this] { run(); });
}

void OpenLoad::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void OpenLoad::run() {
  asio::io_context io(1);
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<Connection*> idle;
  std::deque<Steady::time_point> waiting;  // when they were due
  for (size_t i = 0; i < options_.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(io, options_.port));
    dossiers_.prepare(connections.back()->request());
    idle.push_back(connections.back().get());
  }
  std::function<void()> send_due = [&] {
    while (!stopping_ && !waiting.empty() && !idle.empty()) {
      Connection* connection = idle.back();
      idle.pop_back();
      const auto due = waiting.front();
      waiting.pop_front();
      dossiers_.next(connection->request(), true);
      connection->send([&, connection, due](int status) {
        if (status == 202) {
          ++accepted_;
          times_us_.push_back(static_cast<uint32_t>(
              std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - due).count()));
        } else {
          ++(status == 503 ? busy_ : failed_);
        }
        if (status == 0) return;
        if (stopping_) return connection->close();
        idle.push_back(connection);
        send_due();
      });
    }
  };
  const auto began = Steady::now();
  asio::steady_timer timer(io);
  std::function<void()> tick = [&] {
    if (stopping_) {
      for (Connection* connection : idle) connection->close();
      return;
    }
    const double seconds = std::chrono::duration<double>(Steady::now() - began).count();
    for (const auto due = static_cast<uint64_t>(seconds * options_.rate); due_ < due; ++due_)
      waiting.push_back(began + std::chrono::duration_cast<Steady::duration>(
                                    std::chrono::duration<double>(static_cast<double>(due_) / options_.rate)));
    send_due();
    timer.expires_after(kTick);
    timer.async_wait([&](boost::system::error_code) { tick(); });
  };
  tick();
  io.run();
}

}  // namespace lt::bench
