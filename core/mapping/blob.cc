#include "core/mapping/blob.h"

#include <cstring>
#include <type_traits>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/codec/base64.h"
#include "core/codec/zip.h"

namespace lt::mapping {
namespace {

static_assert(std::is_trivially_copyable_v<BlobWay>);

constexpr std::string_view kUnnamed = "file";
constexpr size_t kLongestName = 240;  // bytes; file systems take 255

}  // namespace

std::string_view keep_way(const BlobWay& way, Tree& tree) {
  char* const at = tree.allocate(sizeof way);
  std::memcpy(at, &way, sizeof way);
  return {at, sizeof way};
}

std::optional<BlobWay> way_of(const Node& blob) {
  if (blob.kind != Kind::blob || blob.text.size() != sizeof(BlobWay)) return std::nullopt;
  BlobWay way;
  std::memcpy(&way, blob.text.data(), sizeof way);
  return way;
}

bool alike(const Node& a, const Node& b) {
  const auto x = way_of(a), y = way_of(b);
  if (a.blob.length != b.blob.length || x.has_value() != y.has_value()) return false;
  return !x || (x->from == y->from && x->to == y->to && x->text == y->text && x->name == y->name);
}

std::string_view name_of(BlobForm form) {
  static constexpr std::string_view kNames[] = {"base64", "zip", "url", "part", "reference"};
  return kNames[static_cast<size_t>(form)];
}

const char* no_way(BlobForm from, BlobForm to) {
  if (from == BlobForm::as_is && stands_apart(to)) return "what stands there is not known";
  if (from == BlobForm::part && to == BlobForm::as_is) return "its file would stay behind";
  return nullptr;
}

std::string file_name(std::string_view name) {
  if (const size_t slash = name.find_last_of("/\\"); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string out;
  for (const char c : name)
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out.push_back(c);
  if (out.size() > kLongestName) {
    const size_t dot = out.rfind('.');
    const std::string ending = dot != std::string::npos && out.size() - dot <= 16 ? out.substr(dot) : std::string();
    out = std::string(cut_text(out, kLongestName - ending.size())) + ending;
  }
  if (out.empty() || out == "." || out == "..") return std::string(kUnnamed);
  return out;
}

std::unique_ptr<ByteSource> converted(std::unique_ptr<ByteSource> text, BlobForm from, BlobForm to,
                                      std::string_view name) {
  std::unique_ptr<ByteSource> bytes = std::move(text);
  if (!stands_apart(from)) bytes = std::make_unique<codec::Base64DecodingSource>(std::move(bytes));
  if (from == BlobForm::zip) bytes = std::make_unique<codec::UnzipSingleSource>(std::move(bytes));
  if (stands_apart(to)) return bytes;
  if (to == BlobForm::zip) bytes = std::make_unique<codec::ZipSingleSource>(std::move(bytes), file_name(name));
  return std::make_unique<codec::Base64EncodingSource>(std::move(bytes));
}

Result<std::string> converted(std::string_view text, BlobForm from, BlobForm to, std::string_view name, size_t most) {
  const auto bytes = converted(std::make_unique<MemorySource>(text), from, to, name);
  std::string out;
  StringSink sink(out, most);
  const auto piece = std::make_unique<char[]>(limits::kIoChunk);
  while (true) {
    LT_ASSIGN(const size_t n, bytes->read(piece.get(), limits::kIoChunk));
    if (n == 0) return out;
    LT_TRY(sink.write({piece.get(), n}));
  }
}

}  // namespace lt::mapping
