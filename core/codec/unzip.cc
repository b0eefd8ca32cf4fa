#include <zlib.h>

#include <algorithm>
#include <limits>

#include "core/codec/zip.h"
#include "core/codec/zip_format.h"

namespace lt::codec {
namespace {

constexpr size_t kPiece = 32 << 10;
constexpr uint64_t kRatioFrom = 1 << 20;

tl::unexpected<Error> bad(std::string why) { return fail(Code::bad_zip, std::move(why)); }

// Why the name may not be used, or "".
std::string name_trick(std::string_view name) {
  if (name.empty()) return "entry without a name";
  if (name.size() > limits::kName) return "entry name too long";
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\') return "entry name with a forbidden character";
  if (name.front() == '/' || name.find(':') != std::string_view::npos) return "entry name is an absolute path";
  if (name.back() == '/') return "the entry is a folder";
  for (size_t from = 0; from <= name.size();) {
    const size_t slash = std::min(name.find('/', from), name.size());
    const auto part = name.substr(from, slash - from);
    if (part.empty() || part == "." || part == "..") return "entry name with a path trick";
    from = slash + 1;
  }
  return {};
}

// Does the extra field hold a Zip64 record? Then the sizes of the descriptor have eight bytes.
bool has_zip64(std::string_view extra) {
  while (extra.size() >= 4) {
    const size_t size = zip::get16(extra, 2);
    if (zip::get16(extra, 0) == 1) return true;
    if (size > extra.size() - 4) return false;
    extra.remove_prefix(4 + size);
  }
  return false;
}

}  // namespace

struct ZipReader::State {
  enum class At { local, local_names, data, descriptor, directory, directory_names, end, comment, done };

  explicit State(const UnzipOptions& o) : options(o) {
    failed = inflateInit2(&stream, -MAX_WBITS) != Z_OK;
    expect(At::local, zip::kLocalSize);
  }
  ~State() { inflateEnd(&stream); }

  void expect(At next, size_t size) {
    at = next;
    need = size;
    held.clear();
  }

  Result<void> local() {
    if (zip::get32(held, 0) != zip::kLocal) return bad("does not begin with a local header");
    flags = zip::get16(held, 6);
    method = zip::get16(held, 8);
    crc_said = zip::get32(held, 14);
    packed_said = zip::get32(held, 18);
    plain_said = zip::get32(held, 22);
    if (flags & (zip::kEncrypted | zip::kStrong | zip::kMasked)) return bad("encrypted entry");
    if (flags & zip::kPatch) return bad("patch data");
    if (method != zip::kStored && method != zip::kDeflated) return bad("method " + std::to_string(method));
    if (method == zip::kStored && (flags & zip::kSizesAfter)) return bad("stored entry without sizes before it");
    name_size = zip::get16(held, 26);
    expect(At::local_names, name_size + size_t{zip::get16(held, 28)});
    return {};
  }

  Result<void> local_names() {
    name = held.substr(0, name_size);
    if (auto trick = name_trick(name); !trick.empty()) return bad(std::move(trick));
    zip64 = has_zip64(std::string_view(held).substr(name_size));
    if (!(flags & zip::kSizesAfter) && (packed_said == UINT32_MAX || plain_said == UINT32_MAX))
      return fail(Code::too_large, "entry of 4 GiB or more");
    expect(At::data, 0);
    if (method == zip::kStored && packed_said == 0) return data_ended();
    return {};
  }

  Result<void> descriptor() {
    const std::string_view bytes = held;
    const bool with_mark = zip::get32(bytes, 0) == zip::kDescriptor;
    // The mark is optional; whether it is there shows before its four bytes are wanted.
    if (with_mark && !marked) {
      marked = true;
      need += 4;
      return {};
    }
    const size_t from = marked ? 4 : 0;
    const uint64_t packed_after = zip64 ? zip::get64(bytes, from + 4) : zip::get32(bytes, from + 4);
    const uint64_t plain_after = zip64 ? zip::get64(bytes, from + 12) : zip::get32(bytes, from + 8);
    if (zip::get32(bytes, from) != crc) return bad("CRC mismatch");
    if (packed_after != packed || plain_after != plain) return bad("the sizes after the data are wrong");
    expect(At::directory, zip::kDirectorySize);
    return {};
  }

  Result<void> data_ended() {
    if (flags & zip::kSizesAfter) {
      expect(At::descriptor, zip64 ? 20 : 12);
      return {};
    }
    if (crc_said != crc) return bad("CRC mismatch");
    if (packed_said != packed || plain_said != plain) return bad("the sizes before the data are wrong");
    expect(At::directory, zip::kDirectorySize);
    return {};
  }

  Result<void> directory() {
    const uint32_t mark = zip::get32(held, 0);
    if (mark == zip::kLocal) return bad("more than one entry");
    if (mark != zip::kDirectory) return bad("no directory after the entry");
    if (zip::get16(held, 8) & (zip::kEncrypted | zip::kStrong | zip::kMasked)) return bad("encrypted entry");
    if (zip::get16(held, 10) != method || zip::get32(held, 16) != crc) return bad("directory and entry differ");
    if (zip::get32(held, 20) != packed || zip::get32(held, 24) != plain)
      return bad("the sizes in the directory are wrong");
    if (zip::get16(held, 28) != name_size || zip::get32(held, 42) != 0) return bad("directory and entry differ");
    directory_size = zip::kDirectorySize + name_size + zip::get16(held, 30) + zip::get16(held, 32);
    expect(At::directory_names, directory_size - zip::kDirectorySize);
    return {};
  }

