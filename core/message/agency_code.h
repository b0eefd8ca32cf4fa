// Mã định danh: the code of an agency (Decision 20/2020/QĐ-TTg; older form QCVN 102:2016/BTTTT).
//
// New form: groups of 0-9 A-Z joined by '.', first group starts with a letter, at most 35 characters, the level grows
// to the right: "H49.02.05". Old form: exactly four groups read right to left, zero-filled: "000.05.02.H49". The two
// are turned into one another by reversing the groups and dropping the all-zero ones; because provinces may have
// renumbered, an alias table is asked first (AgencyDirectory in core/route) and this algorithm is only the fallback.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt {

class AgencyCode {
 public:
  AgencyCode() = default;
  // Accepts both forms and keeps the new one. Error bad_agency_code with the reason.
  static Result<AgencyCode> parse(std::string_view text);

  const std::string& text() const { return text_; }  // new form; "" when default-made
  bool empty() const { return text_.empty(); }
  // Old form, if every group fits 3/2/2 digits and there are at most four levels.
  std::optional<std::string> old_form() const;
  int level() const;                         // 1 for "H49", 3 for "H49.02.05"
  std::optional<AgencyCode> parent() const;  // none at level 1
  AgencyCode root() const;                   // level 1
  // True when `this` is `other` or stands above it: "H49" contains "H49.02".
  bool contains(const AgencyCode& other) const;

  auto operator<=>(const AgencyCode&) const = default;

 private:
  std::string text_;
};

}  // namespace lt

template <>
struct std::hash<lt::AgencyCode> {
  size_t operator()(const lt::AgencyCode& code) const noexcept { return std::hash<std::string>()(code.text()); }
};
