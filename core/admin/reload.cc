// Reading the configuration again, asked for by an operator.
#include "core/runtime/reload.h"
#include "core/admin/api.h"
#include "core/admin/json.h"

namespace lt::admin {
namespace {

net::Task<net::Response> reload(Api* api, net::Exchange* exchange) {
  if (auto json = check_json(*exchange); !json) co_return net::problem(json.error());
  Result<runtime::ReloadReport> report = fail(Code::bug);
  std::function<void()> work = [&] { report = api->reload(); };
  co_await api->pool.offload(std::move(work));
  if (!report) co_return net::problem(report.error());
  co_return json_answer(reload_json(*report));
}

}  // namespace

void add_reload(net::Router& router, Api* api) {
  router.add("POST", "/api/v1/reload", [api](net::Exchange* exchange) { return reload(api, exchange); });
}

}  // namespace lt::admin
