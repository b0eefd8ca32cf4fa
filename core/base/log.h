// Structured logs: JSON lines when stderr is not a terminal, coloured text when it is. Never personal data, never
// bodies.
//
//   log::info("journal", "recovered", {{"records", 120}, {"position", position.text()}});
//
// Keys in use: ts level component msg message_id dossier position endpoint destination code error trace_id.
// Thread-safe.
//
// Of lines with the same component and message, limits::kLogRepeats are written per second; the others are counted, and
// one line with "suppressed": n follows when the second is over and anything is written, or at flush(). So keep what
// varies out of the message and in the fields. Texts that are not UTF-8 are repaired, texts over limits::kLogValue cut.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/error.h"

namespace lt {
class Clock;
}

namespace lt::log {

enum class Level : uint8_t { debug, info, warn, error };

using Value = std::variant<bool, int64_t, uint64_t, double, std::string>;
struct Field {
  std::string_view key;
  Value value;
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(int64_t{v}) {}
  Field(std::string_view k, long v) : key(k), value(int64_t{v}) {}
  Field(std::string_view k, long long v) : key(k), value(int64_t{v}) {}
  Field(std::string_view k, unsigned v) : key(k), value(uint64_t{v}) {}
  Field(std::string_view k, unsigned long v) : key(k), value(uint64_t{v}) {}
  Field(std::string_view k, unsigned long long v) : key(k), value(uint64_t{v}) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const Error& e) : key(k), value(e.text()) {}
};
using Fields = std::initializer_list<Field>;

void set_level(Level level);
enum class Format { automatic, json, human };
// automatic: human when stderr is a terminal, else json. Colours only on a terminal and without NO_COLOR.
void set_format(Format format);
// Where time comes from; nullptr: system_clock(). It must outlive its use.
void set_clock(const Clock* clock);
// Gets every line (without newline or colour) in place of stderr; nullptr: stderr again. It must not log itself.
void set_sink(std::function<void(std::string_view)> sink);
// Writes the counts of suppressed lines now. For the end of the program and for a timer.
void flush();

void write(Level level, std::string_view component, std::string_view message, Fields fields = {});
inline void debug(std::string_view c, std::string_view m, Fields f = {}) { write(Level::debug, c, m, f); }
inline void info(std::string_view c, std::string_view m, Fields f = {}) { write(Level::info, c, m, f); }
inline void warn(std::string_view c, std::string_view m, Fields f = {}) { write(Level::warn, c, m, f); }
inline void error(std::string_view c, std::string_view m, Fields f = {}) { write(Level::error, c, m, f); }

}  // namespace lt::log
