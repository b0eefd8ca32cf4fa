// Where the bytes of a blob go in an encoded document.
//
// Writers never load a blob. They leave a hole, and whoever sends the document reads it through a HoledSource, which
// opens the holes one after another and so sends documents of any size in constant memory.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/stream.h"

namespace lt {
struct Node;
}

namespace lt::codec {

struct BlobHole {
  size_t at = 0;               // offset in the text where the bytes go, inside the quotes or the element
  const Node* node = nullptr;  // the blob
};

// The text with every hole filled. size() is known when every filling knows its own.
class HoledSource final : public ByteSource {
 public:
  struct Filling {
    size_t at = 0;
    std::unique_ptr<ByteSource> bytes;  // already in a form that needs no escaping, e.g. base64
  };
  // `fillings` in order of `at`.
  HoledSource(std::string text, std::vector<Filling> fillings);
  Result<size_t> read(char* out, size_t size) override;
  std::optional<uint64_t> size() const override;

 private:
  std::string text_;
  std::vector<Filling> fillings_;
  std::optional<uint64_t> size_;
  size_t next_ = 0;  // filling
  size_t at_ = 0;    // in text_
};

}  // namespace lt::codec
