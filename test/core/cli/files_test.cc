#include <doctest/doctest.h>

#include "core/base/hash.h"
#include "core/cli/data_files.h"
#include "core/cli/file_source.h"
#include "test/support/sim_env.h"

using namespace lt;
using namespace lt::cli;

TEST_CASE("a journal is found in a data directory or by itself; nothing else will do") {
  test::SimEnv env;
  REQUIRE(env.make_directories("data/journal"));
  CHECK_FALSE(journal_directory(env, "data"));
  REQUIRE(env.open("data/journal/0000000000000000.seg", OpenMode::create_new));
  CHECK(*journal_directory(env, "data") == "data/journal");
  CHECK(*journal_directory(env, "data/journal") == "data/journal");
  CHECK(journal_directory(env, "elsewhere").error().code == Code::io_error);
}

TEST_CASE("keys are opened, never made") {
  test::SimEnv env;
  const std::string master(64, 'a');
  REQUIRE(env.make_directories("data"));
  REQUIRE(replace_file(env, "master", master));
  REQUIRE(replace_file(env, "other", std::string(64, 'b')));
  const size_t before = env.files().size();
  CHECK(open_keys(env, "data", "master").error().code == Code::bad_master_key);
  CHECK(env.files().size() == before);
  REQUIRE(journal::KeyStore::open(env, "data", *journal::parse_master_key(master)));
  CHECK(open_keys(env, "data", "master"));
  CHECK_FALSE(open_keys(env, "data", "other"));
  CHECK_FALSE(open_keys(env, "data", "missing"));
}

TEST_CASE("a file is streamed whole, its size known before") {
  test::SimEnv env;
  REQUIRE(replace_file(env, "f.json", "0123456789"));
  auto source = open_file_source(env, "f.json");
  REQUIRE(source);
  CHECK((*source)->size() == 10);
  char bytes[7];
  std::string all;
  for (;;) {
    const auto got = (*source)->read(bytes, sizeof bytes);
    REQUIRE(got);
    if (*got == 0) break;
    all.append(bytes, *got);
  }
  CHECK(all == "0123456789");
  CHECK_FALSE(open_file_source(env, "none"));
}

TEST_CASE("content types by name") {
  CHECK(content_type_of("a.json") == "application/json");
  CHECK(content_type_of("a.edxml") == "application/xml");
  CHECK(content_type_of("a.edoc") == "application/zip");
  CHECK(content_type_of("a.pdf") == "application/octet-stream");
}
