#include "core/runtime/dedupe_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <tuple>

namespace lt::runtime {
namespace {

using engine::DedupeKey;

constexpr char kMagic[8] = {'L', 'T', 'D', 'D', 'X', '1', '\r', '\n'};
constexpr size_t kBlock = 4'096, kEntry = 32, kPerBlock = 127;
constexpr size_t kBitsPerKey = 12, kHashes = 8;
constexpr uint64_t kEntriesMost = uint64_t{1} << 28;

struct Header {
  char magic[8];
  uint32_t partition;
  int32_t day;
  uint64_t after, last, entries;
  uint32_t filter_bytes, lookup_crc;
  uint8_t zero[12];
  uint32_t crc;
};
static_assert(sizeof(Header) == 64 && std::endian::native == std::endian::little);

std::string_view bytes_of(const std::vector<uint64_t>& words) {
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(uint64_t)};
}

uint32_t header_crc(const Header& header) {
  return crc32c(0, {reinterpret_cast<const char*>(&header), offsetof(Header, crc)});
}

// The two halves of a key are strong hashes already.
template <class Bit>
bool each_bit(const DedupeKey& key, size_t words, Bit bit) {
  uint64_t at = key.high;
  for (size_t i = 0; i < kHashes; ++i, at += key.low | 1) {
    if (!bit(at % (words * 64))) return false;
  }
  return true;
}

std::string block_of(const std::vector<engine::DedupeRun::Entry>& entries, const uint32_t* order, size_t count) {
  std::string block(kBlock, '\0');
  for (size_t i = 0; i < count; ++i) {
    const auto& e = entries[order[i]];
    const uint64_t words[] = {e.key.high, e.key.low, e.body, e.offset};
    std::memcpy(block.data() + i * kEntry, words, sizeof words);
  }
  const auto n = static_cast<uint32_t>(count);
  std::memcpy(block.data() + kPerBlock * kEntry, &n, sizeof n);
  const uint32_t crc = crc32c(0, std::string_view(block).substr(0, kPerBlock * kEntry + sizeof n));
  std::memcpy(block.data() + kPerBlock * kEntry + sizeof n, &crc, sizeof crc);
  return block;
}

tl::unexpected<Error> damaged(const std::string& path, std::string_view what) {
  Place place;
  place.path = path;
  return fail(Code::dedupe_damaged, std::string(what), std::move(place));
}

// Writes one after the other, in large pieces.
class Pieces {
 public:
  explicit Pieces(File& file) : file_(file) { piece_.reserve(kPiece + kBlock); }
  Result<void> add(std::string_view bytes) {
    piece_ += bytes;
    return piece_.size() < kPiece ? Result<void>() : flush();
  }
  Result<void> flush() {
    LT_TRY(file_.write_at(at_, piece_));
    at_ += piece_.size();
    piece_.clear();
    return {};
  }

 private:
  static constexpr size_t kPiece = 256 << 10;
  File& file_;
  std::string piece_;
  uint64_t at_ = 0;
};

Result<void> write_parts(File& file, const engine::DedupeRun& run) {
  const auto& entries = run.entries();
  std::vector<uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&entries](uint32_t a, uint32_t b) {
    return std::tie(entries[a].key, entries[a].offset) < std::tie(entries[b].key, entries[b].offset);
  });
  std::vector<uint64_t> firsts, filter((entries.size() * kBitsPerKey + 63) / 64, 0);
  for (size_t i = 0; i < order.size(); i += kPerBlock) firsts.push_back(entries[order[i]].key.high);
  for (const auto& e : entries) {
    each_bit(e.key, filter.size(), [&filter](uint64_t bit) {
      filter[bit / 64] |= uint64_t{1} << bit % 64;
      return true;
    });
  }
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.partition = run.partition();
  header.day = run.day();
  header.after = run.after();
  header.last = run.last();
  header.entries = entries.size();
  header.filter_bytes = static_cast<uint32_t>(bytes_of(filter).size());
  header.lookup_crc = crc32c(crc32c(0, bytes_of(firsts)), bytes_of(filter));
  header.crc = header_crc(header);
  Pieces pieces(file);
  LT_TRY(pieces.add({reinterpret_cast<const char*>(&header), sizeof header}));
  for (size_t i = 0; i < order.size(); i += kPerBlock) {
    LT_TRY(pieces.add(block_of(entries, order.data() + i, std::min(kPerBlock, order.size() - i))));
  }
  LT_TRY(pieces.add(bytes_of(firsts)));
  LT_TRY(pieces.add(bytes_of(filter)));
  LT_TRY(pieces.flush());
  return file.sync();
}

