#include "core/cli/call.h"

#include <future>

#include "core/base/clock.h"
#include "core/base/metrics.h"

namespace lt::cli {

struct Caller::Parts {
  Metrics metrics;
  std::unique_ptr<net::ShardPool> pool = net::make_shard_pool(system_clock(), metrics, {});
};

namespace {

net::Task<void> carry_out(net::Shard* shard, net::Call call,
                          std::shared_ptr<std::promise<Result<net::Response>>> answer) {
  auto result = co_await shard->client().call(std::move(call));
  if (result)
    answer->set_value(std::move(*result));
  else
    answer->set_value(fail(std::move(result.error().error)));
}

}  // namespace

Caller::Caller() : parts_(std::make_unique<Parts>()) {}
Caller::~Caller() = default;

Result<net::Response> Caller::call(net::Call call) {
  auto answer = std::make_shared<std::promise<Result<net::Response>>>();
  auto future = answer->get_future();
  net::Shard& shard = parts_->pool->shard(0);
  shard.spawn("command", carry_out(&shard, std::move(call), std::move(answer)));
  return future.get();
}

Result<net::Response> Caller::get(const std::string& url) {
  net::Call request;
  request.method = "GET";
  request.url = url;
  request.response_limit = 64 << 20;
  return call(std::move(request));
}

Result<net::Response> Caller::post(const std::string& url, std::string json) {
  net::Call request;
  request.url = url;
  request.headers.set("Content-Type", "application/json");
  request.body = std::move(json);
  request.response_limit = 64 << 20;
  return call(std::move(request));
}

}  // namespace lt::cli
