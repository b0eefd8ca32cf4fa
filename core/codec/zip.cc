#include "core/codec/zip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "core/base/ascii.h"
#include "core/codec/zip_format.h"

namespace lt::codec {
namespace {

constexpr size_t kPiece = 64 << 10;
constexpr uint16_t kVersion = 20;          // "2.0": deflate
constexpr uint32_t kDosDate = 0x00210000;  // 1980-01-01 00:00

std::string_view extension(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool named_by_uuid(std::string_view entry_name) {
  return is_uuid(entry_name.substr(0, entry_name.size() - extension(entry_name).size()));
}

}  // namespace

struct ZipSingleSource::State {
  State(std::unique_ptr<ByteSource> from, std::string entry) : plain(std::move(from)), name(std::move(entry)) {
    failed = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK;
    zip::put(ready, zip::kLocal);
    put_common(0, 0);
    zip::put(ready, uint16_t{0});
    ready += name;
    header_size = ready.size();
  }
  ~State() { deflateEnd(&stream); }

  // What the local header and the directory have in common, from "version needed" to the length of the name.
  void put_common(uint32_t packed32, uint32_t plain32) {
    zip::put(ready, kVersion);
    zip::put(ready, static_cast<uint16_t>(zip::kSizesAfter | zip::kUtf8));
    zip::put(ready, zip::kDeflated);
    zip::put(ready, kDosDate);
    zip::put(ready, crc);
    zip::put(ready, packed32);
    zip::put(ready, plain32);
    zip::put(ready, static_cast<uint16_t>(name.size()));
  }

  Result<void> more() {
    piece.resize(kPiece);
    LT_ASSIGN(const size_t n, plain->read(piece.data(), piece.size()));
    const bool last = n == 0;
    crc = static_cast<uint32_t>(crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(n)));
    plain_size += n;
    stream.next_in = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_in = static_cast<uInt>(n);
    do {
      char packed[16 << 10];
      stream.next_out = reinterpret_cast<Bytef*>(packed);
      stream.avail_out = sizeof packed;
      ::deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
      const size_t made = sizeof packed - stream.avail_out;
      ready.append(packed, made);
      packed_size += made;
    } while (stream.avail_out == 0);
    if (plain_size >= UINT32_MAX || packed_size >= UINT32_MAX - (64 << 10))
      return fail(Code::too_large, "a ZIP entry of 4 GiB or more");
    if (last) put_end();
    return {};
  }

  void put_end() {
    const auto packed32 = static_cast<uint32_t>(packed_size), plain32 = static_cast<uint32_t>(plain_size);
    const size_t data_end = ready.size();
    zip::put(ready, zip::kDescriptor);
    zip::put(ready, crc);
    zip::put(ready, packed32);
    zip::put(ready, plain32);
    const auto directory_at = static_cast<uint32_t>(header_size + packed_size + (ready.size() - data_end));
    const size_t directory_from = ready.size();
    zip::put(ready, zip::kDirectory);
    zip::put(ready, kVersion);
    put_common(packed32, plain32);
    ready.append(2 + 2 + 2 + 2 + 4 + 4, '\0');  // extra, comment, disk, attributes, offset of the entry
    ready += name;
    const auto directory_size = static_cast<uint32_t>(ready.size() - directory_from);
    zip::put(ready, zip::kEnd);
    zip::put(ready, uint32_t{0});
    zip::put(ready, uint16_t{1});
    zip::put(ready, uint16_t{1});
    zip::put(ready, directory_size);
    zip::put(ready, directory_at);
    zip::put(ready, uint16_t{0});
    ended = true;
  }

