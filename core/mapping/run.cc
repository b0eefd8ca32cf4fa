#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/mapping/mapping.h"
#include "core/mapping/number_text.h"
#include "core/mapping/program.h"

namespace lt::mapping {
namespace {

// True for texts surely in NFC: Latin with its precomposed Vietnamese letters and common punctuation. Cheap, no tables.
bool surely_nfc(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0xCC) continue;                          // ASCII, continuation bytes, U+0080..U+02FF
    if (c == 0xE1 && i + 1 < text.size()) {
      const auto d = static_cast<unsigned char>(text[i + 1]);
      if (d >= 0xB8 && d <= 0xBB) continue;          // U+1E00..U+1EFF
    }
    return false;
  }
  return true;
}

// The field of an element that holds its text beside attributes, or the node itself.
const Node* text_of(const Node* node) {
  if (node && node->kind == Kind::object)
    if (const Node* text = node->find("#text")) return text;
  return node;
}

const DatePattern& iso_date() {
  static const DatePattern pattern = *DatePattern::parse("iso-date");
  return pattern;
}
const DatePattern& iso_moment() {
  static const DatePattern pattern = *DatePattern::parse("iso-datetime");
  return pattern;
}
const DatePattern& portal_moment() {
  static const DatePattern pattern = *DatePattern::parse("yyyyMMddHHmmss");
  return pattern;
}

// Alphabet, padding and length; blanks and line ends anywhere. Without the heap.
bool is_base64(std::string_view text) {
  size_t count = 0, padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (c == '=') ++padding;
    else if (!letter || padding > 0) return false;
    ++count;
  }
  return count % 4 == 0 && padding <= 2;
}

class Runner final : public NodeFinder {
 public:
  Runner(const Program& program, const Node* source, Tree& target, const RunContext& context)
      : program_(program), root_(source), target_(target), context_(context) {}

  Result<void> run() {
    Node* root = target_.make(Kind::object, program_.root.name);
    root->ns = program_.root.ns;
    Frame frame{root_, root, nullptr, 0};
    if (!execute(0, static_cast<uint32_t>(program_.ops.size()), frame)) return fail(std::move(*error_));
    if (frame.missing && !missing(*frame.missing)) return fail(std::move(*error_));
    target_.set_root(root);
    return {};
  }

 private:
  // One source scope and the target object being filled from it.
  struct Frame {
    const Node* scope;
    Node* out;
    const Op* missing;  // the first store of a required field that had no value
    uint32_t index;     // of the item, in an each
  };
  enum class State : uint8_t { absent, null, text, number, boolean, blob, object };
  struct Current {
    State state = State::absent;
    bool flag = false;
    std::string_view text;
    BlobRange blob;
    const Node* node = nullptr;  // where it came from
  };

  bool stop(Code code, const Op& op, const Node* at, std::string detail) {
    const RuleRef& rule = program_.rules[op.rule];
    Place place = rule.place;
    place.path = at ? path_of(at) : rule.source;
    error_.emplace(code, fmt::format("{} <- {} {}", rule.target, rule.source, detail), std::move(place));
    return false;
  }
  bool missing(const Op& op) {
    return stop(Code::source_missing, op, nullptr, "has no value, but the target requires it");
  }

  const Node* walk(const PathCode& path, const Node* scope) const {
    const Node* at = path.from_root ? root_ : scope;
    for (uint32_t i = 0; i < path.up && at; ++i) {
      at = at->parent;
      while (at && at->kind == Kind::array) at = at->parent;
    }
    for (const auto& step : path.steps) {
      if (!at || at->kind != Kind::object) return nullptr;
      at = at->find(step);
    }
    return at;
  }
  const Node* find(uint32_t path) const override { return walk(program_.paths[condition_->paths[path]], condition_scope_); }

