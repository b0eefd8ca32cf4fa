// What a mapping asks of a table of codes: the row of a code on a day. The store answers with the tables of core/schema.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lt::mapping {

using Day = std::chrono::sys_days;

class CodeLookup {
 public:
  virtual ~CodeLookup() = default;
  // The code of the other side, valid on `day`; none when there is no row. Views live as long as the table. Thread-safe.
  virtual std::optional<std::string_view> target_of(std::string_view code, Day day) const = 0;
  // "10 rows", for messages.
  virtual std::string shown() const = 0;
};

}  // namespace lt::mapping
