#include "test/faults/fault_env.h"

#include <array>

namespace lt::test {
namespace {

constexpr std::array kSimulated{Operation::open,   Operation::write,          Operation::sync,    Operation::rename,
                                Operation::remove, Operation::sync_directory, Operation::truncate};

}  // namespace

class FaultEnv::Watched final : public File {
 public:
  Watched(FaultEnv& env, std::string path, std::unique_ptr<File> file)
      : env_(env), path_(std::move(path)), file_(std::move(file)) {}
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    return file_->read_at(offset, out, size);
  }
  Result<void> write_at(uint64_t offset, std::string_view data) override {
    LT_TRY(env_.meet(Fault::Kind::write, path_));
    return file_->write_at(offset, data);
  }
  Result<void> sync() override {
    LT_TRY(env_.meet(Fault::Kind::sync, path_));
    return file_->sync();
  }
  Result<uint64_t> size() const override { return file_->size(); }
  Result<void> truncate(uint64_t size) override {
    LT_TRY(env_.meet(Fault::Kind::truncate, path_));
    return file_->truncate(size);
  }

 private:
  FaultEnv& env_;
  std::string path_;
  std::unique_ptr<File> file_;
};

Result<void> FaultEnv::meet(Fault::Kind kind, const std::string& path) {
  const std::lock_guard lock(mutex_);
  const uint64_t nth = ++counts_[kind];
  if (!armed_ || kind != fault_.kind || nth != fault_.nth) return {};
  hit_ = true;
  const auto index = static_cast<size_t>(kind);
  if (index < kSimulated.size() && !path.starts_with(real_folder_)) {
    memory_.fail(kSimulated[index], 1, fault_.code, fault_.partial);
    return {};
  }
  return lt::fail(fault_.code, path + ": fault on purpose");
}

uint64_t FaultEnv::count(Fault::Kind kind) const {
  const std::lock_guard lock(mutex_);
  const auto at = counts_.find(kind);
  return at == counts_.end() ? 0 : at->second;
}

Result<std::unique_ptr<File>> FaultEnv::open(const std::string& path, OpenMode mode) {
  LT_TRY(meet(Fault::Kind::open, path));
  LT_ASSIGN(auto file, at(path).open(path, mode));
  return std::make_unique<Watched>(*this, path, std::move(file));
}

Result<void> FaultEnv::rename(const std::string& from, const std::string& to) {
  LT_TRY(meet(Fault::Kind::rename, from));
  return at(from).rename(from, to);
}

Result<void> FaultEnv::remove(const std::string& path) {
  LT_TRY(meet(Fault::Kind::remove, path));
  return at(path).remove(path);
}

Result<std::vector<std::string>> FaultEnv::list(const std::string& directory) {
  LT_TRY(meet(Fault::Kind::list, directory));
  return at(directory).list(directory);
}

Result<void> FaultEnv::make_directories(const std::string& path) {
  LT_TRY(meet(Fault::Kind::make_directories, path));
  return at(path).make_directories(path);
}

Result<void> FaultEnv::sync_directory(const std::string& path) {
  LT_TRY(meet(Fault::Kind::sync_directory, path));
  return at(path).sync_directory(path);
}

}  // namespace lt::test
