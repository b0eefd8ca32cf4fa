#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/blob/blob_format.h"
#include "core/blob/blob_store.h"

namespace lt::blob {
namespace {

using journal::KeyClass;
using journal::KeyId;

KeyId key_now(const Clock& clock, KeyClass key_class) { return {journal::key_day(clock.wall()), key_class}; }

// A blob received again within this time stays as it is. Much less than any sweep spares.
constexpr std::chrono::hours kFresh{1};

Error corrupt(const std::string& path, std::string what, std::optional<uint64_t> chunk = {}) {
  Place place;
  place.file = path;
  if (chunk) place.path = fmt::format("byte {}", chunk_offset(*chunk));
  return Error(Code::blob_corrupt, std::move(what), std::move(place));
}

// Class none is sealed too: under the address key, which is never destroyed.
Result<CipherKey> data_key(journal::KeyStore& keys, KeyId id, bool sealing) {
  if (id.key_class == KeyClass::none) return keys.address_key();
  return sealing ? keys.for_sealing(id) : keys.for_unsealing(id);
}

class FileReader final : public Reader {
 public:
  // Checks the header and the last chunk, and with it the length and that this file is the blob it is named for.
  static Result<std::unique_ptr<FileReader>> open(Env& env, const std::string& path, const BlobId& id,
                                                  journal::KeyStore& keys) {
    LT_ASSIGN(auto file, env.open(path, OpenMode::read));
    std::string head(kHeaderSize, '\0');
    LT_ASSIGN(const size_t got, file->read_at(0, head.data(), head.size()));
    Header header;
    if (got < head.size() || !decode_header(head, header)) return fail(corrupt(path, "header damaged"));
    LT_ASSIGN(const uint64_t size, file->size());
    const auto content = content_size(size);
    if (!content) return fail(corrupt(path, fmt::format("no blob has {} bytes", size)));
    LT_ASSIGN(const CipherKey data, data_key(keys, header.key, false));
    auto reader = std::make_unique<FileReader>(std::move(file), path, id, header, *content, blob_key(data, header));
    LT_TRY(reader->load(last_chunk(*content)));
    return reader;
  }

  FileReader(std::unique_ptr<File> file, std::string path, const BlobId& id, const Header& header, uint64_t size,
             const CipherKey& key)
      : file_(std::move(file)), path_(std::move(path)), id_(id), header_(header), size_(size), key_(key) {}

  uint64_t size() const override { return size_; }
  const Header& header() const { return header_; }

  Result<size_t> read_at(uint64_t offset, char* out, size_t size) override {
    size_t done = 0;
    while (done < size && offset + done < size_) {
      const uint64_t chunk = (offset + done) / kChunk;
      LT_TRY(load(chunk));
      done += std::string_view(plain_).substr((offset + done) % kChunk).copy(out + done, size - done);
    }
    return done;
  }

 private:
  Result<void> load(uint64_t chunk) {
    if (loaded_ == chunk) return {};
    loaded_.reset();
    const bool last = chunk == last_chunk(size_);
    std::string sealed((last ? size_ - chunk * kChunk : kChunk) + kTagSize, '\0');
    LT_ASSIGN(const size_t got, file_->read_at(chunk_offset(chunk), sealed.data(), sealed.size()));
    if (got < sealed.size()) return fail(corrupt(path_, "the file became shorter", chunk));
    auto plain = unseal(key_, chunk_nonce(chunk, last), chunk_context(header_, last ? &id_ : nullptr), sealed);
    if (!plain) return fail(corrupt(path_, fmt::format("chunk {} was altered, moved or cut", chunk), chunk));
    plain_ = std::move(*plain);
    loaded_ = chunk;
    return {};
  }

  std::unique_ptr<File> file_;
  std::string path_;
  BlobId id_;
  Header header_;
  uint64_t size_;
  CipherKey key_;
  std::string plain_;
  std::optional<uint64_t> loaded_;
};

class FileStore final : public BlobStore {
 public:
  FileStore(Env& env, std::string directory, const Clock& clock, journal::KeyStore& keys)
      : env_(env), directory_(std::move(directory)), clock_(clock), keys_(keys) {}