  std::unique_ptr<ByteSource> plain;
  std::string name, piece, ready;
  z_stream stream{};
  bool failed = false, ended = false;
  size_t at = 0, header_size = 0;
  uint32_t crc = 0;
  uint64_t plain_size = 0, packed_size = 0;
};

ZipSingleSource::ZipSingleSource(std::unique_ptr<ByteSource> plain, std::string entry_name)
    : state_(std::make_unique<State>(std::move(plain), std::move(entry_name))) {}
ZipSingleSource::~ZipSingleSource() = default;

Result<size_t> ZipSingleSource::read(char* out, size_t size) {
  State& s = *state_;
  if (s.failed) return fail(Code::bug, "zlib did not start");
  if (s.name.empty() || s.name.size() > limits::kName) return fail(Code::bad_zip, "entry name empty or too long");
  while (s.at == s.ready.size() && !s.ended) {
    s.ready.clear();
    s.at = 0;
    LT_TRY(s.more());
  }
  const size_t n = s.ready.copy(out, size, s.at);
  s.at += n;
  return n;
}

bool is_wrapper_name(std::string_view entry_name, std::string_view file_name) {
  return named_by_uuid(entry_name) && same_ascii(extension(entry_name), extension(file_name));
}

struct WrapperSniffer::State {
  explicit State(const UnzipOptions& options) : reader(std::in_place, options) {}

  void try_entry(std::string_view bytes) {
    buffer.resize(limits::kScanPiece);
    for (;;) {
      const auto step = reader->step(bytes, buffer.data(), buffer.size());
      if (!reader->entry_name().empty() && !named_by_uuid(reader->entry_name())) return give_up({});
      if (!step) return give_up(step.error().detail);
      entry_hash.update(std::string_view(buffer.data(), step->produced));
      out.entry_size += step->produced;
      bytes.remove_prefix(step->consumed);
      if (bytes.empty() && step->produced < buffer.size()) return;
    }
  }

  // No wrapper, or (`damage`) a broken one if it has the name of one.
  void give_up(std::string damage) {
    if (named_by_uuid(reader->entry_name())) {
      out.entry_name = reader->entry_name();
      out.damage = std::move(damage);
    }
    reader.reset();
    std::string().swap(buffer);
  }

  Sniffed out;
  std::string buffer;
  std::optional<ZipReader> reader;  // while it may be one
  Sha256Stream plain_hash, entry_hash;
};

WrapperSniffer::WrapperSniffer(const UnzipOptions& options) : state_(std::make_unique<State>(options)) {}
WrapperSniffer::~WrapperSniffer() = default;

void WrapperSniffer::feed(std::string_view bytes) {
  State& s = *state_;
  s.plain_hash.update(bytes);
  s.out.size += bytes.size();
  if (s.reader) s.try_entry(bytes);
}

Sniffed WrapperSniffer::finish() {
  State& s = *state_;
  if (s.reader) {
    if (const auto whole = s.reader->finish(); !whole) {
      s.give_up(whole.error().detail);
    } else {
      s.out.entry_name = s.reader->entry_name();
      s.out.entry_sha256 = s.entry_hash.finish();
    }
  }
  s.out.sha256 = s.plain_hash.finish();
  return std::move(s.out);
}

Unwrapped unwrap(const Sniffed& sniffed, std::string_view file_name) {
  Unwrapped out;
  const bool named = !sniffed.entry_name.empty() && is_wrapper_name(sniffed.entry_name, file_name);
  out.wrapped = named && sniffed.damage.empty();
  if (named) out.damage = sniffed.damage;
  out.sha256 = out.wrapped ? sniffed.entry_sha256 : sniffed.sha256;
  out.size = out.wrapped ? sniffed.entry_size : sniffed.size;
  return out;
}

Result<Unwrapped> sniff_single_zip(ByteSource& bytes, std::string_view file_name, const UnzipOptions& options) {
  WrapperSniffer sniffer(options);
  std::string piece(kPiece, '\0');
  for (;;) {
    LT_ASSIGN(const size_t n, bytes.read(piece.data(), piece.size()));
    if (n == 0) return unwrap(sniffer.finish(), file_name);
    sniffer.feed(std::string_view(piece).substr(0, n));
  }
}

}  // namespace lt::codec
