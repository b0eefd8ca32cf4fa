#include "core/workshop/written.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::workshop {
namespace {

using config::Value;
using Member = Value::Member;

constexpr size_t kNone = std::string_view::npos;

struct Entry {
  const void* id = nullptr;
  size_t at = 0, column = 0, parent = kNone;
  bool in_flow = false;
};
struct Span {
  size_t begin = 0, end = 0;
};
struct Flow {
  const void* id = nullptr;
  size_t begin = 0, end = 0;
};

class WrittenReader {
 public:
  explicit WrittenReader(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (size_t at = text.find('\n'); at != kNone; at = text.find('\n', at + 1)) starts_.push_back(at + 1);
  }

  Result<Written> read(const Value& root) {
    visit(root, kNone, false, 0);
    std::sort(spans_.begin(), spans_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    LT_TRY(scan());
    for (const Flow& flow : flows_) {
      bool noted = false;
      for (const size_t at : comment_places_) noted |= flow.begin < at && at < flow.end;
      out_.flow[flow.id] = noted;
    }
    return std::move(out_);
  }

 private:
  size_t offset(int line, int column) const {
    size_t at = starts_[std::min(static_cast<size_t>(line - 1), starts_.size() - 1)];
    for (int left = column - 1; left > 0 && at < text_.size(); --left) {
      ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) ++at;
    }
    return at;
  }
  size_t line_start(size_t at) const { return *(std::upper_bound(starts_.begin(), starts_.end(), at) - 1); }
  size_t line_end(size_t at) const { return std::min(text_.find('\n', at), text_.size()); }

  void visit(const Value& value, size_t parent, bool in_flow, size_t key_at) {
    if (value.is_null()) return;
    const size_t at = offset(value.line, value.column);
    if (value.is_scalar()) {
      const Span span = scalar(at, in_flow, false, key_at);
      spans_.push_back(span);
      out_.scalars[&value] = text_.substr(span.begin, span.end - span.begin);
      return;
    }
    const bool flow = at < text_.size() && (text_[at] == '{' || text_[at] == '[');
    if (flow) flows_.push_back({&value, at, kNone});
    for (const Member& member : value.members) {
      const size_t key = offset(member.line, member.column);
      const size_t index = add({&member, key, key - line_start(key), parent, in_flow || flow});
      const Span span = scalar(key, in_flow || flow, true, key);
      spans_.push_back(span);
      out_.keys[&member] = text_.substr(span.begin, span.end - span.begin);
      visit(member.value, index, in_flow || flow, key);
    }
    for (const Value& item : value.items) {
      const size_t place = item.is_null() ? at : offset(item.line, item.column);
      const size_t column = place - line_start(place);
      const size_t index = add({&item, place, column < 2 ? 0 : column - 2, parent, in_flow || flow});
      visit(item, index, in_flow || flow, key_at);
    }
  }
  size_t add(Entry entry) {
    entries_.push_back(entry);
    return entries_.size() - 1;
  }

  // Where the scalar that begins at `at` ends; of a plain one over several lines, its first line.
  Span scalar(size_t at, bool in_flow, bool key, size_t key_at) const {
    if (at >= text_.size()) return {at, at};
    const char first = text_[at];
    size_t end = at + 1;
    if (first == '"' || first == '\'') {
      for (; end < text_.size(); ++end) {
        if (first == '"' && text_[end] == '\\') {
          ++end;
        } else if (text_[end] == first) {
          if (first == '"' || text_.substr(end + 1, 1) != "'") break;
          ++end;
        }
      }
      return {at, std::min(end + 1, text_.size())};
    }
    if (!in_flow && !key && (first == '|' || first == '>')) return {at, block_end(at, key_at)};
    const size_t stop = line_end(at);
    for (end = at; end < stop; ++end) {
      const char c = text_[end];
      const bool last = end + 1 >= stop;
      const char next = last ? ' ' : text_[end + 1];
      if (c == ':' && (next == ' ' || next == '\r' || (in_flow && (next == ',' || next == '}' || next == ']')))) break;
      if (c == '#' && end > at && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) break;
      if (in_flow && (c == ',' || c == '{' || c == '}' || c == '[' || c == ']')) break;
    }
    while (end > at && (text_[end - 1] == ' ' || text_[end - 1] == '\t' || text_[end - 1] == '\r')) --end;
    return {at, end};
  }
  // Lines deeper than the line of the key belong to it; blank ones at its end do not.
  size_t block_end(size_t at, size_t key_at) const {
    const size_t start = line_start(key_at);
    const size_t indent = text_.find_first_not_of(' ', start) - start;
    size_t end = line_end(at);
    for (size_t next = end + 1; next < text_.size();) {
      const size_t stop = line_end(next);
      const size_t first = std::min(text_.find_first_not_of(" \r", next), stop);
      if (first < stop && first - next <= indent) break;
      if (first < stop) end = stop;
      next = stop + 1;
    }
    return end;
  }

