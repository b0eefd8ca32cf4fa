#include "core/runtime/message_files.h"

#include <optional>

#include "core/base/limits.h"
#include "core/base/text.h"

namespace lt::runtime {

Error no_part(std::string_view name, bool multipart) {
  const std::string said = "there is no part \"" + std::string(cut_text(name, limits::kShownCode)) + "\"";
  return Error(Code::no_such_part, multipart ? said : "the message did not come as multipart: " + said);
}

Result<codec::MultipartLayout> layout_of(std::string_view content_type, const Body& body, adapter::Bodies& bodies) {
  LT_ASSIGN(std::string boundary, codec::multipart_boundary(content_type));
  LT_ASSIGN(const auto bytes, bodies.open(body));
  return codec::multipart_layout(*bytes, std::move(boundary));
}

mapping::Files files_of(const Body& body, adapter::Bodies& bodies) {
  mapping::Files files;
  files.range = [&bodies, body](const BlobRange& range) { return bodies.open(body, range.offset, range.length); };
  return files;
}

mapping::Files files_of(const Message& message, adapter::Bodies& bodies) {
  mapping::Files files = files_of(message.body, bodies);
  if (message.envelope.document.empty()) return files;
  auto known = std::make_shared<std::optional<codec::MultipartLayout>>();
  files.part = [&bodies, body = message.body, known, content_type = message.envelope.content_type](
                   std::string_view name) -> Result<std::unique_ptr<ByteSource>> {
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
