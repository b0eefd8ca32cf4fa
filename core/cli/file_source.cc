#include "core/cli/file_source.h"

namespace lt::cli {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::unique_ptr<File> file, uint64_t size) : file_(std::move(file)), size_(size) {}
  Result<size_t> read(char* out, size_t size) override {
    LT_ASSIGN(const size_t got, file_->read_at(offset_, out, size));
    offset_ += got;
    return got;
  }
  std::optional<uint64_t> size() const override { return size_; }

 private:
  std::unique_ptr<File> file_;
  uint64_t size_, offset_ = 0;
};

}  // namespace

Result<std::shared_ptr<ByteSource>> open_file_source(Env& env, const std::string& path) {
  LT_ASSIGN(auto file, env.open(path, OpenMode::read));
  LT_ASSIGN(const uint64_t size, file->size());
  return std::make_shared<FileSource>(std::move(file), size);
}

std::string_view content_type_of(std::string_view path) {
  if (path.ends_with(".json")) return "application/json";
  if (path.ends_with(".xml") || path.ends_with(".edxml")) return "application/xml";
  if (path.ends_with(".zip") || path.ends_with(".edoc")) return "application/zip";
  return "application/octet-stream";
}

}  // namespace lt::cli
