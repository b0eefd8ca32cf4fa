#include "core/workshop/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/mapping/path.h"
#include "core/schema/model.h"
#include "core/workshop/keys.h"

namespace lt::workshop {
namespace {

constexpr size_t kMost = 500;

struct Line {
  size_t indent = 0;  // of the key, after "- "
  bool item = false;  // begins with "- "
  std::string key;    // "" when the line has none
  std::string value;  // what follows it
};

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == text.npos ? "" : std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}
std::string unquoted(std::string text) {
  const bool quoted = text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
  return quoted ? text.substr(1, text.size() - 2) : text;
}
// "a: b" at `at`; the colon outside of quotes.
size_t colon_of(std::string_view text) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != 0)
      quote = text[i] == quote ? 0 : quote;
    else if ((text[i] == '"' || text[i] == '\'') && (i == 0 || text[i - 1] == ' '))
      quote = text[i];
    else if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' '))
      return i;
  }
  return text.npos;
}
Line read_line(std::string_view text) {
  Line out;
  size_t at = std::min(text.find_first_not_of(' '), text.size());
  while (text.substr(at, 2) == "- " || text.substr(at) == "-") {
    out.item = true;
    at = std::min(text.find_first_not_of(' ', at + 1), text.size());
  }
  out.indent = at;
  const std::string_view rest = text.substr(at);
  if (rest.starts_with('#') || rest.starts_with('{') || rest.starts_with('[')) {
    if (!rest.starts_with('#')) out.value = trimmed(rest);
    return out;
  }
  const size_t colon = colon_of(rest);
  if (colon == rest.npos) {
    out.value = trimmed(rest);
  } else {
    out.key = unquoted(trimmed(rest.substr(0, colon)));
    out.value = trimmed(rest.substr(colon + 1));
  }
  return out;
}
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// What stands in braces on one line, as far as it goes: "from: a, table: t" -> pairs.
std::map<std::string, std::string> flow_members(std::string_view text) {
  std::map<std::string, std::string> out;
  for (size_t at = 0; at < text.size();) {
    int depth = 0;
    size_t end = at;
    for (; end < text.size(); ++end) {
      if (text[end] == '{' || text[end] == '[') ++depth;
      if ((text[end] == '}' || text[end] == ']') && depth-- == 0) break;
      if (text[end] == ',' && depth == 0) break;
    }
    const std::string_view part = text.substr(at, end - at);
    if (const size_t colon = colon_of(part); colon != part.npos)
      out[unquoted(trimmed(part.substr(0, colon)))] = unquoted(trimmed(part.substr(colon + 1)));
    at = end + 1;
  }
  return out;
}

// Where the cursor stands: the keys from the file down to it, and whether a key or a value is typed.
struct Spot {
  std::vector<std::string> keys;
  bool value = false;
  std::string key;                // whose value is typed
  std::set<std::string> written;  // keys that the map at the cursor has already
};

class Completer {
 public:
  explicit Completer(const CompleteRequest& request) : request_(request), lines_(lines_of(request.text)) {}

  std::vector<Completion> complete() {
    if (request_.line < 1 || static_cast<size_t>(request_.line) > lines_.size()) return {};
    at_ = static_cast<size_t>(request_.line - 1);
    spot();
    answer();
    if (out_.size() > kMost) out_.resize(kMost);
    return std::move(out_);
  }

