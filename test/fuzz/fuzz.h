// What the fuzz targets share: how they say that a promise is broken, and the promises that hold everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/env.h"
#include "core/base/error.h"
#include "core/base/stream.h"
#include "core/config/diagnostics.h"
#include "core/message/tree.h"

namespace lt::fuzz {

// libFuzzer ends on it; test_fuzz_corpus names the input.
struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};
inline void require(bool holds, const char* promise) {
  if (!holds) throw Broken(promise);
}

inline std::string_view view(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }
// What stands before and after the first `mark`; the second is empty without one.
std::pair<std::string_view, std::string_view> halves(std::string_view text, char mark);

// Whatever was wrong with the input, the error can be shown: UTF-8, a code of the catalogue.
void check_error(const Error& error);
// The findings are what check_error asks, and their JSON is JSON.
void check_findings(const config::Diagnostics& diagnostics);

// Same kinds, names, namespaces, texts and order.
bool same_tree(const Node* a, const Node* b);

// A name with a dot or a bracket, or an empty one, cannot be said in a path.
inline bool sayable(std::string_view name) {
  return !name.empty() && name != "$" && name.find_first_of(".[]") == std::string_view::npos;
}

// Reads to the end, at most `most` bytes, in pieces of `piece`.
Result<std::string> drain(ByteSource& source, size_t piece = 4096, size_t most = 4 << 20);
inline std::unique_ptr<ByteSource> source_of(std::string_view text) { return std::make_unique<MemorySource>(text); }

// No file exists.
Env& no_files();

}  // namespace lt::fuzz
