#include "core/codec/json_escape.h"

#include <algorithm>

#include "core/base/limits.h"

namespace lt::codec {
namespace {

constexpr const char* kHalf = "half of a surrogate pair";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void put_utf8(uint32_t point, std::string& out) {
  const auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

}  // namespace

std::optional<JsonUnescaper::Fault> JsonUnescaper::feed(std::string_view raw, std::string& out) {
  for (size_t i = 0; i < raw.size();) {
    if (state_ == State::plain) {
      const size_t end = std::min(raw.find('\\', i), raw.size());
      if (end > i) {
        if (high_ != 0) return Fault{i, kHalf};
        out.append(raw, i, end - i);
      }
      if (end == raw.size()) break;
      state_ = State::backslash;
      i = end + 1;
      continue;
    }
    if (const auto wrong = step(raw[i], out)) return Fault{i, *wrong};
    ++i;
  }
  return std::nullopt;
}

// One character of an escape. What is wrong with it, or none.
std::optional<const char*> JsonUnescaper::step(char c, std::string& out) {
  if (state_ == State::hex) {
    const int digit = hex_value(c);
    if (digit < 0) return "a \\u escape without four hex digits";
    value_ = value_ << 4 | static_cast<uint32_t>(digit);
    if (++digits_ < 4) return std::nullopt;
    state_ = State::plain;
    if (const char* wrong = unit(out)) return wrong;
    return std::nullopt;
  }
  if (c == 'u') {
    state_ = State::hex;
    digits_ = 0;
    value_ = 0;
    return std::nullopt;
  }
  constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
  const size_t found = kNames.find(c);
  if (found == std::string_view::npos) return "an unknown escape";
  if (high_ != 0) return kHalf;
  out.push_back(kMeant[found]);
  state_ = State::plain;
  return std::nullopt;
}

// A whole \u escape: a code point, or half of one.
const char* JsonUnescaper::unit(std::string& out) {
  const bool low = value_ >= 0xDC00 && value_ <= 0xDFFF;
  if (low != (high_ != 0)) return kHalf;
  if (value_ >= 0xD800 && value_ <= 0xDBFF) {
    high_ = value_;
    return nullptr;
  }
  put_utf8(low ? 0x10000 + ((high_ - 0xD800) << 10) + (value_ - 0xDC00) : value_, out);
  high_ = 0;
  return nullptr;
}

const char* JsonUnescaper::finish() const {
  if (state_ != State::plain) return "the string ends inside an escape";
  return high_ != 0 ? kHalf : nullptr;
}

Result<size_t> JsonUnescapingSource::read(char* out, size_t size) {
  while (at_ == ready_.size() && !ended_) {
    ready_.clear();
    at_ = 0;
    piece_.resize(limits::kScanPiece);
    LT_ASSIGN(const size_t n, raw_->read(piece_.data(), piece_.size()));
    ended_ = n == 0;
    if (const auto fault = unescaper_.feed(std::string_view(piece_).substr(0, n), ready_))
      return fail(Code::bad_json, std::string(fault->what) + " at byte " + std::to_string(offset_ + fault->at));
    if (ended_)
      if (const char* wrong = unescaper_.finish()) return fail(Code::bad_json, wrong);
    offset_ += n;
  }
  const size_t n = ready_.copy(out, size, at_);
  at_ += n;
  return n;
}

}  // namespace lt::codec
