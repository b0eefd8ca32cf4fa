#include "core/runtime/understand.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/codec/base64.h"
#include "core/codec/edxml.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/codec/zip.h"

namespace lt::runtime {
namespace {

constexpr size_t kPiece = 64 << 10;

Error bad_attachment(const schema::FoundAttachment& found, std::string why) {
  return Error(Code::bad_attachment, std::move(why)).at(found.path);
}

// Names end up in files of the receiver: nothing that a file system reads as a path.
Result<void> check_name(const schema::FoundAttachment& found) {
  const std::string& name = found.name;
  if (name.find_first_of("/\\") != std::string::npos || name == "." || name == "..")
    return fail(bad_attachment(found, "its name is a path, not a file name"));
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return fail(bad_attachment(found, "its name has control characters"));
  if (name.size() > limits::kName)
    return fail(bad_attachment(found, "its name is longer than " + std::to_string(limits::kName) + " bytes"));
  return {};
}

Result<std::unique_ptr<ByteSource>> open_text(const schema::FoundAttachment& found, const Body& body,
                                              adapter::Bodies& bodies) {
  if (found.node->kind == Kind::blob) return bodies.open(body, found.node->blob.offset, found.node->blob.length);
  return std::make_unique<MemorySource>(found.node->text);
}

// `may_wrap`: edXML builders send a file as it is, or inside a ZIP of one entry, and declare neither reliably.
Result<Attachment> inspect(const schema::FoundAttachment& found, bool may_wrap, const Body& body,
                           adapter::Bodies& bodies) {
  LT_TRY(check_name(found));
  Attachment attachment;
  attachment.name = found.name;
  attachment.content_type = found.content_type;
  attachment.path = found.path;
  attachment.carrier = found.carrier;
  if (found.node->kind == Kind::blob) {
    attachment.offset = found.node->blob.offset;
    attachment.length = found.node->blob.length;
  }
  LT_ASSIGN(auto text, open_text(found, body, bodies));
  std::unique_ptr<ByteSource> plain = std::move(text);
  if (found.carrier != Carrier::plain) plain = std::make_unique<codec::Base64DecodingSource>(std::move(plain));

  // One pass decides whether a ZIP is the wrapper of the national SDK or the file itself, and hashes what it is.
  std::optional<codec::WrapperSniffer> sniffer;
  if (may_wrap) sniffer.emplace(found.name);
  Sha256Stream whole;
  const uint64_t text_bytes = found.node->kind == Kind::blob ? found.node->blob.length : found.node->text.size();
  std::string piece(std::clamp<uint64_t>(text_bytes, 1, kPiece), '\0');
  uint64_t size = 0;
  for (;;) {
    auto got = plain->read(piece.data(), piece.size());
    if (!got) return fail(bad_attachment(found, "").because(std::move(got).error()));
    if (*got == 0) break;
    const std::string_view bytes(piece.data(), *got);
    size += *got;
    if (sniffer)
      sniffer->feed(bytes);
    else
      whole.update(bytes);
  }
  if (!sniffer) {
    attachment.sha256 = whole.finish();
    attachment.size = size;
    return attachment;
  }
  const codec::Unwrapped unwrapped = sniffer->finish();
  if (!unwrapped.damage.empty()) return fail(bad_attachment(found, unwrapped.damage));
  attachment.carrier = unwrapped.wrapped ? Carrier::base64_zip : Carrier::base64;
  attachment.sha256 = unwrapped.sha256;
  attachment.size = unwrapped.size;
  return attachment;
}

}  // namespace

Result<void> decode(const schema::MessageType& type, const Body& body, adapter::Bodies& bodies, Tree& tree) {
  const bool json = type.file.format == schema::Format::json;
  if (!body.stored()) {
    if (json) return codec::parse_json(std::string(body.view()), tree);
    LT_TRY(codec::parse_xml(body.view(), tree));
  } else {
    LT_ASSIGN(auto source, bodies.open(body));
    if (json) return codec::parse_json(*source, tree);
    LT_TRY(codec::parse_xml(*source, tree));
  }
  if (type.file.dialect == schema::Dialect::edxml) return codec::canonicalise_edxml(tree);
  return {};
}

Result<Understood> understand(const schema::MessageType& type, const Body& body, adapter::Bodies& bodies) {
  Understood out;
  LT_TRY(decode(type, body, bodies, out.tree));
  LT_TRY(type.check(out.tree.root()));
  LT_ASSIGN(out.extracted, schema::extract(type.file, out.tree.root()));
  for (const auto& found : out.extracted.attachments) {
    LT_ASSIGN(auto attachment, inspect(found, type.file.dialect == schema::Dialect::edxml, body, bodies));
    out.attachments.push_back(std::move(attachment));
  }
  return out;
}

}  // namespace lt::runtime