 private:
  std::string_view typed() const {
    const std::string_view line = lines_[at_];
    size_t end = 0;
    for (int left = request_.column - 1; left > 0 && end < line.size(); --left) {
      ++end;
      while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) ++end;
    }
    return line.substr(0, end);
  }

  void spot() {
    const std::string_view text = typed();
    const Line here = read_line(text);
    const bool value = !here.key.empty();
    const size_t indent = trimmed(text).empty() ? text.size() : here.indent;
    chain(indent);
    if (value) spot_.keys.push_back(here.key);
    inside_braces(value || !here.value.empty() ? here.value : "", value);
    siblings(indent);
  }
  // The keys above, each less indented than the one below it.
  void chain(size_t indent) {
    size_t limit = indent;
    for (size_t i = at_; i-- > 0 && limit > 0;) {
      const Line line = read_line(lines_[i]);
      if (line.key.empty() || line.indent >= limit) continue;
      spot_.keys.push_back(line.key);
      rows_.push_back(i);
      limit = line.indent;
    }
    std::reverse(spot_.keys.begin(), spot_.keys.end());
    std::reverse(rows_.begin(), rows_.end());
  }
  // The value typed so far may have opened braces: {from: a, table:
  void inside_braces(std::string_view value, bool is_value) {
    spot_.value = is_value;
    if (is_value) spot_.key = spot_.keys.back();
    size_t from = 0;
    int depth = 0;
    std::vector<size_t> open;
    for (size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '{' || value[i] == '[') open.push_back(i + 1);
      if ((value[i] == '}' || value[i] == ']') && !open.empty()) open.pop_back();
    }
    for (size_t n = 0; n < open.size(); ++n) {
      from = open[n];
      const std::string_view inner = value.substr(from, (n + 1 < open.size() ? open[n + 1] - 1 : value.size()) - from);
      size_t last = 0;
      depth = 0;
      for (size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '{' || inner[i] == '[') ++depth;
        if (inner[i] == '}' || inner[i] == ']') --depth;
        if (inner[i] == ',' && depth == 0) last = i + 1;
      }
      const std::string_view part = inner.substr(last);
      const size_t colon = colon_of(part);
      for (const auto& [key, text] : flow_members(inner.substr(0, last))) spot_.written.insert(key);
      const bool list = value[from - 1] == '[';
      spot_.value = colon != part.npos || list;
      if (colon != part.npos) {
        spot_.key = unquoted(trimmed(part.substr(0, colon)));
        spot_.keys.push_back(spot_.key);
      }
    }
  }
  // Other members of the map at the cursor.
  void siblings(size_t indent) {
    // The items of `rules` are one pair each: together they are what is written.
    const bool rules = !rows_.empty() && read_line(lines_[rows_.back()]).key == "rules";
    for (const bool down : {false, true})
      for (size_t i = at_; down ? ++i < lines_.size() : i-- > 0;) {
        const Line line = read_line(lines_[i]);
        if (line.key.empty()) continue;
        if (line.indent < indent || (!rules && down && line.item && line.indent == indent)) break;
        if (line.indent == indent) spot_.written.insert(line.key);
        if (!rules && !down && line.item && line.indent == indent) break;
      }
  }

  // What the map is in which the cursor stands, and the scopes of source and target there.
  struct Level {
    bool rule_list = false, free = false;
    MapOf map = MapOf::file;
    std::string target, source;
  };
  Level level(size_t count) const {
    Level at;
    bool named = false;  // the keys are names, each with a map of its own
    for (size_t i = 0; i < count; ++i) {
      const std::string& key = spot_.keys[i];
      if (at.rule_list) {
        at.rule_list = false;
        at.map = MapOf::body;
        if (key != ".") at.target += (at.target.empty() ? "" : ".") + key;
        move(at, i);
        continue;
      }
      const KeyEntry* entry = at.free ? nullptr : find_key(at.map, key);
      if (at.free && named) {
        at.free = false;
        continue;
      }
      if (!entry) return at;
      at.rule_list = entry->takes == Takes::rules;
      named = entry->takes == Takes::named_maps || entry->takes == Takes::named_maps_or_texts;
      at.free = named || entry->takes == Takes::pairs || entry->takes == Takes::named_pairs;
      if (!at.rule_list) at.map = entry->of;
    }
    return at;
  }
  // The source scope of the group at spot_.keys[index]: its `from` or `each` stands beside `rules`.
  void move(Level& at, size_t index) const {
    if (index >= rows_.size() || index + 1 >= spot_.keys.size() || spot_.keys[index + 1] != "rules") return;
    const size_t above = read_line(lines_[rows_[index]]).indent;
    size_t indent = 0;
    for (size_t i = rows_[index] + 1; i < lines_.size(); ++i) {
      const Line line = read_line(lines_[i]);
      if (line.key.empty()) continue;
      if (line.indent <= above) return;
      if (indent == 0) indent = line.indent;
      if (line.indent != indent || (line.key != "from" && line.key != "each")) continue;
      const std::string path = unquoted(line.value);
      if (path.starts_with("$."))
        at.source = path.substr(2);
      else if (path != ".")
        at.source += (at.source.empty() ? "" : ".") + path;
      return;
    }
  }

  void answer() {
    if (!spot_.value) {
      const Level at = level(spot_.keys.size());
      if (at.rule_list) return targets(at);
      if (at.free) return;
      return keys(at.map);
    }
    const size_t above = spot_.keys.empty() ? 0 : spot_.keys.size() - 1;
    const Level at = level(above);
    if (at.rule_list) return sources(at.source);
    if (at.free) return;
    const KeyEntry* entry = find_key(at.map, spot_.key);
    if (!entry) return;
    for (size_t from = 0; from < entry->choices.size();) {
      const size_t end = std::min(entry->choices.find(' ', from), entry->choices.size());
      out_.push_back({std::string(entry->choices.substr(from, end - from)), "value",
                      fmt::format("{} / {}", entry->vi, entry->en), ""});
      from = end + 1;
    }
    if (at.map == MapOf::body) values(at.source);
    if (at.map == MapOf::ignore) spot_.key == "source" ? sources("") : targets({});
  }
  void values(const std::string& scope) {
    static const std::set<std::string> kPaths = {"from", "parts", "join", "blob", "each", "when", "required_when"};
    if (spot_.key == "table") return names("tables");
    if (spot_.key == "type") return names("types");
    if (spot_.key == "link") return names("links");
    if (kPaths.contains(spot_.key)) sources(scope);
  }
  void keys(MapOf map) {
    for (const KeyEntry& key : keys_of(map))
      if (!spot_.written.contains(std::string(key.name)))
        out_.push_back({std::string(key.name), "key", fmt::format("{} / {}", key.vi, key.en), ""});
  }
  // Keys below a key of the file: tables, types, links.
  void names(std::string_view section) {
    bool inside = false;
    size_t indent = 0;
    for (const std::string_view text : lines_) {
      const Line line = read_line(text);
      if (line.key.empty()) continue;
      if (line.indent == 0) {
        inside = line.key == section;
        indent = 0;
        if (inside && line.value.starts_with('{'))
          for (const auto& [name, value] : flow_members(std::string_view(line.value).substr(1)))
            out_.push_back({name, "name", value, ""});
        continue;
      }
      if (indent == 0) indent = line.indent;
      if (inside && line.indent == indent) out_.push_back({line.key, "name", line.value, ""});
    }
  }
  static std::string type_of(const schema::Model& model, const schema::Field& field) {
    std::string out = field.required ? "bắt buộc / required" : "";
    if (field.type == schema::kNoType) return out;
    const schema::Type& type = model.type(field.type);
    const char* kind = model.items(field.type) != schema::kNoType || field.max_occurs > 1 ? "array"
                       : !model.fields(field.type).empty()                                ? "object"
                                                                                          : nullptr;
    return (kind ? kind : std::string(schema::name_of(type.scalar))) + (out.empty() ? "" : ", " + out);
  }
  static schema::TypeId type_at(const schema::Model& model, const std::string& path, const std::string& root) {
    const schema::Field* start = model.root(root);
    if (!start) return schema::kNoType;
    if (path.empty()) return start->type;
    const auto found = model.lookup(path, root);
    if (!found || !found->declared()) return schema::kNoType;
    const schema::TypeId items = model.items(found->type);
    return items == schema::kNoType ? found->type : items;
  }
  std::string root_of(std::string_view side) const {
    for (size_t i = 0; i < lines_.size(); ++i) {
      const Line line = read_line(lines_[i]);
      if (line.indent != 0 || line.key != side) continue;
      if (line.value.starts_with('{')) return flow_members(std::string_view(line.value).substr(1))["root"];
      for (size_t below = i + 1; below < lines_.size(); ++below) {
        const Line inner = read_line(lines_[below]);
        if (inner.indent == 0 && !inner.key.empty()) break;
        if (inner.key == "root") return unquoted(inner.value);
      }
    }
    return "";
  }
  void targets(const Level& at) {
    if (!request_.target) return;
    const schema::TypeId type = type_at(*request_.target, at.target, root_of("target"));
    std::vector<Completion> later;
    fields(*request_.target, type, "target", out_);
    for (auto entry = out_.begin(); entry != out_.end();) {
      if (!spot_.written.contains(entry->text)) {
        ++entry;
        continue;
      }
      entry->detail += (entry->detail.empty() ? "" : ", ") + std::string("đã có luật / written already");
      later.push_back(std::move(*entry));
      entry = out_.erase(entry);
    }
    out_.insert(out_.end(), later.begin(), later.end());
  }
  void sources(const std::string& scope) {
    if (request_.source) fields(*request_.source, type_at(*request_.source, scope, root_of("source")), "source", out_);
  }
  // Fields of the object, and those of objects in it: what a path can name without entering an array.
  static void fields(const schema::Model& model, schema::TypeId type, const char* kind, std::vector<Completion>& out,
                     const std::string& above = {}, size_t depth = 0) {
    if (type == schema::kNoType || depth > 3) return;
    for (const schema::Field* field : model.fields(type)) {
      if (out.size() >= kMost) return;
      const std::string path = above + mapping::path_text(std::vector<std::string>{field->name});
      out.push_back({path, kind, type_of(model, *field), field->title});
      const bool repeated =
          field->max_occurs > 1 || (field->type != schema::kNoType && model.items(field->type) != schema::kNoType);
      if (!repeated) fields(model, field->type, kind, out, path + ".", depth + 1);
    }
  }

  const CompleteRequest& request_;
  std::vector<std::string_view> lines_;
  size_t at_ = 0;
  std::vector<size_t> rows_;  // of the first keys of the spot
  Spot spot_;
  std::vector<Completion> out_;
};

}  // namespace

std::vector<Completion> complete(const CompleteRequest& request) { return Completer(request).complete(); }

std::pair<std::string, std::string> named_schemas(std::string_view text) {
  std::pair<std::string, std::string> out;
  std::string* side = nullptr;
  for (const std::string_view at : lines_of(text)) {
    const Line line = read_line(at);
    if (line.indent == 0 && !line.key.empty())
      side = line.key == "source" ? &out.first : line.key == "target" ? &out.second : nullptr;
    if (!side || line.item) continue;
    if (line.indent == 0 && line.value.starts_with('{'))
      *side = flow_members(std::string_view(line.value).substr(1))["schema"];
    else if (line.indent > 0 && line.key == "schema")
      *side = unquoted(line.value);
  }
  return out;
}

}  // namespace lt::workshop
