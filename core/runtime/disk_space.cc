#include "core/runtime/disk_space.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/base/log.h"

namespace lt::runtime {
namespace {

constexpr int64_t kBetweenSamples = 3'600, kLongest = 7 * 86'400, kLeastSpan = 3'600;  // seconds
constexpr int64_t kNotInSight = 36'500;                                                // days
constexpr int kAgainAfter = 60;  // seconds a refused sender should wait

std::string megabytes(uint64_t bytes) { return fmt::format("{} MB", bytes >> 20); }

}  // namespace

DiskSpace::DiskSpace(Env& env, const Clock& clock, Metrics& metrics, std::string directory, uint64_t reserve)
    : env_(env),
      clock_(clock),
      directory_(std::move(directory)),
      reserve_(reserve),
      free_(metrics.gauge("lienthong_disk_free_bytes", "Free on the volume of the data")),
      growth_(metrics.gauge("lienthong_disk_growth_bytes_per_day",
                            "How fast that volume fills, over the last week; 0 while not known")),
      days_(metrics.gauge("lienthong_disk_full_days",
                          "Days until only the reserve is left; -1 not known yet, 36500 not in sight")),
      accepting_(metrics.gauge("lienthong_disk_accepting", "0 while the disk is below the reserve: 507 to senders")) {
  metrics.gauge("lienthong_disk_reserve_bytes", "Kept for outcomes: below it nothing new is accepted")
      .set(static_cast<int64_t>(reserve));
  load();
}

Result<void> DiskSpace::room(uint64_t wanted) const {
  const auto free = env_.free_bytes(directory_);
  if (!free || (*free >= reserve_ && *free - reserve_ >= wanted)) return {};
  std::string detail = fmt::format("{} free where the data is kept, {} are reserved for deliveries", megabytes(*free),
                                   megabytes(reserve_));
  if (wanted > 0) detail += fmt::format(", the body takes {}", megabytes(wanted));
  Error error(Code::disk_full, std::move(detail), {},
              "administrator: free space on that volume or add to it (`lienthong status`); sender: send again later");
  error.after_s = kAgainAfter;
  return fail(std::move(error));
}

void DiskSpace::load() {
  const auto text = read_file(env_, directory_ + "/disk.history", 64 << 10);
  if (!text) return;
  for (size_t at = 0; at < text->size();) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const char* stop = text->data() + end;
    Sample sample{};
    const auto first = std::from_chars(text->data() + at, stop, sample.at);
    if (first.ec == std::errc() && first.ptr < stop &&
        std::from_chars(first.ptr + 1, stop, sample.free).ec == std::errc())
      samples_.push_back(sample);
    at = end + 1;
  }
}

void DiskSpace::measure() {
  const auto free = env_.free_bytes(directory_);
  if (!free) {
    log::warn("disk", "the free space is not known", {{"error", free.error()}});
    return;
  }
  const Sample now{std::chrono::floor<std::chrono::seconds>(clock_.wall()).time_since_epoch().count(), *free};
  const std::lock_guard lock(mutex_);
  const bool accepted = figures_.accepting;
  figures_.free = now.free;
  figures_.reserve = reserve_;
  figures_.accepting = now.free >= reserve_;
  figures_.growth_per_day = growth(now);
  figures_.full_in_days.reset();
  if (!figures_.accepting) {
    figures_.full_in_days = 0;
  } else if (const int64_t daily = figures_.growth_per_day.value_or(0); daily > 0) {
    const auto days = static_cast<int64_t>((now.free - reserve_) / static_cast<uint64_t>(daily));
    if (days < kNotInSight) figures_.full_in_days = days;
  }
  free_.set(static_cast<int64_t>(now.free));
  growth_.set(figures_.growth_per_day.value_or(0));
  days_.set(figures_.full_in_days.value_or(figures_.growth_per_day ? kNotInSight : -1));
  accepting_.set(figures_.accepting ? 1 : 0);
  if (accepted && !figures_.accepting)
    log::error("disk", "below the reserve: nothing new is accepted until there is space",
               {{"free", now.free}, {"reserve", reserve_}});
  if (!accepted && figures_.accepting) log::info("disk", "there is space again", {{"free", now.free}});
  keep(now);
}

// A clock that went back makes later samples lies.
void DiskSpace::keep(Sample now) {
  std::erase_if(samples_, [&](const Sample& old) { return old.at > now.at || old.at < now.at - kLongest; });
  if (!samples_.empty() && now.at - samples_.back().at < kBetweenSamples) return;
  samples_.push_back(now);
  std::string text;
  for (const Sample& sample : samples_) text += fmt::format("{} {}\n", sample.at, sample.free);
  if (auto written = replace_file(env_, directory_ + "/disk.history", text); !written)
    log::warn("disk", "the history of the free space was not written", {{"error", written.error()}});
}

// Least squares over the samples and the present.
std::optional<int64_t> DiskSpace::growth(Sample now) const {
  double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  int64_t first = now.at;
  const auto add = [&](const Sample& sample) {
    const auto x = static_cast<double>(sample.at - now.at);
    const auto y = static_cast<double>(sample.free) - static_cast<double>(now.free);
    n += 1, sum_x += x, sum_y += y, sum_xx += x * x, sum_xy += x * y;
    first = std::min(first, sample.at);
  };
  for (const Sample& sample : samples_)
    if (sample.at < now.at && sample.at >= now.at - kLongest) add(sample);
  add(now);
  const double spread = n * sum_xx - sum_x * sum_x;
  if (now.at - first < kLeastSpan || spread <= 0) return std::nullopt;
  return static_cast<int64_t>(-(n * sum_xy - sum_x * sum_y) / spread * 86'400);
}

DiskFigures DiskSpace::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace lt::runtime
