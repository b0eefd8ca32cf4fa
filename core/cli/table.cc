#include "core/cli/table.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/text.h"

namespace lt::cli {
namespace {

constexpr std::string_view kBold = "\033[1m", kPlain = "\033[0m";

std::string_view colour_of(std::string_view cell) {
  if (cell == "dead" || cell == "unknown" || cell == "open") return "\033[31m";
  if (cell == "held" || cell == "retry" || cell == "behind" || cell == "trying") return "\033[33m";
  return cell == "delivered" ? "\033[32m" : std::string_view();
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean = nfc(text);
  for (size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    if (byte < 0x20 || byte == 0x7F) clean[i] = ' ';
    // C1 controls, U+0080 to U+009F: C2 80 to C2 9F.
    if (byte == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0)
      clean[i] = clean[i + 1] = ' ';
  }
  if (is_utf8(clean)) return clean;
  for (size_t bad = find_bad_utf8(clean); bad != std::string::npos; bad = find_bad_utf8(clean)) clean[bad] = '?';
  return clean;
}

void Table::add(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = printable(cell);
  cells.resize(head_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(bool colours) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < head_.size(); ++i) {
    size_t width = count_code_points(head_[i]);
    for (const auto& row : rows_) width = std::max(width, count_code_points(row[i]));
    widths.push_back(width);
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells, bool head) {
    size_t last = cells.size();
    while (last > 0 && cells[last - 1].empty()) --last;
    for (size_t i = 0; i < last; ++i) {
      const std::string_view colour = !colours ? std::string_view() : head ? kBold : colour_of(cells[i]);
      ((out += colour) += cells[i]) += colour.empty() ? std::string_view() : kPlain;
      if (i + 1 < last) out.append(widths[i] - count_code_points(cells[i]) + 2, ' ');
    }
    out += '\n';
  };
  line(head_, true);
  for (const auto& row : rows_) line(row, false);
  return out;
}

bool colours_wanted() {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && (!refused || !*refused);
}

}  // namespace lt::cli
