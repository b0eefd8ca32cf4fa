#include "core/journal/offline.h"

#include "core/base/hash.h"
#include "test/core/journal/journal_fixture.h"

using namespace lt;
using namespace lt::journal;

namespace {

struct Seen {
  std::vector<std::string> headers, bodies;
  Result<void> read(Env& env, KeyStore* keys, Position from = {}, size_t most = SIZE_MAX) {
    return read_journal_files(env, "j", keys, from, [&](const OfflineRecord& record) {
      headers.emplace_back(record.header);
      bodies.push_back(record.body ? std::string(*record.body) : "sealed " + std::to_string(record.body_size));
      return headers.size() < most;
    });
  }
};

}  // namespace

TEST_CASE("offline: all records over several segments, from a position, as many as wanted") {
  Disk disk;
  auto journal = disk.open_ok();
  std::vector<Position> positions;
  for (int i = 0; i < 60; ++i)
    positions.push_back(*put(*journal, record("h" + std::to_string(i), std::string(1000, 'b'))));
  REQUIRE(disk.segments().size() > 2);
  const size_t files = disk.env.files().size();
  Seen all, some;
  REQUIRE(all.read(disk.env, nullptr));  // beside the open writer
  CHECK(all.headers == headers(*journal));
  CHECK(all.headers.size() == 60);
  REQUIRE(some.read(disk.env, nullptr, positions[40], 3));
  CHECK(some.headers == std::vector<std::string>{"h40", "h41", "h42"});
  CHECK(disk.env.files().size() == files);  // nothing written
}

TEST_CASE("offline: sealed bodies are read with the key, and left out without") {
  Disk disk;
  CipherKey master{};
  auto keys = KeyStore::open(disk.env, "k", master);
  REQUIRE(keys);
  auto journal = disk.open_ok(keys->get());
  REQUIRE(put(*journal, record("clear", "open")));
  REQUIRE(put(*journal, record("secret", "hidden", RecordType::accepted, KeyClass::personal)));
  Seen with, without;
  REQUIRE(with.read(disk.env, keys->get()));
  CHECK(with.bodies == std::vector<std::string>{"open", "hidden"});
  REQUIRE(without.read(disk.env, nullptr));
  CHECK(without.bodies == std::vector<std::string>{"open", "sealed 6"});
  CHECK(without.headers == std::vector<std::string>{"clear", "secret"});
}
