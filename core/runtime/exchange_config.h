// An endpoint that asks a partner while its caller waits: `endpoints.<name>.exchange`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/config/spec.h"
#include "core/engine/rate.h"

namespace lt::runtime {

// endpoints.<name>.exchange.cache
struct CacheSection {
  std::vector<config::Located<std::string>>
      key;  // business keys of the request's type, or paths in it; none: all of it
  std::chrono::milliseconds kept{0};
  uint64_t entries = 1'000;
  uint64_t bytes = 8 << 20;
  Place place;
};

struct ExchangeSection {
  config::Located<std::string> destination;
  std::string operation;
  config::Located<std::string> request, reply;  // mappings; "" passes the bytes on
  config::Located<std::string> reply_type;      // what the reply is checked against; "" = nothing
  config::Located<std::chrono::milliseconds> deadline{std::chrono::seconds(5), {}};
  bool idempotent = false;
  std::optional<config::Located<uint32_t>> attempts;
  std::optional<CacheSection> cache;
  engine::Rate rate;  // of each principal
  uint32_t burst = 0;
  Place place;
};

const config::Spec<ExchangeSection>& exchange_spec();

}  // namespace lt::runtime
