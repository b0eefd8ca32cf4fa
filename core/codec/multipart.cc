#include "core/codec/multipart.h"

#include <string.h>

#include <algorithm>
#include <cstring>

#include "core/base/ascii.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "core/base/text.h"

namespace lt::codec {
namespace {

constexpr size_t kBuffer = limits::kIoChunk;
static_assert(kBuffer > 2 * limits::kHeaderBlock);

tl::unexpected<Error> malformed(std::string why) { return fail(Code::bad_http, "multipart: " + std::move(why)); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The value of a parameter, dropped from `rest` up to the next ';'. Browsers leave backslashes alone, so only \" is an
// escape.
std::string take_value(std::string_view& rest) {
  rest = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
  std::string value;
  if (!rest.starts_with('"')) {
    const size_t end = std::min(rest.find(';'), rest.size());
    value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    if (rest.starts_with("\\\"")) rest.remove_prefix(1);
    value += rest.front();
    rest.remove_prefix(1);
  }
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  return value;
}

std::string base_name(std::string name) {
  const size_t slash = name.find_last_of("/\\");
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

std::string file_name_of(std::string_view disposition) {
  const std::string filename = field_parameter(disposition, "filename*");
  const size_t charset = filename.find('\'');
  const size_t language = charset == std::string::npos ? charset : filename.find('\'', charset + 1);
  if (language == std::string::npos || !same_ascii(std::string_view(filename).substr(0, charset), "utf-8"))
    return base_name(field_parameter(disposition, "filename"));
  return base_name(percent_decode(std::string_view(filename).substr(language + 1)));
}

Result<PartHeader> parse_header(std::string_view block) {
  PartHeader part;
  while (!block.empty()) {
    const size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 2, block.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' || line.front() == '\t')
      return malformed("a line of a part's header is not \"name: value\"");
    part.fields.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  const auto field = [&](std::string_view name) {
    const auto found = std::find_if(part.fields.begin(), part.fields.end(),
                                    [&](const auto& one) { return same_ascii(one.first, name); });
    return found == part.fields.end() ? std::string() : found->second;
  };
  const std::string disposition = field("Content-Disposition");
  part.name = field_parameter(disposition, "name");
  part.filename = file_name_of(disposition);
  part.content_type = field("Content-Type");
  part.encoding = field("Content-Transfer-Encoding");
  return part;
}

// Of the texts that are kept and shown.
Result<void> check_header(const PartHeader& header) {
  for (const std::string* text : {&header.name, &header.filename, &header.content_type}) {
    if (text->size() > limits::kName)
      return malformed("a part's name, file name or type of more than " + std::to_string(limits::kName) + " bytes");
    if (!is_utf8(*text)) return malformed("a part's name, file name or type is not UTF-8");
  }
  const auto is = [&](std::string_view word) { return same_ascii(header.encoding, word); };
  if (header.encoding.empty() || is("binary") || is("8bit") || is("7bit")) return {};
  return malformed("part \"" + header.name + "\" has a Content-Transfer-Encoding; RFC 7578 sends bytes as they are");
}

}  // namespace

bool is_multipart(std::string_view content_type) {
  return content_type.size() >= 10 && same_ascii(content_type.substr(0, 10), "multipart/");
}

std::string field_parameter(std::string_view value, std::string_view name) {
  value.remove_prefix(std::min(value.find(';'), value.size()));
  while (!value.empty()) {
    value.remove_prefix(1);  // ;
    const size_t equals = std::min(value.find_first_of("=;"), value.size());
    const std::string_view found = trim(value.substr(0, equals));
    value.remove_prefix(equals);
    if (!value.starts_with('=')) continue;
    value.remove_prefix(1);
    std::string text = take_value(value);
    if (same_ascii(found, name)) return text;
  }
  return {};
}

Result<std::string> multipart_boundary(std::string_view content_type) {
  if (!is_multipart(content_type)) return malformed("the Content-Type is not multipart");
  std::string boundary = field_parameter(content_type, "boundary");
  static constexpr std::string_view kAllowed =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
  if (boundary.empty() || boundary.size() > 70 || boundary.back() == ' ')
    return malformed("no boundary of 1 to 70 characters");
  if (boundary.find_first_not_of(kAllowed) != std::string::npos)
    return malformed("a character that no boundary may have");
  return boundary;
}

MultipartParser::MultipartParser(std::string boundary)
    : delimiter_("\r\n--" + std::move(boundary)), buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {
  // The first delimiter needs no line before it: this one counts as two bytes before the body.
  std::memcpy(buffer_.get(), "\r\n", 2);
  end_ = 2;
  offset_ -= 2;
}

void MultipartParser::drop(size_t count) {
  begin_ += count;
  offset_ += count;
}

void MultipartParser::take(size_t count) {
  drop(count);
  clear_ -= count;
}

size_t MultipartParser::room_size() const { return kBuffer - end_; }

void MultipartParser::filled(size_t count) {
  end_ += count;
  body_ended_ = count == 0;
}

Result<MultipartParser::Event> MultipartParser::starved() const {
  if (body_ended_) return malformed("the body ends before the last delimiter");
  return Event::starved;
}

Result<MultipartParser::Event> MultipartParser::next() {
  while (true) {
    Result<Event> event = Event::end;
    if (state_ == State::preamble || state_ == State::part)
      event = in_part();
    else if (state_ == State::delimiter)
      event = after_delimiter();
    else if (state_ == State::header)
      event = in_header();
    if (!event) return event;
    // What stands before the first part belongs to none; between a delimiter and its header nothing happens.
    if (*event == Event::bytes && state_ == State::preamble) {
      take(clear_);
      continue;
    }
    if (*event == Event::part_end && parts_ == 0) continue;
    if (*event == Event::starved && begin_ > 0) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return event;
  }
}

Result<MultipartParser::Event> MultipartParser::in_part() {
  if (clear_ > 0) return Event::bytes;
  const std::string_view view = kept();
  const void* hit = ::memmem(view.data(), view.size(), delimiter_.data(), delimiter_.size());
  clear_ = hit ? static_cast<size_t>(static_cast<const char*>(hit) - view.data())
               : view.size() - std::min(view.size(), delimiter_.size() - 1);
  if (clear_ > 0) return Event::bytes;
  if (!hit) return starved();
  state_ = State::delimiter;
  return Event::part_end;
}

Result<MultipartParser::Event> MultipartParser::after_delimiter() {
  const std::string_view view = kept().substr(delimiter_.size());
  if (view.starts_with("--")) {
    state_ = State::ended;
    return Event::end;
  }
  const size_t end = view.find("\r\n");
  if (std::min(end, view.size()) > limits::kHeaderBlock) return malformed("a delimiter line is too long");
  if (end == std::string_view::npos) return starved();
  if (!trim(view.substr(0, end)).empty()) return malformed("characters after a delimiter");
  if (parts_ >= limits::kMultipartParts)
    return fail(Code::too_large, "multipart: more than " + std::to_string(limits::kMultipartParts) + " parts");
  // The line end stays: an empty header block is CR LF CR LF then, like any other.
  drop(delimiter_.size() + end);
  state_ = State::header;
  return in_header();
}

Result<MultipartParser::Event> MultipartParser::in_header() {
  const std::string_view view = kept();
  const size_t end = view.find("\r\n\r\n");
  if (std::min(end, view.size()) > limits::kHeaderBlock)
    return fail(Code::header_too_large, "multipart: header of a part");
  if (end == std::string_view::npos) return starved();
  // The line end of the delimiter belongs to the block only when the block is empty.
  const size_t skipped = std::min<size_t>(2, end);
  LT_ASSIGN(header_, parse_header(view.substr(skipped, end - skipped)));
  drop(end + 4);
  ++parts_;
  state_ = State::part;
  return Event::part;
}

const MultipartLayout::Part* MultipartLayout::find(std::string_view name) const {
  const auto found = name.empty() ? parts.end() : parts.find(name);
  return found == parts.end() ? nullptr : &found->second;
}

Result<MultipartLayout> multipart_layout(ByteSource& body, std::string boundary) {
  using Event = MultipartParser::Event;
  MultipartLayout layout;
  MultipartParser parser(std::move(boundary));
  BodyRange* range = nullptr;
  while (true) {
    LT_ASSIGN(const Event event, parser.next());
    if (event == Event::end) return layout;
    if (event == Event::starved) {
      LT_ASSIGN(const size_t got, body.read(parser.room(), parser.room_size()));
      parser.filled(got);
    } else if (event == Event::bytes) {
      parser.take(parser.bytes().size());
    } else if (event == Event::part_end) {
      if (range) range->length = parser.offset() - range->offset;
    } else {
      PartHeader& header = parser.header();
      LT_TRY(check_header(header));
      range = nullptr;
      if (header.name.empty()) continue;
      const auto [at, added] = layout.parts.try_emplace(header.name);
      if (!added) return malformed("two parts are named \"" + header.name + "\"");
      at->second = {std::move(header.filename), std::move(header.content_type), {parser.offset(), 0}};
      range = &at->second.range;
    }
  }
}

}  // namespace lt::codec
