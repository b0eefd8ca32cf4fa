#include <netdb.h>
#include <sys/socket.h>

#include <cstring>

#include <boost/asio/ip/address.hpp>

#include "core/net/connection.h"
#include "core/net/worker_pool.h"

namespace lt::net {
namespace {

struct Lookup : detail::Latch {
  std::string host;
  uint16_t port = 0;
  std::vector<Endpoint> found;
  std::string complaint;

  void run() {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list)) {
      complaint = ::gai_strerror(code);
      return;
    }
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
      Endpoint end;
      if (entry->ai_addrlen > end.capacity()) continue;
      end.resize(entry->ai_addrlen);
      std::memcpy(end.data(), entry->ai_addr, entry->ai_addrlen);
      end.port(port);
      found.push_back(end);
    }
    ::freeaddrinfo(list);
  }
};

}  // namespace

Task<Result<std::vector<Endpoint>>> resolve(std::string host, uint16_t port, std::chrono::microseconds time) {
  Failure failure;
  const auto address = boost::asio::ip::make_address(host, failure);
  if (!failure) co_return std::vector<Endpoint>(1, Endpoint(address, port));
  auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  lookup->port = port;
  ShardImpl::here()->resolvers().submit([lookup] {
    lookup->run();
    detail::Latch::open(lookup);
  });
  const bool answered = co_await detail::Latch::wait(lookup, time);
  if (!answered) co_return fail(Code::timed_out, "no answer about the name " + host);
  if (lookup->found.empty()) co_return fail(Code::name_not_found, host + ": " + lookup->complaint);
  co_return std::move(lookup->found);
}

}  // namespace lt::net
