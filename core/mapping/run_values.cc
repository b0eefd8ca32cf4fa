#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/mapping/blob.h"
#include "core/mapping/number_text.h"
#include "core/mapping/runner.h"
#include "core/mapping/shown.h"

namespace lt::mapping {
namespace {

constexpr size_t kShortFiles = 64 << 20;  // bytes of all files of one document that are converted in memory

// True for texts surely in NFC: Latin with its precomposed Vietnamese letters and common punctuation. Cheap, no tables.
bool surely_nfc(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0xCC) continue;  // ASCII, continuation bytes, U+0080..U+02FF
    if (c == 0xE1 && i + 1 < text.size()) {
      const auto d = static_cast<unsigned char>(text[i + 1]);
      if (d >= 0xB8 && d <= 0xBB) continue;  // U+1E00..U+1EFF
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

bool is_nil(const Node* node) {
  const Node* nil = node->find("@nil");
  return nil && nil->ns == kXsi && (nil->text == "true" || nil->text == "1");
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
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (c == '=')
      ++padding;
    else if (!letter || padding > 0)
      return false;
    ++count;
  }
  return count % 4 == 0 && padding <= 2;
}

}  // namespace

Runner::Current Runner::load(const Node* node) {
  Current value;
  load(node, value);
  return value;
}

void Runner::load(const Node* node, Current& value) {
  value.node = node = text_of(node);
  value.row = nullptr;
  value.table = nullptr;
  if (!node) {
    value.state = State::absent;
    value.flag = false;
    value.text = {};
    return;
  }
  value.text = node->text;
  value.flag = node->flag;
  switch (node->kind) {
    case Kind::null:
      value.state = State::null;
      break;
    case Kind::boolean:
      value.state = State::boolean;
      break;
    case Kind::number:
      value.state = State::number;
      break;
    case Kind::text:
      value.state = State::text;
      break;
    case Kind::blob:
      value.state = State::blob;
      break;
    default:
      value.state = node->kind == Kind::object && is_nil(node) ? State::null : State::object;
  }
}

void Runner::set(Current& value, const Constant& constant) {
  value.text = constant.text;
  value.flag = constant.flag;
  value.state = constant.kind == Kind::null      ? State::null
                : constant.kind == Kind::boolean ? State::boolean
                : constant.kind == Kind::number  ? State::number
                                                 : State::text;
}

std::string_view Runner::digits(uint32_t number) {
  const fmt::format_int text(number);
  return target_.copy({text.data(), text.size()});
}

bool Runner::transform(const Op& op, Frame& frame, Current& value) {
  switch (op.verb) {
    case Verb::load:
      load(walk(op.a, frame), value);
      return true;
    case Verb::constant:
      set(value, program_.constants[op.a]);
      return true;
    case Verb::index:
      value.state = State::number;
      value.text = digits(op.a + frame.index);
      return true;
    case Verb::envelope:
      value.text = op.a == 0 ? context_.message_id : context_.accepted_at;
      value.state = value.text.empty() ? State::absent : State::text;
      return true;
    case Verb::join:
      return join(op, frame, value);
    case Verb::evaluate:
      return evaluate(op, frame, value);
    case Verb::fallback:
      if (value.state == State::absent || value.state == State::null) set(value, program_.constants[op.a]);
      return true;
    default:
      break;
  }
  if (value.state == State::absent || value.state == State::null) return true;
  if (value.state == State::object) return stop(Code::bad_value, op, value.node, "is not a single value");
  if (op.verb == Verb::base64) return check_base64(op, value);
  if (op.verb == Verb::carry) return carry(op, frame, value);
  if (value.state == State::blob) return stop(Code::bad_value, op, value.node, "is too long for anything but blob");
  if (value.state == State::boolean) value.text = value.flag ? "true" : "false";
  return transform_text(op, frame, value);
}

bool Runner::transform_text(const Op& op, Frame& frame, Current& value) {
  switch (op.verb) {
    case Verb::trim: {
      const size_t first = value.text.find_first_not_of(" \t\r\n"), last = value.text.find_last_not_of(" \t\r\n");
      value.text = first == std::string_view::npos ? std::string_view() : value.text.substr(first, last - first + 1);
      return true;
    }
    case Verb::nfc:
      if (!surely_nfc(value.text)) value.text = target_.copy(lt::nfc(value.text));
      return true;
    case Verb::match:
      return re2::RE2::PartialMatch(piece(value.text), *program_.patterns[op.a]) ||
             stop(Code::bad_value, op, value.node, "does not match its pattern");
    case Verb::part:
      return part(op, value);
    case Verb::date:
      return date(op, value);
    case Verb::table:
      return table(op, frame, value);
    case Verb::link:
      link(op, value);
      return true;
    case Verb::omit:
      if (value.text == program_.constants[op.a].text) value = {};
      return true;
    case Verb::expect:
      return expect(op, value);
    default:
      return convert(op, value);
  }
}

bool Runner::evaluate(const Op& op, Frame& frame, Current& value) {
  const ExpressionCode& code = program_.expressions[op.a];
  const auto gives = code.expression.value(Finder(*this, code, frame), target_, steps_);
  if (!gives) return stop(gives.error(), op);
  value.text = gives->text;
  value.flag = gives->flag;
  value.node = gives->origin;
  switch (gives->state) {
    case Expression::State::absent:
      value.state = State::absent;
      break;
    case Expression::State::null:
      value.state = State::null;
      break;
    case Expression::State::boolean:
      value.state = State::boolean;
      break;
    case Expression::State::number:
      value.state = State::number;
      break;
    case Expression::State::text:
      value.state = State::text;
      break;
  }
  return true;
}

void Runner::link(const Op& op, Current& value) {
  for (const auto& [from, to] : program_.links[op.a].bases) {
    if (!value.text.starts_with(from)) continue;
    const std::string_view rest = value.text.substr(from.size());
    char* const text = target_.allocate(to.size() + rest.size());
    rest.copy(text + to.copy(text, to.size()), rest.size());
    value.text = {text, to.size() + rest.size()};
    return;
  }
}

bool Runner::expect(const Op& op, const Current& value) {
  const Constant& wanted = program_.constants[op.a];
  const bool same = value.text == wanted.text || (reads_as_number(value.text) && reads_as_number(wanted.text) &&
                                                  compare_numbers(value.text, wanted.text) == 0);
  return same || stop(Code::constant_differs, op, value.node, fmt::format("is not \"{}\"", wanted.text));
}

re2::StringPiece Runner::piece(std::string_view text) { return {text.data(), text.size()}; }

bool Runner::match_whole(uint32_t pattern, std::string_view text) {
  if (pattern == matched_ && text.data() == matched_text_.data() && text.size() == matched_text_.size()) return true;
  const re2::RE2& regex = *program_.patterns[pattern];
  matched_ = UINT32_MAX;
  if (!regex.Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_BOTH, groups_, regex.NumberOfCapturingGroups() + 1))
    return false;
  matched_ = pattern;
  matched_text_ = text;
  return true;
}

