#include "core/base/env.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

namespace lt {
namespace {
struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "lienthong-env-XXXXXX").string();
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
};

// Passes everything on, notes the calls, and fails the call of the given number.
class FaultyEnv final : public Env {
 public:
  int fail_at = -1;
  std::vector<std::string> calls;

  Result<void> step(std::string call) {
    calls.push_back(std::move(call));
    if (static_cast<int>(calls.size()) - 1 == fail_at) return fail(Code::disk_full, "on purpose");
    return {};
  }
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    LT_TRY(step("open"));
    LT_ASSIGN(auto file, system_env().open(path, mode));
    return std::make_unique<FaultyFile>(*this, std::move(file));
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    LT_TRY(step("rename"));
    return system_env().rename(from, to);
  }
  Result<void> sync_directory(const std::string& path) override {
    LT_TRY(step("sync_directory"));
    return system_env().sync_directory(path);
  }
  Result<void> remove(const std::string& path) override { return system_env().remove(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return system_env().list(path); }
  Result<void> make_directories(const std::string& path) override { return system_env().make_directories(path); }
  Result<bool> exists(const std::string& path) override { return system_env().exists(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return system_env().free_bytes(path); }

 private:
  struct FaultyFile final : File {
    FaultyFile(FaultyEnv& of, std::unique_ptr<File> under) : env(of), file(std::move(under)) {}
    Result<size_t> read_at(uint64_t at, char* out, size_t size) const override { return file->read_at(at, out, size); }
    Result<void> write_at(uint64_t at, std::string_view bytes) override {
      if (auto go = env.step("write"); !go) {
        // What a full disk does: a part arrives.
        LT_TRY(file->write_at(at, bytes.substr(0, bytes.size() / 2)));
        return go;
      }
      return file->write_at(at, bytes);
    }
    Result<void> sync() override {
      LT_TRY(env.step("sync"));
      return file->sync();
    }
    Result<uint64_t> size() const override { return file->size(); }
    Result<void> truncate(uint64_t to) override { return file->truncate(to); }
    FaultyEnv& env;
    std::unique_ptr<File> file;
  };
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("a file keeps what is written at each offset") {
  const Folder folder;
  Env& env = system_env();
  const std::string path = folder / "hồ sơ.dat";
  {
    auto file = env.open(path, OpenMode::create_new).value();
    CHECK(file->size().value() == 0);
    REQUIRE(file->write_at(4, "world").has_value());
    REQUIRE(file->write_at(0, "hell").has_value());
    REQUIRE(file->sync().has_value());
    CHECK(file->size().value() == 9);
  }
  auto file = env.open(path, OpenMode::read_write).value();
  char out[16] = {};
  CHECK(file->read_at(0, out, sizeof out).value() == 9);
  CHECK(std::string_view(out, 9) == "hellworld");
  CHECK(file->read_at(7, out, 2).value() == 2);
  CHECK(std::string_view(out, 2) == "ld");
  CHECK(file->read_at(9, out, 2).value() == 0);
  REQUIRE(file->truncate(4).has_value());
  CHECK(read_file(env, path).value() == "hell");
  CHECK(env.open(path, OpenMode::create_or_open).value()->size().value() == 4);
}

TEST_CASE("names are listed in order, renamed and removed") {
  const Folder folder;
  Env& env = system_env();
  REQUIRE(env.make_directories(folder / "x/y/z").has_value());
  REQUIRE(env.make_directories(folder / "x/y/z").has_value());
  for (const char* name : {"b", "a", "c"}) REQUIRE(replace_file(env, folder / name, name).has_value());
  CHECK(env.list(folder.path).value() == std::vector<std::string>{"a", "b", "c", "x"});
  REQUIRE(env.rename(folder / "a", folder / "d").has_value());
  CHECK_FALSE(env.exists(folder / "a").value());
  CHECK(env.exists(folder / "d").value());
  CHECK_FALSE(env.exists(folder / "d/under a file").value());
  REQUIRE(env.remove(folder / "d").has_value());
  REQUIRE(env.remove(folder / "d").has_value());
  REQUIRE(env.sync_directory(folder.path).has_value());
  CHECK(env.list(folder.path).value() == std::vector<std::string>{"b", "c", "x"});
  CHECK(env.free_bytes(folder.path).has_value());
}

TEST_CASE("errors name the path and the reason") {
  const Folder folder;
  Env& env = system_env();
  const std::string missing = folder / "missing";
  const auto check = [](const auto& result, const std::string& path, const std::string& reason) {
    REQUIRE_FALSE(result.has_value());
    CAPTURE(result.error().detail);
    CHECK(result.error().code == Code::io_error);
    CHECK(holds(result.error().detail, path));
    CHECK(holds(result.error().detail, reason));
  };
  const std::string none = "No such file or directory";
  check(env.open(missing, OpenMode::read), missing, none);
  check(env.open(missing, OpenMode::read_write), missing, none);
  check(read_file(env, missing), missing, none);
  check(env.list(missing), missing, none);
  check(env.sync_directory(missing), missing, none);
  check(env.free_bytes(missing), missing, none);
  check(env.rename(missing, folder / "b"), missing, none);
  check(env.open(folder.path, OpenMode::read), folder.path, "Is a directory");
  check(env.open(folder.path, OpenMode::read_write), folder.path, "Is a directory");
  check(read_file(env, folder.path), folder.path, "Is a directory");
  REQUIRE(replace_file(env, folder / "file", "x").has_value());
  check(env.open(folder / "file", OpenMode::create_new), folder / "file", "File exists");
  check(env.make_directories(folder / "file/below"), folder / "file/below", "Not a directory");
  check(env.open(folder / "file", OpenMode::read).value()->write_at(0, "y"), folder / "file", "Bad file descriptor");
}

TEST_CASE("a full device is disk_full") {
  auto file = system_env().open("/dev/full", OpenMode::read_write);
  REQUIRE(file.has_value());
  const auto written = (*file)->write_at(0, "x");
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == Code::disk_full);
  CHECK(holds(written.error().detail, "/dev/full"));
}

TEST_CASE("a whole file is read up to the limit, also when its size is not known") {
  const Folder folder;
  Env& env = system_env();
  const std::string path = folder / "f";
  REQUIRE(replace_file(env, path, std::string(1000, 'x')).has_value());
  CHECK(read_file(env, path, 1000).value().size() == 1000);
  const auto refused = read_file(env, path, 999);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::too_large);
  CHECK(holds(refused.error().detail, path));
  REQUIRE(replace_file(env, path, "").has_value());
  CHECK(read_file(env, path, 0).value().empty());
  CHECK(holds(read_file(env, "/proc/self/status").value(), "Name:"));
  CHECK(read_file(env, "/proc/self/status", 10).error().code == Code::too_large);
}

TEST_CASE("replace_file leaves the old or the new text whole, whichever step fails") {
  const Folder folder;
  const std::string path = folder / "f", before = "old and longer than the new", after = "new text";
  const std::vector<std::string> steps{"open", "write", "sync", "rename", "sync_directory"};
  for (size_t at = 0; at < steps.size(); ++at) {
    CAPTURE(steps[at]);
    REQUIRE(replace_file(system_env(), path, before).has_value());
    FaultyEnv env;
    env.fail_at = static_cast<int>(at);
    const auto done = replace_file(env, path, after);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == Code::disk_full);
    CHECK(read_file(env, path).value() == (steps[at] == "sync_directory" ? after : before));
    CHECK(env.list(folder.path).value() == std::vector<std::string>{"f"});
  }
  REQUIRE(replace_file(system_env(), path + ".tmp", "left behind by a crash, and longer").has_value());
  FaultyEnv env;
  REQUIRE(replace_file(env, path, after).has_value());
  CHECK(env.calls == steps);
  CHECK(read_file(env, path).value() == after);
}

}  // namespace lt
