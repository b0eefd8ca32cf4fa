// ZIP archives of exactly one entry, over streams (APPNOTE 6.3): the national document SDK wraps every attachment that
// way, with the sizes in a data descriptor after the data and an entry named "<uuid>.<extension>".
//
// Reading checks everything as it passes: header, data, descriptor, directory and end record must agree on name, CRC
// and sizes. Refused with bad_zip: more or fewer than one entry, encryption, methods other than store and deflate,
// Zip64 end records, an entry name that is a path trick ("..", absolute, '\', NUL), bytes before, between or after, a
// cut archive. Refused with too_large: more than `inflated` bytes, or over 1 MiB with a ratio above `ratio`.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/stream.h"

namespace lt::codec {

struct UnzipOptions {
  uint64_t inflated = limits::kZipInflated;
  size_t ratio = limits::kZipRatio;
};

// The engine under the two readers below: takes the archive in pieces, gives the bytes of the entry in pieces.
class ZipReader {
 public:
  explicit ZipReader(const UnzipOptions& options = {});
  ~ZipReader();
  ZipReader(ZipReader&&) noexcept;
  ZipReader& operator=(ZipReader&&) noexcept;

  struct Step {
    size_t consumed = 0;
    size_t produced = 0;
  };
  // Reads some of `archive` and writes at most `room` > 0 bytes. Call until all is consumed and nothing is produced.
  Result<Step> step(std::string_view archive, char* out, size_t room);
  // After the last byte of the archive. Only now is the entry known to be whole.
  Result<void> finish();
  const std::string& entry_name() const;  // "" until the header has passed

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The entry of an archive. The end of the bytes is only reported after the archive was found whole.
class UnzipSingleSource final : public ByteSource {
 public:
  explicit UnzipSingleSource(std::unique_ptr<ByteSource> archive, const UnzipOptions& options = {});
  Result<size_t> read(char* out, size_t size) override;
  const std::string& entry_name() const { return reader_.entry_name(); }  // known after the first read

 private:
  std::unique_ptr<ByteSource> archive_;
  ZipReader reader_;
  std::string piece_;
  size_t at_ = 0, end_ = 0;
  bool ended_ = false;
};

// An archive with `plain` as its only entry. The same input gives the same bytes (the entry is dated 1980-01-01).
class ZipSingleSource final : public ByteSource {
 public:
  ZipSingleSource(std::unique_ptr<ByteSource> plain, std::string entry_name);
  ~ZipSingleSource() override;
  Result<size_t> read(char* out, size_t size) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What one pass over a file found that may be the wrapper of another.
struct Sniffed {
  Sha256 sha256{};         // of the bytes as they are
  uint64_t size = 0;       //
  std::string entry_name;  // "" unless it begins like a wrapper: a ZIP whose first entry is named by a UUID
  std::string damage;      // why it is not a sound ZIP of exactly one entry; "" when it is
  Sha256 entry_sha256{};   // of the entry of a sound one
  uint64_t entry_size = 0;
};

// What a file is that may be wrapped.
struct Unwrapped {
  bool wrapped = false;  // true: sha256 and size are those of the entry, else of the bytes as they are
  Sha256 sha256{};
  uint64_t size = 0;
  std::string damage;  // looked like a wrapper but is not a sound one: why; the file is then taken as it is
};

// Hashes bytes as they are and, should they be a wrapper, what is inside. Whether they are is known with the name of
// the file, which often comes later than the file.
class WrapperSniffer {
 public:
  explicit WrapperSniffer(const UnzipOptions& options = {});
  ~WrapperSniffer();
  void feed(std::string_view bytes);
  Sniffed finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Wrapper or the file itself? The rule: a sound ZIP of exactly one entry whose base name is a UUID and whose extension
// is that of `file_name` (letter case ignored). So a genuine .zip, .docx or .xlsx stays what it is.
Unwrapped unwrap(const Sniffed& sniffed, std::string_view file_name);
// The same over a whole source.
Result<Unwrapped> sniff_single_zip(ByteSource& bytes, std::string_view file_name, const UnzipOptions& options = {});

// "<uuid>.<extension of file_name>", by the rule above.
bool is_wrapper_name(std::string_view entry_name, std::string_view file_name);

}  // namespace lt::codec
