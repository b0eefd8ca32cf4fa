#include "core/workshop/document.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"

namespace lt::workshop {
namespace {

constexpr size_t kShownValue = 200;  // bytes of a value

}  // namespace

mapping::FileRoom::Elsewhere files_beside(Env& env, const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = (slash == std::string::npos ? std::string() : path.substr(0, slash + 1)) + "files/";
  return [&env, folder](mapping::FileRoom::Apart where, std::string_view name) -> Result<std::string> {
    std::string_view last = name;
    if (where == mapping::FileRoom::Apart::address) last = last.substr(0, last.find_first_of("?#"));
    last.remove_prefix(last.find_last_of("/\\") + 1);
    const std::string file = folder + std::string(last);
    if (last.empty() || last.front() == '.' || file.find('/', folder.size()) != std::string::npos)
      return mapping::FileRoom::nothing_else(where, name);
    auto bytes = read_file(env, file);
    if (bytes) return bytes;
    return fail(Code::bad_example, fmt::format("the document names the file \"{}\"", name), {},
                fmt::format("put the file where an example finds it: {}", file));
  };
}

Result<void> parse_document(bool xml, std::string text, const std::string& name, Tree& out) {
  Result<void> done;
  if (xml) {
    codec::XmlOptions options;
    options.longest = options.text;
    done = codec::parse_xml(std::string_view(text), out, options);
  } else {
    done = codec::parse_json(std::move(text), out);
  }
  if (done) return {};
  Error error = std::move(done).error();
  error.place.file = name;
  return fail(std::move(error));
}

std::string shown(const Node* node) {
  if (!node) return "không có / nothing";
  switch (node->kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return fmt::format("lô-gích / boolean {}", node->flag);
    case Kind::number:
      return fmt::format("số / number {}", node->text);
    case Kind::text:
      return fmt::format("chữ / text \"{}\"{}", cut_text(node->text, kShownValue),
                         node->text.size() > kShownValue ? "..." : "");
    case Kind::blob:
      return fmt::format("tệp / file of {} bytes", node->blob.length);
    case Kind::array:
      return fmt::format("danh sách / list of {}", node->count);
    case Kind::object:
      break;
  }
  const Node* text = node->find("#text");
  return text ? shown(text) : "đối tượng / object";
}

}  // namespace lt::workshop
