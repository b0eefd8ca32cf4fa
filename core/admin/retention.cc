// A round of retention on demand: what its timer does, now. Decides nothing; the rules are the configuration's.
#include "core/admin/api.h"

namespace lt::admin {
namespace {

std::string to_json(const runtime::Retained& done) {
  const auto member = [](const char* name, uint64_t value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value);
  };
  return "{" + member("carried", done.carried) + "," + member("segments_freed", done.segments_freed) + "," +
         member("keys_destroyed", done.keys_destroyed) + "," + member("keys_in_use", done.keys_in_use) + "," +
         member("blobs_freed", done.blobs_freed) + "," + member("history_freed", done.history_freed) + "}";
}

net::Task<net::Response> make_round(Api* api, net::Exchange* exchange) {
  if (auto json = check_json(*exchange); !json) co_return net::problem(json.error());
  Result<runtime::Retained> done = runtime::Retained{};
  std::function<void()> work = [&] { done = api->bus.retain(); };
  co_await api->pool.offload(std::move(work));
  if (!done) co_return net::problem(done.error());
  co_return json_answer(to_json(*done));
}

}  // namespace

void add_retention(net::Router& router, Api* api) {
  router.add("POST", "/api/v1/retention", [api](net::Exchange* exchange) { return make_round(api, exchange); });
}

}  // namespace lt::admin
