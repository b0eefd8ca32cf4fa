#include <string.h>

#include <algorithm>
#include <cstring>

#include "core/base/limits.h"
#include "core/net/multipart.h"

namespace lt::net {
namespace {

constexpr size_t kBuffer = limits::kIoChunk;

tl::unexpected<Error> malformed(std::string why) { return fail(Code::bad_http, "multipart: " + std::move(why)); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

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

Result<Part> parse_header(std::string_view block) {
  Part part;
  while (!block.empty()) {
    const size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 2, block.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' || line.front() == '\t') {
      return malformed("a line of a part's header is not \"name: value\"");
    }
    part.headers.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
  }
  const std::string_view disposition = part.headers.get("Content-Disposition");
  part.name = field_parameter(disposition, "name");
  std::string filename = field_parameter(disposition, "filename*");
  const size_t charset = filename.find('\'');
  const size_t language = charset == std::string::npos ? charset : filename.find('\'', charset + 1);
  if (language != std::string::npos && same_word(filename.substr(0, charset), "utf-8")) {
    filename = percent_decode(filename.substr(language + 1));
  } else {
    filename = field_parameter(disposition, "filename");
  }
  part.filename = base_name(std::move(filename));
  part.content_type = part.headers.get("Content-Type");
  return part;
}

}  // namespace

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
    if (same_word(found, name)) return text;
  }
  return {};
}

Result<std::string> multipart_boundary(std::string_view content_type) {
  if (content_type.size() < 10 || !same_word(content_type.substr(0, 10), "multipart/")) {
    return malformed("the Content-Type is not multipart");
  }
  std::string boundary = field_parameter(content_type, "boundary");
  static constexpr std::string_view kAllowed =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
  if (boundary.empty() || boundary.size() > 70 || boundary.back() == ' ')
    return malformed("no boundary of 1 to 70 characters");
  if (boundary.find_first_not_of(kAllowed) != std::string::npos)
    return malformed("a character that no boundary may have");
  return boundary;
}

MultipartReader::MultipartReader(BodyReader* body, std::string boundary)
    : body_(body),
      delimiter_("\r\n--" + std::move(boundary)),
      buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {
  // The first delimiter needs no line before it.
  std::memcpy(buffer_.get(), "\r\n", 2);
  end_ = 2;
}

Task<Result<void>> MultipartReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == kBuffer) co_return malformed("a part's header or a delimiter line is too long");
  const Result<size_t> got = co_await body_->read(buffer_.get() + end_, kBuffer - end_);
  if (!got) co_return fail(got.error());
  if (*got == 0) co_return malformed("the body ends before the last delimiter");
  end_ += *got;
  co_return Result<void>();
}

// How much of what is kept belongs to the part for sure.
void MultipartReader::look() {
  const std::string_view view = kept();
  const void* hit = ::memmem(view.data(), view.size(), delimiter_.data(), delimiter_.size());
  if (hit) {
    clear_ = static_cast<size_t>(static_cast<const char*>(hit) - view.data());
    at_delimiter_ = clear_ == 0;
  } else {
    clear_ = view.size() - std::min(view.size(), delimiter_.size() - 1);
  }
}

Task<Result<size_t>> MultipartReader::read(char* out, size_t size) {
  while (clear_ == 0 && !at_delimiter_ && !ended_) {
    look();
    if (clear_ > 0 || at_delimiter_) break;
    const Result<void> filled = co_await fill();
    if (!filled) co_return fail(filled.error());
  }
  const size_t given = std::min(size, clear_);
  std::memcpy(out, buffer_.get() + begin_, given);
  begin_ += given;
  clear_ -= given;
  co_return given;
}

Task<Result<void>> MultipartReader::skip_part() {
  while (!at_delimiter_) {
    look();
    begin_ += clear_;
    clear_ = 0;
    look();
    if (at_delimiter_) break;
    const Result<void> filled = co_await fill();
    if (!filled) co_return fail(filled.error());
  }
  co_return Result<void>();
}

// True when another part follows.
Task<Result<bool>> MultipartReader::pass_delimiter() {
  begin_ += delimiter_.size();
  at_delimiter_ = false;
  while (true) {
    const std::string_view view = kept();
    if (view.starts_with("--")) {
      ended_ = true;
      co_return false;
    }
    const size_t end = view.find("\r\n");
    if (end != std::string_view::npos) {
      if (!trim(view.substr(0, end)).empty()) co_return malformed("characters after a delimiter");
      begin_ += end;  // the CR LF stays: an empty header block is CR LF CR LF then, like any other
      co_return true;
    }
    const Result<void> filled = co_await fill();
    if (!filled) co_return fail(filled.error());
  }
}

Task<Result<Part>> MultipartReader::read_header() {
  while (true) {
    const std::string_view view = kept();
    const size_t end = view.find("\r\n\r\n");
    if (end != std::string_view::npos) {
      // The line end of the delimiter belongs to the block only when the block is empty.
      Result<Part> part = parse_header(view.substr(std::min<size_t>(2, end), end - std::min<size_t>(2, end)));
      begin_ += end + 4;
      co_return part;
    }
    if (view.size() > limits::kHeaderBlock) co_return fail(Code::header_too_large, "multipart: header of a part");
    const Result<void> filled = co_await fill();
    if (!filled) co_return fail(filled.error());
  }
}

Task<Result<std::optional<Part>>> MultipartReader::next() {
  if (ended_) co_return std::optional<Part>();
  const Result<void> skipped = co_await skip_part();
  if (!skipped) co_return fail(skipped.error());
  const Result<bool> more = co_await pass_delimiter();
  if (!more) co_return fail(more.error());
  if (!*more) co_return std::optional<Part>();
  if (++parts_ > limits::kMultipartParts) co_return fail(Code::too_large, "multipart: too many parts");
  Result<Part> part = co_await read_header();
  if (!part) co_return fail(std::move(part).error());
  co_return std::optional<Part>(std::move(*part));
}

}  // namespace lt::net
