#include "core/codec/xml_scan.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/codec/byte_runs.h"

namespace lt::codec {
namespace {

constexpr size_t kMarkup = 1 << 20;  // one tag, comment or processing instruction
constexpr size_t kFewEquals = 1024;
constexpr std::string_view kCdataOpen = "<![CDATA[", kCdataClose = "]]>";

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

XmlScanner::XmlScanner(const XmlOptions& options, LiftedText* watcher)
    : options_(options), watcher_(watcher), marker_("lt" + hex(random_bytes(8))) {}

Result<void> XmlScanner::feed(std::string_view piece, std::string& out) {
  piece_ = piece;
  if (piece.size() > options_.body - offset_) return error(0, Code::too_large, "body");
  if (offset_ == 0) LT_TRY(start(piece));
  if (const size_t bad = utf8_.feed(piece); bad != std::string_view::npos)
    return error(bad, Code::bad_encoding, "not UTF-8");
  for (size_t i = 0; i < piece.size();) {
    Result<size_t> next = i;
    switch (state_) {
      case State::text:
        next = text(i, out);
        break;
      case State::tag:
        next = tag(i, out);
        break;
      case State::special:
        next = special(i);
        break;
      case State::comment:
        next = until(i, "-->", out);
        break;
      case State::instruction:
        next = until(i, "?>", out);
        break;
      case State::cdata:
        next = cdata(i, out);
        break;
    }
    if (!next) return fail(std::move(next).error());
    i = *next;
  }
  offset_ += piece.size();
  place_.advance(piece);
  return {};
}

Result<void> XmlScanner::finish(std::string& out) {
  piece_ = {};
  if (!utf8_.complete()) return error(0, Code::bad_encoding, "the body ends inside a character");
  if (state_ == State::cdata) return error(0, Code::bad_xml, "the body ends inside a CDATA section");
  if (state_ == State::text) end_run({}, {}, out);
  return put(markup_, 0, out);
}

Result<bool> XmlScanner::check_small(std::string_view body) {
  if (body.size() > options_.longest || body.size() > options_.text || body.size() > options_.body) return false;
  // libxml2 compares every attribute with every other of its element.
  if (static_cast<size_t>(std::count(body.begin(), body.end(), '=')) > kFewEquals) return false;
  piece_ = body;
  LT_TRY(start(body));
  if (const size_t bad = find_bad_utf8(body); bad != std::string_view::npos)
    return error(bad, Code::bad_encoding, "not UTF-8");
  const size_t bom = body.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (const size_t end = body.find("?>", bom); end != std::string_view::npos)
    LT_TRY(check_declaration(body.substr(bom, end - bom), end));
  return true;
}

Result<void> XmlScanner::start(std::string_view piece) {
  const auto head = piece.substr(0, 4);
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF") || head.find('\0') != std::string_view::npos)
    return error(0, Code::bad_encoding, "UTF-16 or UTF-32");
  return {};
}

Result<size_t> XmlScanner::text(size_t i, std::string& out) {
  const size_t end = std::min(piece_.find('<', i), piece_.size());
  if (run_length_ == 0) run_offset_ = offset_ + i;
  LT_TRY(run(piece_.substr(i, end - i), i));
  if (end == piece_.size()) return end;
  end_run({}, {}, out);
  markup_ = "<";
  state_ = State::special;
  return end + 1;
}

// One more part of the current text or CDATA section.
Result<void> XmlScanner::run(std::string_view bytes, size_t i) {
  for (size_t k = 0; k < bytes.size(); ++k) {
    if (const size_t plain = plain_xml(bytes.substr(k)); plain > 0) {
      blank_ = false;
      k += plain;
      if (k == bytes.size()) break;
    }
    const char c = bytes[k];
    if (static_cast<unsigned char>(c) <= 0x20) {
      if (c == '\n') ++run_lines_;
      if (!blank(c)) return error(i + k, Code::bad_xml, "control character");
    } else {
      blank_ = false;
      if (c == '&' && state_ == State::text) entity_ = true;
    }
  }
  run_length_ += bytes.size();
  if (!long_ && run_length_ <= options_.longest) {
    held_.append(bytes);
    return {};
  }
  if (entity_)
    return error(i, Code::too_large,
                 "text at byte " + std::to_string(run_offset_) + " is longer than " + std::to_string(options_.longest) +
                     " bytes and contains an entity");
  if (watcher_) {
    if (!long_) watcher_->begin(run_offset_);
    if (!held_.empty()) watcher_->text(held_);
    watcher_->text(bytes);
  }
  long_ = true;
  held_.clear();
  return {};
}

void XmlScanner::end_run(std::string_view before, std::string_view after, std::string& out) {
  if (long_ && watcher_) watcher_->end();
  if (!long_) {
    passed_ += before.size() + held_.size() + after.size();
    out.append(before).append(held_).append(after);
  } else if (!blank_ || !before.empty()) {
    const size_t from = out.size();
    out.append("<?").append(marker_).append(" ").append(std::to_string(lifts_.size())).append("?>");
    passed_ += out.size() - from;
    lifts_.push_back({{run_offset_, run_length_}, run_lines_});
  }
  held_.clear();
  long_ = entity_ = false;
  blank_ = true;
  run_length_ = run_lines_ = 0;
}

// After '<': what is it?
Result<size_t> XmlScanner::special(size_t i) {
  markup_.push_back(piece_[i]);
  const std::string_view seen = markup_;
  if (seen == "<?") {
    state_ = State::instruction;
  } else if (seen == "<!--") {
    state_ = State::comment;
  } else if (seen == kCdataOpen) {
    state_ = State::cdata;
    markup_.clear();
    run_offset_ = offset_ + i + 1;
  } else if (!std::string_view("<!--").starts_with(seen) && !kCdataOpen.starts_with(seen)) {
    markup_.pop_back();  // an element, or a DOCTYPE, which the parser refuses
    state_ = State::tag;
    quote_ = 0;
    equals_ = 0;
    declared_ = true;
    return i;
  }
  return i + 1;
}

Result<size_t> XmlScanner::tag(size_t i, std::string& out) {
  size_t end = i;
  for (; end < piece_.size(); ++end) {
    const char c = piece_[end];
    if (quote_) {
      if (c == quote_) quote_ = 0;
    } else if (c == '"' || c == '\'') {
      quote_ = c;
    } else if (c == '=' && ++equals_ > options_.attributes) {
      return error(end, Code::too_large, "more than " + std::to_string(options_.attributes) + " attributes");
    } else if (c == '>') {
      break;
    }
  }
  const bool closed = end < piece_.size();
  if (closed) ++end;
  if (markup_.size() + (end - i) > kMarkup) return error(i, Code::too_large, "tag longer than 1 MiB");
  markup_.append(piece_, i, end - i);
  if (closed) {
    LT_TRY(put(markup_, i, out));
    markup_.clear();
    state_ = State::text;
  }
  return end;
}

// Comments and processing instructions.
Result<size_t> XmlScanner::until(size_t i, std::string_view end, std::string& out) {
  const size_t shortest = state_ == State::comment ? 7 : 4;  // "<!-->" and "<?>" are not ended
  while (i < piece_.size()) {
    const size_t stop = std::min(piece_.find('>', i), piece_.size() - 1) + 1;
    if (markup_.size() + (stop - i) > kMarkup) return error(i, Code::too_large, "comment longer than 1 MiB");
    markup_.append(piece_, i, stop - i);
    i = stop;
    if (markup_.size() < shortest || !markup_.ends_with(end)) continue;
    if (state_ == State::instruction && !declared_) LT_TRY(check_declaration(markup_, i));
    declared_ = true;
    LT_TRY(put(markup_, i, out));
    markup_.clear();
    state_ = State::text;
    return i;
  }
  return i;
}

Result<size_t> XmlScanner::cdata(size_t i, std::string& out) {
  // `markup_` holds the brackets that may begin the end.
  for (;;) {
    if (i == piece_.size()) return i;
    const char c = piece_[i];
    if (c == ']' && markup_.size() < 2) {
      markup_.push_back(c);
      ++i;
    } else if (c == '>' && markup_.size() == 2) {
      end_run(kCdataOpen, kCdataClose, out);
      markup_.clear();
      state_ = State::text;
      return i + 1;
    } else if (!markup_.empty()) {
      // One bracket was text after all: "]]]>" ends with the last two.
      LT_TRY(run("]", i));
      markup_.pop_back();
    } else {
      const size_t end = std::min(piece_.find(']', i), piece_.size());
      LT_TRY(run(piece_.substr(i, end - i), i));
      i = end;
    }
  }
}

// <?xml version="1.0" encoding="..."?> at the very start may only say UTF-8.
Result<void> XmlScanner::check_declaration(std::string_view text, size_t i) const {
  if (!text.starts_with("<?xml") || text.size() < 6 || !blank(text[5])) return {};
  size_t at = text.find("encoding");
  if (at == std::string_view::npos) return {};
  at = text.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const size_t end = text.find(text[at], at + 1);
  std::string name(text.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  if (name == "UTF-8" || name == "UTF8") return {};
  return error(std::min(i, piece_.size()), Code::bad_encoding, "declares an encoding other than UTF-8");
}

Result<void> XmlScanner::put(std::string_view bytes, size_t i, std::string& out) {
  passed_ += bytes.size();
  if (passed_ > options_.text)
    return error(i, Code::too_large, "more than " + std::to_string(options_.text) + " bytes beside long texts");
  out.append(bytes);
  return {};
}

tl::unexpected<Error> XmlScanner::error(size_t at, Code code, std::string detail) const {
  TextPlace place = place_;
  place.advance(piece_.substr(0, at));
  return fail(code, std::move(detail), place.place());
}

}  // namespace lt::codec
