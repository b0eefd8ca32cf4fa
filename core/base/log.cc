#include "core/base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include "core/base/clock.h"
#include "core/base/json_text.h"
#include "core/base/limits.h"
#include "core/base/text.h"

namespace lt::log {
namespace {
using FieldSpan = std::span<const Field>;
constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

// The inside of a JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_escaped(std::string& out, std::string_view text) {
  const bool cut = text.size() > limits::kLogValue;
  if (cut) {
    size_t end = limits::kLogValue;
    while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  for (size_t bad; (bad = find_bad_utf8(text)) != std::string_view::npos; text.remove_prefix(bad + 1)) {
    escape_json(text.substr(0, bad), out);
    out += "\xEF\xBF\xBD";
  }
  escape_json(text, out);
  if (cut) out += "…";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void append_value(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return append_quoted(out, *text);
  if (const auto* number = std::get_if<double>(&value); number && !std::isfinite(*number)) {
    out += "null";
    return;
  }
  std::visit(
      [&](const auto& v) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, std::string>)
          fmt::format_to(std::back_inserter(out), "{}", v);
      },
      value);
}

std::string json_line(Wall now, Level level, std::string_view component, std::string_view message, FieldSpan fields) {
  std::string out = fmt::format(R"({{"ts":"{}","level":"{}","component":)", format_rfc3339(now),
                                kLevelNames[static_cast<size_t>(level)]);
  append_quoted(out, component);
  out += ",\"msg\":";
  append_quoted(out, message);
  for (const Field& field : fields) {
    out += ',';
    append_quoted(out, field.key);
    out += ':';
    append_value(out, field.value);
  }
  return out += '}';
}

// "08:30:00.123 journal: recovered records=120"; the sink's pattern puts the level before it.
std::string human_line(Wall now, std::string_view component, std::string_view message, FieldSpan fields) {
  std::string out = format_rfc3339(now).substr(11, 12) + ' ';
  append_escaped(out, component);
  out += ": ";
  append_escaped(out, message);
  for (const Field& field : fields) {
    out.append(" ").append(field.key).append("=");
    append_value(out, field.value);
  }
  return out;
}

// Counts lines of one component and message within one second.
struct Repeat {
  Mono since;
  Level level = Level::info;
  uint32_t written = 0;
  uint64_t suppressed = 0;
};

class Logger {
 public:
  std::atomic<Level> level{Level::info};

  Logger() { open(Format::automatic); }

  void set_format(Format format) {
    const std::lock_guard lock(mutex_);
    open(format);
  }
  void set_clock(const Clock* clock) {
    const std::lock_guard lock(mutex_);
    clock_ = clock ? clock : &system_clock();
    repeats_.clear();
    suppressing_ = 0;
  }
  void set_sink(std::function<void(std::string_view)> sink) {
    const std::lock_guard lock(mutex_);
    sink_ = std::move(sink);
  }
  void flush() {
    const std::lock_guard lock(mutex_);
    settle(Mono::max());
  }
  void write(Level at, std::string_view component, std::string_view message, FieldSpan fields) {
    const std::lock_guard lock(mutex_);
    const Mono now = clock_->mono();
    if (suppressing_ > 0) settle(now);
    if (may_write(now, at, component, message)) emit(at, component, message, fields);
  }

 private:
  static constexpr std::chrono::seconds kWindow{1};

  void open(Format format) {
    if (format == Format::automatic) format = ::isatty(STDERR_FILENO) ? Format::human : Format::json;
    human_ = format == Format::human;
    const char* no_color = std::getenv("NO_COLOR");
    const bool plain = !human_ || (no_color && *no_color);
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>(plain ? spdlog::color_mode::never
                                                                                : spdlog::color_mode::automatic);
    stderr_ = std::make_unique<spdlog::logger>("lienthong", std::move(sink));
    stderr_->set_level(spdlog::level::trace);
    stderr_->set_pattern(human_ ? "%^%L%$ %v" : "%v");
  }

  bool may_write(Mono now, Level at, std::string_view component, std::string_view message) {
    std::string key;
    key.reserve(component.size() + 1 + message.size());
    key.append(component).append(1, '\0').append(message);
    auto found = repeats_.find(key);
    if (found == repeats_.end()) {
      if (repeats_.size() >= limits::kLogRepeatKeys) settle(now);
      if (repeats_.size() >= limits::kLogRepeatKeys) return true;
      found = repeats_.emplace(std::move(key), Repeat{now, at}).first;
    }
    Repeat& repeat = found->second;
    if (now - repeat.since >= kWindow) repeat = Repeat{now, at};
    if (repeat.written < limits::kLogRepeats) {
      ++repeat.written;
      return true;
    }
    if (repeat.suppressed++ == 0) ++suppressing_;
    repeat.level = at;
    return false;
  }

  // Reports and forgets the seconds that are over.
  void settle(Mono now) {
    for (auto entry = repeats_.begin(); entry != repeats_.end();) {
      const Repeat repeat = entry->second;
      if (now != Mono::max() && now - repeat.since < kWindow) {
        ++entry;
        continue;
      }
      if (repeat.suppressed > 0) {
        const std::string_view key = entry->first;
        const size_t split = key.find('\0');
        const Field count("suppressed", repeat.suppressed);
        emit(repeat.level, key.substr(0, split), key.substr(split + 1), FieldSpan(&count, 1));
        --suppressing_;
      }
      entry = repeats_.erase(entry);
    }
  }

  void emit(Level at, std::string_view component, std::string_view message, FieldSpan fields) {
    constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                     spdlog::level::err};
    const Wall now = clock_->wall();
    const std::string line =
        human_ ? human_line(now, component, message, fields) : json_line(now, at, component, message, fields);
    if (sink_)
      sink_(line);
    else
      stderr_->log(kLevels[static_cast<size_t>(at)], spdlog::string_view_t(line.data(), line.size()));
  }

  std::mutex mutex_;
  bool human_ = false;
  const Clock* clock_ = &system_clock();
  std::function<void(std::string_view)> sink_;
  std::unique_ptr<spdlog::logger> stderr_;
  std::unordered_map<std::string, Repeat> repeats_;
  size_t suppressing_ = 0;  // entries of repeats_ with something to report
};

// Never destroyed: destructors of other statics may still log.
Logger& logger() {
  static Logger& only = *new Logger;
  return only;
}
}  // namespace

void set_level(Level level) { logger().level = level; }
void set_format(Format format) { logger().set_format(format); }
void set_clock(const Clock* clock) { logger().set_clock(clock); }
void set_sink(std::function<void(std::string_view)> sink) { logger().set_sink(std::move(sink)); }
void flush() { logger().flush(); }

void write(Level level, std::string_view component, std::string_view message, Fields fields) {
  Logger& to = logger();
  if (level < to.level.load(std::memory_order_relaxed)) return;
  to.write(level, component, message, FieldSpan(fields.begin(), fields.size()));
}

}  // namespace lt::log
