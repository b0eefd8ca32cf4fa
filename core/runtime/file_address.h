// The right to fetch one file of one message, as a token in its address: who has the address has the file, until it
// expires. Nothing about it is kept anywhere.
//
// The token is base64url of: a version; expiry; where the message's record stands, and its id; the form of the file
// (base64, zip, part) and the path of its field; an HMAC-SHA-256 over all that and the name of the file, cut to 16
// bytes, under a key made of the address key of the data directory. The path of the field can be read by who has the
// token; nothing of what stands there can.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/cipher.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/message/position.h"

namespace lt::mapping {
enum class BlobForm : uint8_t;
}

namespace lt::runtime {

struct FileAddress {
  Position stored;  // the record of its message: where it was accepted, or where it was carried to
  Id message;
  Wall expires{};  // in whole seconds
  mapping::BlobForm form{};
  std::string path;  // of the field in the document, by path_of
  bool operator==(const FileAddress&) const = default;
};

// Immutable; shared by all threads.
class FileTokens {
 public:
  // `secret` lasts as long as the data (KeyStore::address_key); tokens are made under a key of their own.
  explicit FileTokens(const CipherKey& secret);
  // ASCII letters, digits, - and _.
  std::string write(const FileAddress& address, std::string_view filename) const;
  // Error file_address_wrong, whatever is wrong with it. Expiry is the caller's to look at.
  Result<FileAddress> read(std::string_view token, std::string_view filename) const;

 private:
  std::string mark(std::string_view signed_bytes, std::string_view filename) const;
  std::string key_;
};

// When an address given now ends: `accepted` + `valid`, or as many more times `valid` as leave at least half of it.
//
// It counts from acceptance, not from now, so that a delivery tried again sends the same document: retries end after
// days (delivery.max_age, 7 by default), long before half of 30 days. A replay after that gives a longer one.
Wall address_end(Wall accepted, Wall now, std::chrono::milliseconds valid);

}  // namespace lt::runtime
