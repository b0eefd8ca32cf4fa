// Folds facts into the files, batch by batch. One thread. After an error it is thrown away and opened again, which
// takes its state from what is on disk; facts that are in already are told by each file's `applied` and skipped.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/catalog/catalog.h"
#include "core/catalog/day_file.h"
#include "core/catalog/day_index.h"
#include "core/catalog/reader.h"

namespace lt::catalog {

struct ProjectorOptions {
  std::string directory;
  uint64_t reserve_bytes = 0;
  uint64_t oldest = 0, end = 0;  // of the journal: offsets of its first kept record and of the next to come
};

class Projector {
 public:
  // Moves damaged files aside, and goes back to the first fact some file does not know. `reader` is kept informed of
  // the days there are and closed while files move.
  static Result<std::unique_ptr<Projector>> open(Env& env, Reader& reader, ProjectorOptions options);
  // Renames a file (a name within the directory) to "<name>.damaged-N"; no Projector may be open.
  static Result<void> set_aside(Env& env, Reader& reader, const std::string& directory, const std::string& name);

  uint64_t applied() const { return applied_; }
  // In position order; those that are in already are skipped. One transaction, more when many days are touched.
  Result<void> fold(std::span<const Entry> entries);
  // Drops every day that begins at `oldest` or later; applied() becomes 0.
  Result<void> drop(uint64_t oldest);

 private:
  Projector(Env& env, Reader& reader, ProjectorOptions options)
      : env_(env), reader_(reader), options_(std::move(options)) {}
  Result<void> start();
  Result<void> open_index();
  Result<uint64_t> check_days();
  Result<uint64_t> check_day(const DayRange& range, bool on_disk);
  Result<DayFile*> file(Day day);
  Result<DayFile*> locate(uint64_t message);
  Result<void> fold_one(const Entry& entry);
  Result<void> commit(uint64_t offset);
  void publish();
  std::string path(std::string_view name) const { return options_.directory + "/" + std::string(name); }

  Env& env_;
  Reader& reader_;
  ProjectorOptions options_;
  std::unique_ptr<DayIndex> index_;
  std::map<Day, std::unique_ptr<DayFile>> files_;
  std::vector<Day> candidates_, published_;
  uint64_t applied_ = 0;
};

}  // namespace lt::catalog
