// Query parameters of the admin API: names and values checked, so that a misspelt filter never silently finds
// everything.
//
// Errors are `usage`; `detail` names the parameter and what is allowed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/catalog/query.h"

namespace lt::admin {

using Parameters = std::map<std::string, std::string, std::less<>>;

// Decodes a raw query. Each name must be one of `known` and come once; an empty value is as if it were absent.
Result<Parameters> read_parameters(std::string_view raw, const std::vector<std::string>& known);

// `name` as a number from 1 to `most`, or `otherwise` when it is absent.
Result<size_t> read_limit(const Parameters& parameters, size_t otherwise, size_t most);
// since and until: RFC 3339, or a date: since the start of that day (Vietnam time), until the end of it.
Result<catalog::Span> read_span(const Parameters& parameters);

struct MessageQuery {
  catalog::MessageFilter filter;
  catalog::PageRequest page;
};
// key match from to type endpoint destination state code since until limit cursor
Result<MessageQuery> read_message_query(std::string_view raw);

// "LT-5002", "5002" or "wrong_state".
std::optional<Code> parse_code(std::string_view text);

}  // namespace lt::admin
