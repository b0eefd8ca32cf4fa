#include "core/runtime/understand.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/codec/base64.h"
#include "core/codec/edxml.h"
#include "core/codec/json.h"
#include "core/codec/json_escape.h"
#include "core/codec/xml.h"
#include "core/codec/zip.h"
#include "core/runtime/body_scan.h"
#include "core/runtime/message_files.h"

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
  if (found.node->kind != Kind::blob) return std::make_unique<MemorySource>(found.node->text);
  const BlobRange& range = found.node->blob;
  LT_ASSIGN(auto raw, bodies.open(body, range.offset, range.length));
  if (!range.escaped) return raw;
  return std::make_unique<codec::JsonUnescapingSource>(std::move(raw));
}

const BodyScanner* scan_of(const schema::MessageType& type, const Body& body) {
  const auto* scan = dynamic_cast<const BodyScanner*>(body.scan.get());
  return scan && scan->fits(type) ? scan : nullptr;
}

// What the file is, once it is known as bytes and by name.
Result<void> settle(const schema::FoundAttachment& found, const codec::Sniffed& bytes, bool may_wrap,
                    Attachment& attachment) {
  const codec::Unwrapped file = codec::unwrap(bytes, found.name);
  if (!file.damage.empty()) return fail(bad_attachment(found, file.damage));
  if (may_wrap) attachment.carrier = file.wrapped ? Carrier::base64_zip : Carrier::base64;
  attachment.sha256 = file.sha256;
  attachment.size = file.size;
  return {};
}

// One pass decides whether a ZIP is the wrapper of the national SDK or the file itself, and hashes what it is.
Result<codec::Sniffed> read_file(const schema::FoundAttachment& found, bool may_wrap, const Body& body,
                                 adapter::Bodies& bodies) {
  LT_ASSIGN(auto plain, open_text(found, body, bodies));
  if (found.carrier != Carrier::plain) plain = std::make_unique<codec::Base64DecodingSource>(std::move(plain));
  std::optional<codec::WrapperSniffer> sniffer;
  if (may_wrap) sniffer.emplace();
  codec::Sniffed out;
  Sha256Stream whole;
  const uint64_t text_bytes = found.node->kind == Kind::blob ? found.node->blob.length : found.node->text.size();
  std::string piece(std::clamp<uint64_t>(text_bytes, 1, kPiece), '\0');
  for (;;) {
    LT_ASSIGN(const size_t got, plain->read(piece.data(), piece.size()));
    if (got == 0) break;
    const std::string_view bytes(piece.data(), got);
    out.size += got;
    if (sniffer)
      sniffer->feed(bytes);
    else
      whole.update(bytes);
  }
  if (sniffer) return sniffer->finish();
  out.sha256 = whole.finish();
  return out;
}

// `may_wrap`: edXML builders send a file as it is, or inside a ZIP of one entry, and declare neither reliably.
Result<Attachment> inspect(const schema::FoundAttachment& found, bool may_wrap, const Body& body,
                           const BodyScanner* scan, adapter::Bodies& bodies) {
  LT_TRY(check_name(found));
  Attachment attachment;
  attachment.name = found.name;
  attachment.content_type = found.content_type;
  attachment.path = found.path;
  attachment.carrier = found.carrier;
  const bool lifted = found.node->kind == Kind::blob;
  if (lifted) {
    attachment.offset = found.node->blob.offset;
    attachment.length = found.node->blob.length;
    attachment.escaped = found.node->blob.escaped;
  }
  const ScannedFile* known =
      scan && lifted && found.carrier != Carrier::plain ? scan->file(found.node->blob.offset) : nullptr;
  if (known && known->whole) {
    LT_TRY(settle(found, known->bytes, may_wrap, attachment));
    return attachment;
  }
  auto read = read_file(found, may_wrap, body, bodies);
  if (!read) {
    const Code code = read.error().code;
    const bool theirs = code == Code::bad_base64 || code == Code::bad_json;
    return theirs ? fail(bad_attachment(found, "").because(std::move(read).error())) : fail(std::move(read).error());
  }
  LT_TRY(settle(found, *read, may_wrap, attachment));
  return attachment;
}

// Files that came beside the document: the text is the name of a part. Each part is read once, whoever names it.
class PartFiles {
 public:
  // `layout`: null when none came.
  PartFiles(const Body& body, const codec::MultipartLayout* layout, adapter::Bodies& bodies)
      : body_(body), layout_(layout), bodies_(bodies) {}

