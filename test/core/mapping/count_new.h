// How often this program has called operator new: count_new.cc replaces it.
#pragma once

#include <cstddef>

namespace lt::mapping::test {

size_t allocations();

}  // namespace lt::mapping::test
