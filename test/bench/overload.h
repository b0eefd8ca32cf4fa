// `bench --overload`, `bench --restart N`: what happens beyond capacity, and after it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace lt::bench {

struct OverloadOptions {
  std::string self;
  std::filesystem::path directory;
  int rounds = 3, seconds = 10;
};
// Peak of a closed loop, then an open loop at twice that rate: goodput, memory, and whether every 202 was delivered.
int measure_overload(const OverloadOptions& options);

struct RestartOptions {
  std::string self;
  std::filesystem::path directory;
  uint64_t messages = 1'000'000;
};
// An empty start; then so many messages are accepted for a partner that is away, and the bus is started again.
int measure_restart(const RestartOptions& options);

}  // namespace lt::bench
