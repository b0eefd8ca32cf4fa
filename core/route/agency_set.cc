#include "core/route/agency_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::route {

bool AgencyPattern::matches(const Agency& agency) const {
  switch (kind) {
    case Kind::everybody:
      return true;
    case Kind::letter:
      return !agency.code.empty() && agency.code.text().front() == text.front();
    case Kind::free_text:
      return agency.code.empty() && agency.written == text;
    case Kind::code:
      break;
  }
  const auto& code = agency.code.text();
  return code.size() >= text.size() && code.compare(0, text.size(), text) == 0 &&
         (code.size() == text.size() || code[text.size()] == '.');
}

bool AgencyPattern::covers(const AgencyPattern& other) const {
  if (kind == Kind::everybody) return true;
  if (kind == Kind::letter) {
    return (other.kind == Kind::letter || other.kind == Kind::code) && other.text.front() == text.front();
  }
  if (kind != other.kind) return false;
  if (kind == Kind::free_text) return text == other.text;
  return other.text == text || other.text.rfind(text + ".", 0) == 0;
}

Result<AgencyPattern> parse_pattern(std::string_view text, const AgencyDirectory& directory) {
  if (text == "*") return AgencyPattern{AgencyPattern::Kind::everybody, "*"};
  if (text.size() == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] == '*') {
    return AgencyPattern{AgencyPattern::Kind::letter, std::string(text)};
  }
  LT_ASSIGN(const Agency agency, directory.resolve(text));
  return AgencyPattern{agency.code.empty() ? AgencyPattern::Kind::free_text : AgencyPattern::Kind::code, agency.text()};
}

std::optional<uint32_t> AgencyTable::add(const AgencyPattern& pattern, uint32_t number) {
  const auto put = [number](auto& map, auto key) -> std::optional<uint32_t> {
    const auto [found, fresh] = map.emplace(std::move(key), number);
    return fresh ? std::nullopt : std::optional(found->second);
  };
  switch (pattern.kind) {
    case AgencyPattern::Kind::letter:
      return put(letters_, pattern.text.front());
    case AgencyPattern::Kind::code:
      return put(codes_, pattern.text);
    case AgencyPattern::Kind::free_text:
      return put(free_, pattern.text);
    case AgencyPattern::Kind::everybody:
      break;
  }
  if (everybody_) return everybody_;
  everybody_ = number;
  return std::nullopt;
}

std::optional<uint32_t> AgencyTable::longest(const Agency& agency) const {
  if (agency.code.empty()) {
    const auto found = free_.find(agency.written);
    return found == free_.end() ? everybody_ : std::optional(found->second);
  }
  if (!codes_.empty()) {
    std::string code = agency.code.text();
    while (true) {
      if (const auto found = codes_.find(code); found != codes_.end()) return found->second;
      const size_t dot = code.rfind('.');
      if (dot == std::string::npos) break;
      code.resize(dot);
    }
  }
  const auto letter = letters_.find(agency.code.text().front());
  return letter == letters_.end() ? everybody_ : std::optional(letter->second);
}

AgencySet AgencySet::compile(const std::vector<config::Located<std::string>>& texts, const AgencyDirectory& directory,
                             config::Diagnostics& diagnostics) {
  AgencySet set;
  for (const auto& text : texts) {
    auto pattern = parse_pattern(text.value, directory);
    if (!pattern) {
      const auto like = config::did_you_mean(text.value, directory.names());
      diagnostics.error(
          Code::bad_reference, text.place,
          fmt::format("\"{}\" is no agency code and no known alias: {}", text.value, pattern.error().detail),
          like ? fmt::format("did you mean \"{}\"?", *like) : "write a code, or add it to the alias table");
      continue;
    }
    set.table_.add(*pattern, 0);
    set.patterns_.push_back(std::move(*pattern));
  }
  return set;
}

bool AgencySet::covers(const AgencySet& other) const {
  return std::all_of(other.patterns_.begin(), other.patterns_.end(), [&](const AgencyPattern& theirs) {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const AgencyPattern& ours) { return ours.covers(theirs); });
  });
}

std::string AgencySet::text() const {
  std::string out;
  for (const auto& pattern : patterns_) out += (out.empty() ? "" : ", ") + pattern.text;
  return out;
}

namespace {

bool type_covers(std::string_view pattern, std::string_view type) {
  if (pattern == "*" || pattern == type) return true;
  if (pattern.size() < 2 || pattern.substr(pattern.size() - 2) != "/*") return false;
  return type.substr(0, pattern.size() - 1) == pattern.substr(0, pattern.size() - 1);
}

}  // namespace

TypeSet TypeSet::compile(const std::vector<config::Located<std::string>>& texts, const std::vector<std::string>& known,
                         config::Diagnostics& diagnostics) {
  TypeSet set;
  for (const auto& text : texts) {
    set.patterns_.push_back(text.value);
    const bool found = text.value == "*" || std::any_of(known.begin(), known.end(), [&](const std::string& type) {
                         return type_covers(text.value, type);
                       });
    if (!found) {
      diagnostics.error(Code::bad_reference, text.place, fmt::format("there is no message type \"{}\"", text.value),
                        config::suggestion(text.value, known));
    }
  }
  return set;
}

bool TypeSet::contains(std::string_view type) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) { return type_covers(pattern, type); });
}

bool TypeSet::covers(const TypeSet& other) const {
  return std::all_of(other.patterns_.begin(), other.patterns_.end(),
                     [&](const std::string& theirs) { return contains(theirs); });
}

void check_names(std::string_view what, const std::vector<config::Located<std::string>>& texts,
                 const std::vector<std::string>& known, config::Diagnostics& diagnostics) {
  for (const auto& text : texts) {
    if (std::find(known.begin(), known.end(), text.value) != known.end()) continue;
    diagnostics.error(Code::bad_reference, text.place, fmt::format("there is no {} \"{}\"", what, text.value),
                      config::suggestion(text.value, known));
  }
}

}  // namespace lt::route
