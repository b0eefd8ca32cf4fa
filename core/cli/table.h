// Text for a terminal: aligned columns, and colours only where somebody looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lt::cli {

// Columns as wide as their widest cell, two blanks between them, the last one ragged. Widths count what a terminal
// shows of composed text. Control characters of partners' words become blanks: a terminal would obey them.
class Table {
 public:
  explicit Table(std::vector<std::string> head) : head_(std::move(head)) {}
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // With `colours` the head is bold and cells that name a state are coloured.
  std::string text(bool colours) const;

 private:
  std::vector<std::string> head_;
  std::vector<std::vector<std::string>> rows_;
};

std::string printable(std::string_view text);  // NFC, without control characters
// stdout is a terminal and NO_COLOR is not set (https://no-color.org).
bool colours_wanted();

}  // namespace lt::cli