  // Everything outside of scalars: comments, blank lines, braces.
  Result<void> scan() {
    size_t span = 0;
    for (size_t at = 0; at < text_.size();) {
      while (span < spans_.size() && spans_[span].end <= at) ++span;
      if (span < spans_.size() && spans_[span].begin <= at) {
        at = spans_[span].end;
        continue;
      }
      const char c = text_[at];
      const bool apart = at == 0 || text_[at - 1] == ' ' || text_[at - 1] == '\t' || text_[at - 1] == '\n';
      if (c == '#' && apart) {
        comment(at);
        at = line_end(at);
        continue;
      }
      if ((c == '&' || c == '*') && apart)
        return fail(Code::yaml_syntax, "anchors and aliases are not formatted",
                    Place{{}, static_cast<int>(line_number(at)), 1, {}}, "write the text out");
      if (c == '{' || c == '[') open(at);
      if ((c == '}' || c == ']') && !open_.empty()) {
        flows_[open_.back()].end = at;
        open_.pop_back();
      }
      ++at;
    }
    return {};
  }
  size_t line_number(size_t at) const {
    return static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), at) - starts_.begin());
  }
  void open(size_t at) {
    for (size_t i = 0; i < flows_.size(); ++i)
      if (flows_[i].begin == at) open_.push_back(i);
  }
  bool blank_above(size_t start) const {
    return start >= 2 && text_.find_first_not_of(" \t\r\n", line_start(start - 1)) >= start;
  }

  void comment(size_t at) {
    size_t end = line_end(at);
    while (end > at && (text_[end - 1] == ' ' || text_[end - 1] == '\r' || text_[end - 1] == '\t')) --end;
    const std::string words(text_.substr(at, end - at));
    out_.comments.push_back(words);
    comment_places_.push_back(at);
    const size_t start = line_start(at);
    const bool alone = text_.substr(start, at - start).find_first_not_of(" \t-") == kNone;
    const size_t inner = open_.empty() ? kNone : open_.back();
    size_t before = kNone, next = kNone;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (inner != kNone ? entries_[i].at <= flows_[inner].begin : entries_[i].in_flow) continue;
      if (entries_[i].at < at)
        before = i;
      else if (next == kNone && (inner == kNone || inside(entries_[i], flows_[inner])))
        next = i;
    }
    if (!alone && before != kNone) return beside(out_.notes[entries_[before].id], words);
    place(words, at, before, next);
  }
  // The first brace that closes after all of its own entries ends it: what is deeper was closed before.
  bool inside(const Entry& entry, const Flow& flow) const {
    size_t depth = 0;
    for (size_t at = flow.begin, span = 0; at < entry.at; ++at) {
      while (span < spans_.size() && spans_[span].end <= at) ++span;
      if (span < spans_.size() && spans_[span].begin <= at) {
        at = spans_[span].end - 1;
        continue;
      }
      if (text_[at] == '#') at = line_end(at);
      if (at < text_.size() && (text_[at] == '{' || text_[at] == '[')) ++depth;
      if (at < text_.size() && (text_[at] == '}' || text_[at] == ']') && --depth == 0) return false;
    }
    return true;
  }
  static void beside(Notes& notes, const std::string& words) {
    notes.beside += (notes.beside.empty() ? "" : "  ") + words;
  }
  // A comment on its own line belongs to what follows, unless it is indented deeper than that.
  void place(const std::string& words, size_t at_comment, size_t before, size_t next) {
    const size_t start = line_start(at_comment), column = at_comment - start;
    std::vector<std::string>* list = &out_.foot;
    const bool first_child = next != kNone && before != kNone && entries_[next].parent == before;
    if (next != kNone && (column <= entries_[next].column || before == kNone || first_child)) {
      list = &out_.notes[entries_[next].id].before;
    } else if (before != kNone && (next != kNone || column > 0 || entries_[before].in_flow)) {
      size_t at = before;
      while (entries_[at].parent != kNone && entries_[at].column > column && !entries_[at].in_flow)
        at = entries_[at].parent;
      list = &out_.notes[entries_[at].id].after;
    }
    if (blank_above(start) && !(list->empty() && first_child)) list->emplace_back();
    list->push_back(words);
  }

 public:
  // Blank lines that no comment follows belong to the entry that does.
  void blanks(Written& out) const {
    for (const Entry& entry : entries_) {
      if (entry.in_flow) continue;
      const size_t start = line_start(entry.at);
      if (!blank_above(start)) continue;
      if (text_.substr(start, entry.at - start).find_first_not_of(" -") != kNone) continue;
      if (entry.parent != kNone && first_child(entry)) continue;
      auto& before = out.notes[entry.id].before;
      if (before.empty() || !before.back().empty()) before.emplace_back();
    }
  }

 private:
  bool first_child(const Entry& entry) const {
    const size_t index = static_cast<size_t>(&entry - entries_.data());
    return entry.parent + 1 == index;
  }
  std::string_view text_;
  std::vector<size_t> starts_;
  std::vector<Entry> entries_;
  std::vector<Span> spans_;
  std::vector<Flow> flows_;
  std::vector<size_t> open_, comment_places_;
  Written out_;
};

}  // namespace

Result<Written> read_written(std::string_view text, const Value& root) {
  WrittenReader reader(text);
  LT_ASSIGN(Written out, reader.read(root));
  reader.blanks(out);
  return out;
}

}  // namespace lt::workshop
