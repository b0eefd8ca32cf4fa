#include "test/bench/stick_journal.h"

#include <fcntl.h>
#include <nmmintrin.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

namespace lt::bench {
namespace {

constexpr size_t kFileBytes = 256 << 20;

struct RecordHeader {
  uint32_t length, crc;
  uint64_t tag;
};

uint32_t crc32c(std::string_view bytes) {
  uint64_t crc = 0xFFFFFFFF;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; left > 0; ++at, --left) crc = _mm_crc32_u8(static_cast<uint32_t>(crc), static_cast<unsigned char>(*at));
  return ~static_cast<uint32_t>(crc);
}

void must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::_Exit(1);
}

}  // namespace

StickJournal::StickJournal(const std::string& path, std::function<void(Tags)> durable)
    : durable_(std::move(durable)), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
  must(file_ >= 0, "open the journal of the stick");
  const std::string zeros(1 << 20, '\0');
  for (size_t at = 0; at < kFileBytes; at += zeros.size())
    must(::pwrite(file_, zeros.data(), zeros.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(zeros.size()),
         "zero-fill");
  must(::fsync(file_) == 0, "fsync");
  thread_ = std::thread([this] { run(); });
}

StickJournal::~StickJournal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  ::close(file_);
}

void StickJournal::append(uint64_t tag, std::string_view body) {
  const RecordHeader header{static_cast<uint32_t>(body.size()), crc32c(body), tag};
  bool asleep = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.append(reinterpret_cast<const char*>(&header), sizeof header);
    waiting_.append(body);
    tags_.push_back(tag);
    asleep = std::exchange(asleep_, false);
  }
  if (asleep) wake_.notify_one();
}

void StickJournal::run() {
  std::string batch;
  size_t at = 0;
  for (;;) {
    Tags tags;
    {
      std::unique_lock lock(mutex_);
      while (tags_.empty() && !stopping_) {
        asleep_ = true;
        wake_.wait(lock);
      }
      asleep_ = false;
      if (tags_.empty()) return;
      batch.clear();
      batch.swap(waiting_);
      tags.swap(tags_);
    }
    if (at + batch.size() > kFileBytes) at = 0;
    must(::pwrite(file_, batch.data(), batch.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(batch.size()),
         "pwrite");
    must(::fdatasync(file_) == 0, "fdatasync");
    at += batch.size();
    ++syncs_;
    durable_(std::move(tags));
  }
}

}  // namespace lt::bench
