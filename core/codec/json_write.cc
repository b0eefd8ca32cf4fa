#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/codec/holes.h"
#include "core/codec/json.h"
#include "core/message/tree.h"

namespace lt::codec {
namespace {

// The first node in document order whose name or text is not UTF-8.
const Node* not_utf8(const Node* root) {
  for (const Node* node = root;;) {
    const bool named = node != root && node->parent->kind == Kind::object;
    if ((named && !is_utf8(node->name)) || (node->kind == Kind::text && !is_utf8(node->text))) return node;
    if (!node->scalar() && node->first) {
      node = node->first;
      continue;
    }
    while (node != root && !node->next) node = node->parent;
    if (node == root) return nullptr;
    node = node->next;
  }
}

class Writer {
 public:
  Writer(std::string& out, const JsonWriteOptions& options, std::vector<BlobHole>* holes)
      : out_(out), options_(options), holes_(holes) {}

  // Walks by links instead of calling itself: a mapping may nest deeper than a parser allows.
  Result<void> write(const Node* root) {
    const size_t from = out_.size();
    const Node* node = root;
    for (;;) {
      if (node->parent && node != root && node->parent->kind == Kind::object) {
        quote_json(node->name, out_);
        out_.append(options_.pretty ? ": " : ":");
      }
      if (!node->scalar() && node->first) {
        out_.push_back(node->kind == Kind::object ? '{' : '[');
        ++level_;
        line();
        node = node->first;
        continue;
      }
      LT_TRY(leaf(node));
      while (node != root && !node->next) {
        node = node->parent;
        --level_;
        line();
        out_.push_back(node->kind == Kind::object ? '}' : ']');
      }
      if (node == root) break;
      out_.push_back(',');
      line();
      node = node->next;
    }
    if (options_.pretty) out_.push_back('\n');
    // Once over all: around each name and text there are quotes, so none can mend another.
    if (is_utf8(std::string_view(out_).substr(from))) return {};
    const Node* bad = not_utf8(root);
    return refuse(bad ? bad : root, "text that is not UTF-8");
  }

 private:
  Result<void> leaf(const Node* node) {
    switch (node->kind) {
      case Kind::null:
        out_.append("null");
        break;
      case Kind::boolean:
        out_.append(node->flag ? "true" : "false");
        break;
      case Kind::array:
        out_.append("[]");
        break;
      case Kind::object:
        out_.append("{}");
        break;
      case Kind::text:
        quote_json(node->text, out_);
        break;
      case Kind::number:
        if (!is_json_number(node->text)) return refuse(node, "a number whose text is not a JSON number");
        out_.append(node->text);
        break;
      case Kind::blob:
        if (!holes_) return refuse(node, "a long string kept as a blob cannot be written here");
        holes_->push_back({out_.size() + 1, node});
        out_.append("\"\"");
        break;
    }
    return {};
  }

  tl::unexpected<Error> refuse(const Node* node, const char* what) {
    return fail(Error(Code::bad_json, what).at(path_of(node)));
  }

  void line() {
    if (!options_.pretty) return;
    out_.push_back('\n');
    out_.append(2 * level_, ' ');
  }

  std::string& out_;
  const JsonWriteOptions& options_;
  std::vector<BlobHole>* holes_;
  size_t level_ = 0;
};

}  // namespace

Result<void> write_json(const Node* node, std::string& out, const JsonWriteOptions& options,
                        std::vector<BlobHole>* holes) {
  const size_t before = out.size();
  auto done = Writer(out, options, holes).write(node);
  if (!done) out.resize(before);
  return done;
}

bool is_json_number(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > from;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const size_t whole = i;
  if (!digits() || (text[whole] == '0' && i - whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

}  // namespace lt::codec
