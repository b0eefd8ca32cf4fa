#include "core/runtime/file_address.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/codec/base64.h"
#include "core/mapping/rule_file.h"
#include "core/message/wire.h"

namespace lt::runtime {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kMark = 16;  // bytes
constexpr std::string_view kLabel = "lienthong: address of a file, version 1";

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// RFC 4648 section 5, without padding.
std::string to_url_text(std::string_view bytes) {
  std::string out = codec::encode_base64(bytes);
  while (out.ends_with('=')) out.pop_back();
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

// One text for each row of bytes, and no other: the bits that base64 leaves over must be zero.
Result<std::string> from_url_text(std::string_view text) {
  std::string plain(text);
  if (plain.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    return fail(Code::file_address_wrong);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  auto bytes = codec::decode_base64(plain);
  if (!bytes || to_url_text(*bytes) != text) return fail(Code::file_address_wrong);
  return bytes;
}

int64_t seconds_of(Wall time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

}  // namespace

FileTokens::FileTokens(const CipherKey& secret)
    : key_(bytes_of(hmac_sha256({reinterpret_cast<const char*>(secret.data()), secret.size()}, kLabel))) {}

std::string FileTokens::mark(std::string_view signed_bytes, std::string_view filename) const {
  std::string all;
  WireWriter w(all);
  w.text(signed_bytes);
  w.text(filename);
  return std::string(bytes_of(hmac_sha256(key_, all)).substr(0, kMark));
}

std::string FileTokens::write(const FileAddress& address, std::string_view filename) const {
  std::string out;
  WireWriter w(out);
  w.u8(kVersion);
  w.signed_varint(seconds_of(address.expires));
  w.varint(address.stored.partition);
  w.varint(address.stored.offset);
  w.raw(address.message.bytes.data(), address.message.bytes.size());
  w.u8(static_cast<uint8_t>(address.form));
  w.text(address.path);
  out += mark(out, filename);
  return to_url_text(out);
}

Result<FileAddress> FileTokens::read(std::string_view token, std::string_view filename) const {
  if (token.size() > limits::kFileAddress) return fail(Code::file_address_wrong);
  LT_ASSIGN(const std::string bytes, from_url_text(token));
  if (bytes.size() < kMark) return fail(Code::file_address_wrong);
  const std::string_view said(bytes.data(), bytes.size() - kMark);
  if (!equal_secret(mark(said, filename), std::string_view(bytes).substr(said.size())))
    return fail(Code::file_address_wrong);
  WireReader r(said);
  FileAddress out;
  const uint8_t version = r.u8();
  out.expires = Wall(std::chrono::seconds(r.signed_varint()));
  out.stored.partition = static_cast<uint32_t>(r.varint());
  out.stored.offset = r.varint();
  r.raw(out.message.bytes.data(), out.message.bytes.size());
  out.form = static_cast<mapping::BlobForm>(r.u8());
  out.path = r.text();
  const bool served = out.form == mapping::BlobForm::base64 || out.form == mapping::BlobForm::zip ||
                      out.form == mapping::BlobForm::part;
  // It is ours; of another version of this program, then.
  if (version != kVersion || !r.ok() || !r.done() || !served) return fail(Code::file_address_wrong);
  return out;
}

Wall address_end(Wall accepted, Wall now, std::chrono::milliseconds valid) {
  const auto age = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(now - accepted), valid / 2);
  // The smallest number of times that leaves half of one.
  const auto times = (age + valid / 2 + valid - std::chrono::milliseconds(1)) / valid;
  return std::chrono::floor<std::chrono::seconds>(accepted + times * valid);
}

}  // namespace lt::runtime
