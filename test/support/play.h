// What tests of adapters share: a world of one shard, a partner or a simulator on a real socket, an intake that
// remembers.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/adapter/registry.h"
#include "core/codec/json.h"
#include "core/config/yaml.h"
#include "core/message/tree.h"
#include "test/core/net/fixture.h"

namespace lt::play {

// Keeps what is submitted; `decide` may refuse it or call it dead. Used on the shard only.
class FakeIntake final : public adapter::Intake {
 public:
  struct Taken {
    adapter::Inbound inbound;
    std::string bytes;
  };
  net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit, bool) override {
    auto bytes = co_await net::read_all(body, static_cast<size_t>(limit));
    if (!bytes) co_return fail(bytes.error());
    co_return Body::of(std::move(*bytes));
  }
  Result<Body> keep(ByteSource&, uint64_t) override { return fail(Code::bug, "not used here"); }
  net::Task<Result<adapter::Submitted>> submit(adapter::Inbound inbound) override {
    ++submits;
    if (decide) {
      auto decided = decide(inbound);
      if (!decided || decided->dead) co_return decided;
    }
    std::string bytes(inbound.body.view());
    taken.push_back({std::move(inbound), std::move(bytes)});
    co_return adapter::Submitted{};
  }
  Result<std::string> authenticate(std::string_view) const override { return fail(Code::unauthenticated); }

  std::function<Result<adapter::Submitted>(const adapter::Inbound&)> decide;
  std::vector<Taken> taken;
  size_t submits = 0;
};

class World {
 public:
  ~World() { net_.pool->stop(); }
  net::World& net() { return net_; }

  // Runs `work` on the shard and waits for it.
  template <class Work>
  auto on_shard(Work work) {
    using T = decltype(work());
    std::promise<T> done;
    auto result = done.get_future();
    net_.shard().post([&] {
      if constexpr (std::is_void_v<T>) {
        work();
        done.set_value();
      } else {
        done.set_value(work());
      }
    });
    return result.get();
  }
  // Serves what `router` knows; its address.
  std::string serve(const net::Router& router) {
    servers_.push_back(net::must_serve(net_, router.handler()));
    return net::url_of(servers_.back()->port(), "");
  }
  std::string serve(net::Handler handler) {
    servers_.push_back(net::must_serve(net_, std::move(handler)));
    return net::url_of(servers_.back()->port(), "");
  }
  adapter::Services services(std::string name) {
    adapter::Services out{};
    out.name = std::move(name);
    out.organ_id = "H22";
    out.clock = &net_.clock;
    out.metrics = &net_.metrics;
    out.shard = &net_.shard();
    out.pool = net_.pool.get();
    out.rest = [shard = out.shard](std::chrono::microseconds time) { return shard->sleep(time); };
    return out;
  }
  adapter::SimulatorServices simulator_services() { return {&net_.clock, &net_.metrics, net_.pool.get(), 7}; }
  bool until(std::function<bool()> done) {
    return net_.advance_until(std::chrono::milliseconds(1), [this, &done] { return on_shard(done); });
  }

 private:
  net::World net_;
  std::vector<std::unique_ptr<net::HttpServer>> servers_;
};

inline config::Value settings(const std::string& yaml, config::Diagnostics& diagnostics) {
  return config::parse_yaml(yaml, "test.yaml", diagnostics);
}

inline void set(adapter::Simulator& simulator, const std::string& json) {
  Tree tree;
  if (!codec::parse_json(json, tree)) throw std::runtime_error("settings: " + json);
  if (auto done = simulator.control(tree.root()); !done) throw std::runtime_error(done.error().text());
}

// A scalar of a simulator's report, as text.
inline std::string figure(const std::string& report, std::string_view name) {
  Tree tree;
  if (!codec::parse_json(report, tree)) throw std::runtime_error("report: " + report);
  const Node* node = tree.root()->find(name);
  if (!node) throw std::runtime_error("no figure " + std::string(name));
  return node->kind == Kind::boolean ? (node->flag ? "true" : "false") : std::string(node->text);
}

}  // namespace lt::play
