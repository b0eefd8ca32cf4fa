// A partner that is sent documents with files beside them.
#pragma once

#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/net/multipart.h"
#include "test/core/runtime/bed.h"

namespace lt::runtime::test {

// Takes a multipart body apart: what is small is kept, of the rest its size and hash.
class PartsPartner {
 public:
  struct Part {
    net::Part head;
    std::string text;
    uint64_t bytes = 0;
    Sha256 sha256{};
  };
  struct Got {
    std::string content_type, length;
    std::vector<Part> parts;
  };
  explicit PartsPartner(const Clock& clock) : pool_(net::make_shard_pool(clock, metrics_, {})) {
    auto server = net::serve(*pool_, metrics_, {}, [this](net::Exchange* exchange) { return take(exchange); });
    if (!server) throw std::runtime_error(server.error().text());
    server_ = std::move(*server);
  }
  ~PartsPartner() { pool_->stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  Got wait() { return done_.get_future().get(); }

 private:
  net::Task<net::Response> take(net::Exchange* exchange) {
    Got got;
    got.content_type = exchange->head.headers.get("Content-Type");
    got.length = exchange->head.headers.get("Content-Length");
    const auto boundary = net::multipart_boundary(got.content_type);
    if (boundary) {
      net::MultipartReader reader(exchange->body, *boundary);
      std::string piece(32 << 10, '\0');
      for (;;) {
        auto next = co_await reader.next();
        if (!next || !*next) break;
        Part part;
        part.head = **next;
        Sha256Stream hash;
        for (;;) {
          auto n = co_await reader.read(piece.data(), piece.size());
          if (!n || *n == 0) break;
          hash.update(std::string_view(piece.data(), *n));
          part.bytes += *n;
          if (part.text.size() < 4'096) part.text.append(piece, 0, *n);
        }
        part.sha256 = hash.finish();
        got.parts.push_back(std::move(part));
      }
    }
    done_.set_value(std::move(got));
    co_return net::Response{};
  }
  std::promise<Got> done_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace lt::runtime::test
