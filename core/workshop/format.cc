#include "core/workshop/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/config/yaml.h"
#include "core/mapping/rule_file.h"
#include "core/workshop/written.h"

namespace lt::workshop {
namespace {

using config::Value;
using Member = Value::Member;

// What the members of a map are, for their order.
enum class Part : uint8_t { other, file, rule_list, rule, body, item_list, one_of, case_list };

Part part_of(Part of, const std::string& key) {
  switch (of) {
    case Part::file:
      return key == "rules" ? Part::rule_list : Part::other;
    case Part::rule:
      return Part::body;
    case Part::body:
      return key == "rules"    ? Part::rule_list
             : key == "items"  ? Part::item_list
             : key == "one_of" ? Part::one_of
                               : Part::other;
    case Part::one_of:
      return key == "cases" ? Part::case_list : Part::other;
    default:
      return Part::other;
  }
}
// One item of a list; a case has the same `rules` as a body.
Part item_of(Part list) {
  return list == Part::rule_list                              ? Part::rule
         : list == Part::item_list || list == Part::case_list ? Part::body
                                                              : Part::other;
}

std::vector<const Member*> ordered(const Value& map, Part part) {
  std::vector<const Member*> out;
  for (const Member& member : map.members) out.push_back(&member);
  if (part != Part::body) return out;
  const auto& names = mapping::operator_names();
  const auto rank = [&](const Member* at) { return std::find(names.begin(), names.end(), at->key) - names.begin(); };
  if (map.find("is")) return out;  // a case
  std::stable_sort(out.begin(), out.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
  return out;
}

class Printer {
 public:
  explicit Printer(const Written& written) : written_(written) {}

  std::string file(const Value& root) {
    if (root.is_map())
      members(root, 0, Part::file);
    else if (root.is_list())
      list(root, 0, Part::other);
    for (const std::string& line : written_.foot) note(line, 0);
    const size_t first = out_.find_first_not_of('\n');
    out_.erase(0, first == std::string::npos ? out_.size() : first);
    while (out_.ends_with("\n\n")) out_.pop_back();
    return std::move(out_);
  }

 private:
  const Notes& notes(const void* id) const {
    static const Notes kNothing;
    const auto at = written_.notes.find(id);
    return at == written_.notes.end() ? kNothing : at->second;
  }
  void note(const std::string& line, size_t indent) {
    if (!line.empty())
      out_ += std::string(indent, ' ') + line + "\n";
    else if (!out_.ends_with("\n\n") && !out_.empty())
      out_ += "\n";
  }
  void notes_before(const void* id, size_t indent) {
    for (const std::string& line : notes(id).before) note(line, indent);
  }
  void end_line(const std::string& beside) { out_ += (beside.empty() ? "" : "  " + beside) + "\n"; }

  // A scalar on one line.
  std::string scalar(const Value& value) const {
    if (value.is_null()) return "null";
    const std::string& raw = written_.scalars.at(&value);
    const bool lines = raw.find('\n') != std::string::npos;
    if (value.quoted) return lines ? quote_json(value.text) : raw;
    // `raw` is the first line only of a plain text over several.
    return value.text.size() > raw.size() && value.text.starts_with(raw) ? value.text : raw;
  }
  bool in_block(const Value& value) const {
    if (!value.is_scalar() || !value.quoted) return false;
    const std::string& raw = written_.scalars.at(&value);
    return !raw.empty() && (raw[0] == '|' || raw[0] == '>');
  }
  // Flow form; none when it is written in block form or has comments.
  std::optional<std::string> flow(const Value& value, Part part) const {
    if (value.is_null()) return "null";
    if (value.is_scalar()) return in_block(value) ? std::nullopt : std::optional(scalar(value));
    const auto at = written_.flow.find(&value);
    if (at == written_.flow.end() || at->second) return std::nullopt;
    std::string out(1, value.is_map() ? '{' : '[');
    for (const Member* member : ordered(value, part)) {
      const auto text = flow(member->value, part_of(part, member->key));
      if (!text) return std::nullopt;
      out += (out.size() > 1 ? ", " : "") + written_.keys.at(member) + ": " + *text;
    }
    for (const Value& item : value.items) {
      const auto text = flow(item, item_of(part));
      if (!text) return std::nullopt;
      out += (out.size() > 1 ? ", " : "") + *text;
    }
    return out + (value.is_map() ? '}' : ']');
  }
  static bool fits(size_t before, const std::string& text) { return before + count_code_points(text) <= kMappingWidth; }
  static size_t width(const std::string& line) { return count_code_points(line); }

  void members(const Value& map, size_t indent, Part part) {
    for (const Member* member : ordered(map, part)) {
      notes_before(member, indent);
      out_.append(indent, ' ');
      one_member(*member, indent, part);
    }
  }
  // The line has been begun: `indent` is the column of the key.
  void one_member(const Member& member, size_t indent, Part part) {
    const Value& value = member.value;
    const std::string& beside = notes(&member).beside;
    const std::string& key = written_.keys.at(&member);
    const Part inner = part_of(part, member.key);
    out_ += key + ":";
    const size_t column = indent + width(key) + 2;
    const auto line = flow(value, inner);
    const bool scalars = value.is_list() && std::all_of(value.items.begin(), value.items.end(), [](const Value& item) {
                           return item.is_scalar() || item.is_null();
                         });
    if (in_block(value)) {
      block_scalar(value, indent + 2, beside);
    } else if (line && (value.is_scalar() || value.is_null() || fits(column, *line))) {
      out_ += " " + *line;
      end_line(beside);
    } else if (line && scalars) {
      out_ += " ";
      fill(value, column);
      end_line(beside);
    } else {
      end_line(beside);
      value.is_map() ? members(value, indent + 2, inner) : list(value, indent + 2, inner);
    }
    for (const std::string& text : notes(&member).after) note(text, indent);
  }
  void list(const Value& value, size_t indent, Part part) {
    for (const Value& item : value.items) {
      notes_before(&item, indent);
      const auto line = flow(item, item_of(part));
      const std::string& beside = notes(&item).beside;
      if (line && (!item.is_map() || fits(indent + 2, *line))) {
        out_ += std::string(indent, ' ') + "- " + *line;
        end_line(beside);
      } else if (item.is_map()) {
        map_item(item, indent, item_of(part));
      } else if (in_block(item)) {
        out_ += std::string(indent, ' ') + "-";
        block_scalar(item, indent + 2, beside);
      } else {
        out_ += std::string(indent, ' ') + "-";
        end_line(beside);
        list(item, indent + 2, item_of(part));
      }
      for (const std::string& text : notes(&item).after) note(text, indent);
    }
  }
  void map_item(const Value& item, size_t indent, Part part) {
    const auto all = ordered(item, part);
    if (!notes(&item).beside.empty()) note(notes(&item).beside, indent);
    notes_before(all.front(), indent);
    for (const Member* member : all) {
      const bool first = member == all.front();
      if (!first) notes_before(member, indent + 2);
      out_ += std::string(indent, ' ') + (first ? "- " : "  ");
      one_member(*member, indent + 2, part);
    }
  }
  void fill(const Value& value, size_t column) {
    out_ += "[";
    size_t at = column + 1;
    for (size_t i = 0; i < value.items.size(); ++i) {
      const bool last = i + 1 == value.items.size();
      const std::string text = scalar(value.items[i]) + (last ? "]" : ",");
      if (i > 0 && at + 1 + width(text) > kMappingWidth) {
        out_ += "\n" + std::string(column + 1, ' ');
        at = column + 1;
      } else if (i > 0) {
        out_ += " ";
        ++at;
      }
      out_ += text;
      at += width(text);
    }
  }
  // Its lines are moved to `indent`, as they stand to one another.
  void block_scalar(const Value& value, size_t indent, const std::string& beside) {
    const std::string& raw = written_.scalars.at(&value);
    const std::string head = raw.substr(0, raw.find_first_of(" #\r\n"));
    if (head.find_first_of("123456789") != std::string::npos) {
      out_ += " " + quote_json(value.text);
      return end_line(beside);
    }
    std::vector<std::string_view> lines;
    for (size_t at = raw.find('\n'); at != std::string::npos; at = raw.find('\n', at + 1)) {
      std::string_view line(raw.data() + at + 1, std::min(raw.find('\n', at + 1), raw.size()) - at - 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      lines.push_back(line);
    }
    size_t least = std::string::npos;
    for (const auto line : lines)
      if (const size_t first = line.find_first_not_of(' ');
          first != std::string_view::npos && least == std::string::npos)
        least = first;
    out_ += " " + head;
    end_line(beside);
    for (const auto line : lines) {
      const std::string_view rest = line.size() > least ? line.substr(least) : std::string_view();
      out_ += rest.empty() ? "\n" : std::string(indent, ' ').append(rest) + "\n";
    }
  }

  const Written& written_;
  std::string out_;
};

// The same in every respect but the order of members; content_hash alone would not see quotes.
bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.quoted != b.quoted || a.text != b.text || a.items.size() != b.items.size() ||
      a.members.size() != b.members.size())
    return false;
  for (size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  return std::all_of(a.members.begin(), a.members.end(), [&](const Member& member) {
    const Value* other = b.find(member.key);
    return other && same(member.value, *other);
  });
}

Result<Value> parsed(std::string_view text, const std::string& file) {
  config::Diagnostics found;
  Value value = config::parse_yaml(text, file, found);
  if (found.ok()) return value;
  const config::Finding first = found.findings().front();
  return fail(first.code, first.message, first.place, first.hint);
}

}  // namespace

Result<std::string> format_mapping(std::string_view text, const std::string& file) {
  LT_ASSIGN(const Value before, parsed(text, file));
  auto written = read_written(text, before);
  if (!written) {
    Error error = written.error();
    error.place.file = file;
    return tl::unexpected(std::move(error));
  }
  std::string out = Printer(*written).file(before);
  auto after = parsed(out, file);
  bool kept = after && same(before, *after) && content_hash(before) == content_hash(*after);
  if (kept) {
    LT_ASSIGN(Written again, read_written(out, *after));
    std::sort(again.comments.begin(), again.comments.end());
    std::sort(written->comments.begin(), written->comments.end());
    kept = again.comments == written->comments;
  }
  if (!kept)
    return fail(Code::yaml_syntax, "it would not mean the same when formatted, so it stays as it is",
                Place{file, 0, 0, {}}, "write texts over several lines on one line, in quotes");
  return out;
}

}  // namespace lt::workshop
