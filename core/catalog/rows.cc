#include "core/catalog/rows.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "core/message/wire.h"

namespace lt::catalog {
namespace {

constexpr size_t kCauseBytes = 240, kShortWord = 3;

bool of_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || c == '-' ||
         c == '_' || c == '.' || c == '/' || c == ':';
}
bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string join_lines(const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string out = "\n";
  for (const auto& line : lines) (out += line) += '\n';
  return out;
}

std::vector<std::string> split_lines(std::string_view joined) {
  std::vector<std::string> out;
  if (!joined.empty()) joined.remove_prefix(1);
  while (!joined.empty()) {
    const size_t end = std::min(joined.find('\n'), joined.size());
    out.emplace_back(joined.substr(0, end));
    joined.remove_prefix(std::min(end + 1, joined.size()));
  }
  return out;
}

std::string pack(const std::vector<ReceiverOutcome>& outcomes) {
  std::string out;
  if (outcomes.empty()) return out;
  WireWriter writer(out);
  writer.varint(outcomes.size());
  for (const auto& outcome : outcomes) {
    writer.text(outcome.receiver);
    writer.u8(static_cast<uint8_t>(outcome.kind));
    writer.text(outcome.detail);
  }
  return out;
}

std::vector<ReceiverOutcome> unpack(std::string_view packed) {
  std::vector<ReceiverOutcome> out;
  if (packed.empty()) return out;
  WireReader reader(packed);
  for (size_t left = reader.count(); left > 0 && reader.ok(); --left) {
    ReceiverOutcome outcome;
    outcome.receiver = reader.text();
    outcome.kind = static_cast<OutcomeKind>(reader.u8());
    outcome.detail = reader.text();
    if (reader.ok()) out.push_back(std::move(outcome));
  }
  return out;
}

std::string pack_requests(const std::vector<Tie>& ties) {
  std::string out;
  for (const Tie& tie : ties) {
    if (tie.answer) continue;
    if (out.empty()) out += '\n';
    (((out += std::to_string(tie.part)) += '\t') += tie.key) += '\n';
  }
  return out;
}

std::vector<Tie> unpack_requests(std::string_view packed) {
  std::vector<Tie> out;
  for (const auto& line : split_lines(packed)) {
    const size_t tab = std::min(line.find('\t'), line.size());
    Tie& tie = out.emplace_back();
    std::from_chars(line.data(), line.data() + tab, tie.part);
    if (tab < line.size()) tie.key = line.substr(tab + 1);
  }
  return out;
}

void fold_key(std::string_view value, std::string& out) {
  // Identifiers are nearly always ASCII without blanks; folding them by the tables of Unicode would cost more than
  // their row.
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain) {
    out = fold(value);
    return;
  }
  out.assign(value);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

std::string normalise_detail(std::string_view detail) {
  std::string out;
  for (size_t at = 0; at < detail.size() && out.size() < kCauseBytes;) {
    size_t end = at;
    while (end < detail.size() && of_word(detail[end])) ++end;
    if (end == at) {
      const bool blank = static_cast<unsigned char>(detail[at]) <= ' ';
      if (!blank) {
        out += detail[at];
      } else if (!out.empty() && out.back() != ' ') {
        out += ' ';
      }
      ++at;
      continue;
    }
    std::string_view word = detail.substr(at, end - at);
    std::string_view stops;  // a full stop or colon that ends the word is no part of a number
    while (!word.empty() && (word.back() == '.' || word.back() == ':')) word.remove_suffix(1);
    stops = detail.substr(at + word.size(), end - at - word.size());
    if (word.size() > kShortWord && std::any_of(word.begin(), word.end(), digit)) {
      out += '#';
    } else {
      out += word;
    }
    out += stops;
    at = end;
  }
  if (out.size() > kCauseBytes) {
    out.resize(kCauseBytes);
    if (const size_t bad = find_bad_utf8(out); bad != std::string_view::npos) out.resize(bad);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace lt::catalog