  // None: no name, no file.
  Result<std::optional<Attachment>> inspect(const schema::FoundAttachment& found) {
    const bool lifted = found.node->kind == Kind::blob;  // longer than any name
    const std::string_view name = lifted ? std::string_view() : schema::scalar_text(found.node).value_or("");
    if (!lifted && name.empty()) return std::nullopt;
    const auto* part = layout_ ? layout_->find(name) : nullptr;
    if (!part) return fail(no_part(name, layout_ != nullptr).at(found.path));
    schema::FoundAttachment named = found;
    if (named.name.empty()) named.name = part->filename;
    if (named.content_type.empty()) named.content_type = part->content_type;
    LT_TRY(check_name(named));
    Attachment attachment;
    attachment.name = std::move(named.name);
    attachment.content_type = std::move(named.content_type);
    attachment.path = found.path;
    attachment.carrier = Carrier::part;
    attachment.offset = part->range.offset;
    attachment.length = attachment.size = part->range.length;
    LT_ASSIGN(attachment.sha256, digest_of(part->range));
    return attachment;
  }

 private:
  Result<Sha256> digest_of(const BodyRange& range) {
    const auto [at, fresh] = digests_.try_emplace(range.offset);
    if (!fresh) return at->second;
    LT_ASSIGN(const auto bytes, bodies_.open(body_, range.offset, range.length));
    Sha256Stream hash;
    std::string piece(kPiece, '\0');
    for (;;) {
      LT_ASSIGN(const size_t got, bytes->read(piece.data(), piece.size()));
      if (got == 0) break;
      hash.update(std::string_view(piece.data(), got));
    }
    return at->second = hash.finish();
  }

  const Body& body_;
  const codec::MultipartLayout* const layout_;
  adapter::Bodies& bodies_;
  std::map<uint64_t, Sha256> digests_;  // by where the part begins
};

// Ranges of a document that begins at `offset` of its body.
void shift_ranges(Node* root, uint64_t offset) {
  for (Node* node = root; node;) {
    if (node->kind == Kind::blob) node->blob.offset += offset;
    if (node->first) {
      node = node->first;
      continue;
    }
    while (node != root && !node->next) node = node->parent;
    node = node == root ? nullptr : node->next;
  }
}

Result<void> parse(const schema::MessageType& type, const Body& body, const BodyRange& document,
                   adapter::Bodies& bodies, Tree& tree) {
  const bool json = type.file.format == schema::Format::json;
  if (!body.stored()) {
    std::string_view text = body.view();
    if (!document.empty()) text = text.substr(std::min<uint64_t>(document.offset, text.size()), document.length);
    return json ? codec::parse_json(std::string(text), tree) : codec::parse_xml(text, tree);
  }
  LT_ASSIGN(auto source, document.empty() ? bodies.open(body) : bodies.open(body, document.offset, document.length));
  LT_TRY(json ? codec::parse_json(*source, tree) : codec::parse_xml(*source, tree));
  if (!document.empty()) shift_ranges(tree.root(), document.offset);
  return {};
}

}  // namespace

Result<void> decode(const schema::MessageType& type, const Body& body, const BodyRange& document,
                    adapter::Bodies& bodies, Tree& tree) {
  if (document.empty() && scan_of(type, body)) {
    LT_TRY(static_cast<BodyScanner*>(body.scan.get())->take(tree));
  } else {
    LT_TRY(parse(type, body, document, bodies, tree));
  }
  if (type.file.dialect == schema::Dialect::edxml) return codec::canonicalise_edxml(tree);
  return {};
}

Result<Understood> understand(const schema::MessageType& type, const adapter::Inbound& inbound,
                              adapter::Bodies& bodies) {
  const Body& body = inbound.body;
  if (type.file.split && body.size > limits::kSplitBody)
    return fail(Code::too_large, "a message of several parts has at most " + std::to_string(limits::kSplitBody) +
                                     " bytes, this one " + std::to_string(body.size));
  Understood out;
  std::optional<codec::MultipartLayout> layout;
  if (!inbound.document_part.empty()) {
    LT_ASSIGN(layout, layout_of(inbound.content_type, body, bodies));
    const auto* part = layout->find(inbound.document_part);
    if (!part) return fail(no_part(inbound.document_part, true));
    out.document = part->range;
    if (out.document.empty())
      return fail(Code::bad_http, "multipart: part \"" + inbound.document_part + "\", the document, is empty");
  }
  LT_TRY(decode(type, body, out.document, bodies, out.tree));
  LT_TRY(type.check(out.tree.root()));
  LT_ASSIGN(out.extracted, schema::extract(type.file, out.tree.root()));
  PartFiles parts(body, layout ? &*layout : nullptr, bodies);
  for (const auto& found : out.extracted.attachments) {
    if (found.carrier == Carrier::part) {
      LT_ASSIGN(auto attachment, parts.inspect(found));
      if (attachment) out.attachments.push_back(std::move(*attachment));
      continue;
    }
    LT_ASSIGN(auto attachment,
              inspect(found, type.file.dialect == schema::Dialect::edxml, body, scan_of(type, body), bodies));
    out.attachments.push_back(std::move(attachment));
  }
  return out;
}

}  // namespace lt::runtime
