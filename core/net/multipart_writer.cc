#include <algorithm>
#include <cstring>

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/net/multipart.h"

namespace lt::net {
namespace {

// As browsers do (WHATWG HTML, multipart/form-data encoding): quotes and line ends would end the parameter.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "%22";
        break;
      case '\r':
        out += "%0D";
        break;
      case '\n':
        out += "%0A";
        break;
      default:
        out += c;
    }
  }
  return out + '"';
}

class Pieces final : public ByteSource {
 public:
  explicit Pieces(std::vector<MultipartWriter::Piece> pieces) : pieces_(std::move(pieces)) {
    uint64_t total = 0;
    for (const auto& piece : pieces_) {
      const std::optional<uint64_t> size = piece.stream ? piece.stream->size() : piece.text.size();
      if (!size) return;
      total += *size;
    }
    size_ = total;
  }

  Result<size_t> read(char* out, size_t size) override {
    size_t filled = 0;
    while (filled < size && at_ < pieces_.size()) {
      MultipartWriter::Piece& piece = pieces_[at_];
      size_t got = 0;
      if (piece.stream) {
        LT_ASSIGN(got, piece.stream->read(out + filled, size - filled));
      } else {
        got = std::min(size - filled, piece.text.size() - offset_);
        std::memcpy(out + filled, piece.text.data() + offset_, got);
        offset_ += got;
      }
      filled += got;
      if (got > 0) continue;
      piece = {};
      offset_ = 0;
      ++at_;
    }
    return filled;
  }
  std::optional<uint64_t> size() const override { return size_; }

 private:
  std::vector<MultipartWriter::Piece> pieces_;
  size_t at_ = 0, offset_ = 0;
  std::optional<uint64_t> size_;
};

}  // namespace

MultipartWriter::MultipartWriter() : MultipartWriter("lt-" + hex(random_bytes(16))) {}
MultipartWriter::MultipartWriter(std::string boundary) : boundary_(std::move(boundary)) {}

void MultipartWriter::begin_part(std::string_view name, std::string_view filename, std::string_view content_type) {
  std::string head =
      (pieces_.empty() ? "--" : "\r\n--") + boundary_ + "\r\nContent-Disposition: form-data; name=" + quoted(name);
  if (!filename.empty()) head += "; filename=" + quoted(filename);
  const bool plain = std::all_of(filename.begin(), filename.end(), [](char c) { return (c & 0x80) == 0; });
  if (name_twice_ && !plain) head += "; filename*=UTF-8''" + percent_encode(filename);
  if (!content_type.empty())
    head += "\r\nContent-Type: " + std::string(content_type.substr(0, content_type.find_first_of("\r\n")));
  head += "\r\n\r\n";
  pieces_.push_back({std::move(head), nullptr});
}

void MultipartWriter::add(std::string_view name, std::string value) { add_file(name, {}, {}, std::move(value)); }

void MultipartWriter::add_file(std::string_view name, std::string_view filename, std::string_view content_type,
                               std::string body) {
  begin_part(name, filename, content_type);
  pieces_.push_back({std::move(body), nullptr});
}

void MultipartWriter::add_file(std::string_view name, std::string_view filename, std::string_view content_type,
                               std::shared_ptr<ByteSource> body) {
  begin_part(name, filename, content_type);
  pieces_.push_back({{}, std::move(body)});
}

std::string MultipartWriter::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

std::shared_ptr<ByteSource> MultipartWriter::finish() {
  pieces_.push_back({(pieces_.empty() ? "--" : "\r\n--") + boundary_ + "--\r\n", nullptr});
  return std::make_shared<Pieces>(std::move(pieces_));
}

}  // namespace lt::net
