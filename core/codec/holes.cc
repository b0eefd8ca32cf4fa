#include "core/codec/holes.h"

#include <algorithm>

namespace lt::codec {

HoledSource::HoledSource(std::string text, std::vector<Filling> fillings)
    : text_(std::move(text)), fillings_(std::move(fillings)), size_(text_.size()) {
  for (const auto& filling : fillings_) {
    const auto size = filling.bytes->size();
    size_ = size_ && size ? std::optional(*size_ + *size) : std::nullopt;
  }
}

std::optional<uint64_t> HoledSource::size() const { return size_; }

Result<size_t> HoledSource::read(char* out, size_t size) {
  while (size > 0) {
    const bool more = next_ < fillings_.size();
    const size_t stop = more ? fillings_[next_].at : text_.size();
    if (at_ < stop) {
      const size_t n = text_.copy(out, std::min(size, stop - at_), at_);
      at_ += n;
      return n;
    }
    if (!more) return 0;
    LT_ASSIGN(const size_t n, fillings_[next_].bytes->read(out, size));
    if (n > 0) return n;
    fillings_[next_++].bytes.reset();  // with its open file
  }
  return 0;
}

}  // namespace lt::codec
