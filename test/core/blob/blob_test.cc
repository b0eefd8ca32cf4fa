#include <doctest/doctest.h>

#include "core/blob/blob_format.h"
#include "core/blob/blob_store.h"
#include "test/support/sim_env.h"

namespace lt::blob {
namespace {

using journal::KeyClass;
using journal::KeyStore;

struct Store {
  test::SimEnv env;
  ManualClock clock;
  CipherKey master{9};
  std::unique_ptr<KeyStore> keys;
  std::unique_ptr<BlobStore> blobs;

  Store() { reopen(); }
  void reopen() {
    blobs.reset();
    keys = *KeyStore::open(env, "d", master);
    auto opened = open_file_store(env, "d/blobs", clock, *keys);
    if (!opened) FAIL(opened.error().text());
    blobs = std::move(*opened);
  }
  Result<Body> put(std::string_view content, KeyClass key_class = KeyClass::personal, size_t step = 10'000) {
    LT_ASSIGN(auto upload, blobs->create(key_class));
    for (size_t at = 0; at < content.size(); at += step) LT_TRY(upload->write(content.substr(at, step)));
    return upload->commit();
  }
  Result<std::string> get(const BlobId& id) {
    LT_ASSIGN(auto reader, blobs->open(id));
    std::string out(reader->size(), '\0');
    LT_ASSIGN(const size_t got, reader->read_at(0, out.data(), out.size()));
    out.resize(got);
    return out;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& path : env.files())
      if (path.starts_with("d/blobs/")) out.push_back(path);
    return out;
  }
};

std::string content_of(size_t size) {
  std::string out(size, '\0');
  uint32_t state = 1;
  for (auto& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

}  // namespace

TEST_CASE("round trip at every edge of the chunks") {
  Store store;
  for (const size_t size : {size_t{0}, size_t{1}, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 3 * kChunk + 777})
    for (const auto key_class : {KeyClass::none, KeyClass::personal, KeyClass::document}) {
      CAPTURE(size);
      const std::string content = content_of(size);
      const auto body = store.put(content, key_class, 10'007);
      REQUIRE(body);
      CHECK(body->size == size);
      CHECK(body->stored());
      CHECK(body->sha256 == sha256(content));
      const auto& address = store.keys->address_key();
      CHECK(body->blob == address_of(address, sha256(content)));
      CHECK(*store.get(body->blob) == content);
      store.reopen();
      CHECK(*store.get(body->blob) == content);
    }
}

TEST_CASE("any range can be read, fewer bytes only at the end") {
  Store store;
  const std::string content = content_of(3 * kChunk + 100);
  const auto body = *store.put(content);
  auto reader = *store.blobs->open(body.blob);
  CHECK(reader->size() == content.size());
  std::string out(2 * kChunk, '\0');
  for (const size_t offset : {size_t{0}, size_t{5}, kChunk - 1, kChunk, 2 * kChunk + 13, content.size() - 1,
                              content.size(), content.size() + 5})
    for (const size_t size : {size_t{1}, size_t{100}, kChunk + 3, 2 * kChunk}) {
      const size_t expected = offset >= content.size() ? 0 : std::min(size, content.size() - offset);
      CHECK(*reader->read_at(offset, out.data(), size) == expected);
      if (expected > 0) CHECK(out.substr(0, expected) == content.substr(offset, expected));
    }
}

TEST_CASE("the file holds none of the content in clear") {
  Store store;
  for (const auto key_class : {KeyClass::none, KeyClass::personal}) {
    const std::string content = "Nguyễn Văn A, " + std::string(1000, key_class == KeyClass::none ? 'n' : 'p');
    CHECK(store.put(content, key_class));
    for (const auto& path : store.env.files()) CHECK(store.env.contents(path).find("Nguy") == std::string::npos);
  }
}

TEST_CASE("tampering with any part of the file is noticed") {
  Store store;
  const auto body = *store.put(content_of(2 * kChunk + 50));
  const std::string path = store.files().at(0);
  const size_t size = store.env.contents(path).size();
  for (size_t at = 0; at < size; at += at < 64 || at > size - 70 ? 1 : 4'001) {
    CAPTURE(at);
    store.env.flip(path, at);
    const auto read = store.get(body.blob);
    REQUIRE(!read);
    // A changed day or class asks for a key that is not there.
    CHECK((read.error().code == Code::blob_corrupt || read.error().code == Code::key_destroyed));
    if (read.error().code == Code::blob_corrupt) CHECK(read.error().place.file == path);
    store.env.flip(path, at);
  }
  CHECK(store.get(body.blob));
}

TEST_CASE("truncation at any place, also between chunks, is noticed at open; so are bytes at the end") {
  Store store;
  const auto body = *store.put(content_of(3 * kChunk));
  const std::string path = store.files().at(0);
  const std::string whole = store.env.contents(path);
  for (const uint64_t size :
       {uint64_t{0}, uint64_t{39}, uint64_t{kHeaderSize}, chunk_offset(0) + kTagSize, chunk_offset(1), chunk_offset(2),
        chunk_offset(2) + kTagSize, uint64_t{whole.size() - 1}}) {
    CAPTURE(size);
    store.env.set_contents(path, whole.substr(0, size));
    CHECK(store.blobs->open(body.blob).error().code == Code::blob_corrupt);
  }
  for (const size_t more : {size_t{1}, kTagSize, size_t{100}}) {
    store.env.set_contents(path, whole + std::string(more, 'x'));
    CHECK(store.blobs->open(body.blob).error().code == Code::blob_corrupt);
  }
}

TEST_CASE("chunks in another order, and a blob under another's name, are noticed") {
  Store store;
  const auto body = *store.put(content_of(3 * kChunk));
  const std::string path = store.files().at(0);
  const std::string whole = store.env.contents(path);
  std::string swapped = whole;
  swapped.replace(chunk_offset(0), kChunk + kTagSize, whole, chunk_offset(1), kChunk + kTagSize);
  swapped.replace(chunk_offset(1), kChunk + kTagSize, whole, chunk_offset(0), kChunk + kTagSize);
  store.env.set_contents(path, swapped);
  CHECK(store.get(body.blob).error().code == Code::blob_corrupt);
  store.env.set_contents(path, whole);
  const auto other = *store.put("another content");
  const std::string other_path = "d/blobs/" + hex(other.blob.bytes).substr(0, 2) + "/" + hex(other.blob.bytes);
  store.env.set_contents(other_path, whole);
  CHECK(store.get(other.blob).error().code == Code::blob_corrupt);
}

TEST_CASE("the same content has one blob; a newer key takes over from an older one") {
  Store store;
  const auto first = *store.put("same");
  CHECK(store.files().size() == 1);
  const std::string bytes = store.env.contents(store.files()[0]);
  const auto second = *store.put("same");
  CHECK(second.blob == first.blob);
  CHECK(store.files().size() == 1);
  CHECK(store.env.contents(store.files()[0]) == bytes);
  store.clock.advance(std::chrono::hours(48));
  CHECK(store.put("same")->blob == first.blob);
  CHECK(store.files().size() == 1);
  CHECK(store.env.contents(store.files()[0]) != bytes);
  CHECK(*store.get(first.blob) == "same");
}

TEST_CASE("a damaged blob is healed by receiving the same content again") {
  Store store;
  const auto body = *store.put("content");
  store.env.flip(store.files()[0], 45);
  CHECK(!store.get(body.blob));
  CHECK(store.put("content"));
  CHECK(*store.get(body.blob) == "content");
}

TEST_CASE("a destroyed key erases the blob") {
  Store store;
  const auto body = *store.put("personal");
  for (const auto& path : store.env.files())
    if (path.ends_with("-personal.key")) CHECK(store.env.remove(path));
  store.reopen();
  CHECK(store.get(body.blob).error().code == Code::key_destroyed);
}

TEST_CASE("an upload dropped leaves nothing; one cut by a crash is removed at open") {
  Store store;
  {
    auto upload = *store.blobs->create(KeyClass::personal);
    CHECK(upload->write(content_of(200'000)));
    CHECK(store.files().size() == 1);
  }
  CHECK(store.files().empty());
  auto upload = *store.blobs->create(KeyClass::personal);
  CHECK(upload->write(content_of(200'000)));
  CHECK(store.env.sync_directory("d/blobs/incoming"));
  store.env.crash(1);
  REQUIRE(store.files().size() == 1);
  upload.reset();
  store.env.set_contents("d/blobs/incoming/left", "x");
  store.reopen();
  CHECK(store.files().empty());
}

TEST_CASE("missing and freed blobs: no_such_blob; freeing twice is no error") {
  Store store;
  CHECK(store.blobs->open(BlobId{}).error().code == Code::no_such_blob);
  const auto body = *store.put("x");
  CHECK(store.blobs->free(body.blob));
  CHECK(store.blobs->free(body.blob));
  CHECK(store.get(body.blob).error().code == Code::no_such_blob);
  store.env.crash(0);
  store.reopen();
  CHECK(store.get(body.blob).error().code == Code::no_such_blob);
}

TEST_CASE("crash at every step: a committed blob is whole, an uncommitted one whole or absent") {
  const std::string content = content_of(kChunk + 500);
  Store sample;
  const BlobId id = sample.put(content)->blob;
  CHECK(!id.empty());
  for (uint64_t step = 0; step < 16; ++step)
    for (uint64_t seed = 0; seed < 24; ++seed) {
      CAPTURE(step);
      CAPTURE(seed);
      Store store;
      CHECK(store.put("earlier"));
      store.env.power_off_after(step);
      const auto body = store.put(content);
      store.env.crash(seed);
      store.reopen();
      CHECK(*store.get(store.put("earlier")->blob) == "earlier");
      if (body) {
        CHECK(*store.get(body->blob) == content);
      } else {
        const auto& key = store.keys->address_key();
        const BlobId expected = address_of(key, sha256(content));
        const auto read = store.get(expected);
        CHECK((read ? *read == content : read.error().code == Code::no_such_blob));
      }
      for (const auto& path : store.files()) CHECK(!path.starts_with("d/blobs/incoming"));
    }
}

TEST_CASE("no space: the upload fails with disk_full and leaves nothing") {
  Store store;
  store.env.limit_space(100'000);
  const auto body = store.put(content_of(300'000));
  REQUIRE(!body);
  CHECK(body.error().code == Code::disk_full);
  CHECK(store.files().empty());
  store.env.limit_space(1 << 20);
  CHECK(store.put(content_of(300'000)));
}

}  // namespace lt::blob
