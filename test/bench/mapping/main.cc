// bench --mapping: what a translation costs. See test/bench/README.md.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "test/bench/mapping/parts.h"

int main(int argc, char** argv) {
  using namespace lt::bench;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 21;
  const std::string_view only = argc > 2 ? argv[2] : "";
  if (rounds < 1) {
    std::cerr << "bench_mapping [ROUNDS] [reference | groups | attachment]" << std::endl;
    return 2;
  }
  try {
    // First, while there is no freed memory that its growth could hide in.
    if (only.empty() || only == "attachment") measure_attachment((rounds + 6) / 7);
    if (only.empty() || only == "reference") measure_reference(rounds);
    if (only.empty() || only == "groups") measure_groups((rounds + 2) / 3);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "bench_mapping: " << e.what() << std::endl;
    return 1;
  }
}
