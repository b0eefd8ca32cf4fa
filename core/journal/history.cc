#include "core/journal/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/journal/history_format.h"
#include "core/journal/scan.h"

namespace lt::journal {
namespace {

constexpr std::string_view kStart = "history-", kEnding = ".log";

std::string name_of(uint64_t base) { return fmt::format("{}{:016x}{}", kStart, base, kEnding); }

bool is_name(std::string_view name) {
  return name.size() == kStart.size() + 16 + kEnding.size() && name.starts_with(kStart) && name.ends_with(kEnding);
}

// Records for people and projections: what was carried forward stands here already, under its first position.
bool is_kept(RecordType type) { return type != RecordType::carried && type != RecordType::checkpoint; }

// Gathers records into blocks of one file.
class PartWriter {
 public:
  PartWriter(std::unique_ptr<File> file, format::HistoryHeader header) : file_(std::move(file)), header_(header) {}

  Result<void> add(const RecordView& record) {
    if (block_.count == 0) block_.first = record.position.offset;
    if (header_.first == 0) header_.first = record.position.offset;
    block_.last = header_.last = record.position.offset;
    ++block_.count;
    format::append_kept(records_, record);
    return records_.size() < limits::kHistoryBlock ? Result<void>() : flush();
  }

  Result<void> finish() {
    LT_TRY(flush());
    LT_TRY(file_->write_at(0, format::encode_history(header_)));
    return file_->sync();
  }
  const format::HistoryHeader& header() const { return header_; }

 private:
  Result<void> flush() {
    if (block_.count == 0) return {};
    const std::string bytes = format::encode_block(block_, records_);
    LT_TRY(file_->write_at(at_, bytes));
    at_ += bytes.size();
    block_ = {};
    records_.clear();
    return {};
  }

