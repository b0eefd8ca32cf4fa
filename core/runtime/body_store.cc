#include "core/runtime/body_store.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "core/base/limits.h"
#include "core/net/promise.h"
#include "core/runtime/body_scan.h"

namespace lt::runtime {
namespace {

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

// A large body on its way in. Shared with the work on it, which may outlive the coroutine when the pool stops.
struct BodyStore::Arriving {
  std::unique_ptr<blob::Upload> upload;
  std::unique_ptr<BodyScanner> scan;  // null: not wanted
  struct Buffer {
    std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(limits::kBodyChunk);
    size_t size = 0;
    std::string_view view() const { return {bytes.get(), size}; }
  };
  Buffer buffers[2];
  uint64_t total = 0, room_seen = 0;
  Result<void> written;
  Result<Body> stored = fail(Code::bug, "not stored");
  std::optional<net::Future<bool>> working;
};

namespace {

// Tells that all parts of a piece of work are done, or dropped, when the last copy of it goes.
class Done {
 public:
  explicit Done(net::Promise<bool> promise) : promise_(std::move(promise)) {}
  Done(const Done&) = delete;
  Done& operator=(const Done&) = delete;
  ~Done() { promise_.set(finished_ == wanted_); }
  void want(int parts) { wanted_ = parts; }
  void part() { ++finished_; }

 private:
  net::Promise<bool> promise_;
  int wanted_ = 0;
  std::atomic<int> finished_{0};
};

}  // namespace

Result<void> BodyStore::room(uint64_t wanted) const { return disk_ ? disk_->room(wanted) : Result<void>(); }

net::Task<Result<Body>> BodyStore::receive(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class,
                                           std::shared_ptr<const schema::MessageType> type) {
  // A body lives as long as its message waits, so it takes no more memory than its bytes: of the announced size where
  // there is one, else shrunk at the end.
  std::string bytes;
  const auto announced = body->size();
  if (announced && *announced > limit) co_return fail(past_limit(limit));
  const size_t most = limits::kInlineBody + 1;
  if (announced && *announced >= most)
    if (auto enough = room(*announced); !enough) co_return fail(std::move(enough).error());
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
  co_return co_await receive_stored(body, limit, key_class, std::move(type), std::move(bytes));
}

net::Task<Result<Body>> BodyStore::receive_stored(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class,
                                                  std::shared_ptr<const schema::MessageType> type, std::string begun) {
  if (auto enough = room(0); !enough) co_return fail(std::move(enough).error());
  auto upload = blobs_.create(key_class);
  if (!upload) co_return fail(std::move(upload).error());
  auto arriving = std::make_shared<Arriving>();
  arriving->upload = std::move(*upload);
  if (type) arriving->scan = std::make_unique<BodyScanner>(std::move(type));
  arriving->total = arriving->buffers[0].size = begun.copy(arriving->buffers[0].bytes.get(), begun.size());
  std::string().swap(begun);
  auto whole = co_await pass_through(body, arriving, limit);
  if (!whole) {
    // A large file takes a while to remove.
    std::function<void()> work = [arriving] { arriving->upload.reset(); };
    co_await pool_.offload(std::move(work));
    co_return fail(std::move(whole).error());
  }
  if (arriving->stored) arriving->stored->scan = std::move(arriving->scan);
  co_return std::move(arriving->stored);
}

net::Task<Result<void>> BodyStore::pass_through(net::BodyReader* body, std::shared_ptr<Arriving> arriving,
                                                uint64_t limit) {
  for (size_t which = 0;; which ^= 1) {
    auto ended = co_await fill(body, arriving.get(), which, limit);
    // Also after an error: the work in hand uses the other buffer and the upload.
    auto worked = co_await finish_work(arriving.get());
    if (!ended) co_return fail(std::move(ended).error());
    if (!worked) co_return worked;
    arriving->buffers[which ^ 1].size = 0;
    start_work(arriving, which, *ended);
    if (*ended) co_return co_await finish_work(arriving.get());
  }
}

// Fills a buffer behind what is in it already. True: the body ended.
net::Task<Result<bool>> BodyStore::fill(net::BodyReader* body, Arriving* arriving, size_t which, uint64_t limit) {
  Arriving::Buffer& buffer = arriving->buffers[which];
  bool ended = false;
  while (buffer.size < limits::kBodyChunk && !ended) {
    auto got = co_await body->read(buffer.bytes.get() + buffer.size, limits::kBodyChunk - buffer.size);
    if (!got) co_return fail(std::move(got).error());
    ended = *got == 0;
    buffer.size += *got;
    arriving->total += *got;
    if (arriving->total > limit) co_return fail(past_limit(limit));
  }
  if (arriving->total - arriving->room_seen >= limits::kRoomEvery) {
    arriving->room_seen = arriving->total;
    if (auto enough = room(0); !enough) co_return fail(std::move(enough).error());
  }
  co_return ended;
}

// Stores and understands a buffer, side by side.
void BodyStore::start_work(const std::shared_ptr<Arriving>& arriving, size_t which, bool last) {
  net::Promise<bool> promise;
  arriving->working = promise.future();
  auto done = std::make_shared<Done>(std::move(promise));
  done->want(arriving->scan ? 2 : 1);
  pool_.submit([done, arriving, which, last] {
    arriving->written = arriving->upload->write(arriving->buffers[which].view());
    if (arriving->written && last) arriving->stored = arriving->upload->commit();
    done->part();
  });
  if (!arriving->scan) return;
  pool_.submit([done, arriving, which, last] {
    arriving->scan->feed(arriving->buffers[which].view());
    if (last) arriving->scan->finish();
    done->part();
  });
}

net::Task<Result<void>> BodyStore::finish_work(Arriving* arriving) {
  if (!arriving->working) co_return Result<void>();
  net::Future<bool> working = std::move(*arriving->working);
  arriving->working.reset();
  const bool done = co_await working.wait();
  if (!done) co_return fail(Code::unavailable, "the bus is stopping");
  if (!arriving->written) co_return fail(arriving->written.error());
  co_return Result<void>();
}

Result<Body> BodyStore::keep(ByteSource& bytes, uint64_t limit, journal::KeyClass key_class) {
  std::string chunk(limits::kBodyChunk, '\0');
  const auto kept = sink(limit, key_class);
  for (;;) {
    LT_ASSIGN(const size_t got, bytes.read(chunk.data(), chunk.size()));
    if (got == 0) return kept->commit();
    LT_TRY(kept->write(std::string_view(chunk.data(), got)));
  }
}

std::unique_ptr<BodySink> BodyStore::sink(uint64_t limit, journal::KeyClass key_class) {
  return std::make_unique<BodySink>(blobs_, disk_, limit, key_class);
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
