#include "core/journal/sealing.h"

#include <string>

#include "core/base/hash.h"
#include "core/message/wire.h"

namespace lt::journal {
namespace {

std::string nonce_of(uint64_t position) {
  std::string nonce(kNonceSize, '\0');
  for (size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<char>(position >> (8 * i));
  return nonce;
}

constexpr size_t kDerivedKept = 8;

}  // namespace

void Sealing::begin() {
  if (cache_.size() > kDerivedKept) cache_.clear();
}

const Sealing::Derived* Sealing::cached(KeyId id, format::Epoch epoch) const {
  for (const auto& entry : cache_)
    if (entry.id == id && entry.epoch == epoch) return &entry;
  return nullptr;
}

const CipherKey& Sealing::derived(KeyId id, format::Epoch epoch, const CipherKey& from) {
  std::string context = "lienthong record";
  WireWriter wire(context);
  wire.varint(partition_);
  wire.varint(epoch);
  const Sha256 key = hmac_sha256(std::string_view(reinterpret_cast<const char*>(from.data()), from.size()), context);
  return cache_.emplace_back(Derived{id, epoch, key}).key;
}

Result<void> Sealing::prepare(KeyId id, format::Epoch epoch) {
  if (!seals(id.key_class) || cached(id, epoch)) return {};
  LT_ASSIGN(const CipherKey key, keys_->for_sealing(id));
  derived(id, epoch, key);
  return {};
}

void Sealing::append_body(const format::RecordHeader& header, std::string_view body, std::string& out, size_t record) {
  const Derived* key = cached({header.key_day, header.key_class}, header.epoch);
  const std::string authenticated = out.substr(record + 4);
  seal(key->key, nonce_of(header.position), authenticated, body, out);
}

Result<std::string> Sealing::open_body(const format::RecordHeader& header, std::string_view authenticated,
                                       std::string_view stored) {
  if (!keys_) return fail(Code::bad_master_key, "the journal is encrypted and no master key is configured");
  const KeyId id{header.key_day, header.key_class};
  const Derived* known = cached(id, header.epoch);
  if (!known) {
    begin();
    LT_ASSIGN(const CipherKey key, keys_->for_unsealing(id));
    derived(id, header.epoch, key);
    known = cached(id, header.epoch);
  }
  return unseal(known->key, nonce_of(header.position), authenticated, stored);
}

}  // namespace lt::journal
