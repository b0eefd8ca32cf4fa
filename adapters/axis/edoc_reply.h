// The answer to getEdoc as it streams in: JSON whose `data` is the file in base64, or the bytes of the file themselves.
//
// Which of the two it is shows in its first byte: an edXML file begins with '<', JSON with '{'. The file is decoded on
// the way into a spool: memory for small ones, beyond that a temporary file without a name, gone when the spool is.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/stream.h"
#include "core/codec/base64.h"
#include "core/net/http.h"

namespace lt::adapters {

class Spool {
 public:
  Spool() = default;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();
  Result<void> append(std::string_view bytes);
  uint64_t size() const { return size_; }
  // Reads from the beginning; once, after the last append.
  Result<size_t> read(char* out, size_t size);

 private:
  std::string memory_;
  std::FILE* file_ = nullptr;
  uint64_t size_ = 0, at_ = 0;
};

class EdocReply final : public ByteSink {
 public:
  explicit EdocReply(uint64_t limit) : limit_(limit) {}
  Result<void> write(std::string_view bytes) override;

  // After the whole answer. True: it was the file itself.
  bool raw() const { return raw_; }
  // The JSON around the data, its value left out; "" when raw.
  const std::string& skeleton() const { return skeleton_; }
  // Why the file could not be had from this answer: too long, not base64, no data.
  Result<void> check() const;
  Spool& file() { return file_; }

 private:
  enum class Where : uint8_t { start, raw, json, string, escape, data, data_escape };
  Result<void> take(std::string_view bytes);
  Result<void> json(char c);
  Result<void> data(std::string_view& bytes);
  Result<void> decode(std::string_view encoded);
  Result<void> keep(std::string_view bytes);

  uint64_t limit_;
  Where where_ = Where::start;
  bool raw_ = false, found_ = false;
  int depth_ = 0;
  std::string skeleton_, string_, key_;  // the last string of depth 1, and the member name before the present value
  codec::Base64Decoder decoder_;
  std::string decoded_;
  Spool file_;
  std::optional<Error> damage_;
};

// A spool read as the body of a request, so that it goes the way of every received body.
class SpoolReader final : public net::BodyReader {
 public:
  explicit SpoolReader(Spool& spool) : spool_(spool) {}
  net::Task<Result<size_t>> read(char* out, size_t size) override;
  std::optional<uint64_t> size() const override { return spool_.size(); }

 private:
  Spool& spool_;
};

}  // namespace lt::adapters
