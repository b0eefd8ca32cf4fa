#include "core/journal/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/hash.h"

namespace lt::journal {
namespace {

// A key file: the magic, the nonce, then the sealed key. Its name is authenticated, so files cannot be swapped.
constexpr std::string_view kMagic = "LTKEY1\n";
constexpr size_t kFileSize = 7 + kNonceSize + kKeySize + kTagSize;
constexpr const char* kAddressName = "address.key";

constexpr std::string_view kEnding = ".key";

std::string key_name(KeyId id) { return fmt::format("{}-{}{}", id.day, key_class_name(id.key_class), kEnding); }

std::optional<KeyId> parse_key_name(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto key_class = parse_key_class(name.substr(dash + 1));
  KeyId id;
  const auto [end, error] = std::from_chars(name.data(), name.data() + dash, id.day);
  if (!key_class || error != std::errc() || end != name.data() + dash) return std::nullopt;
  id.key_class = *key_class;
  return id;
}

CipherKey random_key() {
  CipherKey key;
  random_bytes(key.size()).copy(reinterpret_cast<char*>(key.data()), key.size());
  return key;
}

class FileKeyStore final : public KeyStore {
 public:
  FileKeyStore(Env& env, std::string directory, const CipherKey& master)
      : env_(env), directory_(std::move(directory)), master_(master) {}

  Result<void> start() {
    LT_TRY(env_.make_directories(directory_));
    if (const size_t slash = directory_.rfind('/'); slash != std::string::npos && slash > 0)
      LT_TRY(env_.sync_directory(directory_.substr(0, slash)));
    LT_ASSIGN(const auto known, load(kAddressName));
    if (known) {
      address_key_ = *known;
      return {};
    }
    address_key_ = random_key();
    return save(kAddressName, address_key_);
  }

  Result<CipherKey> for_sealing(KeyId id) override {
    const std::lock_guard lock(mutex_);
    LT_ASSIGN(const auto known, find(id));
    if (known) return *known;
    const CipherKey key = random_key();
    LT_TRY(save(key_name(id), key));
    return keys_[id] = key;
  }

  Result<CipherKey> for_unsealing(KeyId id) override {
    const std::lock_guard lock(mutex_);
    LT_ASSIGN(const auto known, find(id));
    if (known) return *known;
    return fail(Code::key_destroyed, key_name(id));
  }

  Result<bool> destroy(KeyId id) override {
    const std::lock_guard lock(mutex_);
    keys_.erase(id);
    const std::string path = directory_ + "/" + key_name(id);
    LT_ASSIGN(const bool there, env_.exists(path));
    if (!there) return false;
    {
      LT_ASSIGN(const auto file, env_.open(path, OpenMode::read_write));
      LT_TRY(file->write_at(0, std::string(kFileSize, '\0')));
      LT_TRY(file->sync());
    }
    LT_TRY(env_.remove(path));
    LT_TRY(env_.sync_directory(directory_));
    return true;
  }

  Result<std::vector<KeyId>> kept() const override {
    LT_ASSIGN(const auto names, env_.list(directory_));
    std::vector<KeyId> out;
    for (const auto& name : names)
      if (const auto id = parse_key_name(name)) out.push_back(*id);
    std::sort(out.begin(), out.end());
    return out;
  }

  const CipherKey& address_key() const override { return address_key_; }

 private:
  Result<std::optional<CipherKey>> find(KeyId id) {
    if (const auto known = keys_.find(id); known != keys_.end()) return known->second;
    LT_ASSIGN(const auto loaded, load(key_name(id)));
    if (loaded) keys_[id] = *loaded;
    return loaded;
  }

  Result<std::optional<CipherKey>> load(const std::string& name) {
    const std::string path = directory_ + "/" + name;
    LT_ASSIGN(const bool there, env_.exists(path));
    if (!there) return std::optional<CipherKey>();
    LT_ASSIGN(const std::string bytes, read_file(env_, path, kFileSize + 1));
    const std::string_view file(bytes);
    // Overwritten, and the removal of the file did not last: destroyed all the same.
    if (file.find_first_not_of('\0') == std::string_view::npos) return std::optional<CipherKey>();
    Place place;
    place.file = path;
    if (file.size() != kFileSize || !file.starts_with(kMagic))
      return fail(Code::bad_master_key, "not a key file of this program", place, "restore this key file from backup");
    auto plain = unseal(master_, file.substr(kMagic.size(), kNonceSize), name, file.substr(kMagic.size() + kNonceSize));
    if (!plain || plain->size() != kKeySize) return fail(Code::bad_master_key, "it does not open this key file", place);
    CipherKey key;
    plain->copy(reinterpret_cast<char*>(key.data()), key.size());
    return key;
  }

  Result<void> save(const std::string& name, const CipherKey& key) {
    const std::string nonce = random_bytes(kNonceSize);
    std::string file(kMagic);
    file += nonce;
    seal(master_, nonce, name, std::string_view(reinterpret_cast<const char*>(key.data()), key.size()), file);
    return replace_file(env_, directory_ + "/" + name, file);
  }

  Env& env_;
  std::string directory_;
  CipherKey master_;
  CipherKey address_key_{};
  std::mutex mutex_;
  std::map<KeyId, CipherKey> keys_;
};

}  // namespace

Result<std::unique_ptr<KeyStore>> KeyStore::open(Env& env, std::string directory, CipherKey master) {
  auto store = std::make_unique<FileKeyStore>(env, std::move(directory) + "/keys", master);
  LT_TRY(store->start());
  return store;
}

uint32_t key_day(Wall now) {
  return static_cast<uint32_t>(std::chrono::floor<std::chrono::days>(now + kVietnamOffset).time_since_epoch().count());
}

Wall end_of_key_day(uint32_t day) { return Wall(std::chrono::days(day + 1)) - kVietnamOffset; }

std::string_view key_class_name(KeyClass key_class) {
  switch (key_class) {
    case KeyClass::personal:
      return "personal";
    case KeyClass::document:
      return "document";
    case KeyClass::none:
      break;
  }
  return "none";
}

std::optional<KeyClass> parse_key_class(std::string_view name) {
  for (const auto key_class : {KeyClass::none, KeyClass::personal, KeyClass::document})
    if (key_class_name(key_class) == name) return key_class;
  return std::nullopt;
}

Result<CipherKey> parse_master_key(std::string_view text) {
  CipherKey key;
  std::string bytes(text);
  if (text.size() != key.size()) {
    const size_t end = text.find_last_not_of(" \t\r\n");
    if (!parse_hex(text.substr(0, end == std::string_view::npos ? 0 : end + 1), bytes) || bytes.size() != key.size())
      return fail(Code::bad_master_key, fmt::format("{} bytes that are not 64 hex digits", text.size()));
  }
  bytes.copy(reinterpret_cast<char*>(key.data()), key.size());
  return key;
}

}  // namespace lt::journal
