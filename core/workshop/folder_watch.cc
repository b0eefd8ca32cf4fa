#include "core/workshop/folder_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lt::workshop {
namespace {

constexpr int kQuietMs = 40;     // an editor is done when it was quiet for so long
constexpr int kMostQuiets = 25;  // of one burst
constexpr int kFolderDepth = 8;
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR;

tl::unexpected<Error> failed(const char* what, const std::string& path = {}) {
  return fail(Code::io_error, fmt::format("{} {}: {}", what, path, std::strerror(errno)));
}

}  // namespace

bool FolderWatch::Wanted::wants(const std::string& name) const {
  return names.count(name) > 0 ||
         std::any_of(endings.begin(), endings.end(), [&](const std::string& at) { return name.ends_with(at); });
}

Result<FolderWatch> FolderWatch::open() {
  const int file = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (file < 0) return failed("inotify");
  return FolderWatch(file);
}

FolderWatch::FolderWatch(FolderWatch&& other) noexcept : file_(other.file_), wanted_(std::move(other.wanted_)) {
  other.file_ = -1;
}

FolderWatch::~FolderWatch() {
  if (file_ >= 0) ::close(file_);
}

Result<FolderWatch::Wanted*> FolderWatch::folder(const std::string& path, bool& fresh) {
  const int watch = inotify_add_watch(file_, path.c_str(), kEvents);
  if (watch < 0) return failed("watch", path);
  const auto [at, made] = wanted_.try_emplace(watch);
  fresh = made;
  return &at->second;
}

Result<bool> FolderWatch::file(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string above = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  bool fresh = false;
  LT_ASSIGN(Wanted * wanted, folder(above, fresh));
  return wanted->names.insert(slash == std::string::npos ? path : path.substr(slash + 1)).second;
}

Result<bool> FolderWatch::tree(const std::string& path, const std::vector<std::string>& endings) {
  bool news = false;
  LT_ASSIGN(Wanted * wanted, folder(path, news));
  if (wanted->endings.empty()) news = true;
  wanted->endings = endings;
  std::error_code bad;
  namespace fs = std::filesystem;
  for (auto at = fs::recursive_directory_iterator(path, bad); !bad && at != fs::recursive_directory_iterator();
       at.increment(bad)) {
    if (!at->is_directory(bad)) continue;
    if (at.depth() >= kFolderDepth) at.disable_recursion_pending();
    bool fresh = false;
    LT_ASSIGN(Wanted * below, folder(at->path().string(), fresh));
    news = news || fresh;
    below->endings = endings;
  }
  return news;
}

Result<bool> FolderWatch::take() {
  alignas(inotify_event) char buffer[16 << 10];
  bool wanted = false;
  for (;;) {
    const ssize_t got = ::read(file_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return wanted;
    if (got <= 0) return failed("inotify");
    for (const char* at = buffer; at < buffer + got;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      const std::string name = event.len > 0 ? std::string(at + sizeof event) : std::string();
      const auto folder = wanted_.find(event.wd);
      if (event.mask & IN_Q_OVERFLOW) wanted = true;
      if (folder != wanted_.end() && (event.mask & IN_IGNORED))
        wanted_.erase(folder);
      else if (folder != wanted_.end() && folder->second.wants(name))
        wanted = true;
      at += sizeof event + event.len;
    }
  }
}

Result<bool> FolderWatch::wait(int stop) {
  bool changed = false;
  int quiets = 0;
  for (;;) {
    pollfd files[] = {{file_, POLLIN, 0}, {stop, POLLIN, 0}};
    const int ready = ::poll(files, 2, changed ? kQuietMs : -1);
    if (ready < 0 && errno != EINTR) return failed("poll");
    if (ready < 0) continue;
    if (files[1].revents != 0) return false;
    if (ready == 0 || (changed && ++quiets > kMostQuiets)) return true;
    LT_ASSIGN(const bool wanted, take());
    changed = changed || wanted;
  }
}

}  // namespace lt::workshop
