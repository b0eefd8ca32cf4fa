#include "core/catalog/projector.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/limits.h"
#include "core/base/log.h"

namespace lt::catalog {
namespace {

constexpr uint64_t kNothingLost = std::numeric_limits<uint64_t>::max();
constexpr int kMostAside = 1'000;
constexpr std::string_view kSuffixes[] = {"", "-wal", "-shm"};  // SQLite's companions must go with their file

}  // namespace

Result<void> Projector::set_aside(Env& env, Reader& reader, const std::string& directory, const std::string& name) {
  const auto closed = reader.close();
  const std::string from = directory + "/" + name;
  for (int n = 1; n <= kMostAside; ++n) {
    const std::string to = fmt::format("{}.damaged-{}", from, n);
    LT_ASSIGN(const bool taken, env.exists(to));
    if (taken) continue;
    for (const auto suffix : kSuffixes) {
      const std::string part = from + std::string(suffix);
      LT_ASSIGN(const bool there, env.exists(part));
      if (there) LT_TRY(env.rename(part, to + std::string(suffix)));
    }
    log::warn("catalog", "damaged file set aside; it is made again from the journal", {{"file", from}, {"aside", to}});
    return env.sync_directory(directory);
  }
  return fail(Code::catalog_failed, fmt::format("{} files set aside already", kMostAside), in_file(from),
              "look at the disk, then remove the files named *.damaged-*");
}

Result<std::unique_ptr<Projector>> Projector::open(Env& env, Reader& reader, ProjectorOptions options) {
  std::unique_ptr<Projector> projector(new Projector(env, reader, std::move(options)));
  LT_TRY(projector->start());
  return projector;
}

Result<void> Projector::start() {
  LT_TRY(env_.make_directories(options_.directory));
  LT_TRY(open_index());
  LT_ASSIGN(const uint64_t back_to, check_days());
  applied_ = std::min(index_->applied(), back_to);
  if (applied_ > 0 && applied_ >= options_.end) {
    log::warn("catalog", "the catalog knows more than the journal: it is of another journal and is made anew",
              {{"applied", applied_}, {"journal_end", options_.end}});
    LT_TRY(drop(0));
  }
  if (applied_ != index_->applied()) LT_TRY(index_->commit(applied_));
  publish();
  return {};
}

Result<void> Projector::open_index() {
  auto opened = DayIndex::open(path(kIndexFileName));
  if (!opened && opened.error().code == Code::catalog_damaged) {
    LT_TRY(set_aside(env_, reader_, options_.directory, std::string(kIndexFileName)));
    opened = DayIndex::open(path(kIndexFileName));
  }
  if (!opened) return fail(std::move(opened).error());
  index_ = std::move(*opened);
  return {};
}

// The offset to go back to, or kNothingLost.
Result<uint64_t> Projector::check_days() {
  LT_ASSIGN(const auto names, env_.list(options_.directory));
  std::vector<Day> on_disk;
  for (const auto& name : names) {
    if (const Day day = parse_day_file_name(name)) on_disk.push_back(day);
  }
  std::sort(on_disk.begin(), on_disk.end());
  uint64_t back_to = kNothingLost;
  const std::vector<DayRange> known = index_->days();
  for (const auto& range : known) {
    LT_ASSIGN(const uint64_t lost, check_day(range, std::binary_search(on_disk.begin(), on_disk.end(), range.day)));
    back_to = std::min(back_to, lost);
  }
  for (const Day day : on_disk) {
    if (std::any_of(known.begin(), known.end(), [day](const DayRange& range) { return range.day == day; })) continue;
    DayRange range;
    range.day = day;
    // A day only its file knows: the index went back or was lost, so its facts come again; its file tells which are in.
    LT_ASSIGN(const uint64_t lost, check_day(range, true));
    back_to = std::min(back_to, lost);
  }
  return back_to;
}

Result<uint64_t> Projector::check_day(const DayRange& range, bool on_disk) {
  const std::string name = day_file_name(range.day);
  if (on_disk) {
    auto opened = DayFile::open(path(name));
    if (opened) {
      if (range.last == 0) {
        LT_ASSIGN(const auto held, (*opened)->range());
        DayRange found = range;
        found.first = held.first;
        found.last = held.second;
        found.applied = (*opened)->applied();
        if (found.last > 0) index_->adopt(found);
      }
      return (*opened)->applied() < range.applied ? (*opened)->applied() : kNothingLost;
    }
    if (opened.error().code != Code::catalog_damaged) return fail(std::move(opened).error());
    LT_TRY(set_aside(env_, reader_, options_.directory, name));
  } else {
    log::warn("catalog", "a day's file is missing; it is made again from the journal", {{"file", path(name)}});
  }
  if (range.last == 0) return uint64_t{0};
  if (range.first < options_.oldest) {
    log::warn("catalog", "the journal no longer holds all of that day: what was before stays lost to searches",
              {{"file", path(name)}, {"first", range.first}, {"oldest", options_.oldest}});
  }
  if (range.last < options_.oldest) {
    index_->forget(range.day);
    return kNothingLost;
  }
  return range.first - 1;
}

Result<DayFile*> Projector::file(Day day) {
  auto& kept = files_[day];
  if (!kept) {
    auto opened = DayFile::open(path(day_file_name(day)));
    if (!opened) {
      files_.erase(day);
      return fail(std::move(opened).error());
    }
    kept = std::move(*opened);
  }
  return kept.get();
}

// Null when no file holds the message.
Result<DayFile*> Projector::locate(uint64_t message) {
  index_->candidates(message, candidates_);
  for (const Day day : candidates_) {
    LT_ASSIGN(DayFile * found, file(day));
    if (candidates_.size() == 1) return found;
    LT_ASSIGN(const bool holds, found->holds(message));
    if (holds) return found;
  }
  return nullptr;
}

Result<void> Projector::fold_one(const Entry& entry) {
  const uint64_t offset = entry.position.offset;
  DayFile* file_of = nullptr;
  const auto* accepted = std::get_if<AcceptedFact>(entry.fact.get());
  const auto* attempt = std::get_if<AttemptFact>(entry.fact.get());
  const auto* outcome = std::get_if<OutcomeFact>(entry.fact.get());
  const auto* action = std::get_if<ActionFact>(entry.fact.get());
  const auto* asked = std::get_if<AskedFact>(entry.fact.get());
  const auto* answered = std::get_if<AnsweredFact>(entry.fact.get());
  if (action && !is_of_delivery(action->kind)) return {};
  if (const Message* message = message_of(*entry.fact)) {
    const Day day = day_of(message->envelope.accepted);
    LT_ASSIGN(file_of, file(day));
    index_->note(day, offset);
  } else if (attempt || outcome || action || answered) {
    const auto& delivery = attempt    ? attempt->delivery
                           : outcome  ? outcome->delivery
                           : answered ? answered->outcome.delivery
                                      : action->delivery;
    LT_ASSIGN(file_of, locate(delivery.message.offset));
  }
  if (!file_of || file_of->applied() >= offset) return {};
  LT_TRY(file_of->begin());
  if (accepted) return file_of->accept(offset, *accepted);
  if (asked) return file_of->asked(offset, *asked);
  if (answered) return file_of->answered(offset, *answered);
  if (attempt) return file_of->attempt(offset, *attempt);
  return outcome ? file_of->outcome(offset, *outcome) : file_of->action(offset, *action);
}

Result<void> Projector::fold(std::span<const Entry> entries) {
  LT_ASSIGN(const uint64_t free, env_.free_bytes(options_.directory));
  if (free < options_.reserve_bytes) {
    return fail(Code::disk_full,
                fmt::format("{} bytes free, {} are kept for the journal", free, options_.reserve_bytes),
                in_file(options_.directory));
  }
  uint64_t last = applied_;
  for (const Entry& entry : entries) {
    if (entry.position.offset <= last) continue;
    LT_TRY(fold_one(entry));
    last = entry.position.offset;
    if (files_.size() > limits::kCatalogOpenDays) LT_TRY(commit(last));
  }
  return last == applied_ ? Result<void>() : commit(last);
}

Result<void> Projector::commit(uint64_t offset) {
  for (const auto& [day, file] : files_) {
    if (!file->changing()) continue;
    LT_TRY(file->commit(offset));
    index_->set_day_applied(day, offset);
  }
  LT_TRY(index_->commit(offset));
  applied_ = offset;
  publish();
  while (files_.size() > limits::kCatalogOpenDays) files_.erase(files_.begin());
  return {};
}

Result<void> Projector::drop(uint64_t oldest) {
  files_.clear();
  {
    const auto closed = reader_.close();
    const std::vector<DayRange> known = index_->days();
    for (const auto& range : known) {
      if (range.first < oldest) continue;
      for (const auto suffix : kSuffixes) LT_TRY(env_.remove(path(day_file_name(range.day)) + std::string(suffix)));
      index_->forget(range.day);
    }
  }
  LT_TRY(index_->commit(0));
  applied_ = 0;
  publish();
  return {};
}

void Projector::publish() {
  std::vector<Day> days;
  days.reserve(index_->days().size());
  for (const auto& range : index_->days()) days.push_back(range.day);
  if (days == published_) return;
  published_ = days;
  reader_.publish(std::move(days));
}

}  // namespace lt::catalog