bool Runner::part(const Op& op, Current& value) {
  if (!match_whole(op.a, value.text)) return stop(Code::bad_value, op, value.node, "does not match its pattern");
  const auto& group = groups_[op.b];
  if (!group.data())
    value = {};
  else
    value.state = State::text, value.text = {group.data(), group.size()};
  return true;
}

bool Runner::join(const Op& op, Frame& frame, Current& value) {
  const Join& join = program_.joins[op.a];
  std::string_view found[limits::kPatternGroups];
  size_t size = 0, count = 0, there = 0;
  for (const auto& piece : join.pieces) {
    if (piece.path < 0) {
      size += piece.literal.size();
      continue;
    }
    const Current part = load(walk(static_cast<uint32_t>(piece.path), frame));
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
    if (piece.path >= 0 && same)
      same = std::string_view(groups_[piece.group].data(), groups_[piece.group].size()) == found[count++];
  return same || stop(Code::bad_value, op, nullptr, "does not fit the pattern, so it could not be split again");
}

bool Runner::date(const Op& op, Current& value) {
  const DateType& type = program_.dates[op.a];
  if (value.text.empty()) {
    value.state = State::absent;
    return true;
  }
  Moment moment;
  if (!type.from.read(value.text, moment))
    return stop(Code::bad_date_value, op, value.node,
                fmt::format("is no {} of the calendar (type {})", type.from.text(), type.name));
  if (!adapt(moment, type.to, type.zone))
    return stop(Code::bad_date_value, op, value.node, "lies outside the years 1 to 9999 in the zone of the type");
  char text[DatePattern::kLongest];
  const size_t size = type.to.write(moment, text);
  if (size == 0)
    return stop(Code::bad_date_value, op, value.node,
                fmt::format("says too little to be written as {}", type.to.text()));
  value.text = target_.copy({text, size});
  value.state = State::text;
  return true;
}

bool Runner::check_base64(const Op& op, Current& value) {
  if (value.state == State::blob) return true;
  if (value.state != State::text) return stop(Code::bad_value, op, value.node, "is not base64 text");
  return is_base64(value.text) || stop(Code::bad_value, op, value.node, "is not base64");
}

bool Runner::carry(const Op& op, Frame& frame, Current& value) {
  const BlobCode& code = program_.blobs[op.a];
  if (value.state == State::text && value.text.empty()) return true;  // no file, as partners write it
  if (stands_apart(code.from)) {
    if (value.state != State::text) return stop(Code::bad_value, op, value.node, "is not the text that names a file");
    if (value.text.size() > limits::kFileAddress)
      return stop(Code::bad_value, op, value.node, fmt::format("is longer than {} bytes", limits::kFileAddress));
  }
  BlobWay way{code.from, code.to, value.state == State::blob, value.text, {}, value.node};
  if (code.name >= 0) {
    const Current name = load(walk(static_cast<uint32_t>(code.name), frame));
    if (name.state == State::text || name.state == State::number) way.name = name.text;
  }
  if (way.lifted || stands_apart(code.from) || stands_apart(code.to)) {
    if (way.lifted) way.text = {};
    value.state = State::blob;
    value.text = keep_way(way, target_);
    return true;
  }
  auto text = converted(value.text, code.from, code.to, way.name, kShortFiles - converted_);
  if (!text) {
    const Error& why = text.error();
    return stop(why.code, op, value.node, "cannot be converted: " + why.detail);
  }
  converted_ += text->size();
  value.text = target_.copy(*text);
  return true;
}

bool Runner::convert(const Op& op, Current& value) {
  switch (op.verb) {
    case Verb::as_text:
      value.state = State::text;
      return true;
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
    default:
      break;
  }
  if (value.text.empty()) {
    value.state = State::absent;
    return true;
  }
  return stop(Code::bad_value, op, value.node,
              op.verb == Verb::as_boolean   ? "is no boolean"
              : op.verb == Verb::as_integer ? "is no integer"
                                            : "is no decimal number");
}

bool Runner::table(const Op& op, Frame& frame, Current& value) {
  const TableCode& use = program_.tables[op.a];
  schema::Day day = context_.as_of;
  if (use.as_of >= 0) {
    const Current date = load(walk(static_cast<uint32_t>(use.as_of), frame));
    if (date.state == State::text && !date.text.empty() && !read_day(date.text, day))
      return stop(Code::bad_date_value, op, date.node, fmt::format("no day to read table {} as of", use.name));
  }
  if (std::binary_search(use.ambiguous.begin(), use.ambiguous.end(), value.text))
    return stop(Code::no_table_row, op, value.node,
                fmt::format("value \"{}\" of table {} depends on a day that is not known on the way back",
                            shown_code(value.text), use.name));
  const auto on = use.any_day ? std::optional<schema::Day>() : std::optional(day);
  const auto* row = use.backwards ? use.table->reverse(value.text, on) : use.table->forward(value.text, on);
  if (row) {
    value.text = use.backwards ? row->source : row->target;
    value.row = row;
    value.table = &use.name;
  } else if (use.unmapped == Unmapped::fallback) {
    value.text = use.fallback;
  } else if (use.unmapped != Unmapped::keep) {
    const Code code = use.unmapped == Unmapped::hold ? Code::no_table_row : Code::table_refused;
    return stop(code, op, value.node,
                fmt::format("value \"{}\": no row in table {} ({} rows)", shown_code(value.text), use.name,
                            use.table->rows().size()));
  }
  if (value.state == State::boolean || !codec::is_json_number(value.text)) value.state = State::text;
  return true;
}

bool Runner::read_day(std::string_view text, schema::Day& day) const {
  Moment moment;
  bool good = iso_date().read(text, moment) || iso_moment().read(text, moment) || portal_moment().read(text, moment);
  for (const DateType& type : program_.dates) good = good || type.from.read(text, moment);
  if (!good) return false;
  const std::chrono::sys_days at{std::chrono::year(moment.year) / moment.month / moment.day};
  day = static_cast<schema::Day>(at.time_since_epoch().count());
  return true;
}

}  // namespace lt::mapping
