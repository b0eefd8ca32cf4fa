#include "core/runtime/answer_cache.h"

#include <doctest/doctest.h>

#include "core/base/hash.h"

using namespace lt;
using namespace std::chrono_literals;

TEST_CASE("the cache is bounded by entries and bytes; what was not used for longest goes") {
  using runtime::AnswerCache;
  const auto question = [](const char* name) { return sha256(name); };
  const auto answer = [](size_t bytes) { return AnswerCache::Kept{"", std::string(bytes, 'x'), {}, Mono{}}; };
  AnswerCache few(1h, 2, 1 << 20);
  few.keep(question("a"), answer(1));
  few.keep(question("b"), answer(1));
  CHECK(few.find(question("a"), Mono{}));
  few.keep(question("c"), answer(1));
  CHECK(few.find(question("a"), Mono{}));
  CHECK_FALSE(few.find(question("b"), Mono{}));
  CHECK(few.find(question("c"), Mono{}));
  CHECK_FALSE(few.find(question("c"), Mono{1h}));

  AnswerCache small(1h, 100, 10'000);
  small.keep(question("a"), answer(6'000));
  small.keep(question("b"), answer(6'000));
  CHECK_FALSE(small.find(question("a"), Mono{}));
  CHECK(small.find(question("b"), Mono{}));
  small.keep(question("c"), answer(20'000));
  CHECK_FALSE(small.find(question("c"), Mono{}));
  CHECK(small.find(question("b"), Mono{}));
}