  bool execute(uint32_t at, uint32_t end, Frame& frame) {
    Current value;
    for (uint32_t pc = at; pc < end; ++pc) {
      const Op& op = program_.ops[pc];
      switch (op.verb) {
        case Verb::object:
          if (!object(op, pc, frame.scope, frame)) return false;
          pc = op.end - 1;
          break;
        case Verb::scope: {
          const Node* scope = walk(program_.paths[op.b], frame.scope);
          if (scope && scope->kind != Kind::null) {
            if (scope->kind == Kind::array) return stop(Code::bad_value, op, scope, "is an array where one object was expected");
            if (!object(op, pc, scope, frame)) return false;
          } else if (program_.slots[op.a].required && !frame.missing) {
            frame.missing = &op;
          }
          pc = op.end - 1;
          break;
        }
        case Verb::each:
          if (!each(op, pc, frame)) return false;
          pc = op.end - 1;
          break;
        case Verb::rest: rest(op, frame); break;
        case Verb::when:
          condition_ = &program_.conditions[op.a];
          condition_scope_ = frame.scope;
          if (!condition_->condition.holds(*this)) {
            value = {};
            pc = op.end - 1;
          }
          break;
        case Verb::store:
          if (!store(op, value, frame)) return false;
          value = {};
          break;
        default:
          if (!transform(op, frame, value)) return false;
      }
    }
    return true;
  }

  bool object(const Op& op, uint32_t pc, const Node* scope, Frame& outer) {
    const Slot& slot = program_.slots[op.a];
    Node* node = target_.make(Kind::object, slot.array ? std::string_view() : std::string_view(slot.name));
    node->ns = slot.ns;
    Frame frame{scope, node, nullptr, outer.index};
    if (!execute(pc + 1, op.end, frame)) return false;
    const bool keep = node->count > 0 || slot.required;
    if (!keep) return true;
    if (frame.missing) return missing(*frame.missing);
    add(slot, node, outer.out);
    return true;
  }
  void add(const Slot& slot, Node* node, Node* out) {
    if (slot.array) out = target_.add(out, Kind::array, slot.name);
    target_.append(out, node);
  }

  bool each(const Op& op, uint32_t pc, Frame& outer) {
    const Slot& slot = program_.slots[op.a];
    const Node* first = walk(program_.paths[op.b], outer.scope);
    const bool items = first && first->kind == Kind::array;
    if (first && first->kind == Kind::null) first = nullptr;
    if (first && !items && !program_.source_xml) return stop(Code::bad_value, op, first, "is not an array");
    if (!first) return no_items(op, slot, outer);
    Node* out = slot.array ? target_.make(Kind::array, slot.name) : outer.out;
    uint32_t index = 0;
    for (const Node* item = items ? first->first : first; item; item = item->next) {
      if (!items && item->name != first->name) continue;
      Frame frame{item, out, nullptr, index++};
      if (!execute(pc + 1, op.end, frame)) return false;
      if (frame.missing) return stop(Code::source_missing, *frame.missing, item, "has no value, but the target requires it");
    }
    if (slot.array) target_.append(outer.out, out);
    return true;
  }
  bool no_items(const Op& op, const Slot& slot, Frame& outer) {
    if (slot.when_absent == WhenAbsent::empty && slot.array) target_.add(outer.out, Kind::array, slot.name);
    else if (slot.when_absent == WhenAbsent::null) target_.add(outer.out, Kind::null, slot.name)->ns = slot.ns;
    else if (slot.required && slot.array && program_.source_xml) target_.add(outer.out, Kind::array, slot.name);
    else if (slot.required && !outer.missing) outer.missing = &op;
    return true;
  }

  void rest(const Op& op, Frame& frame) {
    const auto& known = program_.name_sets[op.a];
    if (frame.scope->kind != Kind::object) return;
    for (const Node* child = frame.scope->first; child; child = child->next)
      if (!std::binary_search(known.begin(), known.end(), child->name)) target_.append(frame.out, copy(child));
  }
  // Depth is that of the parsed document: bounded.
  Node* copy(const Node* from) {
    Node* node = target_.make(from->kind, from->name);
    node->ns = from->ns;
    node->flag = from->flag;
    node->text = from->text;
    node->blob = from->blob;
    for (const Node* child = from->first; child; child = child->next) target_.append(node, copy(child));
    return node;
  }

