#include "core/net/body_writer.h"

#include <charconv>

#include "core/base/limits.h"

namespace lt::net {
namespace {

constexpr size_t kChunkHead = 16;  // digits and CR LF before the bytes of a chunk

// Writes the size line of a chunk of `size` bytes so that it ends at `end`; returns where it begins.
char* put_chunk_head(char* end, size_t size) {
  char digits[16];
  const auto [stop, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
  static_cast<void>(error);
  char* begin = end - 2 - (stop - digits);
  std::copy(digits, stop, begin);
  end[-2] = '\r';
  end[-1] = '\n';
  return begin;
}

}  // namespace

Task<Result<void>> write_stream(Connection* connection, std::string head, std::shared_ptr<ByteSource> source,
                                std::optional<uint64_t> size, bool until_end, std::chrono::microseconds pace) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kChunkHead + limits::kIoChunk + 2);
  char* const bytes = buffer.get() + kChunkHead;
  const bool chunked = !size && !until_end;
  uint64_t left = size.value_or(0);
  while (true) {
    Result<size_t> read = source->read(bytes, limits::kIoChunk);
    if (!read) co_return fail(std::move(read).error());
    if (size && *read > left) co_return fail(Code::bug, "a body source gives more bytes than its size");
    left -= size ? *read : 0;
    std::string_view part(bytes, *read);
    if (chunked) {
      bytes[*read] = '\r';
      bytes[*read + 1] = '\n';
      const char* begin = put_chunk_head(bytes, *read);
      part = std::string_view(begin, static_cast<size_t>(bytes + *read + 2 - begin));
    }
    if (pace.count() > 0) connection->close_after(pace);
    const Failure failure = co_await connection->write(head, part);
    if (pace.count() > 0) connection->never_close();
    if (failure) co_return fail(connection->lost(failure));
    head.clear();
    if (*read == 0) break;
  }
  if (size && left > 0) co_return fail(Code::bug, "a body source ends before its size");
  co_return Result<void>();
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const size_t begin = out.size();
  out += value;
  for (size_t i = begin; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) out[i] = ' ';
  }
  out += "\r\n";
}

}  // namespace lt::net
