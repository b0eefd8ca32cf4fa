#include "adapters/axis/edoc_reply.h"

#include <algorithm>

namespace lt::adapters {
namespace {

constexpr size_t kSpoolMemory = 1 << 20;
// What stands around `data`: a status, a code and a few words.
constexpr size_t kSkeletonLimit = 64 << 10;

}  // namespace

Spool::~Spool() {
  if (file_) std::fclose(file_);
}

Result<void> Spool::append(std::string_view bytes) {
  size_ += bytes.size();
  if (!file_ && size_ <= kSpoolMemory) {
    memory_.append(bytes);
    return {};
  }
  if (!file_) {
    file_ = std::tmpfile();
    if (!file_) return fail(Code::io_error, "no temporary file for a received document");
    if (std::fwrite(memory_.data(), 1, memory_.size(), file_) != memory_.size())
      return fail(Code::io_error, "temporary file");
    memory_ = {};
  }
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return fail(Code::io_error, "temporary file");
  return {};
}

Result<size_t> Spool::read(char* out, size_t size) {
  if (!file_) {
    const size_t n = std::string_view(memory_).substr(at_).copy(out, size);
    at_ += n;
    return n;
  }
  if (at_ == 0) std::rewind(file_);
  const size_t n = std::fread(out, 1, size, file_);
  if (n < size && std::ferror(file_)) return fail(Code::io_error, "temporary file");
  at_ += n;
  return n;
}

Result<void> EdocReply::write(std::string_view bytes) {
  auto taken = take(bytes);
  if (!taken) damage_ = taken.error();
  return taken;
}

Result<void> EdocReply::take(std::string_view bytes) {
  while (!bytes.empty()) {
    if (where_ == Where::start) {
      const char c = bytes.front();
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        bytes.remove_prefix(1);
        continue;
      }
      raw_ = c != '{';
      where_ = raw_ ? Where::raw : Where::json;
    }
    if (where_ == Where::raw) return keep(bytes);
    if (where_ == Where::data || where_ == Where::data_escape) {
      LT_TRY(data(bytes));
      continue;
    }
    LT_TRY(json(bytes.front()));
    bytes.remove_prefix(1);
  }
  return {};
}

// One character outside of the data. The parser proper sees the skeleton; here only strings and depth matter.
Result<void> EdocReply::json(char c) {
  if (skeleton_.size() == kSkeletonLimit) return fail(Code::too_large, "the answer around `data` is too long");
  skeleton_ += c;
  if (where_ == Where::escape) {
    where_ = Where::string;
  } else if (where_ == Where::string) {
    if (c == '\\')
      where_ = Where::escape;
    else if (c == '"')
      where_ = Where::json;
    else if (depth_ == 1)
      string_ += c;
  } else if (c == '"') {
    string_.clear();
    found_ = found_ || (depth_ == 1 && key_ == "data");
    where_ = depth_ == 1 && key_ == "data" ? Where::data : Where::string;
  } else if (c == '{' || c == '[') {
    ++depth_;
  } else if (c == '}' || c == ']') {
    --depth_;
  } else if (depth_ == 1 && c == ':') {
    key_ = string_;
  } else if (depth_ == 1 && c == ',') {
    key_.clear();
  }
  return {};
}

// Characters of the data string. Some JSON writers escape '/' and the line ends of MIME base64.
Result<void> EdocReply::data(std::string_view& bytes) {
  if (where_ == Where::data_escape) {
    const char c = bytes.front();
    bytes.remove_prefix(1);
    where_ = Where::data;
    if (c == '/') return decode("/");
    if (c == 'n' || c == 'r' || c == 't') return {};
    return fail(Code::bad_base64, "`data` has an escape that stands for no base64 character");
  }
  const size_t end = std::min(bytes.find_first_of("\"\\"), bytes.size());
  LT_TRY(decode(bytes.substr(0, end)));
  bytes.remove_prefix(end);
  if (bytes.empty()) return {};
  const bool escape = bytes.front() == '\\';
  if (!escape) {
    skeleton_ += '"';
    LT_TRY(decoder_.finish());
  }
  where_ = escape ? Where::data_escape : Where::json;
  bytes.remove_prefix(1);
  return {};
}

Result<void> EdocReply::decode(std::string_view encoded) {
  decoded_.clear();
  LT_TRY(decoder_.feed(encoded, decoded_));
  return keep(decoded_);
}

Result<void> EdocReply::keep(std::string_view bytes) {
  if (bytes.size() > limit_ - file_.size())
    return fail(Code::too_large, "a document of more than " + std::to_string(limit_) + " bytes");
  return file_.append(bytes);
}

Result<void> EdocReply::check() const {
  if (damage_) return fail(*damage_);
  if (file_.size() == 0 && !(found_ && !raw_)) return fail(Code::partner_unclear, "the answer has no file");
  return {};
}

net::Task<Result<size_t>> SpoolReader::read(char* out, size_t size) { co_return spool_.read(out, size); }

}  // namespace lt::adapters
