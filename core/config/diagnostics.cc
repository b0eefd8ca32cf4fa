#include "core/config/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/json_text.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/config/value.h"

namespace lt::config {
namespace {

constexpr size_t kQuotedLine = 200;  // code points of a source line that are shown
constexpr size_t kNamesShown = 12;

std::string_view severity_name(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

// Bytes of the first `count` code points.
size_t prefix_bytes(std::string_view text, size_t count) {
  size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    --count;
  }
  return at;
}

// Upper case and dashes are the usual slips; they must not count as edits.
std::string relaxed(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return out;
}

// Blanks what stands after a key that names a secret, up to the end of its flow entry or of the line.
void mask_secrets(std::string& line) {
  for (size_t at = line.size(); at-- > 0;) {
    if (line[at] != ':') continue;
    size_t begin = at;
    while (begin > 0 && std::string_view(" ,{[$").find(line[begin - 1]) == std::string_view::npos) --begin;
    if (!names_secret(std::string_view(line).substr(begin, at - begin))) continue;
    const size_t end = std::min(line.find_first_of(",}", at), line.size());
    line.replace(at + 1, end - at - 1, " ...");
  }
}

std::string_view hint_of(const Finding& finding) {
  return finding.hint.empty() ? info(finding.code).hint_en : std::string_view(finding.hint);
}

}  // namespace

void Diagnostics::error(Code code, Place place, std::string message, std::string hint, Quote quote) {
  record({code, Severity::error, std::move(place), std::move(message), std::move(hint), {}}, quote);
}

void Diagnostics::warning(Code code, Place place, std::string message, std::string hint, Quote quote) {
  record({code, Severity::warning, std::move(place), std::move(message), std::move(hint), {}}, quote);
}

void Diagnostics::add(const Error& error, const Place& fallback) {
  std::string message(info(error.code).title_en);
  if (!error.detail.empty()) message += ": " + error.detail;
  for (auto cause = error.cause; cause; cause = cause->cause) message += fmt::format(" ({})", cause->text());
  Place place = error.place.file.empty() ? fallback : error.place;
  if (place.path.empty()) place.path = error.place.path;
  record({error.code, Severity::error, std::move(place), std::move(message), error.hint, {}}, Quote::line);
}

void Diagnostics::add_source(const std::string& file, std::shared_ptr<const std::string> text) {
  sources_[file] = std::move(text);
}

void Diagnostics::record(Finding finding, Quote quote) {
  ++(finding.severity == Severity::error ? errors_ : warnings_);
  if (findings_.size() >= limits::kFindings) return;
  finding.source = quoted_line(finding.place, quote);
  findings_.push_back(std::move(finding));
}

std::string Diagnostics::quoted_line(const Place& place, Quote quote) const {
  if (quote == Quote::none || place.line < 1) return {};
  const auto found = sources_.find(place.file);
  if (found == sources_.end()) return {};
  std::string_view text = *found->second;
  for (int line = 1; line < place.line; ++line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  if (!is_utf8(text)) return {};
  std::string line(text);
  if (quote == Quote::key_only) {
    const size_t key = prefix_bytes(line, place.column > 0 ? static_cast<size_t>(place.column - 1) : 0);
    const size_t colon = line.find(':', key);
    line = colon == std::string::npos ? line.substr(0, key) : line.substr(0, colon + 1) + " ...";
  }
  mask_secrets(line);
  if (const size_t end = prefix_bytes(line, kQuotedLine); end < line.size()) line = line.substr(0, end) + "...";
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

std::vector<Finding> Diagnostics::findings() const {
  auto sorted = findings_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) < std::tie(b.place.file, b.place.line, b.place.column);
  });
  return sorted;
}

std::string Diagnostics::text() const {
  std::string out;
  for (const auto& finding : findings()) {
    const std::string where = finding.place.text();
    out += fmt::format("{}{}{} {}: {}\n", where, where.empty() ? "" : ": ", severity_name(finding.severity),
                       code_text(finding.code), finding.message);
    if (!finding.source.empty()) {
      const auto column = static_cast<size_t>(std::max(finding.place.column, 1));
      out += fmt::format("{:>6} | {}\n", finding.place.line, finding.source);
      if (column <= count_code_points(finding.source) + 1) out += fmt::format("       | {:>{}}\n", '^', column);
    }
    if (const auto hint = hint_of(finding); !hint.empty()) out += fmt::format("       hint: {}\n", hint);
  }
  const size_t total = errors_ + warnings_;
  if (total > findings_.size()) out += fmt::format("... and {} more findings\n", total - findings_.size());
  if (total > 0) out += fmt::format("{} error(s), {} warning(s)\n", errors_, warnings_);
  return out;
}

std::string Diagnostics::json() const {
  std::string out = fmt::format("{{\"ok\":{},\"errors\":{},\"warnings\":{},\"findings\":[", ok(), errors_, warnings_);
  bool first = true;
  for (const auto& finding : findings()) {
    const auto& entry = info(finding.code);
    if (!first) out += ',';
    first = false;
    out += fmt::format(
        "{{\"code\":{},\"severity\":{},\"file\":{},\"line\":{},\"column\":{},\"path\":{},\"message\":{},\"hint\":{},"
        "\"hint_vi\":{},\"title\":{},\"title_vi\":{},\"source\":{}}}",
        quote_json(code_text(finding.code)), quote_json(severity_name(finding.severity)),
        quote_json(finding.place.file), finding.place.line, finding.place.column, quote_json(finding.place.path),
        quote_json(finding.message), quote_json(hint_of(finding)), quote_json(entry.hint_vi),
        quote_json(entry.title_en), quote_json(entry.title_vi), quote_json(finding.source));
  }
  return out + "]}";
}

std::optional<std::string> did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string wanted = relaxed(name);
  size_t best = std::max<size_t>(1, wanted.size() / 3) + 1;
  std::optional<std::string> found;
  for (const auto& candidate : candidates) {
    const size_t distance = edit_distance(wanted, relaxed(candidate));
    if (distance >= best || distance >= std::max(wanted.size(), candidate.size())) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  if (const auto found = did_you_mean(name, candidates)) return fmt::format("did you mean \"{}\"?", *found);
  if (candidates.empty()) return {};
  auto shown = candidates;
  std::sort(shown.begin(), shown.end());
  const bool more = shown.size() > kNamesShown;
  if (more) shown.resize(kNamesShown);
  return fmt::format("known: {}{}", fmt::join(shown, ", "), more ? ", ..." : "");
}

}  // namespace lt::config
