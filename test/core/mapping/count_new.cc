#include "test/core/mapping/count_new.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<size_t> count{0};
}

size_t lt::mapping::test::allocations() { return count; }

void* operator new(size_t size) {
  ++count;
  if (void* got = std::malloc(size)) return got;
  throw std::bad_alloc();
}
// The standard library takes its temporary buffers this way and gives them back through the plain delete.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(size);
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, size_t) noexcept { std::free(at); }
