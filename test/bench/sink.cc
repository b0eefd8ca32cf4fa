// The partner: answers 200 to every POST and counts. GET /figures: {deliveries} {body bytes}.
#include <iostream>

#include "test/bench/http.h"
#include "test/bench/roles.h"

namespace lt::bench {

int run_sink() {
  asio::io_context io(1);
  uint64_t deliveries = 0, bytes = 0;
  Server server(io, [&](std::shared_ptr<Session> session) {
    if (session->request().method() == http::verb::get) {
      session->reply(200, std::to_string(deliveries) + ' ' + std::to_string(bytes));
      return;
    }
    ++deliveries;
    bytes += session->request().body().size();
    session->reply(200, "{\"ok\":true}");
  });
  std::cout << server.port() << std::endl;
  io.run();
  return 0;
}

}  // namespace lt::bench
