#include "core/admin/query.h"

#include <algorithm>
#include <charconv>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/config/diagnostics.h"
#include "core/net/http.h"

namespace lt::admin {
namespace {

// Codes, names and typing mistakes come back cut, so that no long text does.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, limits::kShownCode));
  return is_utf8(out) ? out : percent_encode(out);
}

Error bad(std::string_view name, std::string_view value, std::string_view allowed) {
  return Error(Code::usage, std::string(name) + "=" + shown(value) + "; allowed: " + std::string(allowed), {},
               "correct the parameter named");
}

std::string_view value_of(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::optional<Wall>> read_time(const Parameters& parameters, std::string_view name, bool end_of_day) {
  std::string text(value_of(parameters, name));
  if (text.empty()) return std::nullopt;
  const bool date = text.size() == 10;
  std::replace(text.begin(), text.end(), ' ', '+');  // of an offset that was not percent-encoded
  auto time = parse_rfc3339(date ? text + "T00:00:00+07:00" : text);
  if (!time) return fail(bad(name, text, "a date (2026-11-20) or RFC 3339 (2026-11-20T08:30:00+07:00)"));
  return *time + (date && end_of_day ? std::chrono::hours(24) : std::chrono::hours(0));
}

Result<std::optional<catalog::KeyFilter>> read_key(const Parameters& parameters) {
  const std::string_view match = value_of(parameters, "match");
  catalog::KeyFilter key;
  key.text = value_of(parameters, "key");
  if (match == "prefix")
    key.match = catalog::Match::prefix;
  else if (match == "substring")
    key.match = catalog::Match::substring;
  else if (!match.empty() && match != "exact")
    return fail(bad("match", match, "exact, prefix, substring"));
  if (!key.text.empty()) return key;
  if (!match.empty()) return fail(Code::usage, "match needs key", {}, "add key=");
  return std::nullopt;
}

// The states the catalog knows; `behind` is the engine's, see /pending.
Result<std::optional<DeliveryState>> read_state(const Parameters& parameters) {
  const std::string_view text = value_of(parameters, "state");
  if (text.empty()) return std::nullopt;
  const auto state = parse_state(text);
  if (state && *state != DeliveryState::behind) return state;
  std::string allowed;
  for (auto i = DeliveryState::queued; i <= DeliveryState::superseded;
       i = static_cast<DeliveryState>(static_cast<int>(i) + 1)) {
    if (i != DeliveryState::behind) (allowed += allowed.empty() ? "" : ", ") += state_name(i);
  }
  return fail(bad("state", text, allowed));
}

}  // namespace

Result<Parameters> read_parameters(std::string_view raw, const std::vector<std::string>& known) {
  Parameters out;
  while (!raw.empty()) {
    const size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (pair.empty()) continue;
    const std::string name = percent_decode(pair.substr(0, pair.find('=')));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fail(Code::usage, "unknown parameter \"" + shown(name) + '"', {}, config::suggestion(name, known));
    }
    std::string value = net::query_value(pair, name);
    if (value.empty()) continue;
    if (!is_utf8(value)) return fail(Code::usage, name + " is not UTF-8", {}, "percent-encode UTF-8");
    if (!out.emplace(name, std::move(value)).second)
      return fail(Code::usage, name + " is given twice", {}, "keep one of them");
  }
  return out;
}

Result<size_t> read_limit(const Parameters& parameters, size_t otherwise, size_t most) {
  const std::string_view text = value_of(parameters, "limit");
  if (text.empty()) return otherwise;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc() && end == text.data() + text.size() && limit >= 1 && limit <= most) return limit;
  return fail(bad("limit", text, "1 to " + std::to_string(most)));
}

Result<catalog::Span> read_span(const Parameters& parameters) {
  catalog::Span span;
  LT_ASSIGN(span.since, read_time(parameters, "since", false));
  LT_ASSIGN(span.until, read_time(parameters, "until", true));
  if (span.since && span.until && *span.since >= *span.until)
    return fail(Code::usage, "since is not before until", {}, "swap them");
  return span;
}

Result<MessageQuery> read_message_query(std::string_view raw) {
  static const std::vector<std::string> kKnown = {"key",      "match",       "from",  "to",   "type",
                                                  "endpoint", "destination", "state", "code", "since",
                                                  "until",    "limit",       "cursor"};
  LT_ASSIGN(const Parameters parameters, read_parameters(raw, kKnown));
  MessageQuery query;
  LT_ASSIGN(query.filter.key, read_key(parameters));
  query.filter.from = value_of(parameters, "from");
  query.filter.to = value_of(parameters, "to");
  query.filter.type = value_of(parameters, "type");
  query.filter.endpoint = value_of(parameters, "endpoint");
  query.filter.destination = value_of(parameters, "destination");
  LT_ASSIGN(query.filter.state, read_state(parameters));
  if (const std::string_view text = value_of(parameters, "code"); !text.empty()) {
    const auto code = parse_code(text);
    if (!code) return fail(bad("code", text, "a code of the error catalogue, e.g. LT-5002"));
    query.filter.code = *code;
  }
  LT_ASSIGN(const catalog::Span span, read_span(parameters));
  query.filter.since = span.since;
  query.filter.until = span.until;
  LT_ASSIGN(query.page.limit, read_limit(parameters, query.page.limit, limits::kCatalogPage));
  query.page.cursor = value_of(parameters, "cursor");
  return query;
}

std::optional<Code> parse_code(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("LT-")) digits.remove_prefix(3);
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool numeric = error == std::errc() && end == digits.data() + digits.size();
  for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry) {
    if (numeric ? entry->code == static_cast<Code>(number) : entry->name == text) return entry->code;
  }
  return std::nullopt;
}

}  // namespace lt::admin