  Result<void> start() {
    LT_TRY(env_.make_directories(incoming()));
    LT_TRY(env_.sync_directory(directory_));
    LT_ASSIGN(const auto left, env_.list(incoming()));
    for (const auto& name : left) LT_TRY(env_.remove(incoming() + "/" + name));
    return {};
  }

  Result<std::unique_ptr<Upload>> create(KeyClass key_class) override;

  Result<std::unique_ptr<Reader>> open(const BlobId& id) const override {
    LT_ASSIGN(auto reader, open_file(id));
    return std::unique_ptr<Reader>(std::move(reader));
  }

  Result<void> free(const BlobId& id) override {
    const std::lock_guard lock(mutex_);
    LT_ASSIGN(const bool there, env_.exists(path_of(id)));
    if (!there) return {};
    LT_TRY(env_.remove(path_of(id)));
    return env_.sync_directory(directory_of(id));
  }

  Result<Swept> sweep(Wall before, const std::function<bool(const BlobId&)>& live) override;

  // Puts a finished upload in its place, unless the same content already stands there under the same key. Under an
  // older key or another class the newer file wins, or destroying the old key would erase what a newer message refers
  // to. So it does when the old one is no longer fresh: a sweep must see that somebody is about to refer to it.
  Result<void> place(const std::string& upload, const BlobId& id, const Header& header) {
    const std::lock_guard lock(mutex_);
    if (const auto existing = open_file(id); existing && (*existing)->header().key == header.key &&
                                             header.received - (*existing)->header().received < kFresh)
      return env_.remove(upload);
    LT_TRY(env_.make_directories(directory_of(id)));
    LT_TRY(env_.sync_directory(directory_));
    LT_TRY(env_.rename(upload, path_of(id)));
    return env_.sync_directory(directory_of(id));
  }

  Env& env() { return env_; }
  journal::KeyStore& keys() { return keys_; }

 private:
  Result<std::unique_ptr<FileReader>> open_file(const BlobId& id) const {
    const std::string path = path_of(id);
    LT_ASSIGN(const bool there, env_.exists(path));
    if (!there) return fail(Code::no_such_blob, hex(id.bytes));
    return FileReader::open(env_, path, id, keys_);
  }
  // A file whose header cannot be read stays: it is evidence of damage.
  Result<bool> younger(const std::string& path, Wall before) const {
    LT_ASSIGN(const auto file, env_.open(path, OpenMode::read));
    std::string head(kHeaderSize, '\0');
    LT_ASSIGN(const size_t got, file->read_at(0, head.data(), head.size()));
    Header header;
    return got < head.size() || !decode_header(head, header) || header.received >= before;
  }
  std::string incoming() const { return directory_ + "/incoming"; }
  std::string directory_of(const BlobId& id) const { return directory_ + "/" + hex(id.bytes).substr(0, 2); }
  std::string path_of(const BlobId& id) const { return directory_of(id) + "/" + hex(id.bytes); }

  Env& env_;
  std::string directory_;
  const Clock& clock_;
  journal::KeyStore& keys_;
  std::mutex mutex_;  // of changes of names
};

class FileUpload final : public Upload {
 public:
  FileUpload(FileStore& store, std::string path, std::unique_ptr<File> file, const Header& header, const CipherKey& key)
      : store_(store), path_(std::move(path)), file_(std::move(file)), header_(header), key_(key) {}

  ~FileUpload() override {
    file_.reset();
    if (!placed_) (void)store_.env().remove(path_);  // what cannot be removed now is removed at the next open
  }

  Result<void> write(std::string_view bytes) override {
    if (failed_) return fail(*failed_);
    hash_.update(bytes);
    size_ += bytes.size();
    while (!bytes.empty()) {
      // A full chunk waits for the next byte: the last one is sealed as the last.
      if (pending_.size() == kChunk) LT_TRY(put_chunk(nullptr));
      const size_t taken = std::min(bytes.size(), kChunk - pending_.size());
      pending_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
    }
    return {};
  }