Result<void> read_exactly(const File& file, uint64_t offset, char* out, size_t size, const std::string& path) {
  LT_ASSIGN(const size_t n, file.read_at(offset, out, size));
  return n == size ? Result<void>() : damaged(path, "it ends too early");
}

}  // namespace

Result<void> DedupeFile::write(Env& env, const std::string& path, const engine::DedupeRun& run) {
  const std::string temporary = path + ".tmp";
  LT_TRY(env.remove(temporary));
  const auto written = [&]() -> Result<void> {
    LT_ASSIGN(const auto file, env.open(temporary, OpenMode::create_new));
    return write_parts(*file, run);
  }();
  if (!written) {
    (void)env.remove(temporary);
    return written;
  }
  LT_TRY(env.rename(temporary, path));
  return env.sync_directory(path.substr(0, path.rfind('/')));
}

Result<std::shared_ptr<const DedupeFile>> DedupeFile::open(Env& env, const std::string& path) {
  auto out = std::make_shared<DedupeFile>();
  out->path_ = path;
  LT_ASSIGN(out->file_, env.open(path, OpenMode::read));
  Header header{};
  LT_TRY(read_exactly(*out->file_, 0, reinterpret_cast<char*>(&header), sizeof header, path));
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.crc != header_crc(header) ||
      header.entries == 0 || header.entries > kEntriesMost ||
      header.filter_bytes != (header.entries * kBitsPerKey + 63) / 64 * sizeof(uint64_t)) {
    return damaged(path, "bad header");
  }
  out->partition_ = header.partition;
  out->day_ = header.day;
  out->after_ = header.after;
  out->last_ = header.last;
  out->entries_ = header.entries;
  out->firsts_.resize((header.entries + kPerBlock - 1) / kPerBlock);
  out->filter_.resize(header.filter_bytes / sizeof(uint64_t));
  const uint64_t lookup = sizeof header + out->firsts_.size() * kBlock;
  LT_TRY(read_exactly(*out->file_, lookup, reinterpret_cast<char*>(out->firsts_.data()), bytes_of(out->firsts_).size(),
                      path));
  LT_TRY(read_exactly(*out->file_, lookup + bytes_of(out->firsts_).size(), reinterpret_cast<char*>(out->filter_.data()),
                      header.filter_bytes, path));
  if (crc32c(crc32c(0, bytes_of(out->firsts_)), bytes_of(out->filter_)) != header.lookup_crc) {
    return damaged(path, "bad lookup part");
  }
  return out;
}

Result<void> DedupeFile::read_block(size_t block, std::string& out) const {
  out.resize(kBlock);
  LT_TRY(read_exactly(*file_, sizeof(Header) + block * kBlock, out.data(), kBlock, path_));
  uint32_t n = 0, crc = 0;
  std::memcpy(&n, out.data() + kPerBlock * kEntry, sizeof n);
  std::memcpy(&crc, out.data() + kPerBlock * kEntry + sizeof n, sizeof crc);
  const uint32_t right = crc32c(0, std::string_view(out).substr(0, kPerBlock * kEntry + sizeof n));
  if (crc != right || n > kPerBlock) return damaged(path_, "bad block " + std::to_string(block));
  out.resize(n * kEntry);
  return {};
}

Result<std::optional<DedupeFile::Found>> DedupeFile::find(const DedupeKey& key) const {
  const bool maybe =
      each_bit(key, filter_.size(), [this](uint64_t bit) { return (filter_[bit / 64] >> bit % 64 & 1) != 0; });
  std::optional<Found> found;
  if (!maybe) return found;
  // Equal keys may run over several blocks: from the first that can hold it.
  auto at = std::lower_bound(firsts_.begin(), firsts_.end(), key.high);
  if (at != firsts_.begin()) --at;
  std::string block;
  for (; at != firsts_.end() && *at <= key.high; ++at) {
    LT_TRY(read_block(static_cast<size_t>(at - firsts_.begin()), block));
    for (size_t i = 0; i < block.size(); i += kEntry) {
      uint64_t words[4];
      std::memcpy(words, block.data() + i, sizeof words);
      if (DedupeKey{words[0], words[1]} == key) found = Found{words[2], words[3]};
    }
  }
  return found;
}

}  // namespace lt::runtime
