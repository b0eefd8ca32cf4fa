// JSON string literals (RFC 8259), for everything that writes JSON by hand.
#pragma once

#include <string>
#include <string_view>

namespace lt {

// Appends `text` (UTF-8) as a JSON string, with its quotes.
void quote_json(std::string_view text, std::string& out);
std::string quote_json(std::string_view text);
// What stands between the quotes.
void escape_json(std::string_view text, std::string& out);

}  // namespace lt