  Result<void> end() {
    const uint32_t mark = zip::get32(held, 0);
    if (mark == zip::kDirectory) return bad("more than one entry");
    if (mark != zip::kEnd) return bad("no end record after the directory");
    if (zip::get16(held, 8) != 1 || zip::get16(held, 10) != 1) return bad("not exactly one entry");
    if (zip::get16(held, 4) != 0 || zip::get16(held, 6) != 0) return bad("one of several disks");
    if (zip::get32(held, 12) != directory_size || zip::get32(held, 16) != total - zip::kEndSize - directory_size)
      return bad("the end record does not point to the directory");
    const size_t comment = zip::get16(held, 20);
    expect(comment > 0 ? At::comment : At::done, comment);
    return {};
  }

  Result<void> gathered() {
    switch (at) {
      case At::local:
        return local();
      case At::local_names:
        return local_names();
      case At::descriptor:
        return descriptor();
      case At::directory:
        return directory();
      case At::directory_names:
        if (!held.starts_with(name)) return bad("directory and entry differ");
        expect(At::end, zip::kEndSize);
        return {};
      case At::end:
        return end();
      case At::comment:
        expect(At::done, 0);
        return {};
      case At::data:
      case At::done:
        break;
    }
    return {};
  }

  Result<void> count(const char* out, size_t produced) {
    crc = static_cast<uint32_t>(crc32(crc, reinterpret_cast<const Bytef*>(out), static_cast<uInt>(produced)));
    plain += produced;
    if (plain > options.inflated)
      return fail(Code::too_large, "inflates to more than " + std::to_string(options.inflated) + " bytes");
    if (plain > kRatioFrom && plain / options.ratio > packed)
      return fail(Code::too_large, "inflates more than " + std::to_string(options.ratio) + " times");
    return {};
  }

  Result<Step> inflate_some(std::string_view in, char* out, size_t room) {
    constexpr size_t kMost = std::numeric_limits<uInt>::max() / 2;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(std::min(in.size(), kMost));
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(std::min(room, kMost));
    const auto before_in = stream.avail_in, before_out = stream.avail_out;
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    const Step step{before_in - stream.avail_in, before_out - stream.avail_out};
    packed += step.consumed;
    total += step.consumed;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return bad("the deflated data is damaged");
    LT_TRY(count(out, step.produced));
    if (code == Z_STREAM_END) LT_TRY(data_ended());
    return step;
  }

  Result<Step> copy_some(std::string_view in, char* out, size_t room) {
    const size_t n = in.copy(out, std::min<uint64_t>(room, packed_said - packed));
    packed += n;
    total += n;
    LT_TRY(count(out, n));
    if (packed == packed_said) LT_TRY(data_ended());
    return Step{n, n};
  }

  UnzipOptions options;
  z_stream stream{};
  bool failed = false;
  At at = At::local;
  size_t need = 0;
  std::string held, name;
  uint16_t flags = 0, method = 0;
  bool zip64 = false, marked = false;
  size_t name_size = 0, directory_size = 0;
  uint32_t crc_said = 0, crc = 0;
  uint64_t packed_said = 0, plain_said = 0, packed = 0, plain = 0, total = 0;
};

ZipReader::ZipReader(const UnzipOptions& options) : state_(std::make_unique<State>(options)) {}
ZipReader::~ZipReader() = default;
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader& ZipReader::operator=(ZipReader&&) noexcept = default;

Result<ZipReader::Step> ZipReader::step(std::string_view archive, char* out, size_t room) {
  State& s = *state_;
  if (s.failed) return fail(Code::bug, "zlib did not start");
  size_t consumed = 0;
  for (;;) {
    if (s.at == State::At::data) {
      auto step = s.method == zip::kStored ? s.copy_some(archive.substr(consumed), out, room)
                                           : s.inflate_some(archive.substr(consumed), out, room);
      if (step) step->consumed += consumed;
      return step;
    }
    if (s.at == State::At::done) {
      if (consumed < archive.size()) return bad("bytes after the end record");
      return Step{consumed, 0};
    }
    const size_t n = std::min(s.need - s.held.size(), archive.size() - consumed);
    s.held.append(archive, consumed, n);
    consumed += n;
    s.total += n;
    if (s.held.size() < s.need) return Step{consumed, 0};
    LT_TRY(s.gathered());
  }
}

Result<void> ZipReader::finish() {
  if (state_->at != State::At::done) return bad("the archive is cut short");
  return {};
}

const std::string& ZipReader::entry_name() const { return state_->name; }

UnzipSingleSource::UnzipSingleSource(std::unique_ptr<ByteSource> archive, const UnzipOptions& options)
    : archive_(std::move(archive)), reader_(options), piece_(kPiece, '\0') {}

Result<size_t> UnzipSingleSource::read(char* out, size_t size) {
  while (size > 0 && !ended_) {
    if (at_ == end_) {
      LT_ASSIGN(end_, archive_->read(piece_.data(), piece_.size()));
      at_ = 0;
      if (end_ == 0) {
        // What the inflater still holds back comes out without input.
        LT_ASSIGN(const auto rest, reader_.step({}, out, size));
        if (rest.produced > 0) return rest.produced;
        LT_TRY(reader_.finish());
        ended_ = true;
        return 0;
      }
    }
    LT_ASSIGN(const auto step, reader_.step(std::string_view(piece_).substr(at_, end_ - at_), out, size));
    at_ += step.consumed;
    if (step.produced > 0) return step.produced;
  }
  return 0;
}

}  // namespace lt::codec
