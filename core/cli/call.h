// One HTTP call from a command, waited for.
#pragma once

#include <memory>
#include <string>

#include "core/net/client.h"
#include "core/net/shard.h"

namespace lt::cli {

// A shard of its own for the life of a command.
class Caller {
 public:
  Caller();
  ~Caller();
  // Any status is a Response; no answer is the Error of it.
  Result<net::Response> call(net::Call call);
  Result<net::Response> get(const std::string& url);
  Result<net::Response> post(const std::string& url, std::string json);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lt::cli
