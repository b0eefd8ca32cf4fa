#include "core/journal/checkpoint.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/log.h"

namespace lt::journal {
namespace {

constexpr std::string_view kMagic = "LTCKP1\n";
constexpr std::string_view kStart = "checkpoint-", kEnding = ".ckp";
constexpr size_t kHeader = 7 + 1 + 4 + 4 + 8 + 8;  // magic, version, crc, partition, offset, size
constexpr size_t kCrcAt = 8, kCovered = 12;
constexpr uint8_t kVersion = 1;
constexpr size_t kKept = 2;

std::string name_of(Position position) { return fmt::format("{}{:016x}{}", kStart, position.offset, kEnding); }

// 0: not a checkpoint.
uint64_t offset_of(std::string_view name) {
  if (!name.starts_with(kStart) || !name.ends_with(kEnding)) return 0;
  const std::string_view digits = name.substr(kStart.size(), name.size() - kStart.size() - kEnding.size());
  uint64_t offset = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset, 16);
  return digits.size() == 16 && error == std::errc() && end == digits.data() + digits.size() ? offset : 0;
}

void put(std::string& out, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t get(std::string_view in, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(in[at + i])} << (8 * i);
  return value;
}

// The CRC covers what follows it, so header and state need not be one string.
uint32_t crc_of(std::string_view rest_of_header, std::string_view state) {
  return crc32c(crc32c(0, rest_of_header), state);
}

// Names, newest first: they sort by position.
Result<std::vector<std::string>> names_of(Env& env, const std::string& directory) {
  std::vector<std::string> out;
  LT_ASSIGN(const bool there, env.exists(directory));
  if (!there) return out;
  LT_ASSIGN(const auto names, env.list(directory));
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    if (offset_of(*name) != 0) out.push_back(*name);
  return out;
}

std::string_view damage(std::string_view bytes, uint64_t offset) {
  if (bytes.size() < kHeader || !bytes.starts_with(kMagic)) return "not a checkpoint";
  if (static_cast<uint8_t>(bytes[kMagic.size()]) != kVersion) return "of another version";
  const std::string_view state = bytes.substr(kHeader);
  if (get(bytes, 24, 8) != state.size()) return "cut short";
  if (get(bytes, kCrcAt, 4) != crc_of(bytes.substr(kCovered, kHeader - kCovered), state)) return "CRC mismatch";
  if (get(bytes, 16, 8) != offset) return "of another place than its name says";
  return {};
}

// None: damaged.
Result<std::optional<Checkpoint>> read_one(Env& env, const std::string& directory, const std::string& name) {
  const std::string path = directory + "/" + name;
  auto bytes = read_file(env, path, limits::kCheckpoint);
  const std::string_view why = bytes ? damage(*bytes, offset_of(name)) : "cannot be read";
  if (!why.empty()) {
    log::warn("journal", "a checkpoint is left aside", {{"file", path}, {"why", why}});
    return std::optional<Checkpoint>();
  }
  Checkpoint checkpoint;
  checkpoint.position = {static_cast<uint32_t>(get(*bytes, kCovered, 4)), offset_of(name)};
  checkpoint.state = std::move(bytes->erase(0, kHeader));
  return std::optional<Checkpoint>(std::move(checkpoint));
}

}  // namespace

Result<void> write_checkpoint(Env& env, const std::string& directory, const Checkpoint& checkpoint) {
  if (checkpoint.position.offset == 0) return {};  // of nothing
  std::string header(kMagic);
  put(header, kVersion, 1);
  put(header, 0, 4);
  put(header, checkpoint.position.partition, 4);
  put(header, checkpoint.position.offset, 8);
  put(header, checkpoint.state.size(), 8);
  const uint32_t crc = crc_of(std::string_view(header).substr(kCovered), checkpoint.state);
  for (size_t i = 0; i < 4; ++i) header[kCrcAt + i] = static_cast<char>(crc >> (8 * i));
  const std::string path = directory + "/" + name_of(checkpoint.position);
  {
    LT_ASSIGN(const auto file, env.open(path + ".tmp", OpenMode::create_or_open));
    LT_TRY(file->truncate(0));
    LT_TRY(file->write_at(0, header));
    LT_TRY(file->write_at(header.size(), checkpoint.state));
    LT_TRY(file->sync());
  }
  LT_TRY(env.rename(path + ".tmp", path));
  LT_TRY(env.sync_directory(directory));
  LT_ASSIGN(const auto all, env.list(directory));
  for (const auto& name : all)
    if (name.starts_with(kStart) && name.ends_with(".tmp")) LT_TRY(env.remove(directory + "/" + name));
  LT_ASSIGN(const auto names, names_of(env, directory));
  for (size_t i = kKept; i < names.size(); ++i) LT_TRY(env.remove(directory + "/" + names[i]));
  return {};
}

Result<std::optional<Checkpoint>> newest_checkpoint(Env& env, const std::string& directory, Position from,
                                                    Position below) {
  LT_ASSIGN(const auto names, names_of(env, directory));
  for (const auto& name : names) {
    const uint64_t offset = offset_of(name);
    if (offset < from.offset || offset >= below.offset) continue;
    LT_ASSIGN(auto checkpoint, read_one(env, directory, name));
    if (checkpoint && checkpoint->position.partition == from.partition) return checkpoint;
  }
  return std::optional<Checkpoint>();
}

Result<void> drop_checkpoints_from(Env& env, const std::string& directory, Position from) {
  LT_ASSIGN(const auto names, names_of(env, directory));
  bool changed = false;
  for (const auto& name : names) {
    if (offset_of(name) < from.offset) continue;
    log::warn("journal", "a checkpoint beyond the end of the journal is removed", {{"file", directory + "/" + name}});
    LT_TRY(env.remove(directory + "/" + name));
    changed = true;
  }
  return changed ? env.sync_directory(directory) : Result<void>();
}

Result<std::vector<Position>> intact_checkpoints(Env& env, const std::string& directory, uint32_t partition) {
  std::vector<Position> out;
  LT_ASSIGN(const auto names, names_of(env, directory));
  for (const auto& name : names) {
    LT_ASSIGN(const auto checkpoint, read_one(env, directory, name));
    if (checkpoint && checkpoint->position.partition == partition) out.push_back(checkpoint->position);
  }
  return out;
}

}  // namespace lt::journal
