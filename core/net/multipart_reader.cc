#include <algorithm>

#include "core/net/multipart.h"

namespace lt::net {
namespace {

using Event = codec::MultipartParser::Event;

Part part_of(codec::PartHeader header) {
  Part part{std::move(header.name), std::move(header.filename), std::move(header.content_type), {}};
  for (auto& [name, value] : header.fields) part.headers.add(std::move(name), std::move(value));
  return part;
}

}  // namespace

MultipartReader::MultipartReader(BodyReader* body, std::string boundary) : body_(body), parser_(std::move(boundary)) {}

Task<Result<void>> MultipartReader::fill() {
  const Result<size_t> got = co_await body_->read(parser_.room(), parser_.room_size());
  if (!got) co_return fail(got.error());
  parser_.filled(*got);
  co_return Result<void>();
}

Task<Result<size_t>> MultipartReader::read(char* out, size_t size) {
  while (in_part_) {
    const Result<Event> event = parser_.next();
    if (!event) co_return fail(event.error());
    if (*event == Event::bytes) {
      const size_t given = parser_.bytes().copy(out, size);
      parser_.take(given);
      co_return given;
    }
    if (*event == Event::part_end) {
      in_part_ = false;
      break;
    }
    const Result<void> filled = co_await fill();
    if (!filled) co_return fail(filled.error());
  }
  co_return size_t{0};
}

Task<Result<std::optional<Part>>> MultipartReader::next() {
  while (true) {
    const Result<Event> event = parser_.next();
    if (!event) co_return fail(event.error());
    switch (*event) {
      case Event::starved: {
        const Result<void> filled = co_await fill();
        if (!filled) co_return fail(filled.error());
        break;
      }
      case Event::bytes:
        parser_.take(parser_.bytes().size());
        break;
      case Event::part_end:
        in_part_ = false;
        break;
      case Event::part:
        in_part_ = true;
        co_return std::optional<Part>(part_of(std::move(parser_.header())));
      case Event::end:
        co_return std::optional<Part>();
    }
  }
}

}  // namespace lt::net
