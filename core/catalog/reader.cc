#include "core/catalog/reader.h"

#include <algorithm>
#include <filesystem>

#include "core/base/limits.h"

namespace lt::catalog {

Result<Database*> ReadFiles::open(Day day) {
  if (const auto found = kept_.find(day); found != kept_.end()) {
    found->second.second = ++uses_;
    found->second.first->trim();
    return found->second.first.get();
  }
  if (kept_.size() >= limits::kCatalogOpenDays) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                 [](const auto& a, const auto& b) { return a.second.second < b.second.second; }));
  }
  const std::string path = directory_ + "/" + day_file_name(day);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return nullptr;
  LT_ASSIGN(auto database, Database::open(path, Database::Use::read));
  auto& kept = kept_[day];
  kept = {std::move(database), ++uses_};
  return kept.first.get();
}

Result<Snapshot> Snapshot::begin(Database& database) {
  LT_TRY(database.execute("BEGIN"));
  return Snapshot(database);
}

Snapshot::~Snapshot() {
  // A failed read may have ended the transaction already; there is nothing to save either way.
  if (database_) (void)database_->execute("ROLLBACK");
}

void Reader::publish(std::vector<Day> days) {
  const std::lock_guard lock(mutex_);
  files_.days_.assign(days.rbegin(), days.rend());
}

std::unique_lock<std::mutex> Reader::close() {
  std::unique_lock lock(mutex_);
  files_.kept_.clear();
  damaged_.clear();  // whoever closes is mending; what is still damaged is met again
  return lock;
}

std::vector<std::string> Reader::take_damaged() {
  const std::lock_guard lock(mutex_);
  return std::exchange(damaged_, {});
}

void Reader::note_failure(const Error& error) {
  if (error.code != Code::catalog_damaged) return;
  const std::string name = std::filesystem::path(error.place.file).filename().string();
  if (parse_day_file_name(name) == 0) return;
  if (std::find(damaged_.begin(), damaged_.end(), name) == damaged_.end()) damaged_.push_back(name);
}

}  // namespace lt::catalog
