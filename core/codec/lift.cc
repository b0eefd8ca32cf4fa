#include "core/codec/lift.h"

#include <algorithm>

#include "core/codec/byte_runs.h"
#include "core/codec/json_escape.h"
#include "core/codec/text_place.h"

namespace lt::codec {

struct JsonLifter::State {
  State(const LiftOptions& chosen, LiftedText* watching) : options_(chosen), watcher_(watching) {}

  Result<void> feed(std::string_view piece) {
    piece_ = piece;
    if (piece.size() > options_.body - out_.size) return error(0, Code::too_large, "body");
    if (out_.size == 0) LT_TRY(refuse_wide(piece));
    if (const size_t bad = utf8_.feed(piece); bad != std::string_view::npos)
      return error(bad, Code::bad_encoding, "not UTF-8");
    for (size_t i = 0; i < piece.size();) {
      switch (at_) {
        case At::outside: {
          LT_ASSIGN(i, outside(i));
          break;
        }
        case At::inside: {
          LT_ASSIGN(i, inside(i));
          break;
        }
        case At::escaped:
          out_.skeleton.push_back(piece[i++]);
          at_ = At::inside;
          break;
        case At::lifted: {
          LT_ASSIGN(i, lifted(i));
          break;
        }
      }
    }
    out_.size += piece.size();
    place_.advance(piece);
    return {};
  }

  Result<Lifted> finish() {
    piece_ = {};
    if (!utf8_.complete()) return error(0, Code::bad_encoding, "the body ends inside a character");
    if (at_ == At::lifted) return error(0, Code::bad_json, "the body ends inside a string");
    return std::move(out_);
  }

 private:
  enum class At { outside, inside, escaped, lifted };

  // UTF-16 and UTF-32 show in the first bytes: JSON begins with an ASCII character.
  Result<void> refuse_wide(std::string_view piece) {
    const auto start = piece.substr(0, 2);
    if (start == "\xFF\xFE" || start == "\xFE\xFF" || start.find('\0') != std::string_view::npos)
      return error(0, Code::bad_encoding, "UTF-16 or UTF-32");
    return {};
  }

  Result<size_t> outside(size_t i) {
    size_t end = piece_.find('"', i);
    const bool quote = end != std::string_view::npos;
    end = quote ? end + 1 : piece_.size();
    LT_TRY(keep(i, end));
    if (quote) {
      at_ = At::inside;
      string_at_ = out_.skeleton.size();
      string_offset_ = out_.size + end;
    }
    return end;
  }

  // A string that may still stay: it is copied, and taken back when it grows too long.
  Result<size_t> inside(size_t i) {
    size_t end = i;
    while (end < piece_.size() && piece_[end] != '"' && piece_[end] != '\\') ++end;
    LT_TRY(keep(i, end));
    if (out_.skeleton.size() - string_at_ > options_.longest) {
      LT_TRY(lift(end));
      return end;
    }
    if (end == piece_.size()) return end;
    LT_TRY(keep(end, end + 1));
    at_ = piece_[end] == '"' ? At::outside : At::escaped;
    return end + 1;
  }

  // What was copied of the string so far, up to `end` of the piece, is its first part.
  Result<void> lift(size_t end) {
    const std::string head = out_.skeleton.substr(string_at_);
    for (const char c : head)
      if (static_cast<unsigned char>(c) < 0x20) return error(end, Code::bad_json, "control character in a string");
    out_.skeleton.resize(string_at_);
    out_.ranges.push_back({string_at_, {string_offset_, 0, false}, 0});
    unescaper_ = {};
    at_ = At::lifted;
    if (watcher_) watcher_->begin(string_offset_);
    const size_t backslash = head.find('\\');
    if (backslash == std::string::npos) return show(head, end);
    LT_TRY(show(std::string_view(head).substr(0, backslash), end));
    out_.ranges.back().range.escaped = true;
    return show(std::string_view(head).substr(backslash), end);
  }

