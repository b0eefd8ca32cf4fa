#include "core/admin/admin_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/admin/api.h"

namespace lt::admin {

net::Response json_answer(std::string json, int status) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(json);
  return response;
}

Result<void> check_json(const net::Exchange& exchange) {
  constexpr std::string_view kJson = "application/json";
  const std::string_view type = exchange.head.headers.get("Content-Type");
  if (type.starts_with(kJson) && (type.size() == kJson.size() || type[kJson.size()] == ';')) return {};
  return fail(Error(Code::usage, "the body is not declared as JSON", {}, "send Content-Type: application/json"));
}

namespace {

// Of "127.0.0.1:9090", "[::1]:9090", "localhost": without port and brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
  return authority.substr(0, authority.find(':'));
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  const std::string text(host);
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

net::Task<net::Response> guarded(const net::Handler* inner, net::Exchange* exchange) {
  const net::RequestHead& head = exchange->head;
  const std::string_view host = head.headers.get("Host");
  if (head.path.starts_with("/api/") && !host.empty() && !is_loopback(host_of(host))) {
    co_return net::problem(
        Error(Code::not_allowed, "the API answers to loopback names only", {}, "call it as http://127.0.0.1:port"));
  }
  net::Response response = co_await (*inner)(exchange);
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Content-Type-Options", "nosniff");
  co_return response;
}

class Server final : public AdminServer {
 public:
  Server(runtime::Bus& bus, const Clock& clock, Metrics& metrics, Reload reload)
      : pool_(net::make_shard_pool(clock, own_, {.shards = 1, .offload_threads = 2, .resolver_threads = 1})),
        api_{bus, clock, metrics, *pool_, std::move(reload)} {}
  ~Server() override { stop(); }

  Result<void> start(std::string listen) {
    net::Router router;
    add_health(router, &api_);
    add_questions(router, &api_);
    add_actions(router, &api_);
    add_retention(router, &api_);
    add_reload(router, &api_);
    handler_ = router.handler();
    net::ServerOptions options;
    options.listen = std::move(listen);
    options.body_limit = kActionBody;
    options.connections = 256;
    LT_ASSIGN(server_, net::serve(*pool_, own_, std::move(options),
                                  [inner = &handler_](net::Exchange* exchange) { return guarded(inner, exchange); }));
    return {};
  }

  uint16_t port() const override { return server_->port(); }
  void stop() override { pool_->stop(); }

 private:
  Metrics own_;  // of this pool and its HTTP server: operators' requests are no traffic
  net::Handler handler_;
  std::unique_ptr<net::ShardPool> pool_;
  Api api_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace

Result<std::unique_ptr<AdminServer>> start_admin(runtime::Bus& bus, const Clock& clock, Metrics& metrics,
                                                 std::string listen, Reload reload) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos || !is_loopback(host_of(std::string_view(listen).substr(0, colon)))) {
    return fail(Code::listen_failed, "admin.listen \"" + listen + "\" is not loopback:port", {},
                "the admin API has no authentication: listen on 127.0.0.1 and reach it through SSH or a proxy that "
                "asks who it is");
  }
  auto server = std::make_unique<Server>(bus, clock, metrics, std::move(reload));
  LT_TRY(server->start(std::move(listen)));
  return server;
}

}  // namespace lt::admin
