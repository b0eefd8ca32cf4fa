#include "test/fuzz/fuzz.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"

namespace lt::fuzz {
namespace {

class NoFiles final : public Env {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode) override { return fail(Code::io_error, path); }
  Result<void> rename(const std::string&, const std::string&) override { return fail(Code::io_error); }
  Result<void> remove(const std::string&) override { return fail(Code::io_error); }
  Result<std::vector<std::string>> list(const std::string& path) override { return fail(Code::io_error, path); }
  Result<void> make_directories(const std::string&) override { return fail(Code::io_error); }
  Result<void> sync_directory(const std::string&) override { return fail(Code::io_error); }
  Result<bool> exists(const std::string&) override { return false; }
  Result<uint64_t> free_bytes(const std::string&) override { return 0; }
};

}  // namespace

Env& no_files() {
  static NoFiles env;
  return env;
}

std::pair<std::string_view, std::string_view> halves(std::string_view text, char mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

void check_error(const Error& error) {
  require(error.code != Code::none && error.code != Code::bug, "an error has a code and is no bug");
  require(!info(error.code).title_en.empty(), "a code stands in the catalogue");
  require(is_utf8(error.text()), "an error is UTF-8");
  require(error.place.line >= 0 && error.place.column >= 0, "a place counts from 1");
}

void check_findings(const config::Diagnostics& diagnostics) {
  require(is_utf8(diagnostics.text()), "findings are UTF-8");
  Tree tree;
  require(codec::parse_json(diagnostics.json(), tree).has_value(), "the JSON of findings is JSON");
}

bool same_tree(const Node* a, const Node* b) {
  if (!a || !b) return a == b;
  if (a->kind != b->kind || a->name != b->name || a->ns != b->ns || a->text != b->text || a->flag != b->flag ||
      a->count != b->count)
    return false;
  const Node* other = b->first;
  for (const Node* child = a->first; child; child = child->next, other = other->next)
    if (!same_tree(child, other)) return false;
  return other == nullptr;
}

Result<std::string> drain(ByteSource& source, size_t piece, size_t most) {
  std::string all, buffer(piece, '\0');
  for (;;) {
    LT_ASSIGN(const size_t n, source.read(buffer.data(), buffer.size()));
    if (n == 0) return all;
    if (all.size() + n > most) return fail(Code::too_large);
    all.append(buffer, 0, n);
  }
}

}  // namespace lt::fuzz
