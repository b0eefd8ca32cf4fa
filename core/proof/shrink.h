// From a failing document to a small one: the numbers it was decided by (draw.h) are left out, zeroed and lowered as
// long as it still fails.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "core/proof/draw.h"

namespace lt::proof {

// Makes a document of these numbers. When it still fails: the numbers that were used; else none.
using StillFails = std::function<std::optional<Choices>(const std::vector<uint64_t>&)>;

struct Shrunk {
  Choices choices;      // of the smallest that still fails
  size_t attempts = 0;  // documents tried
};
// Deterministic; stops after `most` attempts with what it has. Shorter is smaller, then what is lower at the front.
Shrunk shrink(Choices failing, const StillFails& still_fails, size_t most = 5'000);

}  // namespace lt::proof
