#include "core/codec/json.h"

// A namespace of our own, because the flags below change the library's inline code and other files may include it
// plainly.
#define RAPIDJSON_NAMESPACE lt_codec_rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace lt_codec_rapidjson {
#define RAPIDJSON_NAMESPACE_END }
// The SSE scan reads whole aligned words, also beyond the end: not beside a sanitizer, whichever compiler it is of.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LT_CODEC_SANITIZED
#endif
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(LT_CODEC_SANITIZED)
#define RAPIDJSON_SSE42
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <vector>

#include "core/base/text.h"
#include "core/codec/lift.h"
#include "core/codec/name_set.h"
#include "core/codec/text_place.h"
#include "core/message/tree.h"

namespace lt::codec {
namespace {

namespace rapid = lt_codec_rapidjson;

constexpr size_t kFewMembers = 16;

// SAX events -> nodes. A false answer stops the parser; `refused` then says why.
class Builder {
 public:
  Builder(Tree& tree, const JsonOptions& options, const char* start, const std::vector<LiftedRange>* lifted, bool check)
      : tree_(tree), options_(options), start_(start), lifted_(lifted), check_utf8_(check) {}

  bool Null() { return add(Kind::null); }
  bool Bool(bool value) {
    if (!add(Kind::boolean)) return false;
    made_->flag = value;
    return true;
  }
  bool RawNumber(const char* text, rapid::SizeType size, bool) {
    if (!add(Kind::number)) return false;
    made_->text = {text, size};
    return true;
  }
  bool String(const char* text, rapid::SizeType size, bool) {
    if (lifted_ && next_ < lifted_->size() && start_ + (*lifted_)[next_].at == text) {
      if (!add(Kind::blob)) return false;
      made_->blob = (*lifted_)[next_++].range;
      return true;
    }
    if (check_utf8_ && !is_utf8({text, size})) return refuse(Code::bad_json, "lone surrogate in a \\u escape");
    if (!add(Kind::text)) return false;
    made_->text = {text, size};
    return true;
  }
  bool Key(const char* text, rapid::SizeType size, bool) {
    if (size > limits::kName || (lifted_ && next_ < lifted_->size() && start_ + (*lifted_)[next_].at == text))
      return refuse(Code::too_large, "member name longer than " + std::to_string(limits::kName) + " bytes");
    name_ = {text, size};
    if (check_utf8_ && !is_utf8(name_)) return refuse(Code::bad_json, "lone surrogate in a \\u escape");
    return !named_twice() || refuse(Code::bad_json, "member \"" + std::string(name_) + "\" named twice");
  }
  bool StartObject() { return open(Kind::object); }
  bool StartArray() { return open(Kind::array); }
  bool EndObject(rapid::SizeType) { return close(); }
  bool EndArray(rapid::SizeType) { return close(); }

  // Numbers come as text, so these are never called.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  Node* root() const { return root_; }
  const Node* container() const { return at_; }
  Code refused() const { return refused_; }
  std::string take_detail() { return std::move(detail_); }

 private:
  bool refuse(Code code, std::string detail) {
    refused_ = code;
    detail_ = std::move(detail);
    return false;
  }

  bool add(Kind kind) {
    if (++count_ > options_.nodes)
      return refuse(Code::too_large, "more than " + std::to_string(options_.nodes) + " values");
    made_ = tree_.make(kind, name_);
    name_ = {};
    if (at_) {
      tree_.append(at_, made_);
    } else {
      root_ = made_;
    }
    return true;
  }

  bool open(Kind kind) {
    if (depth_ >= options_.depth)
      return refuse(Code::too_deep, "nested more than " + std::to_string(options_.depth) + " deep");
    if (!add(kind)) return false;
    at_ = made_;
    ++depth_;
    return true;
  }

  bool close() {
    at_ = at_->parent;
    --depth_;
    return true;
  }

  bool named_twice() {
    if (at_->count < kFewMembers) return at_->find(name_) != nullptr;
    if (sets_.size() < depth_) sets_.resize(depth_);
    auto& set = sets_[depth_ - 1];
    if (at_->count == kFewMembers) {
      set.clear();
      for (const Node* member = at_->first; member; member = member->next) set.insert(member->name);
    }
    return !set.insert(name_);
  }