  static Current load(const Node* node) {
    Current value;
    value.node = node = text_of(node);
    if (!node) return value;
    value.text = node->text;
    value.flag = node->flag;
    value.blob = node->blob;
    switch (node->kind) {
      case Kind::null: value.state = State::null; break;
      case Kind::boolean: value.state = State::boolean; break;
      case Kind::number: value.state = State::number; break;
      case Kind::text: value.state = State::text; break;
      case Kind::blob: value.state = State::blob; break;
      default: value.state = State::object;
    }
    return value;
  }
  void set(Current& value, const Constant& constant) {
    value.text = constant.text;
    value.flag = constant.flag;
    value.state = constant.kind == Kind::null      ? State::null
                  : constant.kind == Kind::boolean ? State::boolean
                  : constant.kind == Kind::number  ? State::number
                                                   : State::text;
  }
  std::string_view digits(uint32_t number) {
    const auto text = fmt::format_int(number);
    return target_.copy({text.data(), text.size()});
  }

  bool transform(const Op& op, Frame& frame, Current& value) {
    switch (op.verb) {
      case Verb::load: value = load(walk(program_.paths[op.a], frame.scope)); return true;
      case Verb::constant: set(value, program_.constants[op.a]); return true;
      case Verb::index:
        value.state = State::number;
        value.text = digits(op.a + frame.index);
        return true;
      case Verb::envelope:
        value.text = op.a == 0 ? context_.message_id : context_.accepted_at;
        value.state = value.text.empty() ? State::absent : State::text;
        return true;
      case Verb::join: return join(op, frame, value);
      case Verb::fallback:
        if (value.state == State::absent || value.state == State::null) set(value, program_.constants[op.a]);
        return true;
      default: break;
    }
    if (value.state == State::absent || value.state == State::null) return true;
    if (value.state == State::object) return stop(Code::bad_value, op, value.node, "is not a single value");
    if (op.verb == Verb::base64) return check_base64(op, value);
    if (value.state == State::blob) return stop(Code::bad_value, op, value.node, "is too long for anything but blob");
    if (value.state == State::boolean) value.text = value.flag ? "true" : "false";
    switch (op.verb) {
      case Verb::nfc:
        if (!surely_nfc(value.text)) value.text = target_.copy(lt::nfc(value.text));
        return true;
      case Verb::match:
        return re2::RE2::PartialMatch(piece(value.text), *program_.patterns[op.a]) ||
               stop(Code::bad_value, op, value.node, "does not match its pattern");
      case Verb::part: return part(op, value);
      case Verb::date: return date(op, value);
      case Verb::table: return table(op, frame, value);
      default: return convert(op, value);
    }
  }
  static re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

