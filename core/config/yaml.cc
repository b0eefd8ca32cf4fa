#include "core/config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "core/base/limits.h"
#include "core/base/text.h"

namespace lt::config {
namespace {

// The text of one file with the start of every line, for turning byte columns into code point columns.
class SourceText {
 public:
  explicit SourceText(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(at + 1);
    }
  }
  size_t lines() const { return starts_.size(); }
  std::string_view line(size_t index) const {
    const size_t begin = starts_[index];
    const size_t end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
    return text_.substr(begin, end - begin);
  }
  // From 1, counting code points.
  int column(size_t line_index, size_t byte_column) const {
    if (line_index >= lines()) return 1;
    return static_cast<int>(count_code_points(line(line_index).substr(0, byte_column))) + 1;
  }
  size_t line_of(size_t offset) const {
    return static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
  }
  size_t start(size_t index) const { return starts_[index]; }

 private:
  std::string_view text_;
  std::vector<size_t> starts_;
};

// Thrown through yaml-cpp, the only way to stop it; caught in parse_yaml.
struct Stop {
  YAML::Mark mark;
  std::string message;
};

size_t count_nodes(const Value& value) {
  size_t count = 1;
  for (const auto& item : value.items) count += count_nodes(item);
  for (const auto& member : value.members) count += count_nodes(member.value);
  return count;
}

// Builds our Value out of yaml-cpp's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::shared_ptr<const std::string> file, const SourceText& source, Diagnostics& diagnostics)
      : file_(std::move(file)), source_(source), diagnostics_(diagnostics) {}

