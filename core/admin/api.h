// Inside of admin: what the request handlers share.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/admin/admin_server.h"
#include "core/net/promise.h"
#include "core/net/server.h"
#include "core/net/shard.h"
#include "core/runtime/bus.h"

namespace lt::admin {

inline constexpr std::chrono::seconds kEngineTime{30};  // for an answer of the engine
inline constexpr size_t kActionBody = 16 << 10;         // bytes of the JSON of an action
inline constexpr size_t kActionWord = 500;              // characters of `by` and of `why`
inline constexpr size_t kPendingMost = 10'000;          // deliveries of one answer of /pending
inline constexpr size_t kCausesMost = 500;              // groups of one answer of /causes

struct Api {
  runtime::Bus& bus;
  const Clock& clock;
  Metrics& metrics;
  net::ShardPool& pool;
  Reload reload;
};

net::Response json_answer(std::string json, int status = 200);

// Waits for the engine. Error unavailable: it stopped; timed_out: it did not answer.
template <class T>
net::Task<Result<T>> from_engine(net::Future<T> future) {
  try {
    std::optional<T> value = co_await future.wait_for(kEngineTime);
    if (!value) co_return fail(Code::timed_out, "the engine did not answer");
    co_return std::move(*value);
  } catch (const net::BrokenPromise&) {
    // The bus stopped and dropped the question.
  }
  co_return fail(Code::unavailable);
}

using Lanes = std::vector<engine::LaneStatus>;
// Plain functions, so that the promise lives in the callback only and a dropped question is noticed.
net::Future<Lanes> ask_lanes(runtime::Bus& bus);

void add_health(net::Router& router, Api* api);
void add_questions(net::Router& router, Api* api);
void add_actions(net::Router& router, Api* api);
void add_retention(net::Router& router, Api* api);
void add_reload(net::Router& router, Api* api);

// Error usage: not declared as JSON. A browser sends any other type to any address without asking; this one it asks for
// first.
Result<void> check_json(const net::Exchange& exchange);

}  // namespace lt::admin