  bool match_whole(uint32_t pattern, std::string_view text) {
    if (pattern == matched_ && text.data() == matched_text_.data() && text.size() == matched_text_.size()) return true;
    const re2::RE2& regex = *program_.patterns[pattern];
    matched_ = UINT32_MAX;
    if (!regex.Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_BOTH, groups_, regex.NumberOfCapturingGroups() + 1)) return false;
    matched_ = pattern;
    matched_text_ = text;
    return true;
  }
  bool part(const Op& op, Current& value) {
    if (!match_whole(op.a, value.text)) return stop(Code::bad_value, op, value.node, "does not match its pattern");
    const auto& group = groups_[op.b];
    if (!group.data()) value = {};
    else value.state = State::text, value.text = {group.data(), group.size()};
    return true;
  }
  bool join(const Op& op, Frame& frame, Current& value) {
    const Join& join = program_.joins[op.a];
    std::string_view found[limits::kPatternGroups];
    size_t size = 0, count = 0, there = 0;
    for (const auto& piece : join.pieces) {
      if (piece.path < 0) {
        size += piece.literal.size();
        continue;
      }
      const Current part = load(walk(program_.paths[static_cast<size_t>(piece.path)], frame.scope));
      const bool usable = part.state == State::text || part.state == State::number;
      if (!usable && part.state != State::absent && part.state != State::null)
        return stop(Code::bad_value, op, part.node, "is not a text to join");
      there += usable ? 1 : 0;
      found[count] = usable ? part.text : std::string_view();
      size += found[count++].size();
    }
    value = {};
    if (there == 0) return true;
    if (there < count) return stop(Code::source_missing, op, nullptr, "lacks one of the fields to join");
    char* const text = target_.allocate(size);
    char* at = text;
    count = 0;
    for (const auto& piece : join.pieces) {
      const std::string_view from = piece.path < 0 ? std::string_view(piece.literal) : found[count++];
      at += from.copy(at, from.size());
    }
    value.text = {text, size};
    value.state = State::text;
    count = 0;
    bool same = match_whole(join.pattern, value.text);
    for (const auto& piece : join.pieces)
      if (piece.path >= 0 && same) same = std::string_view(groups_[piece.group].data(), groups_[piece.group].size()) == found[count++];
    return same || stop(Code::bad_value, op, nullptr, "does not fit the pattern, so it could not be split again");
  }

  bool date(const Op& op, Current& value) {
    const DateType& type = program_.dates[op.a];
    if (value.text.empty()) {
      value.state = State::absent;
      return true;
    }
    Moment moment;
    if (!type.from.read(value.text, moment))
      return stop(Code::bad_date_value, op, value.node, fmt::format("is no {} of the calendar (type {})", type.from.text(), type.name));
    adapt(moment, type.to, type.zone);
    char text[DatePattern::kLongest];
    value.text = target_.copy({text, type.to.write(moment, text)});
    value.state = State::text;
    return true;
  }

  bool check_base64(const Op& op, Current& value) {
    if (value.state == State::blob) return true;
    if (value.state != State::text) return stop(Code::bad_value, op, value.node, "is not base64 text");
    return is_base64(value.text) || stop(Code::bad_value, op, value.node, "is not base64");
  }

  bool convert(const Op& op, Current& value) {
    switch (op.verb) {
      case Verb::as_text: value.state = State::text; return true;
      case Verb::as_boolean:
        if (value.state == State::boolean) return true;
        if (value.text == "true" || value.text == "1" || value.text == "false" || value.text == "0") {
          value.flag = value.text == "true" || value.text == "1";
          value.state = State::boolean;
          return true;
        }
        break;
      case Verb::as_integer:
      case Verb::as_decimal:
        if (op.verb == Verb::as_integer ? !reads_as_integer(value.text) : !reads_as_number(value.text)) break;
        value.text = plain_number(value.text, target_.allocate(value.text.size()));
        value.state = State::number;
        return true;
      default: break;
    }
    if (value.text.empty()) {
      value.state = State::absent;
      return true;
    }
    return stop(Code::bad_value, op, value.node, op.verb == Verb::as_boolean ? "is no boolean" : op.verb == Verb::as_integer ? "is no integer" : "is no decimal number");
  }

  bool table(const Op& op, Frame& frame, Current& value) {
    const TableCode& use = program_.tables[op.a];
    schema::Day day = context_.as_of;
    if (use.as_of >= 0) {
      const Current date = load(walk(program_.paths[static_cast<size_t>(use.as_of)], frame.scope));
      if (date.state == State::text && !date.text.empty() && !read_day(date.text, day))
        return stop(Code::bad_date_value, op, date.node, fmt::format("no day to read table {} as of", use.name));
    }
    if (const auto* row = use.table->forward(value.text, day)) {
      value.text = row->target;
    } else if (use.unmapped == Unmapped::fallback) {
      value.text = use.fallback;
    } else if (use.unmapped != Unmapped::keep) {
      const Code code = use.unmapped == Unmapped::hold ? Code::no_table_row : Code::table_refused;
      return stop(code, op, value.node, fmt::format("value \"{}\": no row in table {} ({} rows)", value.text.substr(0, limits::kShownCode), use.name, use.table->rows().size()));
    }
    if (value.state == State::boolean || !codec::is_json_number(value.text)) value.state = State::text;
    return true;
  }
  // ISO, a pattern of the mapping's own types, or the 14 digits of the national portal.
  bool read_day(std::string_view text, schema::Day& day) const {
    Moment moment;
    bool good = iso_date().read(text, moment) || iso_moment().read(text, moment) || portal_moment().read(text, moment);
    for (const DateType& type : program_.dates) good = good || type.from.read(text, moment);
    if (!good) return false;
    const std::chrono::sys_days at{std::chrono::year(moment.year) / moment.month / moment.day};
    day = static_cast<schema::Day>(at.time_since_epoch().count());
    return true;
  }

  bool store(const Op& op, const Current& value, Frame& frame) {
    const Slot& slot = program_.slots[op.a];
    if (value.state == State::null && slot.null) {
      write(slot, Kind::null, frame);
      return true;
    }
    if (value.state == State::absent || value.state == State::null) {
      if (slot.when_absent == WhenAbsent::null) write(slot, Kind::null, frame);
      else if (slot.when_absent == WhenAbsent::empty) write(slot, Kind::text, frame);
      else if (slot.required && !frame.missing) frame.missing = &op;
      return true;
    }
    if (value.state == State::object) return stop(Code::bad_value, op, value.node, "is not a single value");
    if (value.state == State::blob) {
      if (!slot.any_blob) return stop(Code::bad_value, op, value.node, "is too long for anything but blob");
      write(slot, Kind::blob, frame)->blob = value.blob;
      return true;
    }
    switch (slot.form) {
      case Form::number: return store_number(op, slot, value, frame);
      case Form::boolean: {
        const bool yes = value.state == State::boolean ? value.flag : value.text == "true" || value.text == "1";
        const bool no = value.state == State::boolean ? !value.flag : value.text == "false" || value.text == "0";
        if (!yes && !no) return stop(Code::bad_value, op, value.node, "is no boolean");
        write(slot, Kind::boolean, frame)->flag = yes;
        return true;
      }
      case Form::as_is:
        if (value.state == State::boolean) write(slot, Kind::boolean, frame)->flag = value.flag;
        else write(slot, value.state == State::number ? Kind::number : Kind::text, frame)->text = value.text;
        return true;
      case Form::text:
        write(slot, Kind::text, frame)->text = value.state != State::boolean ? value.text : value.flag ? "true" : "false";
        return true;
    }
    return true;
  }
  bool store_number(const Op& op, const Slot& slot, const Current& value, Frame& frame) {
    std::string_view text = value.text;
    bool good = value.state != State::boolean && codec::is_json_number(text);
    if (!good && slot.lax_number && value.state == State::text && reads_as_number(text)) {
      text = plain_number(text, target_.allocate(text.size()));
      good = true;
    }
    if (!good) return stop(Code::bad_value, op, value.node, "is no number as JSON writes it");
    write(slot, Kind::number, frame)->text = text;
    return true;
  }
  Node* write(const Slot& slot, Kind kind, Frame& frame) {
    if (kind == Kind::null && program_.target_xml && slot.null) {
      Node* nil = target_.add(write(slot, Kind::object, frame), Kind::text, "@nil");
      nil->ns = kXsi;
      nil->text = "true";
      return nil;
    }
    Node* node = target_.make(kind, slot.array ? std::string_view() : std::string_view(slot.name));
    node->ns = slot.ns;
    add(slot, node, frame.out);
    return node;
  }

  const Program& program_;
  const Node* root_;
  Tree& target_;
  const RunContext& context_;
  const ConditionCode* condition_ = nullptr;
  const Node* condition_scope_ = nullptr;
  re2::StringPiece groups_[limits::kPatternGroups + 1];  // of the last match
  uint32_t matched_ = UINT32_MAX;
  std::string_view matched_text_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> run(const Mapping& mapping, const Node* source, Tree& target, const RunContext& context) {
  const Program& program = mapping.program();
  const auto refuse = [&](std::string why) {
    Place place;
    place.file = program.file;
    place.path.assign(1, '$');
    return fail(Code::bad_value, std::move(why), std::move(place));
  };
  if (!source) return refuse("there is no document");
  if (!program.source_root.empty() && source->name != program.source_root)
    return refuse(fmt::format("the root element is not {}", program.source_root));
  return Runner(program, source, target, context).run();
}

}  // namespace lt::mapping