  Value take() { return std::move(root_); }
  bool failed() const { return failed_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Stop{mark, "more than one YAML document in the file"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) throw Stop{mark, "a key must be text"};
    // yaml-cpp gives the place of whatever comes next; the key's, or the list's, is where the person must look.
    Value value;
    value.file = file_;
    if (!frames_.empty()) {
      value.line = frames_.back().key ? frames_.back().key->line : frames_.back().value.line;
      value.column = frames_.back().key ? frames_.back().key->column : frames_.back().value.column;
    } else {
      value.line = value.column = 1;
    }
    finish(std::move(value), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) throw Stop{mark, "a key must be text, not an alias"};
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{mark, "an alias may not stand inside what it refers to"};
    alias_nodes_ += found->second.nodes;
    if (alias_nodes_ > limits::kYamlAliases) {
      throw Stop{mark, fmt::format("aliases copy more than {} nodes", limits::kYamlAliases)};
    }
    if (frames_.size() + found->second.depth > limits::kYamlDepth) throw too_deep(mark);
    depth_ = found->second.depth;
    emit(found->second.value);
    depth_ = 0;
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Value value = start(mark, tag, Value::Kind::scalar);
    value.quoted = tag == "!";
    value.text = text;
    if (text.find('\0') != std::string::npos) refuse(value.place(), "a text may not contain the character U+0000");
    if (wants_key()) {
      take_key(std::move(value));
    } else {
      finish(std::move(value), anchor);
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Key {
    std::string text;
    int line, column;
    bool dropped;  // refused: its value is read and forgotten
  };
  struct Frame {
    Value value;
    YAML::anchor_t anchor;
    std::optional<Key> key;
    std::unordered_map<std::string, std::pair<int, int>> seen;
    size_t depth = 0;  // of the deepest child
  };
  struct Anchor {
    Value value;  // left empty when it is too large to be copied anyway
    size_t nodes;
    size_t depth;
  };

  static Stop too_deep(const YAML::Mark& mark) {
    return {mark, fmt::format("nested more than {} levels deep", limits::kYamlDepth)};
  }
  bool wants_key() const { return !frames_.empty() && frames_.back().value.is_map() && !frames_.back().key; }
  void refuse(Place place, std::string message, std::string hint = {}) {
    failed_ = true;
    diagnostics_.error(Code::yaml_syntax, std::move(place), std::move(message), std::move(hint));
  }

  Value start(const YAML::Mark& mark, const std::string& tag, Value::Kind kind) {
    Value value;
    value.kind = kind;
    value.file = file_;
    value.line = mark.line + 1;
    value.column = source_.column(static_cast<size_t>(mark.line), static_cast<size_t>(mark.column));
    if (!tag.empty() && tag != "?" && tag != "!") {
      refuse(value.place(), "tags are not allowed", "remove the tag; types come from the field, not from the file");
    }
    return value;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Value::Kind kind) {
    if (wants_key()) throw Stop{mark, "a key must be text, not a list or a map"};
    if (frames_.size() >= limits::kYamlDepth) throw too_deep(mark);
    frames_.push_back({start(mark, tag, kind), anchor, std::nullopt, {}, 0});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    depth_ = frame.depth + 1;
    finish(std::move(frame.value), frame.anchor);
    depth_ = 0;
  }

  void take_key(Value value) {
    auto& frame = frames_.back();
    bool dropped = false;
    if (value.text == "<<" && !value.quoted) {
      dropped = true;
      refuse(value.place(), "merge keys `<<` are not allowed", "write the members out");
    } else if (const auto [seen, fresh] = frame.seen.try_emplace(value.text, value.line, value.column); !fresh) {
      dropped = failed_ = true;
      Place other = value.place();
      other.line = seen->second.first;
      other.column = seen->second.second;
      diagnostics_.error(Code::duplicate_key, value.place(),
                         fmt::format("key \"{}\" is given twice, first at {}", value.text, other.text()), {},
                         Quote::key_only);
    }
    frame.key = Key{std::move(value.text), value.line, value.column, dropped};
  }

  void finish(Value value, YAML::anchor_t anchor) {
    if (anchor != 0) {
      const size_t nodes = count_nodes(value);
      anchors_[anchor] = nodes > limits::kYamlAliases ? Anchor{{}, nodes, depth_} : Anchor{value, nodes, depth_};
    }
    emit(std::move(value));
  }

  void emit(Value value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& frame = frames_.back();
    frame.depth = std::max(frame.depth, depth_);
    if (frame.value.is_list()) {
      frame.value.items.push_back(std::move(value));
      return;
    }
    auto key = std::move(*frame.key);
    frame.key.reset();
    if (!key.dropped) frame.value.members.push_back({std::move(key.text), key.line, key.column, std::move(value)});
  }

  std::shared_ptr<const std::string> file_;
  const SourceText& source_;
  Diagnostics& diagnostics_;
  Value root_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchor> anchors_;
  size_t alias_nodes_ = 0;
  size_t depth_ = 0;  // of the value being finished; 0 for a scalar
  int documents_ = 0;
  bool failed_ = false;
};

// What yaml-cpp lets pass or describes badly. True when the text may be parsed.
bool check_characters(const SourceText& source, std::string_view text, const std::string& file,
                      Diagnostics& diagnostics) {
  const auto at = [&](size_t offset) {
    Place place;
    place.file = file;
    const size_t line = source.line_of(offset);
    place.line = static_cast<int>(line) + 1;
    place.column = source.column(line, offset - source.start(line));
    return place;
  };
  if (const size_t bad = find_bad_utf8(text); bad != std::string_view::npos) {
    diagnostics.error(Code::yaml_syntax, at(bad), "not UTF-8", "save the file as UTF-8");
    return false;
  }
  bool good = true;
  for (size_t index = 0; index < source.lines() && good; ++index) {
    const auto line = source.line(index);
    const size_t first = line.find_first_not_of(" \t\r");
    const size_t tab = line.find('\t');
    if (first != std::string_view::npos && tab < first) {
      diagnostics.error(Code::yaml_syntax, at(source.start(index) + tab), "tab in the indentation",
                        "indent with blanks");
      good = false;
    }
    const auto control = std::find_if(
        line.begin(), line.end(), [](unsigned char c) { return (c < 0x20 && c != '\t' && c != '\r') || c == 0x7F; });
    if (control != line.end()) {
      diagnostics.error(Code::yaml_syntax, at(source.start(index) + static_cast<size_t>(control - line.begin())),
                        "control character in the text", "remove the character");
      good = false;
    }
  }
  return good;
}

}  // namespace

Value parse_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  Place place;
  place.file = file;
  if (text.size() > limits::kYamlBytes) {
    diagnostics.error(Code::yaml_syntax, place, fmt::format("the file is longer than {} bytes", limits::kYamlBytes),
                      "split it; tables belong into CSV files");
    return {};
  }
  const auto kept = std::make_shared<const std::string>(text);
  diagnostics.add_source(file, kept);
  const SourceText source(*kept);
  if (!check_characters(source, *kept, file, diagnostics)) return {};

  Builder builder(std::make_shared<const std::string>(file), source, diagnostics);
  YAML::Mark mark;
  std::string message;
  try {
    std::istringstream in(*kept);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) continue;
    Value root = builder.take();
    if (!root.file) {
      root.file = std::make_shared<const std::string>(file);
      root.line = root.column = 1;
    }
    return root;
  } catch (const Stop& stop) {
    mark = stop.mark;
    message = stop.message;
  } catch (const YAML::Exception& error) {
    mark = error.mark;
    message = error.msg;
  } catch (const std::exception& error) {
    message = error.what();
  }
  if (!mark.is_null()) {
    place.line = mark.line + 1;
    place.column = source.column(static_cast<size_t>(mark.line), static_cast<size_t>(mark.column));
  }
  diagnostics.error(Code::yaml_syntax, place, message);
  return {};
}

Value parse_yaml_file(Env& env, const std::string& path, Diagnostics& diagnostics) {
  auto text = read_file(env, path, limits::kYamlBytes + 3);
  if (text) return parse_yaml(*text, path, diagnostics);
  Place place;
  place.file = path;
  diagnostics.error(Code::file_missing, place, text.error().detail);
  return {};
}

}  // namespace lt::config
