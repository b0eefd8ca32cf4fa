// `bench --large`: one large attachment.
#pragma once

#include <cstddef>
#include <string>

namespace lt::bench {

struct LargeOptions {
  std::string self, directory;
  size_t megabytes = 1024;  // MiB
  int rounds = 3;
};
int compare_large(const LargeOptions& options);

// Roles, as in roles.h. Reads bodies, hashes and writes them to the file `path`, answers after fdatasync.
int run_stick_large(const std::string& path);
// A partner that counts bytes and keeps none. GET /figures: {body bytes}.
int run_drain();

}  // namespace lt::bench
