#include "core/runtime/body_store.h"

#include <algorithm>

#include "core/base/limits.h"

namespace lt::runtime {
namespace {

constexpr size_t kChunk = 256 << 10;

Error past_limit(uint64_t limit) {
  return Error(Code::too_large, "body of more than " + std::to_string(limit) + " bytes");
}

// A range of an inline body; shares the bytes.
class InlineSource final : public ByteSource {
 public:
  InlineSource(std::shared_ptr<const std::string> bytes, uint64_t offset, uint64_t length)
      : bytes_(std::move(bytes)), left_(std::string_view(*bytes_).substr(std::min<uint64_t>(offset, bytes_->size()))) {
    left_ = left_.substr(0, std::min<uint64_t>(length, left_.size()));
    total_ = left_.size();
  }
  Result<size_t> read(char* out, size_t size) override {
    const size_t n = left_.copy(out, size);
    left_.remove_prefix(n);
    return n;
  }
  std::optional<uint64_t> size() const override { return total_; }

 private:
  std::shared_ptr<const std::string> bytes_;
  std::string_view left_;
  uint64_t total_ = 0;
};

class BlobSource final : public ByteSource {
 public:
  BlobSource(std::unique_ptr<blob::Reader> reader, uint64_t offset, uint64_t length)
      : reader_(std::move(reader)), at_(std::min(offset, reader_->size())) {
    total_ = std::min(length, reader_->size() - at_);
    left_ = total_;
  }
  Result<size_t> read(char* out, size_t size) override {
    LT_ASSIGN(const size_t n, reader_->read_at(at_, out, static_cast<size_t>(std::min<uint64_t>(size, left_))));
    at_ += n;
    left_ -= n;
    return n;
  }
  std::optional<uint64_t> size() const override { return total_; }

 private:
  std::unique_ptr<blob::Reader> reader_;
  uint64_t at_, total_ = 0, left_ = 0;
};

}  // namespace

net::Task<Result<Body>> BodyStore::receive(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class) {
  // A body lives as long as its message waits, so it takes no more memory than its bytes: of the announced size where
  // there is one, else shrunk at the end.
  std::string bytes;
  const auto announced = body->size();
  if (announced && *announced > limit) co_return fail(past_limit(limit));
  const size_t most = limits::kInlineBody + 1;
  const size_t step = announced ? static_cast<size_t>(std::min<uint64_t>(*announced, most)) : size_t{16} << 10;
  size_t filled = 0;
  while (filled < most && !(announced && filled == *announced)) {
    if (filled == bytes.size()) bytes.resize(std::min(most, filled + step));
    auto got = co_await body->read(bytes.data() + filled, bytes.size() - filled);
    if (!got) co_return fail(std::move(got).error());
    filled += *got;
    if (filled > limit) co_return fail(past_limit(limit));
    if (*got == 0) break;
  }
  bytes.resize(filled);
  if (filled < most) {
    bytes.shrink_to_fit();
    co_return Body::of(std::move(bytes));
  }
  co_return co_await receive_stored(body, limit, key_class, std::move(bytes));
}

net::Task<Result<Body>> BodyStore::receive_stored(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class,
                                                  std::string begun) {
  auto upload = blobs_.create(key_class);
  if (!upload) co_return fail(std::move(upload).error());
  uint64_t total = begun.size();
  Result<void> written;
  std::string chunk = std::move(begun);
  for (;;) {
    size_t filled = chunk.size();
    chunk.resize(std::max(kChunk, filled));
    bool ended = false;
    while (filled < chunk.size() && !ended) {
      auto got = co_await body->read(chunk.data() + filled, chunk.size() - filled);
      if (!got) co_return fail(std::move(got).error());
      ended = *got == 0;
      filled += *got;
      total += *got;
      if (total > limit) co_return fail(past_limit(limit));
    }
    chunk.resize(filled);
    std::function<void()> work = [&] { written = (*upload)->write(chunk); };
    co_await pool_.offload(std::move(work));
    if (!written) co_return fail(std::move(written).error());
    chunk.clear();
    if (ended) break;
  }
  Result<Body> stored;
  std::function<void()> work = [&] { stored = (*upload)->commit(); };
  co_await pool_.offload(std::move(work));
  co_return stored;
}

Result<Body> BodyStore::keep(ByteSource& bytes, uint64_t limit, journal::KeyClass key_class) {
  std::string chunk(kChunk, '\0');
  std::string begun;
  std::unique_ptr<blob::Upload> upload;
  uint64_t total = 0;
  for (;;) {
    LT_ASSIGN(const size_t got, bytes.read(chunk.data(), chunk.size()));
    if (got == 0) break;
    total += got;
    if (total > limit) return fail(past_limit(limit));
    const std::string_view part(chunk.data(), got);
    if (!upload && total <= limits::kInlineBody) {
      begun.append(part);
      continue;
    }
    if (!upload) {
      LT_ASSIGN(upload, blobs_.create(key_class));
      LT_TRY(upload->write(begun));
    }
    LT_TRY(upload->write(part));
  }
  return upload ? upload->commit() : Result<Body>(Body::of(std::move(begun)));
}

Result<std::unique_ptr<ByteSource>> BodyStore::open(const Body& body, uint64_t offset, uint64_t length) {
  if (!body.stored()) {
    auto bytes = body.inline_bytes ? body.inline_bytes : std::make_shared<const std::string>();
    return std::make_unique<InlineSource>(std::move(bytes), offset, length);
  }
  LT_ASSIGN(auto reader, blobs_.open(body.blob));
  return std::make_unique<BlobSource>(std::move(reader), offset, length);
}

}  // namespace lt::runtime
