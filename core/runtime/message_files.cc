#include "core/runtime/message_files.h"

#include <optional>

#include "core/base/limits.h"

namespace lt::runtime {
namespace {

// At most limits::kShownCode bytes, whole characters.
std::string shown(std::string_view name) {
  if (name.size() > limits::kShownCode) {
    size_t end = limits::kShownCode;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    name = name.substr(0, end);
  }
  return std::string(name);
}

}  // namespace

Error no_part(std::string_view name, bool multipart) {
  const std::string said = "there is no part \"" + shown(name) + "\"";
  return Error(Code::no_such_part, multipart ? said : "the message did not come as multipart: " + said);
}

Result<codec::MultipartLayout> layout_of(std::string_view content_type, const Body& body, adapter::Bodies& bodies) {
  LT_ASSIGN(std::string boundary, codec::multipart_boundary(content_type));
  LT_ASSIGN(const auto bytes, bodies.open(body));
  return codec::multipart_layout(*bytes, std::move(boundary));
}

mapping::Files files_of(const Envelope& envelope, const Body& body, adapter::Bodies& bodies) {
  mapping::Files files;
  files.range = [&bodies, body](const BlobRange& range) { return bodies.open(body, range.offset, range.length); };
  if (envelope.document.empty()) return files;
  // Found out once, by whoever asks first; one thread at a time.
  auto known = std::make_shared<std::optional<codec::MultipartLayout>>();
  files.part = [&bodies, body, known,
                content_type = envelope.content_type](std::string_view name) -> Result<std::unique_ptr<ByteSource>> {
    if (!*known) {
      LT_ASSIGN(*known, layout_of(content_type, body, bodies));
    }
    const auto* part = (*known)->find(name);
    if (!part) return fail(no_part(name, true));
    return bodies.open(body, part->range.offset, part->range.length);
  };
  return files;
}

}  // namespace lt::runtime
