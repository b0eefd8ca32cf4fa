#include <doctest/doctest.h>

#include "core/journal/keys.h"
#include "test/support/sim_env.h"

namespace lt::journal {

TEST_CASE("a data key is durable before it is first returned") {
  test::SimEnv env;
  const CipherKey master{1, 2, 3};
  auto store = *KeyStore::open(env, "d", master);
  const KeyId id{20'000, KeyClass::personal};
  const CipherKey key = *store->for_sealing(id);
  const CipherKey address = store->address_key();
  CHECK(*store->for_sealing({20'000, KeyClass::document}) != key);
  for (uint64_t seed = 0; seed < 8; ++seed) {
    env.crash(seed);
    store = *KeyStore::open(env, "d", master);
    CHECK(*store->for_unsealing(id) == key);
    CHECK(store->address_key() == address);
  }
}

TEST_CASE("another master key is refused at open") {
  test::SimEnv env;
  CHECK(KeyStore::open(env, "d", CipherKey{1}));
  const auto opened = KeyStore::open(env, "d", CipherKey{2});
  REQUIRE(!opened);
  CHECK(opened.error().code == Code::bad_master_key);
}

TEST_CASE("key files cannot be swapped for one another, and a missing one is a destroyed key") {
  test::SimEnv env;
  auto store = *KeyStore::open(env, "d", CipherKey{1});
  CHECK(store->for_sealing({1, KeyClass::personal}));
  CHECK(store->for_sealing({2, KeyClass::personal}));
  CHECK(store->for_unsealing({3, KeyClass::personal}).error().code == Code::key_destroyed);
  env.set_contents("d/keys/1-personal.key", env.contents("d/keys/2-personal.key"));
  store = *KeyStore::open(env, "d", CipherKey{1});
  CHECK(store->for_unsealing({1, KeyClass::personal}).error().code == Code::bad_master_key);
  CHECK(store->for_unsealing({2, KeyClass::personal}));
}

TEST_CASE("a destroyed key stays destroyed: its bytes are gone from the disk, and a power cut brings nothing back") {
  for (uint64_t steps = 0;; ++steps) {
    test::SimEnv env;
    auto store = *KeyStore::open(env, "d", CipherKey{1});
    const KeyId id{1, KeyClass::personal};
    REQUIRE(store->for_sealing(id));
    const CipherKey other = *store->for_sealing({1, KeyClass::document});
    CHECK(*store->kept() == std::vector<KeyId>{id, {1, KeyClass::document}});
    env.power_off_after(steps);
    const auto destroyed = store->destroy(id);
    const bool whole = !env.powered_off();
    CHECK(destroyed.has_value() == whole);
    if (whole) CHECK(store->for_unsealing(id).error().code == Code::key_destroyed);
    env.crash(steps);
    store = *KeyStore::open(env, "d", CipherKey{1});
    CAPTURE(steps);
    const auto left = store->for_unsealing(id);
    if (!left) CHECK(left.error().code == Code::key_destroyed);
    if (whole) CHECK_FALSE(left);
    // Done again it is done.
    CHECK(store->destroy(id));
    CHECK(*store->destroy(id) == false);
    CHECK(store->for_unsealing(id).error().code == Code::key_destroyed);
    CHECK(*store->kept() == std::vector<KeyId>{{1, KeyClass::document}});
    CHECK(*store->for_unsealing({1, KeyClass::document}) == other);
    if (whole) break;
  }
}

TEST_CASE("key days are of Vietnam") {
  const Wall late = *parse_rfc3339("2026-11-20T23:59:59.999+07:00");
  CHECK(end_of_key_day(key_day(late)) == late + std::chrono::milliseconds(1));
  CHECK(key_day(late + std::chrono::milliseconds(1)) == key_day(late) + 1);
  CHECK(parse_key_class("document") == KeyClass::document);
  CHECK_FALSE(parse_key_class("Personal"));
}

TEST_CASE("a key that cannot be made durable is not handed out") {
  test::SimEnv env;
  auto store = *KeyStore::open(env, "d", CipherKey{1});
  env.fail(test::Operation::sync, 1);
  CHECK(!store->for_sealing({1, KeyClass::personal}));
  CHECK(store->for_unsealing({1, KeyClass::personal}).error().code == Code::key_destroyed);
}

TEST_CASE("a master key is 32 bytes or 64 hex digits") {
  const std::string hex(64, 'a');
  CHECK((*parse_master_key(hex))[31] == 0xAA);
  CHECK(parse_master_key(hex + "\n"));
  CHECK((*parse_master_key(std::string(32, 'k')))[0] == 'k');
  for (const std::string& bad : {std::string(), std::string("abc"), std::string(63, 'a'), std::string(64, 'g')})
    CHECK(parse_master_key(bad).error().code == Code::bad_master_key);
}

}  // namespace lt::journal