  Result<Body> commit() override {
    if (failed_) return fail(*failed_);
    if (placed_) return fail(Code::bug, "a blob was committed twice");
    Body body;
    body.sha256 = hash_.finish();
    body.blob = address_of(store_.keys().address_key(), body.sha256);
    body.size = size_;
    LT_TRY(put_chunk(&body.blob));
    if (auto synced = file_->sync(); !synced) return broken(std::move(synced).error());
    if (auto placed = store_.place(path_, body.blob, header_); !placed) return broken(std::move(placed).error());
    placed_ = true;
    return body;
  }

 private:
  tl::unexpected<Error> broken(Error error) {
    failed_ = error;
    return fail(std::move(error));
  }

  // `id` of the last chunk only.
  Result<void> put_chunk(const BlobId* id) {
    sealed_.clear();
    if (index_ == 0) sealed_ = encode_header(header_);
    seal(key_, chunk_nonce(index_, id != nullptr), chunk_context(header_, id), pending_, sealed_);
    const uint64_t offset = index_ == 0 ? 0 : chunk_offset(index_);
    if (auto written = file_->write_at(offset, sealed_); !written) return broken(std::move(written).error());
    if (offset + sealed_.size() - flushed_ >= limits::kWritebackEvery) {
      file_->start_writeback(flushed_, offset + sealed_.size() - flushed_);
      flushed_ = offset + sealed_.size();
    }
    pending_.clear();
    ++index_;
    return {};
  }

  FileStore& store_;
  std::string path_;
  std::unique_ptr<File> file_;
  Header header_;
  CipherKey key_;
  Sha256Stream hash_;
  std::string pending_, sealed_;
  uint64_t index_ = 0, size_ = 0, flushed_ = 0;
  std::optional<Error> failed_;
  bool placed_ = false;
};

Result<std::unique_ptr<Upload>> FileStore::create(KeyClass key_class) {
  Header header;
  header.key = key_now(clock_, key_class);
  header.received = clock_.wall();
  if (key_class == KeyClass::none) header.key.day = 0;
  random_bytes(header.salt.size()).copy(header.salt.data(), header.salt.size());
  LT_ASSIGN(const CipherKey data, data_key(keys_, header.key, true));
  const std::string path = incoming() + "/" + hex(std::string_view(header.salt.data(), header.salt.size()));
  LT_ASSIGN(auto file, env_.open(path, OpenMode::create_new));
  return std::make_unique<FileUpload>(*this, path, std::move(file), header, blob_key(data, header));
}

Result<BlobStore::Swept> FileStore::sweep(Wall before, const std::function<bool(const BlobId&)>& live) {
  Swept swept;
  LT_ASSIGN(const auto folders, env_.list(directory_));
  for (const auto& folder : folders) {
    if (folder.size() != 2) continue;
    LT_ASSIGN(const auto names, env_.list(directory_ + "/" + folder));
    bool changed = false;
    for (const auto& name : names) {
      BlobId id;
      std::string bytes;
      if (!parse_hex(name, bytes) || bytes.size() != id.bytes.size()) continue;
      bytes.copy(reinterpret_cast<char*>(id.bytes.data()), id.bytes.size());
      ++swept.kept;
      if (live(id)) continue;
      // Under the lock: it may just be received again.
      const std::lock_guard lock(mutex_);
      LT_ASSIGN(const bool young, younger(path_of(id), before));
      if (young) continue;
      LT_TRY(env_.remove(path_of(id)));
      changed = true;
      --swept.kept;
      ++swept.freed;
    }
    if (changed) LT_TRY(env_.sync_directory(directory_ + "/" + folder));
  }
  return swept;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_file_store(Env& env, std::string directory, const Clock& clock,
                                                   journal::KeyStore& keys) {
  auto store = std::make_unique<FileStore>(env, std::move(directory), clock, keys);
  LT_TRY(store->start());
  return store;
}

}  // namespace lt::blob