  // A part of the lifted string, which ends at `end` of the piece.
  Result<void> show(std::string_view part, size_t end) {
    auto& range = out_.ranges.back();
    range.range.length += part.size();
    range.columns += code_points(part);
    if (!range.range.escaped) {
      if (watcher_ && !part.empty()) watcher_->text(part);
      return {};
    }
    unescaped_.clear();
    if (const auto fault = unescaper_.feed(part, unescaped_))
      return error(end - std::min(end, part.size() - fault->at), Code::bad_json, fault->what);
    if (watcher_ && !unescaped_.empty()) watcher_->text(unescaped_);
    return {};
  }

  Result<size_t> lifted(size_t i) {
    const size_t from = i;
    for (;;) {
      // What follows a backslash belongs to it, a quote too.
      if (skip_ && i < piece_.size()) {
        if (static_cast<unsigned char>(piece_[i]) < 0x20)
          return error(i, Code::bad_json, "control character in a string");
        skip_ = false;
        ++i;
      }
      i += plain_json(piece_.substr(i));
      if (i == piece_.size()) break;
      if (piece_[i] == '"') break;
      if (piece_[i] != '\\') return error(i, Code::bad_json, "control character in a string");
      auto& range = out_.ranges.back().range;
      if (!range.escaped) {
        LT_TRY(show(piece_.substr(from, i - from), i));
        range.escaped = true;
        return i;
      }
      skip_ = true;
      ++i;
    }
    LT_TRY(show(piece_.substr(from, i - from), i));
    if (i == piece_.size()) return i;
    if (const char* wrong = unescaper_.finish()) return error(i, Code::bad_json, wrong);
    if (watcher_) watcher_->end();
    at_ = At::outside;
    LT_TRY(keep(i, i + 1));
    return i + 1;
  }

  Result<void> keep(size_t from, size_t to) {
    // One string of slack: a string is copied before it is known to be long.
    if (out_.skeleton.size() + (to - from) > options_.skeleton + options_.longest + limits::kScanPiece)
      return error(from, Code::too_large,
                   "more than " + std::to_string(options_.skeleton) + " bytes beside long strings");
    out_.skeleton.append(piece_, from, to - from);
    if (at_ == At::outside && out_.skeleton.size() > options_.skeleton)
      return error(to, Code::too_large,
                   "more than " + std::to_string(options_.skeleton) + " bytes beside long strings");
    return {};
  }

  tl::unexpected<Error> error(size_t at, Code code, std::string detail) {
    TextPlace place = place_;
    place.advance(piece_.substr(0, at));
    return fail(code, std::move(detail), place.place());
  }

  const LiftOptions options_;
  LiftedText* watcher_;
  Lifted out_;
  At at_ = At::outside;
  std::string_view piece_;
  TextPlace place_;
  Utf8Check utf8_;
  JsonUnescaper unescaper_;  // of the lifted string
  std::string unescaped_;
  bool skip_ = false;           // the last character was the backslash of an escape
  size_t string_at_ = 0;        // in the skeleton
  uint64_t string_offset_ = 0;  // in the body
};

JsonLifter::JsonLifter(const LiftOptions& options, LiftedText* watcher)
    : state_(std::make_unique<State>(options, watcher)) {}
JsonLifter::~JsonLifter() = default;

Result<void> JsonLifter::feed(std::string_view piece) {
  for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), limits::kScanPiece)))
    LT_TRY(state_->feed(piece.substr(0, limits::kScanPiece)));
  return {};
}

Result<Lifted> JsonLifter::finish() { return state_->finish(); }

Result<Lifted> lift_json(ByteSource& body, const LiftOptions& options) {
  JsonLifter lifter(options);
  std::string buffer(limits::kIoChunk, '\0');
  for (;;) {
    LT_ASSIGN(const size_t n, body.read(buffer.data(), buffer.size()));
    if (n == 0) return lifter.finish();
    LT_TRY(lifter.feed(std::string_view(buffer.data(), n)));
  }
}

}  // namespace lt::codec
