#include "core/schema/text_format.h"

#include <algorithm>

namespace lt::schema {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// `size` digits at `at`, or -1.
int number_at(std::string_view text, size_t at, size_t size) {
  if (text.size() < at + size) return -1;
  int value = 0;
  for (size_t i = at; i < at + size; ++i) {
    if (!digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool is_time(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':') return false;
  const int hour = number_at(text, 0, 2), minute = number_at(text, 3, 2), second = number_at(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  size_t at = 8;
  if (text[at] == '.') {
    const size_t from = ++at;
    while (at < text.size() && digit(text[at])) ++at;
    if (at == from) return false;
  }
  const std::string_view zone = text.substr(at);
  if (zone == "Z" || zone == "z") return true;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return false;
  const int hours = number_at(zone, 1, 2), minutes = number_at(zone, 4, 2);
  return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && is_date(text.substr(0, 10)) &&
         is_time(text.substr(11));
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

bool is_email(std::string_view text) {
  const size_t at = text.find('@');
  if (at == 0 || at == text.npos || text.size() > 320 || !is_plain(text)) return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (domain.find('@') != domain.npos || local.find_first_of("()<>,;:\\\"[]") != local.npos) return false;
  if (local.front() == '.' || local.back() == '.' || local.find("..") != local.npos) return false;
  if (domain.find('.') == domain.npos || domain.find("..") != domain.npos || domain.back() == '.') return false;
  if (domain.front() == '.' || domain.front() == '-') return false;
  return std::all_of(domain.begin(), domain.end(), [](char c) {
    return alpha(c) || digit(c) || c == '-' || c == '.' || static_cast<unsigned char>(c) > 127;
  });
}

bool is_uri(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == text.npos || !alpha(text[0]) || !is_plain(text)) return false;
  const std::string_view scheme = text.substr(0, colon);
  return text.find_first_of("<>\"{}|\\^`") == text.npos && std::all_of(scheme.begin(), scheme.end(), [](char c) {
           return alpha(c) || digit(c) || c == '+' || c == '-' || c == '.';
         });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !hex(text[i])) return false;
  }
  return true;
}

}  // namespace

std::optional<TextFormat> text_format(std::string_view name) {
  if (name == "date") return TextFormat::date;
  if (name == "time") return TextFormat::time;
  if (name == "date-time") return TextFormat::date_time;
  if (name == "email") return TextFormat::email;
  if (name == "uri") return TextFormat::uri;
  if (name == "uuid") return TextFormat::uuid;
  return std::nullopt;
}

bool follows(TextFormat format, std::string_view text) {
  switch (format) {
    case TextFormat::none:
      return true;
    case TextFormat::date:
      return is_date(text);
    case TextFormat::time:
      return is_time(text);
    case TextFormat::date_time:
      return is_date_time(text);
    case TextFormat::email:
      return is_email(text);
    case TextFormat::uri:
      return is_uri(text);
    case TextFormat::uuid:
      return is_uuid(text);
  }
  return false;
}

}  // namespace lt::schema
