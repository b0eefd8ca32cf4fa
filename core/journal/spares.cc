#include "core/journal/spares.h"

#include <algorithm>

namespace lt::journal {
namespace {

constexpr const char* kNext = "next.free";    // being filled, or filled and waiting
constexpr const char* kLarge = "large.free";  // for one record larger than a segment
constexpr size_t kMostReady = 2;
constexpr uint64_t kPiece = uint64_t{1} << 20;
constexpr uint64_t kLeast = 64 << 10;
constexpr uint64_t kSyncEvery = uint64_t{4} << 20;  // bounds how long a batch may wait behind the zeros of a spare

}  // namespace

Result<Spares> Spares::open(Env& env, std::string directory, uint64_t segment_bytes,
                            const std::vector<std::string>& free_files) {
  Spares spares(env, std::move(directory), segment_bytes);
  for (const auto& name : free_files) {
    const std::string path = spares.directory_ + "/" + name;
    LT_ASSIGN(const auto file, env.open(path, OpenMode::read));
    LT_ASSIGN(const uint64_t size, file->size());
    if (size == segment_bytes) {
      spares.ready_->names.push_back(name);
    } else {
      LT_TRY(env.remove(path));
    }
  }
  return spares;
}

bool Spares::ready() const {
  const std::lock_guard lock(ready_->mutex);
  return !ready_->names.empty();
}

bool Spares::wants_more() const {
  const std::lock_guard lock(ready_->mutex);
  return ready_->names.size() < kMostReady;
}

void Spares::offer(std::string name) {
  const std::lock_guard lock(ready_->mutex);
  ready_->names.push_back(std::move(name));
}

Result<void> Spares::drop_filling(const std::string& name, Error error) {
  filling_.reset();
  filled_ = 0;
  (void)env_.remove(directory_ + "/" + name);  // the sync error is the one to tell
  return fail(std::move(error));
}

Result<void> Spares::fill(const std::string& name, uint64_t size, uint64_t upto) {
  if (!filling_) {
    LT_TRY(env_.remove(directory_ + "/" + name));
    LT_ASSIGN(filling_, env_.open(directory_ + "/" + name, OpenMode::create_new));
    filled_ = 0;
  }
  static const std::string zeros(kPiece, '\0');
  while (filled_ < std::min(size, upto)) {
    const uint64_t piece = std::min(kPiece, std::min(size, upto) - filled_);
    LT_TRY(filling_->write_at(filled_, std::string_view(zeros).substr(0, piece)));
    const bool crossed = (filled_ + piece) / kSyncEvery != filled_ / kSyncEvery;
    filled_ += piece;
    if (crossed || filled_ == size)
      if (auto synced = filling_->sync(); !synced) return drop_filling(name, std::move(synced).error());
  }
  return {};
}

Result<void> Spares::prepare(uint64_t bytes) {
  if (ready()) return {};
  LT_TRY(fill(kNext, segment_bytes_, filled_ + std::max(bytes, kLeast)));
  if (filled_ == segment_bytes_) {
    offer(kNext);
    filling_.reset();
    filled_ = 0;
  }
  return {};
}

void Spares::forget(const std::string& name) {
  const std::lock_guard lock(ready_->mutex);
  std::erase(ready_->names, name);
}

Result<std::unique_ptr<File>> Spares::take(const format::SegmentHeader& header, const std::string& path) {
  std::string name = kLarge;
  std::unique_ptr<File> file;
  if (header.capacity == segment_bytes_) {
    while (!ready()) LT_TRY(prepare(segment_bytes_));
    {
      const std::lock_guard lock(ready_->mutex);
      name = ready_->names.back();
    }
    LT_ASSIGN(file, env_.open(directory_ + "/" + name, OpenMode::read_write));
  } else {
    // A half-filled ordinary spare steps aside: its file is begun anew later.
    filling_.reset();
    LT_TRY(fill(kLarge, header.capacity, header.capacity));
    file = std::move(filling_);
    filled_ = 0;
  }
  LT_TRY(file->write_at(0, format::encode_segment(header)));
  if (auto synced = file->sync(); !synced) {
    forget(name);
    LT_TRY(drop_filling(name, std::move(synced).error()));
  }
  LT_TRY(env_.rename(directory_ + "/" + name, path));
  forget(name);
  if (auto synced = env_.sync_directory(directory_); !synced) {
    poisoned_ = true;
    return fail(std::move(synced).error());
  }
  return file;
}

}  // namespace lt::journal
