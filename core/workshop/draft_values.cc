#include "core/workshop/draft_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/codec/base64.h"
#include "core/mapping/date_pattern.h"

namespace lt::workshop {
namespace {

constexpr size_t kLongestCode = 40;

std::string bare(std::string_view name) {
  std::string out;
  for (const char c : fold(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

bool word(char c) { return static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) != 0; }

// "012.50" -> "12.5"; none when it is no plain decimal.
std::optional<std::string> canonical_number(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
  const size_t dot = std::min(text.find('.'), text.size());
  std::string whole(text.substr(0, dot)), part(dot < text.size() ? text.substr(dot + 1) : "");
  if (whole.empty() || part.find('.') != part.npos || (dot < text.size() && part.empty())) return std::nullopt;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  while (part.ends_with('0')) part.pop_back();
  return (minus ? "-" : "") + whole + (part.empty() ? "" : "." + part);
}

}  // namespace

size_t present(const Column& column) {
  return static_cast<size_t>(
      std::count_if(column.begin(), column.end(), [](const auto& at) { return at.has_value(); }));
}

int name_likeness(std::string_view a, std::string_view b) {
  const std::string one = bare(a), other = bare(b);
  if (one.empty() || other.empty()) return 0;
  if (one == other) return 3;
  const std::string& longer = one.size() > other.size() ? one : other;
  const std::string& shorter = one.size() > other.size() ? other : one;
  if (shorter.size() < 3) return 0;
  return longer.ends_with(shorter) ? 2 : longer.starts_with(shorter) ? 1 : 0;
}

bool same_numbers(const Column& target, const Column& source) {
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i].has_value() != source[i].has_value()) return false;
    if (!target[i]) continue;
    const auto a = canonical_number(*target[i]), b = canonical_number(*source[i]);
    if (!a || a != b) return false;
  }
  return present(target) > 0 && target != source;
}

std::optional<std::pair<std::string, std::string>> date_patterns(const Column& target, const Column& source) {
  static constexpr std::array<const char*, 12> kPatterns = {
      "dd/MM/yyyy",          "iso-date",         "iso-datetime", "yyyyMMdd",   "yyyyMMddHHmmss",      "yyyyMMddHHmm",
      "dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm", "yyyy/MM/dd",   "dd-MM-yyyy", "yyyy-MM-dd HH:mm:ss", "dd.MM.yyyy"};
  const int zone = *mapping::parse_zone("+07:00");
  if (present(target) == 0) return std::nullopt;
  for (const char* from : kPatterns)
    for (const char* to : kPatterns) {
      const auto reads = mapping::DatePattern::parse(from), writes = mapping::DatePattern::parse(to);
      if (from == to || !reads || !writes) continue;
      bool all = true;
      for (size_t i = 0; i < target.size() && all; ++i) {
        all = target[i].has_value() == source[i].has_value();
        mapping::Moment moment;
        if (!all || !target[i]) continue;
        char text[mapping::DatePattern::kLongest];
        all = reads->read(*source[i], moment);
        if (!all) break;
        mapping::adapt(moment, *writes, zone);
        all = std::string_view(text, writes->write(moment, text)) == *target[i];
      }
      if (all) return std::pair(std::string(from), std::string(to));
    }
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> code_pairs(const Column& target, const Column& source) {
  std::map<std::string, std::string> out;
  std::set<std::string> targets;
  size_t seen = 0;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i].has_value() != source[i].has_value()) return std::nullopt;
    if (!target[i]) continue;
    if (source[i]->size() > kLongestCode || target[i]->size() > kLongestCode * 4) return std::nullopt;
    if (!out.try_emplace(*source[i], *target[i]).second && out[*source[i]] != *target[i]) return std::nullopt;
    targets.insert(*target[i]);
    ++seen;
  }
  if (targets.size() < 2 || targets.size() != out.size() || seen <= out.size()) return std::nullopt;
  return out;
}

std::optional<std::string> split_pattern(const Column& whole, const std::vector<Piece>& pieces) {
  std::vector<std::string> between(pieces.size() + 1);
  bool first = true;
  for (size_t i = 0; i < whole.size(); ++i) {
    const bool there = whole[i].has_value();
    for (const Piece& piece : pieces)
      if ((*piece.values)[i].has_value() != there) return std::nullopt;
    if (!there) continue;
    std::vector<std::string> now(pieces.size() + 1);
    size_t at = 0;
    for (size_t p = 0; p < pieces.size(); ++p) {
      const std::string& value = *(*pieces[p].values)[i];
      const size_t found = whole[i]->find(value, at);
      if (value.size() < 2 || found == std::string::npos) return std::nullopt;
      now[p] = whole[i]->substr(at, found - at);
      at = found + value.size();
    }
    now.back() = whole[i]->substr(at);
    if (!first && now != between) return std::nullopt;
    between = std::move(now);
    first = false;
  }
  if (first || !between.front().empty() || !between.back().empty()) return std::nullopt;
  std::string pattern = "^";
  for (size_t p = 0; p < pieces.size(); ++p) {
    const bool last = p + 1 == pieces.size();
    const std::string& separator = between[p + 1];
    if (!last && (separator.empty() || std::any_of(separator.begin(), separator.end(), word))) return std::nullopt;
    // What separates may not stand in what it separates: then the pattern has one reading.
    if (!last)
      for (size_t i = 0; i < whole.size(); ++i)
        if (whole[i] && (*pieces[p].values)[i]->find(separator[0]) != std::string::npos) return std::nullopt;
    const bool special = !last && std::string_view("^]\\-").find(separator[0]) != std::string_view::npos;
    pattern += "(?<" + pieces[p].name + ">" +
               (last ? ".+" : std::string("[^") + (special ? "\\" : "") + separator[0] + "]+") + ")";
    if (!last)
      for (const char c : separator) {
        if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
      }
  }
  return pattern + "$";
}

bool files(const Column& column) {
  static constexpr std::array<std::string_view, 7> kBeginnings = {"%PDF", "PK\x03\x04", "\xFF\xD8\xFF",    "\x89PNG",
                                                                  "GIF8", "{\\rtf",     "\xD0\xCF\x11\xE0"};
  for (const auto& value : column) {
    if (!value) continue;
    // Four letters are three bytes: the beginning is enough.
    const auto bytes =
        codec::decode_base64(std::string_view(*value).substr(0, std::min<size_t>(16, value->size() / 4 * 4)));
    if (!bytes || value->size() % 4 != 0) return false;
    if (std::none_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view one) { return bytes->size() > one.size() && bytes->starts_with(one); }))
      return false;
  }
  return present(column) > 0;
}

bool all_base64(const Column& column) {
  return present(column) > 0 && std::all_of(column.begin(), column.end(), [](const auto& value) {
           return !value || codec::decode_base64(*value).has_value();
         });
}

std::string counted(size_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

std::string yaml_text(std::string_view text) {
  const bool letter = !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '$' ||
                                        text[0] == '_' || text == ".");
  const bool plain = letter && text.find_first_not_of(
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "._-$/") == text.npos;
  static constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  if (plain && std::find(std::begin(kWords), std::end(kWords), text) == std::end(kWords)) return std::string(text);
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; })) return quote_json(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

}  // namespace lt::workshop
