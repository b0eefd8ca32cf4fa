#include "core/message/agency_code.h"

#include <algorithm>
#include <vector>

namespace lt {
namespace {

constexpr size_t kLongest = 35;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool all_digits(std::string_view group) { return std::all_of(group.begin(), group.end(), digit); }
bool all_zero(std::string_view group) { return group.find_first_not_of('0') == std::string_view::npos; }

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> groups;
  for (size_t from = 0;;) {
    const size_t dot = text.find('.', from);
    groups.push_back(text.substr(from, dot == std::string_view::npos ? dot : dot - from));
    if (dot == std::string_view::npos) return groups;
    from = dot + 1;
  }
}

tl::unexpected<Error> refuse(std::string reason) { return fail(Code::bad_agency_code, std::move(reason)); }

// The widths of an old code, left to right, before the level 1 group: V1V2V3.Z1Z2.Y1Y2.MX.
constexpr size_t kOldWidths[] = {3, 2, 2};

bool is_old(const std::vector<std::string_view>& groups) {
  if (groups.size() != 4 || !upper(groups[3].front())) return false;
  for (size_t i = 0; i < 3; ++i)
    if (groups[i].size() != kOldWidths[i]) return false;
  return true;
}

}  // namespace

Result<AgencyCode> AgencyCode::parse(std::string_view text) {
  if (text.empty()) return refuse("empty");
  if (text.size() > kLongest) return refuse("longer than 35 characters");
  for (size_t i = 0; i < text.size(); ++i)
    if (!digit(text[i]) && !upper(text[i]) && text[i] != '.')
      return refuse("character " + std::to_string(i + 1) + " is not 0-9, A-Z or '.'");
  const auto groups = split(text);
  for (const auto group : groups)
    if (group.empty()) return refuse("empty group between dots");

  AgencyCode code;
  if (upper(text.front())) {
    code.text_ = text;
    return code;
  }
  if (!is_old(groups)) return refuse("starts with a digit but is not an old code such as 000.05.02.H49");
  code.text_ = groups[3];
  for (int i = 2; i >= 0; --i)
    if (!all_zero(groups[i])) code.text_.append(".").append(groups[i]);
  return code;
}

std::optional<std::string> AgencyCode::old_form() const {
  if (empty()) return std::nullopt;
  const auto groups = split(text_);
  if (groups.size() > 4) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < 3; ++i) {
    const size_t group = 3 - i;  // read right to left
    if (group >= groups.size()) {
      out.append(kOldWidths[i], '0');
    } else if (groups[group].size() == kOldWidths[i] && all_digits(groups[group]) && !all_zero(groups[group])) {
      out.append(groups[group]);
    } else {
      return std::nullopt;
    }
    out.push_back('.');
  }
  return out.append(groups[0]);
}

int AgencyCode::level() const {
  return empty() ? 0 : 1 + static_cast<int>(std::count(text_.begin(), text_.end(), '.'));
}

std::optional<AgencyCode> AgencyCode::parent() const {
  const size_t dot = text_.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  AgencyCode above;
  above.text_ = text_.substr(0, dot);
  return above;
}

AgencyCode AgencyCode::root() const {
  AgencyCode top;
  top.text_ = text_.substr(0, text_.find('.'));
  return top;
}

bool AgencyCode::contains(const AgencyCode& other) const {
  if (empty() || !other.text_.starts_with(text_)) return false;
  return other.text_.size() == text_.size() || other.text_[text_.size()] == '.';
}

}  // namespace lt