  std::unique_ptr<File> file_;
  format::HistoryHeader header_;
  format::BlockHeader block_;
  std::string records_;
  uint64_t at_ = format::kHistoryHeader;
};

Error damaged(const std::string& path, uint64_t byte, std::string what) { return corrupt(path, byte, std::move(what)); }

Result<format::HistoryHeader> read_header(Env& env, const std::string& path) {
  LT_ASSIGN(const auto file, env.open(path, OpenMode::read));
  std::string bytes(format::kHistoryHeader, '\0');
  LT_ASSIGN(const size_t got, file->read_at(0, bytes.data(), bytes.size()));
  format::HistoryHeader header;
  if (got < bytes.size() || !format::decode_history(bytes, header)) return fail(damaged(path, 0, "header damaged"));
  return header;
}

}  // namespace

struct History::Part {
  format::HistoryHeader header;
  std::string path;
};

Result<std::unique_ptr<History>> History::open(Env& env, std::string directory, uint32_t partition) {
  std::unique_ptr<History> history(new History(env, std::move(directory), partition));
  LT_TRY(history->load());
  return history;
}

Result<void> History::load() {
  LT_TRY(env_.make_directories(directory_));
  if (const size_t slash = directory_.rfind('/'); slash != std::string::npos && slash > 0)
    LT_TRY(env_.sync_directory(directory_.substr(0, slash)));
  LT_ASSIGN(const auto names, env_.list(directory_));
  for (const auto& name : names) {
    const std::string path = directory_ + "/" + name;
    if (name.ends_with(".tmp")) LT_TRY(env_.remove(path));
    if (!is_name(name)) continue;
    auto header = read_header(env_, path);
    if (header && header->partition == partition_ && name == name_of(header->base)) {
      parts_.push_back(std::make_shared<const Part>(Part{*header, path}));
    } else {
      log::warn("journal", "a history file is left aside",
                {{"file", path}, {"why", header ? std::string("of another place") : header.error().text()}});
    }
  }
  return {};
}

std::vector<std::shared_ptr<const History::Part>> History::parts() const {
  const std::lock_guard lock(mutex_);
  return parts_;
}

Result<void> History::keep(const Journal& journal, const SegmentSpan& segment) {
  const auto known = parts();
  if (std::any_of(known.begin(), known.end(), [&](const auto& p) { return p->header.base == segment.base; })) return {};
  const std::string path = directory_ + "/" + name_of(segment.base), beside = path + ".tmp";
  LT_TRY(env_.remove(beside));
  LT_ASSIGN(auto file, env_.open(beside, OpenMode::create_new));
  format::HistoryHeader header{partition_, segment.base,         segment.next,       segment.filled, 0,
                               0,          segment.chain_before, segment.chain_after};
  PartWriter writer(std::move(file), header);
  Result<void> added;
  LT_TRY(journal.read_headers({partition_, segment.base}, [&](const RecordView& record) {
    if (record.position.offset >= segment.next) return false;
    if (is_kept(record.type)) added = writer.add(record);
    return added.has_value();
  }));
  LT_TRY(added);
  LT_TRY(writer.finish());
  LT_TRY(env_.rename(beside, path));
  LT_TRY(env_.sync_directory(directory_));
  const std::lock_guard lock(mutex_);
  parts_.push_back(std::make_shared<const Part>(Part{writer.header(), path}));
  std::sort(parts_.begin(), parts_.end(), [](const auto& a, const auto& b) { return a->header.base < b->header.base; });
  return {};
}

Result<size_t> History::forget(Wall before) {
  size_t gone = 0;
  for (;; ++gone) {
    std::string path;
    {
      const std::lock_guard lock(mutex_);
      if (parts_.empty() || parts_.front()->header.filled >= before) return gone;
      path = parts_.front()->path;
      parts_.erase(parts_.begin());
    }
    LT_TRY(env_.remove(path));
    LT_TRY(env_.sync_directory(directory_));
  }
}

// False: enough.
Result<bool> History::read_part(const Part& part, uint64_t from,
                                const std::function<bool(const RecordView&)>& visit) const {
  LT_ASSIGN(const auto file, env_.open(part.path, OpenMode::read));
  LT_ASSIGN(const uint64_t size, file->size());
  for (uint64_t at = format::kHistoryHeader; at < size;) {
    std::string block(format::kBlockHeader, '\0');
    LT_ASSIGN(const size_t got, file->read_at(at, block.data(), block.size()));
    format::BlockHeader header;
    if (got < block.size() || !format::decode_block(block, header))
      return fail(damaged(part.path, at, "block header damaged"));
    const uint64_t here = at;
    at += format::kBlockHeader + header.packed;
    if (header.last < from) continue;
    block.resize(format::kBlockHeader + header.packed);
    LT_ASSIGN(const size_t all, file->read_at(here, block.data(), block.size()));
    const auto records = all == block.size() ? format::unpack_block(block, header) : std::nullopt;
    if (!records) return fail(damaged(part.path, here, "block damaged"));
    std::string_view rest(*records);
    for (uint32_t i = 0; i < header.count; ++i) {
      RecordView record;
      if (!format::take_kept(rest, partition_, record)) return fail(damaged(part.path, here, "record damaged"));
      if (record.position.offset >= from && !visit(record)) return false;
    }
  }
  return true;
}

Result<void> History::read(Position from, const std::function<bool(const RecordView&)>& visit) const {
  for (const auto& part : parts()) {
    if (part->header.next <= from.offset) continue;
    LT_ASSIGN(const bool more, read_part(*part, from.offset, visit));
    if (!more) break;
  }
  return {};
}

Result<void> History::read_at(Position position, const std::function<void(const RecordView&)>& visit) const {
  bool found = false;
  for (const auto& part : parts()) {
    if (position.partition != partition_ || part->header.next <= position.offset || part->header.base > position.offset)
      continue;
    LT_ASSIGN(const bool more, read_part(*part, position.offset, [&](const RecordView& record) {
                found = record.position == position;
                if (found) visit(record);
                return false;
              }));
    (void)more;
  }
  if (!found) return fail(Code::no_such_record, "position " + position.text() + " is not in history");
  return {};
}

Position History::oldest() const {
  for (const auto& part : parts())
    if (part->header.first != 0) return {partition_, part->header.first};
  return {partition_, 0};
}

Position History::end() const {
  const std::lock_guard lock(mutex_);
  return {partition_, parts_.empty() ? 0 : parts_.back()->header.next};
}

Result<void> verify_history(Env& env, const std::string& directory, const VerifyReport& journal,
                            const std::function<void(const Error&)>& problem) {
  LT_ASSIGN(const bool there, env.exists(directory));
  if (!there) return {};
  LT_ASSIGN(const auto names, env.list(directory));
  std::optional<format::HistoryHeader> before;
  bool joined = false;
  for (const auto& name : names) {
    if (!is_name(name)) continue;
    const std::string path = directory + "/" + name;
    const auto header = read_header(env, path);
    if (!header) {
      problem(header.error());
      before.reset();
      continue;
    }
    if (before && (before->next != header->base || before->chain_after != header->chain_before))
      problem(damaged(path, 0, "does not follow the history file before it"));
    before = *header;
    joined = joined || (header->next == journal.begins_at && hex(header->chain_after) == journal.chain_before);
    const History history(env, directory, header->partition);
    const auto read = history.read_part({*header, path}, 0, [](const RecordView&) { return true; });
    if (!read) problem(read.error());
  }
  if (before && journal.begins_at > 0 && !joined)
    problem(corrupt(directory, 0,
                    fmt::format("history goes on to byte {}, the journal begins at byte {}: segments are missing "
                                "between them, or they are of different journals",
                                before->next, journal.begins_at)));
  return {};
}

Result<void> WholeLog::read(Position from, const std::function<bool(const RecordView&)>& visit) const {
  if (!history_) return journal_.read_headers(from, visit);
  uint64_t next = from.offset;  // the first offset not visited yet
  bool ended = false;
  const auto pass_on = [&](const RecordView& record) {
    if (record.position.offset < next) return true;
    next = record.position.offset + 1;
    ended = !visit(record);
    return !ended;
  };
  for (;;) {
    const uint64_t kept_to = history_->end().offset;
    if (next < kept_to) {
      LT_TRY(history_->read({from.partition, next}, pass_on));
      if (ended) return {};
      next = std::max(next, kept_to);
    }
    // A segment is in history before it leaves the journal. So if history has not grown by the time the first record
    // comes, the journal still had all from `kept_to` on when the reading began.
    bool gap = false, first = true;
    const auto read = journal_.read_headers({from.partition, next}, [&](const RecordView& record) {
      if (std::exchange(first, false)) gap = history_->end().offset > std::max(next, kept_to);
      return !gap && pass_on(record);
    });
    if (ended) return {};
    const bool grown = history_->end().offset > std::max(next, kept_to);
    if (!read && !grown) return read;
    if (read && !gap && !(first && grown)) return {};
  }
}

Result<void> WholeLog::read_at(Position position, const std::function<void(const RecordView&)>& visit) const {
  auto read = journal_.read_header_at(position, visit);
  if (read || read.error().code != Code::no_such_record || !history_) return read;
  return history_->read_at(position, visit);
}

Position WholeLog::oldest() const {
  const Position kept = history_ ? history_->oldest() : Position{};
  return kept.offset != 0 ? kept : journal_.oldest();
}

}  // namespace lt::journal
