// multipart/form-data: the first line is the boundary, the rest the body.
#include "core/codec/multipart.h"

#include <algorithm>

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

namespace {

// In pieces of three bytes.
class Slices final : public ByteSource {
 public:
  explicit Slices(std::string_view bytes) : bytes_(bytes) {}
  Result<size_t> read(char* out, size_t size) override {
    const size_t n = bytes_.copy(out, std::min<size_t>(size, 3));
    bytes_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto [first, body] = halves(view(bytes, size), '\n');
  const auto boundary = codec::multipart_boundary("multipart/form-data; boundary=\"" + std::string(first) + '"');
  if (!boundary) {
    check_error(boundary.error());
    return 0;
  }
  MemorySource whole(body);
  Slices pieces(body);
  const auto layout = codec::multipart_layout(whole, *boundary), again = codec::multipart_layout(pieces, *boundary);
  require(layout.has_value() == again.has_value(), "in any pieces, the verdict is the same");
  if (!layout) {
    check_error(layout.error());
    require(layout.error().code == again.error().code, "in any pieces, the error is the same");
    return 0;
  }
  require(layout->parts.size() == again->parts.size(), "in any pieces, the parts are the same");
  const std::string delimiter = "\r\n--" + *boundary;
  for (const auto& [name, part] : layout->parts) {
    const auto* same = again->find(name);
    require(same && same->range.offset == part.range.offset && same->range.length == part.range.length,
            "in any pieces, a part stands at the same place");
    require(part.range.offset <= body.size() && part.range.length <= body.size() - part.range.offset,
            "a part stands in the body");
    const std::string_view text = body.substr(part.range.offset, part.range.length);
    require(text.find(delimiter) == std::string_view::npos, "no part holds a delimiter");
    require(body.substr(part.range.offset + part.range.length).starts_with(delimiter), "a delimiter ends each part");
  }
  return 0;
}
