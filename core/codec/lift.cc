#include "core/codec/lift.h"

#include <array>

#include "core/codec/text_place.h"

namespace lt::codec {
namespace {

constexpr size_t kPiece = 64 << 10;

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 256; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();  // bytes of a string that need no look

class JsonLifter {
 public:
  explicit JsonLifter(const LiftOptions& options) : options_(options) {}

  Result<void> feed(std::string_view piece) {
    piece_ = piece;
    if (piece.size() > options_.body - out_.size) return error(0, Code::too_large, "body");
    if (out_.size == 0) LT_TRY(refuse_wide(piece));
    if (const size_t bad = utf8_.feed(piece); bad != std::string_view::npos)
      return error(bad, Code::bad_encoding, "not UTF-8");
    for (size_t i = 0; i < piece.size();) {
      switch (state_) {
        case State::outside: {
          LT_ASSIGN(i, outside(i));
          break;
        }
        case State::inside: {
          LT_ASSIGN(i, inside(i));
          break;
        }
        case State::escaped:
          out_.skeleton.push_back(piece[i++]);
          state_ = State::inside;
          break;
        case State::lifted: {
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
    if (state_ == State::lifted) return error(0, Code::bad_json, "the body ends inside a string");
    return std::move(out_);
  }

 private:
  enum class State { outside, inside, escaped, lifted };

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
      state_ = State::inside;
      string_at_ = out_.skeleton.size();
      string_offset_ = out_.size + end;
      has_escape_ = false;
    }
    return end;
  }

  // A string that may still stay: it is copied, and taken back when it grows too long.
  Result<size_t> inside(size_t i) {
    size_t end = i;
    while (end < piece_.size() && piece_[end] != '"' && piece_[end] != '\\') ++end;
    LT_TRY(keep(i, end));
    if (out_.skeleton.size() - string_at_ > options_.longest) {
      if (has_escape_) return too_long_to_escape(end);
      const std::string_view head = std::string_view(out_.skeleton).substr(string_at_);
      for (const char c : head)
        if (static_cast<unsigned char>(c) < 0x20) return error(end, Code::bad_json, "control character in a string");
      out_.ranges.push_back({string_at_, {string_offset_, head.size()}, code_points(head)});
      out_.skeleton.resize(string_at_);
      state_ = State::lifted;
      return end;
    }
    if (end == piece_.size()) return end;
    LT_TRY(keep(end, end + 1));
    if (piece_[end] == '"') {
      state_ = State::outside;
    } else {
      state_ = State::escaped;
      has_escape_ = true;
    }
    return end + 1;
  }

  Result<size_t> lifted(size_t i) {
    size_t end = i;
    while (end < piece_.size() && kPlain[static_cast<unsigned char>(piece_[end])]) ++end;
    auto& range = out_.ranges.back();
    range.range.length += end - i;
    range.columns += code_points(piece_.substr(i, end - i));
    if (end == piece_.size()) return end;
    if (piece_[end] == '\\') return too_long_to_escape(end);
    if (piece_[end] != '"') return error(end, Code::bad_json, "control character in a string");
    state_ = State::outside;
    LT_TRY(keep(end, end + 1));
    return end + 1;
  }

  Result<void> keep(size_t from, size_t to) {
    // One string of slack: a string is copied before it is known to be long.
    if (out_.skeleton.size() + (to - from) > options_.skeleton + options_.longest + kPiece)
      return error(from, Code::too_large,
                   "more than " + std::to_string(options_.skeleton) + " bytes beside long strings");
    out_.skeleton.append(piece_, from, to - from);
    if (state_ == State::outside && out_.skeleton.size() > options_.skeleton)
      return error(to, Code::too_large,
                   "more than " + std::to_string(options_.skeleton) + " bytes beside long strings");
    return {};
  }

  tl::unexpected<Error> too_long_to_escape(size_t at) {
    return error(at, Code::too_large,
                 "string at byte " + std::to_string(string_offset_) + " is longer than " +
                     std::to_string(options_.longest) + " bytes and contains a \\ escape");
  }

  tl::unexpected<Error> error(size_t at, Code code, std::string detail) {
    TextPlace place = place_;
    place.advance(piece_.substr(0, at));
    return fail(code, std::move(detail), place.place());
  }

  const LiftOptions& options_;
  Lifted out_;
  State state_ = State::outside;
  std::string_view piece_;
  TextPlace place_;
  Utf8Check utf8_;
  size_t string_at_ = 0;        // in the skeleton
  uint64_t string_offset_ = 0;  // in the body
  bool has_escape_ = false;
};

}  // namespace

Result<Lifted> lift_json(ByteSource& body, const LiftOptions& options) {
  JsonLifter lifter(options);
  std::string buffer(kPiece, '\0');
  for (;;) {
    LT_ASSIGN(const size_t n, body.read(buffer.data(), buffer.size()));
    if (n == 0) return lifter.finish();
    LT_TRY(lifter.feed(std::string_view(buffer.data(), n)));
  }
}

}  // namespace lt::codec