  Tree& tree_;
  const JsonOptions& options_;
  const char* start_;
  const std::vector<LiftedRange>* lifted_;
  const bool check_utf8_;
  size_t next_ = 0;  // lifted range
  Node* root_ = nullptr;
  Node* at_ = nullptr;
  Node* made_ = nullptr;
  std::string_view name_;
  size_t depth_ = 0;
  size_t count_ = 0;
  std::vector<NameSet> sets_;  // one per level, reused
  Code refused_ = Code::none;
  std::string detail_;
};

bool wide(std::string_view text) {
  const auto start = text.substr(0, 2);
  return start == "\xFF\xFE" || start == "\xFE\xFF" || (start.size() == 2 && (start[0] == '\0' || start[1] == '\0'));
}

// Place of `offset` in the received text: what was lifted before it on its line counts.
Place place_of(std::string_view text, size_t offset, const std::vector<LiftedRange>* lifted) {
  if (text.starts_with("\xEF\xBB\xBF") && offset >= 3) {
    text.remove_prefix(3);
    offset -= 3;
  }
  TextPlace place;
  const auto before = text.substr(0, offset);
  place.advance(before);
  if (lifted) {
    const size_t line_start = before.rfind('\n') + 1;
    for (const auto& range : *lifted)
      if (range.at >= line_start && range.at < offset) place.column += range.columns;
  }
  return place.place();
}

Result<void> parse(std::string buffer, const std::vector<LiftedRange>* lifted, Tree& out, const JsonOptions& options) {
  if (buffer.size() > options.text)
    return fail(Code::too_large, "more than " + std::to_string(options.text) + " bytes");
  if (wide(buffer)) return fail(Code::bad_encoding, "UTF-16 or UTF-32", place_of(buffer, 0, lifted));
  if (const size_t bad = find_bad_utf8(buffer); bad != std::string::npos)
    return fail(Code::bad_encoding, "not UTF-8", place_of(buffer, bad, lifted));
  const size_t size = buffer.size();
  // Parsing in place moves bytes only where there are escapes: then places need the text as it came.
  const bool escapes = buffer.find('\\') != std::string::npos;
  const std::string original = escapes ? buffer : std::string();
  const bool surrogates =
      escapes && (buffer.find("\\ud") != std::string::npos || buffer.find("\\uD") != std::string::npos);
  char* const bytes = out.keep(std::move(buffer));
  const size_t bom = std::string_view(bytes, size).starts_with("\xEF\xBB\xBF") ? 3 : 0;

  constexpr unsigned kFlags = rapid::kParseInsituFlag | rapid::kParseNumbersAsStringsFlag;
  rapid::InsituStringStream stream(bytes + bom);
  Builder builder(out, options, bytes, lifted, surrogates);
  rapid::Reader reader;
  const auto result = reader.Parse<kFlags>(stream, builder);
  const bool whole = !result.IsError() && stream.Tell() + bom == size;  // else it stopped at a NUL
  if (whole) {
    out.set_root(builder.root());
    return {};
  }
  const size_t offset = std::min(size, bom + (result.IsError() ? result.Offset() : stream.Tell()));
  Place place = place_of(escapes ? std::string_view(original) : std::string_view(bytes, size), offset, lifted);
  place.path = path_of(builder.container());
  if (builder.refused() != Code::none) return fail(builder.refused(), builder.take_detail(), std::move(place));
  return fail(Code::bad_json, result.IsError() ? rapid::GetParseError_En(result.Code()) : "NUL after the value",
              std::move(place));
}

}  // namespace

Result<void> parse_json(std::string buffer, Tree& out, const JsonOptions& options) {
  return parse(std::move(buffer), nullptr, out, options);
}

Result<void> parse_json(Lifted lifted, Tree& out, const JsonOptions& options) {
  return parse(std::move(lifted.skeleton), &lifted.ranges, out, options);
}

Result<void> parse_json(ByteSource& body, Tree& out, const JsonOptions& options) {
  LiftOptions lift;
  lift.skeleton = options.text;
  LT_ASSIGN(Lifted lifted, lift_json(body, lift));
  return parse_json(std::move(lifted), out, options);
}

}  // namespace lt::codec
