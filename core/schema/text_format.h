// The values of `format` that are checked. Others are refused when a schema is loaded: a format nobody checks is a lie.
//
//   date       2026-07-01, a day of the calendar            time       08:30:00+07:00 (RFC 3339, offset required)
//   date-time  2026-07-01T08:30:00.5+07:00 (RFC 3339)       uuid       8-4-4-4-12 hex digits
//   email      one @, a dotted domain, no blanks            uri        scheme ':' and no blanks or control characters
// Second 60 is taken (leap seconds). email is a shape check, not RFC 5322: comments and quoted local parts are refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lt::schema {

enum class TextFormat : uint8_t { none, date, time, date_time, email, uri, uuid };

std::optional<TextFormat> text_format(std::string_view name);
bool follows(TextFormat format, std::string_view text);

}  // namespace lt::schema
