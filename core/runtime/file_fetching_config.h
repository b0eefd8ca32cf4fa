// The block `files.fetch`: from where the bus fetches files that a document names by their address (`blob: {...,
// carrier: url}`), and how much of it.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/config/spec.h"

namespace lt::runtime {

// files.fetch.from[]
struct FetchSourceSection {
  config::Located<std::string> url;
  std::map<std::string, std::string> headers;  // sent there and nowhere else
};

struct FileFetchingSection {
  std::vector<FetchSourceSection> from;
  uint64_t limit = 100 << 20;  // of one file
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds timeout{30'000};  // to the first byte, and between two reads
  std::chrono::milliseconds within{600'000};  // one whole file
  uint32_t at_once = 2;                       // of one delivery
  Place place;
};

const config::Spec<FileFetchingSection>& file_fetching_spec();

}  // namespace lt::runtime
