// The corpus of every fuzz target, as a test: each seed, then seeded mutations of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "test/fuzz/fuzz.h"

#define X(name) extern "C" int lt_fuzz_##name(const uint8_t*, size_t);
#include "fuzz_targets.inc"
#undef X

namespace {

struct Target {
  const char* name;
  int (*run)(const uint8_t*, size_t);
};
constexpr Target kTargets[] = {
#define X(name) {#name, lt_fuzz_##name},
#include "fuzz_targets.inc"
#undef X
};

constexpr size_t kMutations = 3'000;  // of each target, over all its seeds

struct Seed {
  std::string name, bytes;
};

std::vector<Seed> seeds_of(const std::string& target) {
  std::vector<Seed> seeds;
  const std::filesystem::path folder = std::string(LT_SOURCE_DIR) + "/test/fuzz/corpus/" + target;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::stringstream all;
      all << in.rdbuf();
      seeds.push_back({entry.path().filename().string(), all.str()});
    }
  std::sort(seeds.begin(), seeds.end(), [](const Seed& a, const Seed& b) { return a.name < b.name; });
  return seeds;
}

class Dice {
 public:
  size_t below(size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return n == 0 ? 0 : static_cast<size_t>(state_ >> 33) % n;
  }

 private:
  uint64_t state_ = 20261121;
};

// Marks that mean something to one parser or another.
constexpr std::string_view kMarks[] = {"<",
                                       ">",
                                       "&",
                                       "\"",
                                       "'",
                                       "{",
                                       "}",
                                       "[",
                                       "]",
                                       ",",
                                       ":",
                                       "\n",
                                       "\\",
                                       "\\u0000",
                                       "-",
                                       "0",
                                       "1e999",
                                       "%",
                                       "#",
                                       "$",
                                       "*",
                                       "^",
                                       ".",
                                       "=",
                                       "\xED\xA0\x80",
                                       "\xC0",
                                       "\xEF\xBB\xBF",
                                       "\xFF",
                                       "<!",
                                       "]]>",
                                       "9223372036854775808",
                                       "  ",
                                       "\t"};

std::string mutated(const std::vector<Seed>& seeds, size_t which, Dice& dice) {
  std::string text = seeds[which].bytes;
  for (size_t turns = 1 + dice.below(4); turns > 0; --turns) {
    const size_t at = dice.below(text.size() + 1);
    switch (dice.below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.erase(at, 1 + dice.below(8));
        break;
      case 3:
        text.insert(at, kMarks[dice.below(std::size(kMarks))]);
        break;
      case 4: {  // a piece of itself again
        const std::string piece = text.substr(at, 1 + dice.below(64));
        text.insert(dice.below(text.size() + 1), piece);
        break;
      }
      default: {  // the head of one, the tail of another
        const std::string& other = seeds[dice.below(seeds.size())].bytes;
        text = text.substr(0, at) + other.substr(dice.below(other.size() + 1));
      }
    }
  }
  return text;
}

// Too large for files. Only what nests or repeats: sizes are the business of the tests of each room.
std::vector<Seed> large_seeds() {
  const auto many = [](std::string_view unit, size_t times) {
    std::string all;
    for (; times > 0; --times) all += unit;
    return all;
  };
  return {{"brackets", many("[", 300'000)},
          {"objects", many("{\"a\":", 100'000)},
          {"elements", many("<a>", 200'000)},
          {"lists of YAML", many("- ", 50'000)},
          {"flow of YAML", "a: " + many("[", 50'000)},
          {"steps", many("a.", 100'000)},
          {"ups", many("^.", 100'000)},
          {"commas", "source,target\n" + many(",", 200'000)},
          {"quotes", many("\"", 200'001)},
          {"escapes", many("\\u00e1", 10'000)},
          {"blanks", many(" \t\r\n", 50'000)},
          {"groups of a pattern", "{\"pattern\": \"" + many("(", 5'000) + many(")", 5'000) + "\"}"}};
}

void feed(const Target& target, const std::string& name, const std::string& bytes) {
  const std::string shown = bytes.size() > 2'000 ? std::to_string(bytes.size()) + " bytes" : bytes;
  CAPTURE(name);
  CAPTURE(shown);
  try {
    target.run(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  } catch (const lt::fuzz::Broken& broken) {
    const std::string what = std::string(target.name) + ": " + broken.what();
    FAIL_CHECK(what);
  }
}

}  // namespace

TEST_CASE("every target has seeds") {
  for (const Target& target : kTargets) CHECK_MESSAGE(!seeds_of(target.name).empty(), target.name);
}

TEST_CASE("seeds and their mutations break no promise") {
  for (const Target& target : kTargets) {
    const auto seeds = seeds_of(target.name);
    if (seeds.empty()) continue;
    for (const Seed& seed : seeds) feed(target, seed.name, seed.bytes);
    Dice dice;
    for (size_t i = 0; i < kMutations; ++i)
      feed(target, seeds[i % seeds.size()].name + ", mutation " + std::to_string(i),
           mutated(seeds, i % seeds.size(), dice));
  }
}

TEST_CASE("what nests or repeats without end breaks no promise") {
  for (const Target& target : kTargets)
    for (const Seed& seed : large_seeds()) feed(target, seed.name, seed.bytes);
}
