#include "core/runtime/file_serving.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/mapping/rule_file.h"
#include "core/message/carried.h"
#include "core/message/tree_path.h"
#include "core/net/media_type.h"
#include "core/runtime/message_files.h"
#include "core/runtime/understand.h"

namespace lt::runtime {
namespace {

using mapping::BlobForm;
using mapping::SourceFile;

constexpr const char* kReadAnew = "documents of its type are read in another way now";

// An element with attributes has its text in a child.
const Node* text_node(const Node* node) { return node && node->kind == Kind::object ? node->find("#text") : node; }

// The file that stands at that path, or nothing.
std::optional<SourceFile> file_at(const Node* root, const std::string& path, BlobForm form) {
  const auto steps = parse_document_path(path);
  if (!root || !steps) return std::nullopt;
  const Node* node = text_node(find_node(root, *steps).node);
  if (!node || (node->kind != Kind::blob && node->kind != Kind::text)) return std::nullopt;
  SourceFile file;
  file.from = form;
  file.lifted = node->kind == Kind::blob;
  if (file.lifted)
    file.range = node->blob;
  else
    file.text = node->text;
  file.path = path;
  return file;
}

bool same(const SourceFile& a, const SourceFile& b) {
  if (a.lifted != b.lifted) return false;
  return a.lifted ? a.range.offset == b.range.offset && a.range.length == b.range.length : a.text == b.text;
}

// RFC 6266: the name for old clients in ASCII, then as it is. Neither can end the header or the quotes.
std::string disposition(std::string_view filename) {
  std::string plain;
  for (const char c : filename) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // the rest of a letter
    plain.push_back(byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\' || c == '%' ? '_' : c);
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encode(filename);
}

bool gone(Code code) {
  return code == Code::no_such_record || code == Code::key_destroyed || code == Code::no_such_blob;
}

class FileServing {
 public:
  FileServing(std::string pattern, FileServingParts parts) : pattern_(std::move(pattern)), parts_(std::move(parts)) {
    const auto outcome = [this](const char* name) {
      return &parts_.metrics->counter("lienthong_files_served_total", "Requests for files by their address, by outcome",
                                      {{"outcome", name}});
    };
    served_ = outcome("served");
    wrong_ = outcome("wrong");
    expired_ = outcome("expired");
    gone_ = outcome("gone");
    failed_ = outcome("failed");
  }

  static net::Task<net::Response> answer(std::shared_ptr<const FileServing> self, net::Exchange* exchange) {
    const std::string name = net::Router::segment(exchange->head, self->pattern_, "name");
    auto address = self->parts_.giver->tokens.read(net::Router::segment(exchange->head, self->pattern_, "token"), name);
    if (!address) co_return self->refuse(address.error(), nullptr, exchange->head);
    if (self->parts_.clock->wall() >= address->expires) {
      const Error expired(Code::file_address_expired, "it was good until " + format_rfc3339(address->expires));
      co_return self->refuse(expired, &*address, exchange->head);
    }
    Result<std::unique_ptr<ByteSource>> opened = fail(Code::bug);
    std::function<void()> work = [&] { opened = self->open(*address); };
    co_await self->parts_.pool->offload(std::move(work));
    if (!opened) co_return self->refuse(opened.error(), &*address, exchange->head);
    self->served_->add();
    log::info("files", "a file was fetched by its address",
              {{"message_id", address->message.text()}, {"path", address->path}, {"peer", exchange->head.peer}});
    net::Response response;
    response.headers.add("Content-Type", std::string(net::media_type(name)));
    response.headers.add("Content-Disposition", disposition(name));
    response.headers.add("Accept-Ranges", "none");
    self->guard(response);
    response.stream = std::move(*opened);
    co_return response;
  }

 private:
  // Senders choose names and contents: no browser is to run them in the name of this host, no proxy to keep them.
  void guard(net::Response& response) const {
    response.headers.add("Cache-Control", "private, no-store");
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Content-Security-Policy", "sandbox; default-src 'none'");
    response.headers.add("Referrer-Policy", "no-referrer");
  }

  Result<std::unique_ptr<ByteSource>> open(const FileAddress& address) const {
    Result<std::shared_ptr<const Message>> message = fail(Code::bug, "no message at " + address.stored.text());
    LT_TRY(parts_.journal->read_at(address.stored, [&](const journal::RecordView& record) {
      message = decode_message(static_cast<uint8_t>(record.type), record.header, record.body);
    }));
    if (!message) return fail(std::move(message).error());
    const Message& read = **message;
    // Another one stands there in a journal that was put back from an older copy.
    if (read.envelope.id != address.message) return fail(Code::file_gone, "its message is not in this journal");
    const schema::MessageType* type = parts_.schemas->find(read.envelope.type);
    if (!type) return fail(Code::file_gone, "messages of type " + read.envelope.type + " are not known any more");
    Tree document;
    LT_TRY(decode(*type, read.body, read.envelope.document, *parts_.bodies, document));
    const auto file = file_at(document.root(), address.path, address.form);
    if (!file) return fail(Code::file_gone, kReadAnew);
    return mapping::open_file(*file, files_of(read, *parts_.bodies));
  }

  // `address`: null when it is not one of ours; what it says is then not worth a word.
  net::Response refuse(const Error& error, const FileAddress* address, const net::RequestHead& head) const {
    const Code code = gone(error.code) ? Code::file_gone : error.code;
    Counter* const counter = code == Code::file_address_wrong     ? wrong_
                             : code == Code::file_address_expired ? expired_
                             : code == Code::file_gone            ? gone_
                                                                  : failed_;
    counter->add();
    Error said = gone(error.code) ? Error(Code::file_gone) : error;
    // It was sound when its address was given, and who asks did nothing wrong. Names of our files are for the log.
    if (counter == failed_) said = info(code).http_status < 500 ? Error(Code::file_gone, kReadAnew) : Error(code);
    const std::string message = address ? address->message.text() : std::string();
    if (counter == failed_)
      log::error("files", "a file was not served", {{"message_id", message}, {"error", error}});
    else
      log::warn("files", "a file was asked for in vain",
                {{"message_id", message}, {"code", code_text(code)}, {"peer", head.peer}});
    net::Response response = net::problem(said);
    guard(response);
    return response;
  }

  const std::string pattern_;
  const FileServingParts parts_;
  Counter *served_, *wrong_, *expired_, *gone_, *failed_;
};

}  // namespace

std::shared_ptr<const AddressGiver> make_address_giver(const FileServingSection& section, const CipherKey& secret) {
  return std::make_shared<const AddressGiver>(AddressGiver{FileTokens(secret), section.url, section.valid.value});
}

mapping::AddressOf addresses_of(std::shared_ptr<const AddressGiver> giver, const Message& message, Position stored,
                                const Node* root, Wall now, mapping::Files files) {
  return [giver = std::move(giver), &message, stored, root, now,
          files = std::move(files)](const mapping::FileLink& link) -> Result<std::string> {
    const SourceFile& file = link.file;
    const auto refuse = [&](Code code, std::string why) { return fail(Error(code, std::move(why)).at(file.path)); };
    if (!giver) return refuse(Code::wrong_type, "files get addresses (as: url), and `files.serve` is not configured");
    const auto found = file_at(root, file.path, file.from);
    if (!found || !same(*found, file))
      return refuse(Code::bad_embedded, "a file inside an embedded document cannot get an address");
    LT_TRY(mapping::open_file(file, files));
    const Envelope& envelope = message.envelope;
    const FileAddress address{stored, envelope.id, address_end(envelope.accepted, now, giver->valid), file.from,
                              file.path};
    std::string out =
        giver->url + '/' + giver->tokens.write(address, link.filename) + '/' + percent_encode(link.filename);
    if (out.size() > limits::kFileAddress)
      return refuse(Code::too_large, "its address would have " + std::to_string(out.size()) + " bytes, at most " +
                                         std::to_string(limits::kFileAddress) + " are given");
    return out;
  };
}

void add_file_paths(const FileServingSection& section, FileServingParts parts, adapter::Routes& routes) {
  const std::string pattern = served_path(section) + "/{token}/{name}";
  const auto serving = std::make_shared<const FileServing>(pattern, std::move(parts));
  const net::Handler handler = [serving](net::Exchange* exchange) { return FileServing::answer(serving, exchange); };
  for (const char* method : {"GET", "HEAD"}) routes.add(section.listener.value, method, pattern, handler);
}

}  // namespace lt::runtime
